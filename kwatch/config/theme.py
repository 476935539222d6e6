"""Reading theme files: our own, and k9s skins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kwatch.config.document import InvalidDocument, parse_document, read_text, read_tree
from kwatch.config.k9s_skin import from_skin, is_skin
from kwatch.config.problem import Problem
from kwatch.config.theme_file import ThemeFile

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|ansi_[a-z_]+|[a-z]+")
"""As `#rrggbb`, as one of the terminal's own, or by its name on the web; an unknown name is told when it is used."""


def read_theme(path: Path) -> ThemeFile:
    """Read one theme file; raise InvalidDocument or OSError."""
    text = read_text(path)
    tree = read_tree(text, path)
    theme = from_skin(tree, path.stem) if is_skin(tree) else parse_document(text, ThemeFile, path)
    for part in (theme.colors, theme.states, theme.syntax):
        for name in part.__struct_fields__:
            colour = getattr(part, name)
            if colour and not _COLOUR.fullmatch(colour):
                line = _line_saying(text, colour)
                raise InvalidDocument(Problem(path, line, f"{colour!r} is no colour: write {name} as '#rrggbb'"))
    return theme


def _line_saying(text: str, colour: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if colour in line), 0)


def find_themes(*folders: Path) -> Mapping[str, Path]:
    """Theme files by their stem; a later folder overrides an earlier one."""
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found
