"""Theme files as themes of the toolkit, with kwatch's own colours as style variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from kwatch.config.document import InvalidDocument
from kwatch.config.locations import shipped_themes, user_themes
from kwatch.config.theme import find_themes, read_theme
from kwatch.config.theme_file import ThemeFile

DEFAULT_THEME = "kwatch-dark"
_ANSI_VARIABLES = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "foreground-disabled": "ansi_default",
    "surface-active": "ansi_default",
}
"""What the toolkit's stylesheets ask for, and its own sixteen-colour themes have, but no other theme of that sort."""


class ThemeShelf:
    """The themes there are: shipped ones, overridden and extended by the user's."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders or (shipped_themes(), user_themes())

    def names(self) -> tuple[str, ...]:
        """All names, in alphabetical order."""
        return tuple(sorted(find_themes(*self._folders)))

    def load(self, name: str) -> Theme:
        """Read one; raise InvalidDocument, OSError, or LookupError when there is none of that name."""
        path = find_themes(*self._folders).get(name)
        if path is None:
            raise LookupError(f"there is no theme {name!r}: choose one of {', '.join(self.names())}")
        file = read_theme(path)
        try:
            return as_theme(file, name)
        except ColorParseError as error:
            raise LookupError(f"{path}: {error}") from error

    def load_or_default(self, name: str) -> tuple[Theme, str]:
        """The theme, or the house theme and a sentence that says why not."""
        try:
            return self.load(name), ""
        except (InvalidDocument, OSError, LookupError) as error:
            return self.load(DEFAULT_THEME), str(error)


def as_theme(file: ThemeFile, name: str) -> Theme:
    """`name` is the file's stem: what the user types. Raise ColorParseError for a colour that nobody knows."""
    for part in (file.colors, file.states, file.syntax):
        for field in part.__struct_fields__:
            if colour := getattr(part, field):
                Color.parse(colour)
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
        return _ANSI_VARIABLES
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
