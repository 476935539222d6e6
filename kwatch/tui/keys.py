"""Keys as they are mapped now, and how they are written for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from kwatch.tui.commands.command import Command

_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "equals_sign": "=",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "ampersand": "&",
    "enter": "↵",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
}

_FUNCTION = re.compile(r"f[0-9]+")


def readable(key: str) -> str:
    """`ctrl+w` as `Ctrl-W`, `question_mark` as `?`, `N` as `Shift-N`."""
    *modifiers, name = key.split("+")
    name = _NAMES.get(name, name.upper() if _FUNCTION.fullmatch(name) else name)
    if len(name) == 1 and name.isalpha():
        if modifiers:
            name = name.upper()
        elif name.isupper():
            modifiers = ["shift"]
    return "-".join([modifier.capitalize() for modifier in modifiers] + [name])


class KeysInForce:
    """Default keys, overridden by the user's key map (command id -> keys)."""

    def __init__(self, key_map: Mapping[str, str]) -> None:
        self._key_map = key_map

    def keys(self, command: Command) -> tuple[str, ...]:
        return tuple(key.strip() for key in self.keys_of(command.id, command.keys).split(",") if key.strip())

    def keys_of(self, binding_id: str, default: str) -> str:
        """The keys of any binding that has an id."""
        return self._key_map.get(binding_id, default)

    def is_bound(self, key: str) -> bool:
        """Whether the user has given a key a meaning; kwatch itself leaves the combinations with Alt free."""
        return any(key in (each.strip() for each in keys.split(",")) for keys in self._key_map.values())

    def keys_by_id(self, commands: Iterable[Command]) -> Callable[[str], str]:
        """Tells the first key of each command by its id."""
        keys = {command.id: self.display(command) for command in commands}
        return keys.__getitem__

    def display(self, command: Command) -> str:
        """The first key, for a footer."""
        keys = self.keys(command)
        return readable(keys[0]) if keys else ""


_CHANGING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ctrl+d": ("deletes nothing", ("delete",)),
    "delete": ("deletes nothing", ("delete",)),
    "ctrl+k": ("kills nothing", ("kill", "delete")),
    "e": ("edits nothing", ("edit",)),
    "s": ("opens no shell and scales nothing", ("shell", "scale")),
    "a": ("attaches to nothing", ("attach",)),
    "F": ("forwards no port", ("forward",)),
    "f": ("forwards no port", ("forward",)),
    "u": ("changes no node", ("uncordon",)),
    "b": ("measures no service", ()),
}
"""Keys that change something in k9s; and which commands of kubectl do so, by their ids in `kwatch.view.kubectl`."""
_OTHERWISE = {
    "ctrl+r": "Nothing need be refreshed: rows change by themselves.",
    "f5": "Nothing need be refreshed: rows change by themselves.",
    "ctrl+e": "The header stays: it says how fresh all this is. f gives a text the whole screen.",
    "ctrl+g": "The way here stays in the header: each step of it can be clicked.",
}
"""Keys of k9s that have nothing to change."""


KUBECTL = "kubectl"
"""The command that shows what kubectl would be told."""


def wish_of(key: str) -> tuple[str, ...]:
    """What a key of k9s would change, as commands of kubectl; none for most keys."""
    return _CHANGING[key][1] if key in _CHANGING else ()


def of_unused_key(key: str, commands: Iterable[Command], keys: KeysInForce) -> str:
    """A sentence about a key that none of the commands on the screen takes now."""
    needs = [command.needs for command in commands if command.needs and key in keys.keys(command)]
    if key in _CHANGING:
        copy = next((keys.display(each) for each in commands if each.id == KUBECTL), "")
        advice = f" Press {copy} to copy the kubectl command." if copy else ""
        return f"kwatch only reads: it {_CHANGING[key][0]}.{advice}"
    if needs:
        return needs[0]
    return _OTHERWISE.get(key) or f"{readable(key)} does nothing here; ? shows what does."
