"""Lines in columns, side by side, where a screen is broad: one short line below the other leaves half of it empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from kwatch.tui.kit.text.line import Line, Span

NARROWEST = 80
"""Cells of a column."""
MOST = 4
_GAP = 2
_SIGN = 2


def _count(width: int) -> int:
    return max(1, min(MOST, (width + _GAP) // (NARROWEST + _GAP + _SIGN)))


def room_in(width: int) -> int:
    """How broad a line may be to stand in a column unbroken."""
    return (width - (_GAP + _SIGN) * (_count(width) - 1)) // _count(width)


def in_columns(lines: Sequence[Line], width: int) -> list[Line]:
    """As many columns as are no narrower than NARROWEST. Blocks, which an empty line begins, stay whole."""
    count, blocks = _count(width), [*_blocks(lines)]
    if count < 2 or len(blocks) < 2:
        return [*lines]
    room = room_in(width)
    broken = [[piece for line in block for piece in line.cut(room)] for block in blocks]
    columns = _dealt(broken, count)
    height = max(map(len, columns))
    return [_beside([column[row] if row < len(column) else None for column in columns], room) for row in range(height)]


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if not line.text.strip() and any(each.text.strip() for each in block):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _dealt(blocks: Sequence[list[Line]], count: int) -> list[list[Line]]:
    """One block below the other, and on to the next column where this one would become longer than a fair share."""
    share = sum(map(len, blocks)) / count
    columns: list[list[Line]] = [[]]
    for block in blocks:
        column = columns[-1]
        if column and len(column) + len(block) / 2 > share and len(columns) < count:
            columns.append([])
        columns[-1] += block
    return columns


def _beside(row: Sequence[Line | None], room: int) -> Line:
    spans: list[Span] = []
    for place, line in enumerate(row):
        tint = line.tint if line is not None else ""
        own = [*line.spans] if line is not None else []
        if place:
            sign = line.sign if line is not None else ""
            spans += [Span(" " * _GAP), Span(sign.ljust(_SIGN)[:_SIGN], "kwatch-muted", tint)]
        spans += [span._replace(tint=span.tint or tint) for span in own]
        if place + 1 < len(row):
            spans.append(Span(" " * (room - sum(cell_len(span.text) for span in own)), tint=tint))
    first = row[0]
    return Line(tuple(spans), sign=first.sign if first is not None else "")
