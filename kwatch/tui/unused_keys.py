"""What is said of a key that does nothing here: hands that know another program press it and wait."""

from __future__ import annotations

from collections.abc import Iterable

from kwatch.tui.commands.command import Command
from kwatch.tui.keys import KeysInForce, readable

_CHANGING = {
    "ctrl+d": "deletes nothing",
    "delete": "deletes nothing",
    "ctrl+k": "kills nothing",
    "s": "opens no shell and scales nothing",
    "a": "attaches to nothing",
    "F": "forwards no port",
    "f": "forwards no port",
    "u": "changes no node",
    "b": "measures no service",
}
"""Keys that change something in k9s."""
_OTHERWISE = {
    "ctrl+r": "Nothing need be refreshed: rows change by themselves.",
    "f5": "Nothing need be refreshed: rows change by themselves.",
    "ctrl+a": "Resources have the names that kubectl knows: type : and a letter or two.",
    "x": "The values of a Secret are shown on its YAML: y, then x.",
}
"""Keys of k9s that have nothing to change."""


def of_unused_key(key: str, commands: Iterable[Command], keys: KeysInForce) -> str:
    """A sentence about a key that none of the commands on the screen takes now."""
    needs = [command.needs for command in commands if command.needs and key in keys.keys(command)]
    if needs:
        return needs[0]
    if key in _CHANGING:
        return f"kwatch only reads: it {_CHANGING[key]}."
    return _OTHERWISE.get(key) or f"{readable(key)} does nothing here; ? shows what does."
