"""What a document says, for people: the table on the terminal, the README's part between its marks, two pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.compare import plots
from tests.benchmarks.compare.document import Document
from tests.benchmarks.compare.reach import AIMS, REAL_AIMS, WHY

BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"
_BETWEEN = " · "
_ORDER = ("first rows", "all rows", "work", "settled", "resident", "resident in the end", "peak", "CPU", "key", "quit")
_LEFT_OUT = "changes at"
_WORDS = {
    "resident": "resident, all there",
    "resident in the end": "resident, after the changes",
    "peak": "resident, at most",
    "work to first rows": "CPU time to first rows",
    "work to all rows": "CPU time to all rows",
    "settled": "at rest, after all rows",
    "CPU quiet": "CPU, nothing changes",
    "namespaces, printed": "the namespaces, printed",
}
_KEYS = re.compile(r"key (p\d+) (?:quiet|at ([\d.]+)/s)")
_ENOUGH = 0.9
"""The share of the changes that a server must have made, or it is said."""


class PageError(Exception):
    """The README cannot be rewritten; the text says why."""


def publish(document: Document, checkout: Path, real: Document | None = None) -> list[Path]:
    """Rewrite the README between its marks and both pictures; the files. Raise PageError.

    `real` was measured on a cluster that is none of the simulator's.
    """
    readme, pictures = checkout / "README.md", checkout / "screenshots"
    text = readme.read_text()
    before, begin, rest = text.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(f"{END}\n")
    if not begin or not end:
        raise PageError(f"{readme.name} has no lines {BEGIN} and {END}")
    written = {
        pictures / "time.svg": plots.time_plot(document),
        pictures / "memory.svg": plots.memory_plot(document),
        readme: f"{before}{begin}{markdown(document, real)}{end}{after}",
    }
    for path, content in written.items():
        path.write_text(content)
    return list(written)


def markdown(document: Document, real: Document | None = None) -> str:
    """What stands between the marks."""
    tree = document.tree
    machine, commit = tree["machine"], tree["kwatch"]["commit"][:10]
    sizes = _BETWEEN.join(f"{size:,}" for size in document.sizes)
    where = f"{machine['system']}, {machine['cores']} cores shared with the server, Python {tree['python']}"
    lines = [
        f"Measured {tree['measured'][:10]} at {commit or 'no commit'}: {where}; medians of {tree['plan']['repeats']},",
        f"with {sizes} pods. `python -m tests.benchmarks compare` measures it again.",
        "",
        "![Seconds to the rows against the number of objects](screenshots/time.svg)",
        "",
        "![Memory against the number of objects](screenshots/memory.svg)",
        "",
        *_table(document),
        "",
        *_notes(document),
        *_spread(document),
        *_aims(document, real),
    ]
    return "\n".join(lines) + "\n"


def text(document: Document) -> str:
    """The same for a terminal."""
    rows = [line.strip("|").split("|") for line in _table(document)]
    rows = [[cell.strip().replace("`", "") for cell in row] for row in rows if "---" not in row[0]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*table, "", *_notes(document), *_spread(document)])


def _table(document: Document) -> list[str]:
    names = document.contestants
    figures = sorted(dict.fromkeys(each.name for each in document.figures()), key=_rank)
    lines = [_row([_BETWEEN.join(f"{size:,}" for size in document.sizes), *names]), _row(["---"] * (len(names) + 1))]
    for figure in figures:
        if not figure.startswith(_LEFT_OUT):
            lines.append(_row([_words(figure), *(_cell(document, name, figure) for name in names)]))
    return lines


def _words(figure: str) -> str:
    if found := _KEYS.fullmatch(figure):
        when = f"{float(found[2]):,.0f} changes/s" if found[2] else "at rest"
        return f"key to its bytes, {when}, {found[1]}"
    return _WORDS.get(figure, figure)


def _rank(figure: str) -> int:
    exact = [number for number, name in enumerate(_ORDER) if figure == name]
    alike = [number for number, name in enumerate(_ORDER) if figure.startswith(name)]
    return (exact or alike or [len(_ORDER)])[0]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(document: Document, contestant: str, figure: str) -> str:
    values = [document.median(contestant, size, figure) for size in document.sizes]
    if not any(value is not None for value in values):
        return "-"
    units = {each.unit for each in document.figures() if each.name == figure}
    shown = [("-" if value is None else number(value)) for value in values]
    while len(shown) > 1 and shown[-1] == "-" and not document.said(contestant, document.sizes[len(shown) - 1]):
        shown.pop()
    return f"{_BETWEEN.join(shown)} {units.pop()}"


def number(value: float) -> str:
    """Two or three digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _notes(document: Document) -> list[str]:
    tree, notes = document.tree, []
    for name, each in tree["contestants"].items():
        if each["missing"]:
            notes.append(f"- {name} was not measured: {each['missing']}.")
        else:
            notes.append(f"- {name} {each['version']}: `{each['command']}`")
    for each in tree["results"]:
        if each["said"]:
            notes.append(f"- {each['contestant']} at {each['size']:,}: {each['said']}.")
    for each in document.figures():
        wanted = float(each.name.split()[-1].removesuffix("/s")) if each.name.startswith(_LEFT_OUT) else 0.0
        if each.median < wanted * _ENOUGH:
            place = f"{each.contestant} at {each.size:,}"
            notes.append(f"- {place}: the server made {each.median:,.0f} of {wanted:,.0f} changes a second.")
    return notes


def _spread(document: Document) -> list[str]:
    """How far apart the values of one figure lie."""
    repeated = sorted((each for each in document.figures() if len(each.values) > 1), key=lambda each: each.spread)
    if not repeated:
        return []
    middle, widest = repeated[len(repeated) // 2], repeated[-1]
    place = f"{widest.name} of {widest.contestant} at {widest.size:,}"
    return [
        f"- From the lowest to the highest value of a figure: {middle.spread:.0%} of the median as a rule, "
        f"{widest.spread:.0%} at most ({place})."
    ]


def _aims(document: Document, real: Document | None) -> list[str]:
    lines = ["", "| aim | at most, or at least | measured | |", "|---|---|---|---|"]
    missed = []
    measured = [(aim, aim.value(document)) for aim in AIMS]
    measured += [(aim, aim.value(real)) for aim in REAL_AIMS] if real else []
    for aim, value in measured:
        if value is None:
            continue
        bound = f"{'at least ' if aim.more_is_better else ''}{number(aim.limit)} {aim.unit}"
        verdict = "reached" if aim.is_met(value) else "missed"
        if verdict == "missed" and aim.what in WHY:
            missed.append(f"- {aim.what}: {WHY[aim.what]}")
        lines.append(_row([aim.what, bound, f"{number(value)} {aim.unit}", verdict]))
    return [*lines, *(["", "What is missed, and what a profile shows of it:", "", *missed] if missed else [])]
