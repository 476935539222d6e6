"""Rows as `kubectl get` and `kubectl get -w` print them, plain or wide, byte for byte: printTable over its tabwriter.

Columns stand three spaces apart, are at least six wide and never narrower than before. The text of a cell ends at its
first line break, with three dots; tabs in it begin a new cell. What a terminal would obey is made visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kwatch.base.printable import printable
from kwatch.catalog.go_text import go_upper
from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.output.printer import Masking, ObjectChange, Printer, type_prefix

CHUNK = 500
"""Objects that kubectl asks for at a time, unless it sorts them."""


class RowPrinter(Printer):
    """A table a resource; its header again when another resource was printed in between."""

    def __init__(
        self,
        clock: Clock,
        masking: Masking | None = None,
        *,
        wide: bool = False,
        with_namespace: bool = False,
        with_type: bool = False,
        with_context: bool = False,
        label_columns: Sequence[str] = (),
        show_labels: bool = False,
        headers: bool = True,
        chunk: int | None = CHUNK,
    ) -> None:
        self._clock = clock
        self._masking = masking or Masking()
        self._chunk = chunk
        self._wide = wide
        self._with_namespace = with_namespace
        self._with_type = with_type
        self._with_context = with_context
        self._label_columns = tuple(label_columns)
        self._show_labels = show_labels
        self._headers = headers
        self._aligned = AlignedLines()
        self._printed: tuple[Resource, tuple[str, ...]] | None = None

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """One table for each resource, a blank line between."""
        self._with_type |= len({each.resource for each in changes}) > 1  # categories such as `all`
        parts: list[str] = []
        start = 0
        for index in range(1, len(changes) + 1):
            if index == len(changes) or changes[index].resource != changes[start].resource:
                parts.append(self._table(changes[start:index]))
                start = index
        return "\n".join(parts)

    def is_one(self, final: bool) -> bool:
        """A table."""
        return True

    def change(self, change: ObjectChange) -> str:
        """A row; with its header if another resource was printed before."""
        return self._table([change])

    def _table(self, changes: Sequence[ObjectChange]) -> str:
        first = changes[0]
        header = self._header(first.resource, first.kind)
        new = self._printed != (first.resource, header)
        rows = [self._row(each) for each in changes]
        if new:
            self._aligned.reset()
        self._printed = (first.resource, header)
        # A list of kubectl's comes in chunks, and each is a table of its own.
        step = self._chunk or len(rows)
        return "".join(
            self._aligned.table(header if new and self._headers and start == 0 else None, rows[start : start + step])
            for start in range(0, len(rows), step)
        )

    def _shown(self, kind: Kind) -> list[int]:
        return [index for index, column in enumerate(kind.columns) if self._wide or column.priority == 0]

    def _header(self, resource: Resource, kind: Kind) -> tuple[str, ...]:
        titles = [go_upper(kind.columns[index].title) for index in self._shown(kind)]
        if self._with_namespace and resource.namespaced:
            titles.insert(0, "NAMESPACE")
        if self._with_context:
            titles.insert(0, "CONTEXT")
        titles += [go_upper(key.rpartition("/")[2]) for key in self._label_columns]
        if self._show_labels:
            titles.append("LABELS")
        return tuple(titles)

    def _row(self, change: ObjectChange) -> tuple[str, ...]:
        resource, kind, thing = change.resource, change.kind, change.object
        values, now = kind.read(thing), self._clock.time()
        cells = [kind.columns[index].text(values[index], now) for index in self._shown(kind)]
        if self._with_type and cells:
            cells[0] = f"{type_prefix(resource)}/{cells[0]}"
        if self._with_namespace and resource.namespaced:
            cells.insert(0, thing.namespace)
        if self._with_context:
            cells.insert(0, change.context)
        labels = self._masking.labels(thing)
        cells += [labels.get(key, "") for key in self._label_columns]
        if self._show_labels:
            cells.append(",".join(sorted(f"{key}={value}" for key, value in labels.items())) or "<none>")
        return tuple(cells)


MIN_WIDTH = 6
PADDING = 3
FLUSHED = 100
"""Rows of a table after which kubectl writes what it has."""
_BREAK = re.compile(r"[\f\n\r]")
_CELL_END = re.compile(r"[\t\v]")


class AlignedLines:
    """Remembers its widths, so that later rows stand under earlier ones."""

    def __init__(self) -> None:
        self._widths: list[int] = []

    def reset(self) -> None:
        """A new table begins."""
        self._widths = []

    def table(self, header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
        """A table of the server's: each row has as many cells as the header. Without one the columns are known."""
        if not rows:
            return ""
        # kubectl measures in bytes what it pads here, and what it truncates before that.
        widest = [max(_bytes(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] + [0]
        first = rows[0] if header is None else header
        padding = [" " * max(0, width - _bytes(cell)) for width, cell in zip(widest, first, strict=True)]
        lines = [[_truncated(cell) for cell in row] for row in rows]
        begin = lines.pop(0) if header is None else [_escaped(cell) for cell in header]
        begin = [cell + spaces for cell, spaces in zip(begin, padding, strict=True)]
        at = FLUSHED - (header is None)
        groups = [[begin, *lines[:at]], *(lines[at : at + FLUSHED] for at in range(at, len(lines), FLUSHED))]
        return "".join(self._written("\n".join("\t".join(cells) for cells in group)) for group in groups)

    def lines(self, rows: Sequence[Sequence[str]]) -> str:
        """Rows of cells that may hold line breaks."""
        return self._written("\n".join("\t".join(map(_escaped, row)) for row in rows)) if rows else ""

    def _written(self, text: str) -> str:
        """What the tabwriter makes of cells that end with tabs; a form feed ends a line, and what is aligned."""
        return "".join(map(self._aligned, text.split("\f")))

    def _aligned(self, text: str) -> str:
        lines = [[printable(cell) for cell in _CELL_END.split(line)] for line in text.split("\n")]
        widths: list[list[int]] = [[] for _ in lines]
        for column in range(max(map(len, lines)) - 1):
            for block in _blocks(lines, column):
                width = max(MIN_WIDTH, *(len(lines[number][column]) + PADDING for number in block))
                if column == len(self._widths):
                    self._widths.append(width)
                self._widths[column] = width = max(width, self._widths[column])
                for number in block:
                    widths[number].append(width)
        return "".join(
            "".join(map(str.ljust, cells, ends)) + cells[-1] + "\n" for cells, ends in zip(lines, widths, strict=True)
        )


def _blocks(lines: Sequence[Sequence[str]], column: int) -> Iterator[range]:
    """The runs of lines in which this cell is followed by another: they are as wide as the widest of them."""
    start = None
    for number, line in enumerate(lines):
        if len(line) - 1 > column:
            start = number if start is None else start
        elif start is not None:
            yield range(start, number)
            start = None
    if start is not None:
        yield range(start, len(lines))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _truncated(cell: str) -> str:
    found = _BREAK.search(cell)
    return _escaped(cell if found is None else cell[: found.start()]) + ("..." if found is not None else "")


def _escaped(cell: str) -> str:
    return cell.replace("\x1b", "^[").replace("\r", "\\r")
