"""A theme as a file: the colours of the frame, and kwatch's own for what happens to objects."""

from __future__ import annotations

import msgspec


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
