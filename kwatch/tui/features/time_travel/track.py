"""The track of the time bar: how much arrived when, what was not watched, where one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

_BARS = " ▁▂▃▄▅▆▇█"
NOT_WATCHED = "╳"
BASELINE = "◆"
HERE = "┃"


class Stretch(NamedTuple):
    """A piece of the track in one ink: a theme variable's name."""

    text: str
    ink: str


def track(
    heights: Sequence[int],
    at: float,
    began: float,
    ended: float,
    gaps: Sequence[tuple[float, float]] = (),
    baseline: float | None = None,
) -> list[Stretch]:
    """One cell for each height; moments in seconds since the epoch."""
    width = len(heights)
    if not width:
        return []
    bars = density(heights)
    hidden = {cell for gap in gaps for cell in _cells(gap, began, ended, width) if not heights[cell]}
    marked = _cell(baseline, began, ended, width) if baseline is not None and began <= baseline <= ended else None
    here = _cell(at, began, ended, width)

    def cells() -> Iterator[Stretch]:
        for cell in range(width):
            if cell == here:
                yield Stretch(HERE, "secondary")
            elif cell == marked:
                yield Stretch(BASELINE, "accent")
            elif cell in hidden:
                yield Stretch(NOT_WATCHED, "kwatch-stale")
            else:
                yield Stretch(bars[cell], "kwatch-changed" if cell < here else "kwatch-muted")

    return [Stretch("".join(each.text for each in run), ink) for ink, run in groupby(cells(), lambda each: each.ink)]


def density(heights: Sequence[int]) -> str:
    """Counts as bars; the square root lets single deltas show beside bursts."""
    most = max(heights, default=0) or 1
    return "".join(_BARS[0 if not count else max(1, round((count / most) ** 0.5 * 8))] for count in heights)


def _cells(gap: tuple[float, float], began: float, ended: float, width: int) -> range:
    since, until = gap
    if until < began or since > ended:
        return range(0)
    return range(_cell(since, began, ended, width), _cell(until, began, ended, width) + 1)


def _cell(at: float, began: float, ended: float, width: int) -> int:
    if ended <= began:
        return width - 1
    return min(width - 1, max(0, int((at - began) / (ended - began) * width)))
