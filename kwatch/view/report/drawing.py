"""Timelines as drawings: SVG for a page, whose colours are the page's, and characters for plain text.

Shapes differ as well as colours, and each mark says on hovering what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from kwatch.view.report import Happening, Report, Story

WIDTH = 960.0
_LEFT, _RIGHT = 236.0, 20.0
_ROW = 26.0
_TOP = 48.0
_MOST_LANES = 9
_LABEL = 34
"""Characters of a lane's name."""
_NEAR = 8.0
"""Marks of one shape that are nearer to each other are one."""
_ROOM = 26.0
"""What a number beside a mark needs."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_MOST_TICKS = 7
_SHAPES = {
    "+": ("added", "M-1.8-5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8z"),
    "-": ("deleted", "M-5.2-2.7-2.7-5.2 0-2.5 2.7-5.2 5.2-2.7 2.5 0 5.2 2.7 2.7 5.2 0 2.5-2.7 5.2-5.2 2.7-2.5 0z"),
    "~": ("changed", "M0-5.8 5.8 0 0 5.8-5.8 0z"),
    "!": ("warning", "M0-6 6.4 5H-6.4z"),
    "•": ("event", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"),
    "=": ("listed", "M-4-4H4V4H-4z"),
    "≈": ("before", "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"),
}
LEGEND = {
    "+": "came",
    "~": "changed",
    "-": "went",
    "!": "warning",
    "•": "event",
    "≈": "known from the server, not seen",
}
_TEXT_WIDTH = 60


@dataclass(frozen=True, slots=True)
class _Scale:
    start: float
    end: float

    def x(self, at: float) -> float:
        part = (min(max(at, self.start), self.end) - self.start) / (self.end - self.start)
        return _LEFT + part * (WIDTH - _LEFT - _RIGHT)


def glyph(sign: str) -> str:
    """The mark of the legend."""
    name, path = _SHAPES[sign]
    return f'<svg class="glyph" viewBox="-8 -8 16 16" aria-hidden="true"><path class="{name}" d="{path}"/></svg>'


def overview_svg(report: Report) -> str:
    """Since when each problem lasts, and when its first suspect changed; empty where no beginning is known."""
    rows = [story for story in report.stories if story.since is not None and story.is_failing]
    if not rows:
        return ""
    moments = [story.since for story in rows if story.since is not None]
    moments += [at for story in rows for cause in story.causes[:1] if (at := cause.at) is not None]
    scale = _scale(min((at for at in moments if at >= report.start), default=report.start), report.end)
    height = _ROW * len(rows) + 8
    parts = [*_axis(report, scale, height, 0.0)]
    for row, story in enumerate(rows):
        y = _ROW / 2 + row * _ROW
        since = story.since or report.start
        x, end = scale.x(since), scale.x(report.end)
        number = report.stories.index(story) + 1
        words = f"{story.title}: {story.what}, since {report.clock(since)}, for {report.ago(since)}"
        label = _label(f"{number}. {story.title}")
        link = f"#{report.anchor}problem-{number}"
        parts.append(f'<a href="{link}"><text class="lane" x="0" y="{y + 4:.0f}">{label}</text></a>')
        parts.append(
            f'<g><title>{escape(words)}</title><rect class="bar {escape(story.level)}" x="{x:.1f}" y="{y - 7:.1f}" '
            f'width="{max(3.0, end - x):.1f}" height="14" rx="3"/></g>'
        )
        if since < scale.start:
            parts.append(f'<text class="onbar" x="{x + 4:.1f}" y="{y + 4:.1f}">◂ {escape(report.clock(since))}</text>')
        for cause in story.causes[:1]:
            if cause.at is not None and cause.at >= scale.start:
                title = f"First suspect: {cause.object}, {cause.what}, at {report.clock(cause.at)}"
                parts.append(_mark(scale.x(cause.at), y, "~", title, "suspect"))
    return _svg(f"{report.anchor}overview", "When each problem began", _overview_words(report, rows), height, parts)


def timeline_svg(report: Report, story: Story, number: int) -> str:
    """What happened, a lane an object; empty if nothing did."""
    lanes = _lanes(story)
    if not lanes:
        return ""
    scale = _scale_of(report, story)
    height = _TOP + _ROW * len(lanes) + 8
    bottom = height - 4
    parts = [*_axis(report, scale, height, _TOP - 14)]
    if story.since is not None and story.is_failing:
        parts.append(_band("failing", scale.x(story.since), WIDTH - _RIGHT, bottom, "failing"))
    for each in story.happenings:
        if each.until is not None:
            parts.append(_band("gap", scale.x(each.at), scale.x(each.until), bottom, each.words))
    for row, (label, happenings) in enumerate(lanes):
        y = _TOP + row * _ROW
        parts.append(f'<text class="lane" x="0" y="{y + 4:.0f}">{_label(label)}<title>{escape(label)}</title></text>')
        parts.append(f'<line class="rail" x1="{_LEFT:.0f}" x2="{WIDTH - _RIGHT:.0f}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts += _marks(report, scale, y, happenings)
    for cause in story.causes[:1]:
        if cause.at is not None and cause.at >= scale.start:
            parts += _line(scale.x(cause.at), bottom, "suspect", "first suspect", 10, cause.what)
    if story.since is not None and story.is_failing and story.since >= scale.start:
        label = f"failing since {report.clock(story.since)}"
        parts += _line(scale.x(story.since), bottom, "onset", label, 24, story.reason)
    words = (
        f"{len(story.happenings)} entries on {len(lanes)} lines, from {report.clock(scale.start)} to "
        f"{report.clock(scale.end)}; the list below says the same"
    )
    return _svg(f"{report.anchor}timeline-{number}", f"What happened around {story.title}", words, height, parts)


def timeline_text(report: Report, story: Story) -> Iterator[str]:
    """The same in characters, a line a lane."""
    lanes = _lanes(story)
    if not lanes:
        return
    scale = _scale_of(report, story)

    def column(at: float) -> int:
        return min(_TEXT_WIDTH - 1, int((scale.x(at) - _LEFT) / (WIDTH - _LEFT - _RIGHT) * _TEXT_WIDTH))

    start, end = report.clock(scale.start), report.clock(scale.end)
    yield f"{'':<{_LABEL}}  {start}{end:>{_TEXT_WIDTH - len(start)}}"
    for label, happenings in lanes:
        cells = ["·"] * _TEXT_WIDTH
        for each in sorted(happenings, key=lambda one: _WEIGHT.get(one.sign, 0)):
            cells[column(each.at)] = each.sign
        yield f"{_middle(label):<{_LABEL}}  {''.join(cells)}"
    if story.since is not None and story.is_failing and story.since >= scale.start:
        yield f"{'':<{_LABEL}}  {'':<{column(story.since)}}^ failing since {report.clock(story.since)}"


_WEIGHT = {"≈": 0, "=": 0, "•": 1, "+": 2, "~": 3, "-": 4, "!": 5}


def _lanes(story: Story) -> list[tuple[str, list[Happening]]]:
    """Owners above, what they own below; where there are too many, the quietest are one."""
    found: dict[str, list[Happening]] = {}
    for each in story.happenings:
        if each.lane:
            found.setdefault(each.lane, []).append(each)
    lanes = sorted(found.items(), key=lambda lane: (lane[1][0].depth, lane[1][0].at, lane[0]))
    if len(lanes) <= _MOST_LANES:
        return lanes
    loudest = sorted(
        lanes, key=lambda lane: (lane[1][0].depth > 0, -sum(_WEIGHT.get(each.sign, 0) for each in lane[1]))
    )
    kept = {label for label, _ in loudest[: _MOST_LANES - 1]}
    rest = sorted((each for label, lane in lanes if label not in kept for each in lane), key=lambda each: each.at)
    return [*(lane for lane in lanes if lane[0] in kept), (f"{len(lanes) - len(kept)} more objects", rest)]


def _scale_of(report: Report, story: Story) -> _Scale:
    """From the first of what is drawn on."""
    known = [each.at for each in story.happenings if each.lane]
    known += [at for at in (story.since, *(cause.at for cause in story.causes[:1])) if at is not None]
    return _scale(max(min(known, default=report.start), report.start), report.end)


def _scale(start: float, end: float) -> _Scale:
    span = max(end - start, 10.0)
    return _Scale(end - span * 1.04, end + span * 0.01)


def _axis(report: Report, scale: _Scale, height: float, top: float) -> Iterator[str]:
    span = scale.end - scale.start
    step = next(
        (each for each in _STEPS if span / each <= _MOST_TICKS), _STEPS[-1] * (int(span / 86400 / _MOST_TICKS) + 1)
    )
    offset = datetime.fromtimestamp(scale.start, report.zone).astimezone(report.zone).utcoffset()
    shift = offset.total_seconds() if offset is not None else 0.0
    at = -(-(scale.start + shift) // step) * step - shift
    while at <= scale.end:
        x = scale.x(at)
        text = report.clock(at) if step < 60 else report.clock(at)[:-3]
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.0f}" y2="{height - 4:.0f}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{height + 10:.0f}">{escape(text)}</text>'
        at += step


def _marks(report: Report, scale: _Scale, y: float, happenings: Sequence[Happening]) -> Iterator[str]:
    """What is near each other and alike is one mark, with how many there are where there is room."""
    clusters: list[tuple[str, float, list[Happening]]] = []
    for each in sorted(happenings, key=lambda one: (_WEIGHT.get(one.sign, 0), one.at)):
        x = scale.x(each.at)
        if clusters and clusters[-1][0] == each.sign and x - clusters[-1][1] < _NEAR:
            clusters[-1][2].append(each)
        else:
            clusters.append((each.sign, x, [each]))
    places = [x for _, x, _ in clusters]
    for sign, x, some in clusters:
        words = [
            f"{report.clock(each.at)} {each.type}: {each.words}{f' ({each.who})' if each.who else ''}"
            for each in some[:6]
        ]
        if len(some) > 6:
            words.append(f"and {len(some) - 6} more")
        yield _mark(x, y, sign, "\n".join(words))
        if len(some) > 2 and not any(x < place < x + _ROOM for place in places) and places.count(x) == 1:
            yield f'<text class="count" x="{x + 8:.1f}" y="{y + 3.5:.1f}">×{len(some)}</text>'


def _mark(x: float, y: float, sign: str, title: str, name: str = "") -> str:
    shape, path = _SHAPES.get(sign, _SHAPES["•"])
    return (
        f'<g transform="translate({x:.1f} {y:.1f})"><title>{escape(title)}</title>'
        f'<path class="{name or shape}" d="{path}"/></g>'
    )


def _band(name: str, x: float, end: float, bottom: float, title: str) -> str:
    return (
        f'<g><title>{escape(title)}</title><rect class="{name}" x="{x:.1f}" y="{_TOP - 12:.0f}" '
        f'width="{max(2.0, end - x):.1f}" height="{bottom - _TOP + 12:.0f}"/></g>'
    )


def _line(x: float, bottom: float, name: str, label: str, y: float, title: str) -> Iterable[str]:
    is_late = x > WIDTH - 200
    anchor, shift = ("end", -5) if is_late else ("start", 5)
    yield f'<line class="{name}" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 9:.0f}" y2="{bottom:.0f}"/>'
    yield (
        f'<text class="{name}-label" x="{x + shift:.1f}" y="{y:.0f}" text-anchor="{anchor}">{escape(label)}'
        f"<title>{escape(title)}</title></text>"
    )


def _svg(identity: str, title: str, words: str, height: float, parts: Iterable[str]) -> str:
    return (
        f'<svg class="drawing" viewBox="0 0 {WIDTH:.0f} {height + 16:.0f}" role="img" '
        f'aria-labelledby="{identity}-title {identity}-words"><title id="{identity}-title">{escape(title)}</title>'
        f'<desc id="{identity}-words">{escape(words)}</desc>{"".join(parts)}</svg>'
    )


def _overview_words(report: Report, rows: Sequence[Story]) -> str:
    return "; ".join(f"{each.title} since {report.clock(each.since)}" for each in rows if each.since is not None)


def _label(text: str) -> str:
    return escape(_middle(text))


def _middle(text: str) -> str:
    """The beginning and the end tell names apart."""
    half = (_LABEL - 1) // 2
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1 - half]}…{text[-half:]}"
