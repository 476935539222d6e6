"""The index explorer as a list: facets, the values of the open ones, and these as rows of a narrow table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.query.editing import is_chosen
from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.tui.kit.table.layout import GAP, GUTTER
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows, Look
from kwatch.view.exploration import Explored, FacetValue

_ChoiceOf = Callable[[str], tuple[bool, bool]]
"""Whether the filter has chosen what a term selects, and whether it leaves that out."""
FEW = 6
"""Values shown of a facet until more are asked for."""


class LineKind(Enum):
    FACET = "facet"
    VALUE = "value"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class FacetLine:
    """`share` is the value's part of the facet's largest one, for its bar; `count` and `total` as in FacetValue.

    For a facet, `total` is how many values it has, None if that is not known yet.
    """

    kind: LineKind
    facet: str
    text: str
    count: int = 0
    total: int | None = None
    share: float = 0.0
    term: str = ""
    chosen: bool = False
    excluded: bool = False
    open: bool = False

    @property
    def key(self) -> str:
        """What stays the same while the numbers change."""
        return f"{self.kind.value}\n{self.facet}\n{self.text if self.kind is LineKind.VALUE else ''}"


@dataclass(frozen=True, slots=True)
class Opened:
    """Which facets show values, and which of those all of them."""

    facets: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def toggle(self, facet: str) -> Opened:
        return Opened(self.facets ^ {facet}, self.whole - {facet})

    def widen(self, facet: str) -> Opened:
        return Opened(self.facets | {facet}, self.whole | {facet})


def facet_lines(
    explored: Sequence[Explored],
    opened: Opened,
    chosen: frozenset[tuple[str, str]],
    narrowed: str = "",
    names: IndexNames = BUILT_IN,
    excluded: frozenset[tuple[str, str]] = frozenset(),
) -> tuple[FacetLine, ...]:
    """What to show. Where `narrowed` has words, only values and facets that contain all of them, case ignored."""
    words = narrowed.casefold().split()

    def choice_of(term: str) -> tuple[bool, bool]:
        return _has(chosen, term, names), _has(excluded, term, names)

    lines = (_narrowed(each, words, choice_of) if words else _whole(each, opened, choice_of) for each in explored)
    return tuple(line for of_facet in lines for line in of_facet)


def _has(values: frozenset[tuple[str, str]], term: str, names: IndexNames) -> bool:
    return bool(values) and is_chosen(values, term, names)


def _whole(each: Explored, opened: Opened, choice_of: _ChoiceOf) -> Iterator[FacetLine]:
    is_open = each.id in opened.facets
    yield FacetLine(LineKind.FACET, each.id, each.id, total=each.distinct, open=is_open)
    if not is_open or each.facet is None:
        return
    values = each.facet.values
    shown = values if each.id in opened.whole or len(values) <= FEW + 1 else values[:FEW]
    yield from _values(each.id, shown, choice_of)
    if each.facet.distinct > len(shown):
        yield FacetLine(LineKind.MORE, each.id, f"{each.facet.distinct - len(shown):,} more")


def _narrowed(each: Explored, words: Sequence[str], choice_of: _ChoiceOf) -> Iterator[FacetLine]:
    values = each.facet.values if each.facet is not None else ()
    title = each.id.casefold()
    fitting = [value for value in values if all(word in f"{title} {value.value.casefold()}" for word in words)]
    if fitting or all(word in title for word in words):
        yield FacetLine(LineKind.FACET, each.id, each.id, total=each.distinct, open=bool(fitting))
        yield from _values(each.id, fitting, choice_of)


def _values(facet: str, values: Sequence[FacetValue], choice_of: _ChoiceOf) -> Iterator[FacetLine]:
    largest = max((value.total for value in values), default=0)
    for value in values:
        yield FacetLine(
            LineKind.VALUE,
            facet,
            value.value,
            value.shown,
            value.total,
            value.shown / largest if largest else 0.0,
            value.term,
            *choice_of(value.term),
        )


_EIGHTHS = " ▏▎▍▌▋▊▉█"
_CHOSEN = Look("●", Level.GOOD)
_EXCLUDED = Look("!", Level.WARNING)
_OPEN, _CLOSED = Look("▾", Level.PROGRESS), Look("▸", Level.PROGRESS)
_VALUE = Look()


def facet_rows(lines: Sequence[FacetLine], width: int, *, filtered: bool) -> ListedRows:
    """One row a line, fitted into `width` cells. `filtered`: counts say how many of the value's objects are shown."""
    counts = [_count(line, filtered) for line in lines]
    count_width = max([5, *map(len, counts)])
    bar_width = max(4, min(16, width // 5 - 2))
    name_width = max(8, width - GUTTER - 3 * GAP - count_width - bar_width)
    headings = (
        Heading("name", "", min_width=name_width, max_width=name_width, frozen=True, flexible=True),
        Heading("bar", "", min_width=bar_width, max_width=bar_width),
        Heading("count", "", min_width=count_width, max_width=count_width, right=True, quiet=True),
    )
    return ListedRows(headings, [_row(line, count, bar_width) for line, count in zip(lines, counts, strict=True)])


def bar(share: float, width: int) -> str:
    """A bar of at most `width` cells, in steps of an eighth; anything above 0 can be seen."""
    if share <= 0:
        return ""
    whole, part = divmod(max(1, round(min(1.0, share) * width * 8)), 8)
    return ("█" * whole + _EIGHTHS[part]).rstrip()


def _row(line: FacetLine, count: str, bar_width: int) -> ListedRow:
    if line.kind is LineKind.FACET:
        name = printable(line.text)
        return ListedRow(line.key, (Cell(name, Level.PROGRESS), Cell(""), Cell(count)), _OPEN if line.open else _CLOSED)
    if line.kind is LineKind.MORE:
        return ListedRow(line.key, (Cell(f"  … {line.text}", Level.DONE), Cell(""), Cell("")))
    level = Level.GOOD if line.chosen else Level.NONE if line.count else Level.DONE
    text = printable(line.text) or "(empty)"
    cells = (Cell(f" {text}", level), Cell(bar(line.share, bar_width), Level.GOOD), Cell(count))
    return ListedRow(line.key, cells, _CHOSEN if line.chosen else _EXCLUDED if line.excluded else _VALUE)


def _count(line: FacetLine, filtered: bool) -> str:
    if line.total is None:
        return ""
    if line.kind is LineKind.VALUE and filtered:
        return f"{line.count:,}/{line.total:,}"
    return f"{line.total:,}"
