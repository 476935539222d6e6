"""k9s skins as themes: a skin that is put into the themes folder works as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kwatch.config.theme_file import Colors, States, Syntax, ThemeFile


def is_skin(tree: Any) -> bool:
    """Whether a YAML file is a skin of k9s rather than one of our themes."""
    return isinstance(tree, Mapping) and isinstance(tree.get("k9s"), Mapping)


def from_skin(tree: Mapping[str, Any], name: str) -> ThemeFile:
    """What a skin says, in our words; what it does not say is taken from what is near."""
    skin = _Skin(tree["k9s"])
    foreground = skin.color("body.fgColor", default="#c0c0c0")
    background = skin.color("views.table.bgColor", "body.bgColor", default="#000000")
    primary = skin.color("frame.title.highlightColor", "body.logoColor", "frame.menu.keyColor", default="#5fafff")
    error = skin.color("frame.status.errorColor", default="#ff5f5f")
    added = skin.color("frame.status.addColor", "frame.status.newColor", default="#5fd75f")
    changed = skin.color("frame.status.modifyColor", default=primary)
    return ThemeFile(
        name=name,
        title=f"{name} (k9s skin)",
        dark=_is_dark(background),
        colors=Colors(
            primary=primary,
            secondary=skin.color("frame.title.counterColor", "frame.menu.numKeyColor", default=primary),
            accent=skin.color("info.sectionColor", "frame.border.focusColor", default=primary),
            foreground=foreground,
            background=background,
            surface=skin.color("views.table.header.bgColor", "body.bgColor", default=background),
            panel=skin.color("prompt.bgColor", "body.bgColor", default=background),
            success=added,
            warning=skin.color("frame.status.highlightColor", default="#ffaf5f"),
            error=error,
            muted=skin.color("frame.status.completedColor", "frame.border.fgColor", default=""),
        ),
        states=States(
            added=added,
            changed=changed,
            deleted=skin.color("frame.status.killColor", default=error),
            unhealthy=error,
            cursor=skin.color("views.table.cursorBgColor", default=""),
        ),
        syntax=Syntax(
            key=skin.color("views.yaml.keyColor", default=primary),
            string=skin.color("views.yaml.valueColor", default=foreground),
        ),
    )


class _Skin:
    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree

    def color(self, *paths: str, default: str) -> str:
        """The first of these that the skin sets."""
        for path in paths:
            value: Any = self._tree
            for step in path.split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
            if isinstance(value, str) and value:
                return "ansi_default" if value in ("default", "-") else value
        return default


def _is_dark(color: str) -> bool:
    if not re.fullmatch("#[0-9a-fA-F]{6}", color):
        return color not in ("white", "ansi_white")
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128
