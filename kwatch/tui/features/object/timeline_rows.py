"""What the timeline shows: its lines as rows, newest first, the row under the cursor in full, and the bar above."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.last_lines import ContainerEnd
from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.history.timeline import TimelineEntry
from kwatch.tui.features.log_document import log_line
from kwatch.tui.features.object.comparisons import Comparisons, explained, previous
from kwatch.tui.features.object.rollouts_tab import rollout_lines
from kwatch.tui.features.object.timeline_reader import Shown, TimelineLine, TimelineSnapshot
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Palette
from kwatch.view.freshness import enumerated
from kwatch.view.timeline import clock_time, object_words, relation_words

NARROW = 110
"""Below this width neither type nor who have a column: the sign and the lines below the table show them."""
MIDDLE = 170
"""Below this width the type is shown by the sign alone."""
_HEADINGS = (
    Heading("time", "TIME", frozen=True, min_width=13),
    Heading("relation", "RELATION", min_width=8, max_width=10),
    Heading("object", "OBJECT", flexible=True, max_width=48),
    Heading("type", "TYPE", min_width=8),
    Heading("who", "WHO", max_width=24, quiet=True),
    Heading("what", "WHAT HAPPENED", fill=True),
)
_MOST_OF_OBJECT, _MOST_OF_WHO = 22, 18
"""How wide columns may get where there is less room."""


def layout_of(width: int) -> str:
    """Which columns a width has room for."""
    return "narrow" if width < NARROW else "middle" if width < MIDDLE else "wide"


def _headings(layout: str) -> Sequence[Heading]:
    time_, relation, object_, type_, who, what = _HEADINGS
    if layout == "narrow":
        return replace(time_, min_width=10), relation, replace(object_, max_width=_MOST_OF_OBJECT), what
    if layout == "middle":
        return time_, relation, object_, replace(who, max_width=_MOST_OF_WHO), what
    return time_, relation, object_, type_, who, what


class TimelineRows:
    """Keys are the entries' ids. Set another `snapshot`, and the table keeps its columns and its cursor."""

    sorted_by: tuple[str, bool] | None = ("time", True)

    def __init__(self, layout: str, snapshot: TimelineSnapshot, now: float) -> None:
        self.headings: Sequence[Heading] = _headings(layout)
        self.layout = layout
        self.snapshot = snapshot
        self.now = now

    def __len__(self) -> int:
        return len(self.snapshot.keys)

    def key_at(self, row: int) -> str:
        return self.snapshot.keys[row]

    def row_of(self, key: str) -> int | None:
        return self.snapshot.places.get(key)

    def line(self, key: str | None) -> TimelineLine | None:
        return self.snapshot.lines.get(key) if key is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        entry, rendered = self.snapshot.lines[key]
        level = rendered.level if rendered.level in (Level.WARNING, Level.BAD) else Level.NONE
        cells = {
            "time": Cell(entry_time(entry, self.now, short=self.layout == "narrow")),
            "relation": Cell(relation_words(entry)),
            "object": Cell(object_words(entry.relation)),
            "type": Cell(rendered.type, rendered.level),
            "who": Cell(rendered.who),
            "what": Cell(rendered.words, level),
        }
        return tuple(cells[heading.id] for heading in self.headings)

    def look(self, key: str) -> Look:
        rendered = self.snapshot.lines[key].rendered
        return Look(rendered.sign, rendered.level)

    def hint(self, key: str, column: int) -> str | None:
        return None


def entry_time(entry: TimelineEntry, now: float, *, short: bool = False) -> str:
    """`14:02:10.25` in local time, `≈14:02:10` where only the server's word is known; with the day if not today's."""
    then, today = time.localtime(entry.at), time.localtime(now)
    mark = "≈" if entry.approximate else " "
    if then[:3] != today[:3]:
        return mark + time.strftime("%b %d %H:%M" if then[0] == today[0] else "%Y-%m-%d", then)
    return mark + (time.strftime("%H:%M:%S", then) if entry.approximate or short else clock_time(entry.at))


_PROOFS = {
    "metadata": "its metadata",
    "managedFields": "its managedFields, which name the last writer of each field, and not what was there before",
    "condition": "the time at which its condition last changed",
    "container": "the state of its container",
    "event": "an Event that repeated",
}


def timeline_lines(line: TimelineLine, comparisons: Comparisons) -> list[Line]:
    """Whose it is, then what is known of it."""
    entry = line.entry
    if entry.gap is not None:
        return [
            plain(""),
            plain(_sentence(line.rendered.words), "warning"),
            plain("What changed meanwhile stands above; steps in between were not seen.", "kwatch-muted"),
        ]
    if entry.relation is None:
        return [plain(""), plain(_sentence(line.rendered.words), "kwatch-muted")]
    head = plain(f"{object_words(entry.relation)}   {relation_words(entry).strip()}", "kwatch-key")
    if entry.event is not None:
        return [head, *_event_lines(line)]
    if entry.end is not None:
        return [head, *end_lines(entry.end)]
    if entry.proof is not None:
        return [head, *_proof_lines(entry.proof)]
    if entry.version is None:
        assert entry.rollout is not None
        return [head, *rollout_lines(entry.rollout)]
    pair = (previous(comparisons.journal, entry.version), entry.version)
    return [head, *explained(comparisons.of(entry.version), pair)]


def _event_lines(line: TimelineLine) -> Iterator[Line]:
    entry, rendered = line.entry, line.rendered
    facts = entry.event
    assert facts is not None
    tint = "warning" if rendered.sign == "!" else "foreground"
    yield Line((Span(rendered.words, tint),))
    yield plain(f"{facts.type or 'Event'} from {facts.source or 'nobody who is named'}", "kwatch-muted")
    times = f"{facts.count} times" if facts.count > 1 else "once"
    since = f" between {_day_and_time(facts.first)} and" if facts.first != facts.last else ""
    if facts.last is not None:
        yield plain(f"Seen {times}{since or ', at'} {_day_and_time(facts.last)}", "kwatch-muted")
    if entry.version is not None and entry.approximate:
        yield plain(f"Received {_day_and_time(entry.version.at)}; it stands at its own time (≈).", "kwatch-muted")


def _proof_lines(proof: ReconstructedEntry) -> Iterator[Line]:
    yield plain(proof.detail or proof.words)
    if proof.who.known:
        operation = " ".join(part for part in (proof.who.operation, proof.who.subresource) if part)
        yield plain(f"by {proof.who!s}{f' ({operation})' if operation else ''}")
    evidence = _PROOFS.get(proof.source, printable(proof.source))
    yield plain(f"Nobody watched then (≈): the server still proves it by {evidence}.", "kwatch-muted")


def end_lines(end: ContainerEnd) -> Iterator[Line]:
    """How a container ended, and what it wrote last, the end first in sight."""
    ended = f"container {end.container} ended at {_day_and_time(end.finished_at)} by its node's clock: {end.words}"
    yield plain(ended, "kwatch-unhealthy")
    if not end.count:
        yield plain(_sentence(f"last lines: {end.missing}" if end.missing else "it wrote nothing"), "kwatch-muted")
        return
    yield plain(f"Its last {end.count:,} lines, the newest first; Enter opens them in order.", "kwatch-muted")
    yield from map(log_line, reversed(end.lines))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _day_and_time(at: float | None) -> str:
    """Day and time, in local time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at is not None else "?"


@dataclass(frozen=True, slots=True)
class BarState:
    """A snapshot. `troubles`: what is not watched yet, and why (empty: it is being listed)."""

    shown: Shown = Shown.CHANGES
    filter: str = ""
    count: str = ""
    mistake: str = ""
    troubles: Mapping[str, str] = field(default_factory=dict)


class TimelineBar(StateWidget[BarState]):
    """The parts side by side, the one that is shown underlined."""

    DEFAULT_CSS = """
    TimelineBar { height: 1; }
    """

    @dataclass
    class Picked(Message):
        """A part was clicked."""

        shown: Shown

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, BarState())

    def render_line(self, y: int) -> Strip:
        style, state = self._palette.style, self._state
        muted = style("kwatch-muted")
        lefts = [Part("   ", muted)]
        for each in Shown:
            here = each is state.shown
            ink = style("primary", bold=True, underline=True) if here else muted
            lefts += [Part(each.value, ink, 0 if here else 2), Part("  ", muted, 0 if here else 2)]
        if state.filter:
            lefts.append(Part(f"/{state.filter}  ", style("accent"), 1))
        rights = []
        waits = [name for name, why in state.troubles.items() if not why]
        denied = {name: why for name, why in state.troubles.items() if why}
        if denied:
            words = f"! without {enumerated([*denied])}"
            rights.append(Part(f"{words}: {next(iter(denied.values()))}  ", style("warning"), 1, f"{words}  "))
        if waits:
            rights.append(Part(f"listing {enumerated(waits)} …  ", style("warning"), 3))
        if state.mistake:
            rights.append(Part(f"{state.mistake}  ", style("kwatch-unhealthy"), 1))
        rights.append(Part(f"{state.count} ", muted, 1))
        return bar(lefts, rights, self.size.width, style())

    def on_click(self, event: events.Click) -> None:
        position = 3
        for each in Shown:
            position += len(each.value) + 2
            if event.x < position:
                self.post_message(self.Picked(each))
                return
