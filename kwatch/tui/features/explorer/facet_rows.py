"""The lines of the index explorer as rows of a narrow table."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.column import Level
from kwatch.tui.kit.table.layout import GAP, GUTTER
from kwatch.tui.kit.table.listed_rows import ListedRow, ListedRows
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.view.facet_lines import FacetLine, LineKind
from kwatch.view.printable import printable

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
    """A bar of at most `width` cells, in steps of an eighth; whatever is more than nothing can be seen."""
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
