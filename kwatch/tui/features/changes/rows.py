"""The lines of a list of changes as rows of a table, and all that is known of one of them, for below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.comparison import Difference, PathChange
from kwatch.tui.features.changes.change_list import SIGNS, ChangeLine, ChangeList
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.kit.text.line import Line, Span, plain

if TYPE_CHECKING:
    from collections.abc import Callable


_CONTEXT = Heading("context", "CONTEXT", max_width=24, frozen=True, quiet=True)
_HEADINGS = (
    Heading("object", "OBJECT", max_width=60, flexible=True),
    Heading("last", "LAST", min_width=8, quiet=True),
    Heading("who", "WHO", max_width=20, quiet=True),
    Heading("changes", "CHANGES", fill=True),
)
_ROOM_FOR = {"who": 100, "last": 64}
"""Cells below which a column has no room: the details below the list say it, too."""
_LEVELS = {"+": Level.GOOD, "-": Level.BAD, "~": Level.PROGRESS, "!": Level.WARNING, "±": Level.DONE}
_MOST_WORDS = 6
"""Changes named on one line."""


class BaselineRows:
    """Shows one list of changes after the other; `clock_text` formats a time. `contexts`: it says where each is."""

    headings: Sequence[Heading] = _HEADINGS
    sorted_by: tuple[str, bool] | None = None

    def __init__(self, clock_text: Callable[[float], str], *, contexts: bool = False) -> None:
        self.changes = ChangeList()
        self._clock_text = clock_text
        self._all: Sequence[Heading] = (_CONTEXT, *_HEADINGS) if contexts else _HEADINGS
        self.headings = self._all

    def __len__(self) -> int:
        return len(self.changes.lines)

    def fit(self, width: int) -> bool:
        """Leave out what has no room in so many cells; whether the columns are others now."""
        before = self.headings
        self.headings = [each for each in self._all if width >= _ROOM_FOR.get(each.id, 0)]
        return len(before) != len(self.headings)

    def key_at(self, row: int) -> str:
        return self.changes.lines[row].key

    def row_of(self, key: str) -> int | None:
        return self.changes.places.get(key)

    def line(self, key: str | None) -> ChangeLine | None:
        place = self.changes.places.get(key) if key is not None else None
        return self.changes.lines[place] if place is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        line = self.changes.lines[self.changes.places[key]]
        cells = self._heading(line) if line.difference is None else self._object(line, line.difference)
        by_id = dict(zip((heading.id for heading in _HEADINGS), cells, strict=True))
        by_id["context"] = Cell(printable(_context(line)))
        return [by_id[heading.id] for heading in self.headings]

    def look(self, key: str) -> Look:
        """The sign of what happened; a heading stands out, and says whether it is folded."""
        line = self.changes.lines[self.changes.places[key]]
        if line.difference is None:
            return Look("▾" if line.is_open else "▸", heads=True)
        return Look(line.difference.sign, _LEVELS[line.difference.sign])

    def hint(self, key: str, column: int) -> str | None:
        line = self.line(key)
        if line is None or line.difference is None or line.difference.deltas < 2:
            return None
        return f"{line.difference.deltas:,} deltas since the baseline"

    def _heading(self, line: ChangeLine) -> Sequence[Cell]:
        last = max(each.at for each in line.members)
        words = self._same_value(line) if line.path else self._of_owner(line)
        count = object_count(len(line.members)) if line.path else counts_text(counted(line.members))
        return (
            Cell(printable(line.title)),
            Cell(self._clock_text(last)),
            Cell(""),
            Cell(f"{count}  {printable(words)}".rstrip()),
        )

    def _object(self, line: ChangeLine, difference: Difference) -> Sequence[Cell]:
        who = ", ".join(dict.fromkeys(map(str, difference.writers)))
        noise = self.changes.options.noise
        words = at_path(difference, line.path) or difference.words(_MOST_WORDS, noise=noise)
        return (
            Cell("  " * line.depth + printable(line.title)),
            Cell(self._clock_text(difference.at)),
            Cell(printable(who)),
            Cell(printable(words)),
        )

    def _of_owner(self, line: ChangeLine) -> str:
        """What happened to the owner itself, where its own line is folded away."""
        itself = next((each for each in line.members if not each.owners), None)
        return itself.words(2) if itself is not None and not line.is_open else ""

    def _same_value(self, line: ChangeLine) -> str:
        """From what to what, where that is the same everywhere."""
        values = {at_path(each, line.path) for each in line.members[:1000]}
        return values.pop() if len(values) == 1 else ""


def _context(line: ChangeLine) -> str:
    """Where it is; of several `2 of them`."""
    found = {each.new.context for each in (line.members if line.difference is None else (line.difference,))}
    return found.pop() if len(found) == 1 else f"{len(found)} of them"


def object_count(count: int) -> str:
    """`1 object`, `12 objects`."""
    return f"{count:,} object{'' if count == 1 else 's'}"


def counts_text(counts: dict[str, int]) -> str:
    """`+3 -2 ~5`."""
    return " ".join(f"{sign}{counts[sign]:,}" for sign in SIGNS if counts.get(sign))


def counted(members: Sequence[Difference]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in members:
        counts[each.sign] = counts.get(each.sign, 0) + 1
    return counts


def at_path(difference: Difference, path: str) -> str:
    """The changes at one path, without naming it."""
    if not path or difference.sign != "~":
        return ""
    return ", ".join(change.value for change in (*difference.changes, *difference.noise) if change.general == path)


ClockText = Callable[[float], str]
_TINTS = {"+": "kwatch-added", "-": "kwatch-deleted", "~": "kwatch-changed"}
_MOST = 200
"""Lines; the side-by-side view shows all."""
_LOOKED_AT = 2000
"""Members of a group whose values are counted: the cursor must not wait."""


def details(line: ChangeLine | None, clock_text: ClockText, *, noise: bool) -> list[Line]:
    """One change a line, with who made it; of a group how often what happened."""
    if line is None:
        return []
    if line.difference is not None:
        return list(_of_object(line.difference, clock_text, noise))[:_MOST]
    return list(_of_path(line) if line.path else _of_owner(line))[:_MOST]


def _of_object(difference: Difference, clock_text: ClockText, noise: bool) -> Iterator[Line]:
    yield plain(f"{difference.itself!s}   {_when(difference, clock_text)}", "kwatch-muted")
    for change in difference.changes:
        yield _change(change, difference.sign)
    for change in difference.noise if noise else ():
        yield plain(change.words, "kwatch-muted")


def _when(difference: Difference, clock_text: ClockText) -> str:
    deltas = f"{difference.deltas:,} delta{'' if difference.deltas == 1 else 's'}"
    if difference.old is None:
        return f"{deltas}, the last at {clock_text(difference.new.at)}"
    was = f"{printable(difference.old.resource_version)} → {printable(difference.new.resource_version)}"
    return f"{was} in {deltas}, the last at {clock_text(difference.new.at)}"


def _change(change: PathChange, sign: str) -> Line:
    words = printable(change.words)
    path = words.removesuffix(printable(change.value)) if change.value else ""
    spans = [Span(path, "kwatch-key"), Span(words[len(path) :], "foreground")] if path else [Span(words)]
    if change.who.known:
        spans.append(Span(f"   {change.who!s}", "kwatch-muted"))
    if change.who.subresource:
        spans.append(Span(f" ({change.who.subresource})", "kwatch-muted"))
    return Line(tuple(spans), _TINTS.get(sign, "") if sign in "+-" else "")


def _of_owner(line: ChangeLine) -> Iterator[Line]:
    """How many of each kind came, went and changed."""
    yield plain(f"{line.title}   {object_count(len(line.members))}", "kwatch-muted")
    kinds: dict[str, list[Difference]] = {}
    for each in line.members:
        kinds.setdefault(each.kind, []).append(each)
    width = max(map(len, kinds))
    for kind, members in kinds.items():
        yield Line((Span(f"{printable(kind):<{width}}   ", "kwatch-key"), Span(counts_text(counted(members)))))


def _of_path(line: ChangeLine) -> Iterator[Line]:
    """How many objects got which value."""
    yield plain(f"{line.title}   {object_count(len(line.members))}", "kwatch-muted")
    values = Counter(at_path(each, line.path) for each in line.members[:_LOOKED_AT])
    for value, count in values.most_common(_MOST):
        if value:
            yield Line((Span(f"{count:>6,}   ", "kwatch-key"), Span(value)))
