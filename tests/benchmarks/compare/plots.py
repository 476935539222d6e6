"""Two pictures of a document: time and memory against the number of objects. SVG, drawn with nothing but text.

Both axes are logarithmic. Lines carry their names at their ends. Colours follow the reader's light or dark theme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.benchmarks.compare.document import Document

WIDTH, HEIGHT = 860, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 232, 58, 62
_NAME_APART = 17.0
"""Pixels between the base lines of two names."""
_COLOURS = {
    "kwatch": ("#0a58ca", "#6ea8fe"),
    "kwatch.informer": ("#0f7b6c", "#4dd0b5"),
    "kubectl": ("#b35900", "#ffb066"),
    "k9s": ("#7b2fbf", "#c79bff"),
    "sofka": ("#b3245d", "#ff8fb8"),
    "kubernetes.informer": ("#8a6d00", "#e6c84f"),
    "bare reader": ("#6e7781", "#9aa4af"),
}
"""For paper, and for a dark page; each at least 3 to 1 against it."""
_STYLE = """
    svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
    .page { fill: #ffffff } .text { fill: #1f2328; font-size: 13px } .title { font-size: 16px; font-weight: 600 }
    .faint { fill: #57606a; font-size: 12px } .grid { stroke: #d0d7de; stroke-width: 1 }
    .axis { stroke: #57606a; stroke-width: 1 } .name { font-size: 13px } .line { fill: none; stroke-width: 2 }
    .first { stroke-dasharray: 2 5; stroke-linecap: round } .c-kwatch.line { stroke-width: 3 }
    .leader { stroke-width: 1; fill: none; opacity: 0.6 }
"""


@dataclass(frozen=True, slots=True)
class Line:
    """Points are (objects, value), rising; `label` stands at the end."""

    contestant: str
    label: str
    points: tuple[tuple[float, float], ...]
    is_first_rows: bool = False


def time_plot(document: Document) -> str:
    """Seconds from the start to the first rows, dotted, and to all rows."""
    return _plot(
        "From the start to the rows",
        "seconds from the start of the process; dotted: the first rows",
        _lines(document, {"all rows": "", "first rows": ": first rows"}),
        _seconds,
    )


def memory_plot(document: Document) -> str:
    """Megabytes that are resident when all rows are there and nothing changes."""
    return _plot(
        "Memory for the objects",
        "resident, when all are there and nothing changes",
        _lines(document, {"resident": ""}),
        _megabytes,
    )


def _lines(document: Document, figures: dict[str, str]) -> list[Line]:
    lines = []
    for contestant in document.contestants:
        for figure, suffix in figures.items():
            found = ((size, document.median(contestant, size, figure)) for size in document.sizes)
            points = tuple((float(size), value) for size, value in found if value)
            if points:
                lines.append(Line(contestant, contestant + suffix, points, figure == "first rows"))
    return lines


def _plot(title: str, subtitle: str, lines: Sequence[Line], unit: Callable[[float], str]) -> str:
    across = _Scale([x for line in lines for x, _ in line.points], _LEFT, WIDTH - _RIGHT, whole=False)
    up = _Scale([y for line in lines for _, y in line.points], HEIGHT - _BOTTOM, _TOP + 14, whole=True)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" aria-label="{escape(title)}: {escape(subtitle)}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}    {_colours(0)}\n    @media (prefers-color-scheme: dark) {{\n"
        "    .page { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9aa4af } .grid { stroke: #30363d }\n"
        f"    .axis {{ stroke: #9aa4af }}\n    {_colours(1)} }}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="text title" x="20" y="28">{escape(title)}</text>',
        f'<text class="faint" x="20" y="47">{escape(subtitle)}</text>',
    ]
    parts += _grid(across, up, unit)
    parts += [_curve(line, across, up) for line in lines]
    parts += _names(lines, across, up)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Scale:
    """A logarithmic axis: from values to pixels."""

    def __init__(self, values: Sequence[float], begin: float, end: float, *, whole: bool) -> None:
        """`whole` ends it at round numbers (1, 2, 5); else at the values themselves."""
        low, high = (min(values), max(values)) if values else (1.0, 10.0)
        self.low, self.high = (_round(low, up=False), _round(high, up=True)) if whole else (low, high)
        if self.low == self.high:
            self.low, self.high = self.low / 2, self.high * 2
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self._begin + share * (self._end - self._begin)

    def ticks(self) -> list[float]:
        """Round numbers on it: 1, 2, 5 of each power of ten; fewer if there are many."""
        powers = range(math.floor(math.log10(self.low)) - 1, math.ceil(math.log10(self.high)) + 1)
        wide = self.high / self.low > 5000
        found = [step * 10.0**power for power in powers for step in ((1,) if wide else (1, 2, 5))]
        return [tick for tick in found if self.low * 0.999 <= tick <= self.high * 1.001]


def _round(value: float, *, up: bool) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    steps = [step * power for step in (1, 2, 5, 10)]
    return next(step for step in steps if step >= value) if up else max(step for step in steps if step <= value)


def _grid(across: _Scale, up: _Scale, unit: Callable[[float], str]) -> list[str]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    parts = []
    for tick in up.ticks():
        y = up(tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        parts.append(f'<text class="faint" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{unit(tick)}</text>')
    for tick in across.ticks():
        x = across(tick)
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}"/>')
        parts.append(f'<text class="faint" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{tick:,.0f}</text>')
    parts.append(f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}"/>')
    middle = (_LEFT + right) / 2
    parts.append(f'<text class="faint" x="{middle:.1f}" y="{bottom + 42}" text-anchor="middle">objects</text>')
    return parts


def _curve(line: Line, across: _Scale, up: _Scale) -> str:
    points = [(across(x), up(y)) for x, y in line.points]
    colour = _class(line.contestant)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    shape = f'<polyline class="line {colour}{" first" if line.is_first_rows else ""}" points="{path}"/>'
    dots = "".join(f'<circle class="{colour}-text" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
    return shape + dots


def _names(lines: Sequence[Line], across: _Scale, up: _Scale) -> list[str]:
    """Each line's name beside its end, moved apart where they would stand on each other."""
    ends = sorted(((up(line.points[-1][1]), line) for line in lines), key=lambda each: each[0])
    places = _apart([y for y, _ in ends], _TOP + 14, HEIGHT - _BOTTOM)
    right, parts = WIDTH - _RIGHT, []
    for (y, line), place in zip(ends, places, strict=True):
        x, colour = across(line.points[-1][0]), _class(line.contestant)
        way = f"{x + 5:.1f},{y:.1f} {right + 8},{place:.1f} {right + 14},{place:.1f}"
        at = f'x="{right + 18}" y="{place + 4:.1f}"'
        parts.append(f'<polyline class="leader {colour}" points="{way}"/>')
        parts.append(f'<text class="name {colour}-text" {at}>{escape(line.label)}</text>')
    return parts


def _apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places in rising order, each as near to where it is wanted as the others let it be."""
    places = list(wanted)
    for _ in range(200):
        moved = False
        for above in range(len(places) - 1):
            overlap = _NAME_APART - (places[above + 1] - places[above])
            if overlap > 0.1:
                places[above] -= overlap / 2
                places[above + 1] += overlap / 2
                moved = True
        places = [min(max(place, top), bottom) for place in places]
        if not moved:
            break
    return places


def _colours(which: int) -> str:
    """Rules for lines and texts, on paper (0) or on a dark page (1)."""
    rules = ((_class(name), colours[which]) for name, colours in _COLOURS.items())
    return " ".join(f".{name} {{ stroke: {colour} }} .{name}-text {{ fill: {colour} }}" for name, colour in rules)


def _class(contestant: str) -> str:
    return "c-" + contestant.replace(".", "-").replace(" ", "-")


def _seconds(value: float) -> str:
    return f"{value:g} s" if value >= 1 else f"{value * 1000:g} ms"


def _megabytes(value: float) -> str:
    return f"{value / 1000:g} GB" if value >= 1000 else f"{value:g} MB"
