"""Theme files: our own format, and k9s skins, which work in the themes folder as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kwatch.base.files import read_file
from kwatch.config.document import InvalidDocument, Problem, as_plain, fit, line_of, parse_tree


class Colors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The frame: `#rrggbb`, or `ansi_...` for the terminal's own colours."""

    primary: str
    secondary: str
    accent: str
    foreground: str
    background: str
    surface: str
    panel: str
    success: str
    warning: str
    error: str
    muted: str = ""
    """Secondary text; empty for a blend of foreground and background."""


class States(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened to an object; an empty one is taken from the frame's colours."""

    added: str = ""
    changed: str = ""
    deleted: str = ""
    stale: str = ""
    unhealthy: str = ""
    progress: str = ""
    cursor: str = ""
    """The background of the row under the cursor."""


class Syntax(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """YAML; an empty one is taken from the frame's colours."""

    key: str = ""
    string: str = ""
    number: str = ""
    constant: str = ""
    comment: str = ""


class ThemeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme."""

    name: str
    colors: Colors
    dark: bool = True
    states: States = States()
    syntax: Syntax = Syntax()
    variables: dict[str, str] = {}
    """More of Textual's style variables."""
    title: str = ""


COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|ansi_[a-z_]+|[a-z]+")
"""As `#rrggbb`, as one of the terminal's own, or by its name on the web."""
Check = Callable[[str, str], str]
"""Of a name and a value: what is wrong with it, empty for nothing."""


def read_theme(path: Path, colour_problem: Check | None = None, variable_problem: Check | None = None) -> ThemeFile:
    """Read one theme file; raise InvalidDocument or OSError.

    `colour_problem` and `variable_problem` know what colours and style variables there are.
    """
    content = read_file(path)
    tree = parse_tree(content, path)
    plain = as_plain(tree)
    skin = is_skin(plain)
    theme = from_skin(plain, path.stem) if skin else fit(tree, ThemeFile, path)
    for part, group in (("colors", theme.colors), ("states", theme.states), ("syntax", theme.syntax)):
        for name in group.__struct_fields__:
            colour = getattr(group, name)
            may_be_empty = part != "colors" or name == "muted"
            if (colour or not may_be_empty) and (reason := _colour_problem(name, colour, colour_problem)):
                line = _line_saying(content, colour) if skin else line_of(path, (part, name))
                raise InvalidDocument(Problem(path, line, reason))
    for name, value in theme.variables.items():
        if variable_problem is not None and (reason := variable_problem(name, value)):
            raise InvalidDocument(Problem(path, line_of(path, ("variables", name)), reason))
    return theme


def read_skin(path: Path) -> ThemeFile:
    """The same of a skin of k9s; a file that is none is no theme of ours either."""
    if not is_skin(as_plain(parse_tree(read_file(path), path))):
        raise InvalidDocument(Problem(path, 0, "this is not a skin"))
    return read_theme(path)


def _colour_problem(name: str, colour: str, known: Check | None) -> str:
    if not COLOUR.fullmatch(colour):
        return f"{colour[:40]!r} is not a colour: write {name} as '#rrggbb'"
    return known(name, colour) if known is not None else ""


def _line_saying(content: bytes, colour: str) -> int:
    lines = content.decode("utf-8", "replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if colour in line), 0)


def find_themes(*folders: Path) -> Mapping[str, Path]:
    """Theme files by their stem; a later folder overrides an earlier one. A folder that cannot be read has none."""
    found: dict[str, Path] = {}
    for folder in folders:
        try:
            found |= {path.stem: path for path in sorted(folder.iterdir()) if path.suffix == ".yaml"}
        except OSError:
            continue  # most people have none of their own; a theme that was asked for is then said not to be there
    return found


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
