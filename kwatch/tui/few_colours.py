"""Terminals of 256 colours: each colour of a theme becomes the nearest there is, and text stays as readable."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as Painted
from rich.color import ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

KEPT = 0.9
"""The part of the contrast between a text and its ground that must stay, where it is not high anyway."""
HIGH = 4.5
_STEPS = (0, 95, 135, 175, 215, 255)
_COLOURS = {
    **{
        16 + 36 * r + 6 * g + b: (_STEPS[r], _STEPS[g], _STEPS[b]) for r in range(6) for g in range(6) for b in range(6)
    },
    **{232 + step: (8 + 10 * step,) * 3 for step in range(24)},
}
"""The colours whose looks no user changes, by number."""
Triplet = tuple[int, int, int]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: Triplet) -> float:
    """How bright it is, from 0 to 1; as the accessibility guidelines define it."""
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


_LUMINANCES = {number: luminance(colour) for number, colour in _COLOURS.items()}


class Of256(LineFilter):
    """The toolkit rounds each of red, green and blue to one of six by itself: dark greys become one light grey, and
    quiet text on them vanishes.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in colours that the terminal has."""
        ground = Painted.from_rgb(*background.rgb)
        return [
            Segment(text, of_256(style, ground) if style is not None else None, control)
            for text, style, control in segments
        ]


OF_256 = Of256()


@lru_cache(maxsize=8192)
def of_256(style: Style, ground: Painted) -> Style:
    """A style in colours of 256; `ground` is what lies behind where the style says nothing of it."""
    front, back = style.color, style.bgcolor or ground
    painted_back = _nearest(back) if back.type is ColorType.TRUECOLOR else None
    painted_front = None
    if front is not None and front.type is ColorType.TRUECOLOR:
        painted_front = _nearest(front) if painted_back is None else _readable(front, back, painted_back)
    return style + Style.from_color(
        Painted.from_ansi(painted_front) if painted_front is not None else None,
        Painted.from_ansi(painted_back) if painted_back is not None and style.bgcolor is not None else None,
    )


def contrast(one: float, other: float) -> float:
    """Between two luminances: from 1, the same, to 21, black on white."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@lru_cache(maxsize=2048)
def _nearest(colour: Painted) -> int:
    wanted = _triplet(colour)
    return min(_COLOURS, key=lambda number: _distance(wanted, _COLOURS[number]))


@lru_cache(maxsize=8192)
def _readable(front: Painted, back: Painted, painted_back: int) -> int:
    """The nearest to a text's colour of those that can be told from the ground as well as it could."""
    wanted, ground = _triplet(front), _LUMINANCES[painted_back]
    needed = min(KEPT * contrast(luminance(wanted), luminance(_triplet(back))), HIGH)
    fitting = [number for number, bright in _LUMINANCES.items() if contrast(bright, ground) >= needed]
    return min(fitting or _COLOURS, key=lambda number: _distance(wanted, _COLOURS[number]))


def _distance(one: Triplet, other: Triplet) -> float:
    """How different two colours look: eyes see green best, and red the better the more of it there is."""
    red = (one[0] + other[0]) / 2
    r, g, b = (left - right for left, right in zip(one, other, strict=True))
    return (2 + red / 256) * r * r + 4 * g * g + (2 + (255 - red) / 256) * b * b


def _triplet(colour: Painted) -> Triplet:
    red, green, blue = colour.triplet or ColorTriplet(0, 0, 0)
    return red, green, blue
