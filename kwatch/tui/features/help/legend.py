"""What every sign on the screen means, for the help. A test looks for signs that are missing here."""

from __future__ import annotations

from collections.abc import Mapping

LEGEND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Signs in front of rows": (
        ("▌", "the row under the cursor"),
        ("●", "marked with Space"),
        ("+", "just created; in lists of changes: created"),
        ("~", "just changed, or what changed"),
        ("-", "deleted; the row stays for a while"),
        ("!", "something is wrong with it; in lists of changes: another object under the same name"),
        ("±", "created and deleted in between"),
        ("×", "in the past: gone since that moment"),
        ("•", "an Event"),
        ("≈", "not watched then: what the server still proves"),
        ("◀", "the version that was looked at when you came here"),
        ("▸ ▾", "closed or open: Space or a click turns it"),
    ),
    "Signs in columns and texts": (
        ("↑ ↓", "sorted by this column, upwards or downwards"),
        ("› …", "there is more to the right; a word that is cut"),
        ("▁▂▃▄▅▆▇█", "changes in the last minute (CHURN), how full (usage), how many changes (time bar)"),
        ("▏▎▍▌▋▊▉█", "how many objects have this value, beside the others"),
        ("·", "nothing in that time; between words, a separator"),
        ("→", "from, to"),
        ("×", "before a number: how often"),
        ("⏎", "a line break in a value"),
        ("│ ···", "between two versions side by side; lines that are the same"),
        ("␛ ␡ �", "a character that may not reach the terminal, or that is none"),
        ("‥", "a level further up: an owner's owner"),
        ("Δ", "how many objects changed since the baseline"),
    ),
    "Signs of state": (
        ("●", "live, or healthy"),
        ("◌", "under way: loading, starting, waiting"),
        ("▲", "not up to date: the header says since when and why"),
        ("✗", "refused, or failed"),
        ("◀", "in the past"),
        ("━ ─", "how far it is"),
        ("◆", "kwatch; in the time bar: the baseline"),
    ),
    "Signs on the timeline": (
        ("●", "the object itself"),
        ("▲ ▲▲", "its owner, and the owner of that"),
        ("▼", "what it owns"),
        ("■", "its node"),
    ),
    "Signs in the time bar": (
        ("┃", "the moment that is shown"),
        ("╳", "not watched then"),
        ("▶ ‖ ■", "playing, paused, at the end"),
    ),
    "Signs of keys": (
        ("↵", "Enter"),
        ("← → ↑ ↓", "the arrow keys"),
    ),
}
"""By where they stand: signs, and what they mean there."""
