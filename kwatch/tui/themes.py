"""Theme files as themes of the toolkit, with kwatch's own colours as style variables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.css.constants import VALID_STYLE_FLAGS
from textual.theme import Theme

from kwatch.config.document import InvalidDocument
from kwatch.config.locations import shipped_themes, user_themes
from kwatch.config.theme import ThemeFile, find_themes, read_theme

DEFAULT_THEME = "kwatch-dark"
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

    def names(self) -> tuple[str, ...]:
        """All names, in alphabetical order."""
        names = sorted(find_themes(*self._folders))
        return tuple(name for name in names if not self._sixteen or self._is_usable(name))

    def load(self, name: str) -> Theme:
        """Read one; raise InvalidDocument, OSError, or LookupError when there is none of that name, or not here."""
        path = find_themes(*self._folders).get(name)
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
        return f"{colour[:_LONGEST]!r} is no colour that is known: write {name} as '#rrggbb'"
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
