"""A theme as a file: the colours of the frame, and kwatch's own for what happens to objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kwatch.config.document import InvalidDocument, read_document
from kwatch.config.problem import Problem

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|ansi_[a-z_]+")


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
    """More of the toolkit's style variables, for those who want to go deeper."""
    title: str = ""


def read_theme(path: Path) -> ThemeFile:
    """Read one theme file; raise InvalidDocument or OSError."""
    theme = read_document(path, ThemeFile)
    for part in (theme.colors, theme.states, theme.syntax):
        for name in part.__struct_fields__:
            colour = getattr(part, name)
            if colour and not _COLOUR.fullmatch(colour):
                line = _line_naming(path, name)
                raise InvalidDocument(Problem(path, line, f"{colour!r} is no colour: write {name} as '#rrggbb'"))
    return theme


def _line_naming(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip().startswith(f"{name}:")), 0)


def find_themes(*folders: Path) -> Mapping[str, Path]:
    """Theme files by their stem; a later folder overrides an earlier one."""
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found
