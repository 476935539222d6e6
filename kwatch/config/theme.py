"""Reading theme files: our own, and k9s skins."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from kwatch.base.files import read_file
from kwatch.config.document import InvalidDocument, as_plain, fit, line_of, parse_tree
from kwatch.config.k9s_skin import from_skin, is_skin
from kwatch.config.problem import Problem
from kwatch.config.theme_file import ThemeFile

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|ansi_[a-z_]+|[a-z]+")
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


def _colour_problem(name: str, colour: str, known: Check | None) -> str:
    if not _COLOUR.fullmatch(colour):
        return f"{colour[:40]!r} is no colour: write {name} as '#rrggbb'"
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
