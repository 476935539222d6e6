"""Theme files as themes of the toolkit, with kwatch's own colours as style variables; fewer if a terminal has few."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

from rich.color import Color as Painted
from rich.color import ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.css.constants import VALID_STYLE_FLAGS
from textual.filter import LineFilter
from textual.theme import Theme

from kwatch.config.document import InvalidDocument
from kwatch.config.k9s import k9s_folder, skins_in
from kwatch.config.locations import shipped_themes, user_themes
from kwatch.config.settings import Settings
from kwatch.config.theme import ThemeFile, find_themes, read_theme

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


DEFAULT_THEME, LIGHT_THEME = "kwatch-dark", "kwatch-light"
AUTO = "auto"
"""The dark or the light one, as the terminal is."""
_LONGEST = 40
TERMINAL_THEME = "terminal"
"""Of the terminal's own sixteen colours."""
_ANSI_VARIABLES = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "foreground-disabled": "ansi_default",
    "surface-active": "ansi_default",
    "scrollbar": "ansi_bright_black",
    "scrollbar-hover": "ansi_bright_black",
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
    "input-selection-foreground": "ansi_black",
}
"""What the toolkit's stylesheets ask for, and its own sixteen-colour themes have, but no other theme of that sort."""


class TooFewColours(LookupError):
    """The terminal has not the colours that a theme needs: it would show other ones, and text in that of its ground."""


class ThemeStore:
    """The themes there are: shipped ones, overridden and extended by the user's. Where the terminal has but `sixteen`
    colours, only those that are made of them.
    """

    def __init__(self, *folders: Path, sixteen: bool = False) -> None:
        self._folders: Sequence[Path] = folders
        if not folders:
            own = user_themes()
            self._folders = (shipped_themes(), own) if own is not None else (shipped_themes(),)
        self._sixteen = sixteen
        self.with_skins = False
        """Whether those in k9s's folder are among them."""
        self.dark, self.light = DEFAULT_THEME, LIGHT_THEME
        """What AUTO stands for."""
        self.is_light = False
        """Whether the terminal says that it is light; some do not say."""

    def use(self, settings: Settings) -> None:
        """What AUTO stands for, and whether skins are themes, is a setting."""
        self.dark, self.light, self.with_skins = settings.dark_theme, settings.light_theme, settings.k9s

    def names(self) -> tuple[str, ...]:
        """All names, in alphabetical order."""
        return tuple(name for name in sorted(self._files()) if not self._sixteen or self._is_usable(name))

    def load(self, name: str) -> Theme:
        """Read one; raise InvalidDocument, OSError, or LookupError when there is none of that name, or not here."""
        if name == AUTO:
            name = self.light if self.is_light else self.dark
        path = self._files().get(name)
        if path is None:
            shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
            raise LookupError(f"there is no theme {shown!r}: choose one of {', '.join(self.names())}")
        theme = as_theme(read_theme(path, colour_problem, variable_problem), name)
        if self._sixteen and not theme.ansi:
            raise TooFewColours(
                f"{name} needs more than the sixteen colours of this terminal (TERM={os.environ.get('TERM', '')}); "
                f"if it has more, COLORTERM=truecolor says so"
            )
        return theme

    def load_or_default(self, name: str) -> tuple[Theme, str]:
        """The theme, or the house theme and a sentence that says why not; where colours are few, the terminal's."""
        try:
            return self.load(name), ""
        except (InvalidDocument, OSError, LookupError) as error:
            # The user's own of that name may be the broken one.
            house = ThemeStore(shipped_themes()).load(TERMINAL_THEME if self._sixteen else DEFAULT_THEME)
            return house, str(error)

    def load_at_start(self, name: str) -> tuple[Theme, str]:
        """As `load_or_default`; that the terminal has few colours needs no word, nobody asked for another theme now."""
        theme, problem = self.load_or_default(name)
        return theme, "" if self._sixteen and not self._is_usable(name) else problem

    def _files(self) -> Mapping[str, Path]:
        """By name. A skin whose name a theme has is `k9s-NAME`."""
        themes = find_themes(*self._folders)
        folder = k9s_folder() if self.with_skins else None
        skins = skins_in(folder) if folder is not None else {}
        return {**{f"k9s-{name}" if name in themes else name: path for name, path in skins.items()}, **themes}

    def _is_usable(self, name: str) -> bool:
        try:
            self.load(name)
        except TooFewColours:
            return False
        except (InvalidDocument, OSError, LookupError):
            return True  # loading it says why not
        return True


def colour_problem(name: str, colour: str) -> str:
    """What is wrong with a colour that a theme file sets."""
    try:
        Color.parse(colour)
    except ColorParseError:
        return f"{colour[:_LONGEST]!r} is not a colour that is known: write {name} as '#rrggbb'"
    return ""


def variable_problem(name: str, value: str) -> str:
    """What is wrong with a style variable: the toolkit ends the program over one that it cannot use."""
    known = _variables_known()
    if name not in known:
        near = get_close_matches(name, known, 1)
        return f"there is no style variable {name[:_LONGEST]!r}{f'; {near[0]}?' if near else ''}"
    if "-style" in name:
        odd = [word for word in value.split() or [value] if word not in VALID_STYLE_FLAGS]
        return f"{odd[0][:_LONGEST]!r} is no text style" if odd else ""
    return colour_problem(name, value)


@cache
def _variables_known() -> frozenset[str]:
    theme = as_theme(read_theme(shipped_themes() / f"{DEFAULT_THEME}.yaml"), DEFAULT_THEME)
    return frozenset(theme.to_color_system().generate()) | theme.variables.keys()


def as_theme(file: ThemeFile, name: str) -> Theme:
    """`name` is the file's stem: what the user types. Its colours and variables have been checked."""
    colors = file.colors
    ansi = colors.background.startswith("ansi_")
    return Theme(
        name=name,
        primary=colors.primary,
        secondary=colors.secondary,
        accent=colors.accent,
        foreground=colors.foreground,
        background=colors.background,
        surface=colors.surface,
        panel=colors.panel,
        success=colors.success,
        warning=colors.warning,
        error=colors.error,
        dark=file.dark,
        ansi=ansi,
        variables={**_own_variables(file), **_frame_variables(file), **file.variables},
    )


def _own_variables(file: ThemeFile) -> dict[str, str]:
    colors, states, syntax = file.colors, file.states, file.syntax
    muted = colors.muted or _blend(colors.foreground, colors.background, 0.5)
    cursor = states.cursor or _blend(colors.background, colors.primary, 0.3)
    return {
        "kwatch-muted": muted,
        "kwatch-added": states.added or colors.success,
        "kwatch-changed": states.changed or colors.primary,
        "kwatch-deleted": states.deleted or colors.error,
        "kwatch-stale": states.stale or colors.warning,
        "kwatch-unhealthy": states.unhealthy or colors.error,
        "kwatch-progress": states.progress or colors.accent,
        "kwatch-cursor": cursor,
        "kwatch-key": syntax.key or colors.primary,
        "kwatch-string": syntax.string or colors.success,
        "kwatch-number": syntax.number or colors.warning,
        "kwatch-constant": syntax.constant or colors.secondary,
        "kwatch-comment": syntax.comment or muted,
    }


def _frame_variables(file: ThemeFile) -> Mapping[str, str]:
    """The toolkit's widgets in the theme's quiet tones."""
    colors = file.colors
    if colors.background.startswith("ansi_"):
        return {**_ANSI_VARIABLES, "border": colors.primary, "scrollbar-active": colors.primary}
    thumb = _blend(colors.panel, colors.foreground, 0.25)
    return {
        "scrollbar": thumb,
        "scrollbar-hover": _blend(colors.panel, colors.foreground, 0.4),
        "scrollbar-active": colors.primary,
        "scrollbar-background": colors.background,
        "scrollbar-background-hover": colors.background,
        "scrollbar-background-active": colors.background,
        "scrollbar-corner-color": colors.background,
        "border": colors.primary,
        "input-cursor-background": colors.primary,
        "screen-selection-background": colors.primary,
        "screen-selection-foreground": colors.background,
        "block-cursor-background": file.states.cursor or _blend(colors.background, colors.primary, 0.3),
        "block-cursor-foreground": colors.foreground,
    }


def _blend(start: str, end: str, factor: float) -> str:
    one, other = Color.parse(start), Color.parse(end)
    if one.ansi is not None or other.ansi is not None:
        return "ansi_bright_black"
    return one.blend(other, factor).hex
