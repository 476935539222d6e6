"""What somebody set up for k9s: aliases, hot keys, columns, orders and skins, of any of its versions, in our words."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kwatch.base.files import expand, home
from kwatch.config.document import InvalidDocument, as_plain, read_tree, reason_of
from kwatch.config.theme import is_skin, read_theme

_NAMES = {
    "aliases": ("aliases.yaml", "aliases.yml", "alias.yaml", "alias.yml"),
    "hotkeys": ("hotkeys.yaml", "hotkeys.yml", "hotkey.yaml", "hotkey.yml"),
    "views": ("views.yaml", "views.yml"),
    "skins": ("skin.yaml", "skin.yml"),
}
"""The files of k9s; the later ones are those of its first years."""
_KEYS = {"aliases": ("aliases", "alias"), "hotkeys": ("hotKeys", "hotKey"), "views": ("views",)}
_SHIFTED = {
    "1": "exclamation_mark",
    "2": "at",
    "3": "number_sign",
    "4": "dollar_sign",
    "5": "percent_sign",
    "6": "circumflex_accent",
    "7": "ampersand",
    "8": "asterisk",
    "9": "left_parenthesis",
    "0": "right_parenthesis",
}
"""What Shift and a digit type on most keyboards."""
_KEY = re.compile(r"(?:(ctrl|shift|alt)-)?(f[0-9]{1,2}|[a-z0-9])", re.IGNORECASE)
_COORDINATES = re.compile(r"(?:([^/@\s]+)/)?(v[0-9][^/@\s]*)/([^/@\s]+)")


@dataclass(slots=True)
class FromK9s:
    """`problems` are sentences: what could not be taken over, and why."""

    folder: Path
    aliases: dict[str, str] = field(default_factory=dict)
    hotkeys: dict[str, str] = field(default_factory=dict)
    """Keys, as our key map writes them -> what one would type after the colon."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sorts: dict[str, str] = field(default_factory=dict)
    """Resource -> column, with a - before it for descending."""
    skins: dict[str, Path] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.aliases or self.hotkeys or self.columns or self.sorts or self.skins)


def k9s_folders() -> Iterator[Path]:
    """Where k9s keeps its configuration, the likeliest first; the last is where it was before 2023."""
    for variable in ("K9S_CONFIG_DIR", "K9SCONFIG"):
        if chosen := os.environ.get(variable, "").strip():
            yield expand(chosen)
    if named := os.environ.get("XDG_CONFIG_HOME", "").strip():
        yield Path(named) / "k9s"
    own = home()
    if own is not None:
        if sys.platform == "darwin":
            yield own / "Library" / "Application Support" / "k9s"
        yield own / ".config" / "k9s"
        yield own / ".k9s"


def read_k9s(folder: Path) -> FromK9s:
    """All that can be read there; what cannot is a sentence each. Raise OSError where there is no such folder."""
    there = {path.name: path for path in folder.iterdir()}
    found = FromK9s(folder)
    for part, read in (("aliases", _aliases), ("hotkeys", _hotkeys), ("views", _views)):
        path = next((there[name] for name in _NAMES[part] if name in there), None)
        if path is not None and (entries := _entries(path, _KEYS[part], found)) is not None:
            read(found, path, entries)
    _skins(found, there)
    return found


def _entries(path: Path, keys: tuple[str, ...], found: FromK9s) -> Mapping[str, Any] | None:
    """What stands under the first of some keys, at the top or below `k9s`; None where that is nothing."""
    try:
        tree = as_plain(read_tree(path))
    except InvalidDocument as error:
        found.problems.append(str(error))
        return None
    except OSError as error:
        found.problems.append(f"{path}: {reason_of(error)}")
        return None
    if tree is None:
        return None
    places = [tree, tree.get("k9s")] if isinstance(tree, Mapping) else []
    for place in places:
        for key in keys:
            if isinstance(place, Mapping) and isinstance(place.get(key), Mapping):
                entries: Mapping[str, Any] = place[key]
                return entries
            if isinstance(place, Mapping) and key in place and place[key] is None:
                return None  # all of it is commented out
    found.problems.append(f"{path}: there are no {keys[0]} in it")
    return None


def _aliases(found: FromK9s, path: Path, entries: Mapping[str, Any]) -> None:
    for word, meant in entries.items():
        if not isinstance(meant, str) or not meant.strip() or len(word.split()) != 1:
            found.problems.append(f"{path}: the alias {word!r} stands for nothing")
        else:
            found.aliases[word] = meant.strip()


def _hotkeys(found: FromK9s, path: Path, entries: Mapping[str, Any]) -> None:
    for name, entry in entries.items():
        entry = entry if isinstance(entry, Mapping) else {}
        typed, command = str(entry.get("shortCut") or ""), str(entry.get("command") or "").strip()
        key = key_of(typed)
        if not command:
            found.problems.append(f"{path}: the hot key {name!r} has no command")
        elif not key:
            found.problems.append(f"{path}: the hot key {name!r} has no key that is known: {typed!r}")
        else:
            found.hotkeys[key] = command


def key_of(typed: str) -> str:
    """`Shift-1`, `Ctrl-U`, `F5` as a key map writes them; empty for what is no key."""
    match = _KEY.fullmatch(typed.strip())
    if match is None:
        return ""
    modifier, name = (match[1] or "").casefold(), match[2].casefold()
    if modifier == "shift":
        return _SHIFTED.get(name, name.upper() if len(name) == 1 else f"shift+{name}")
    return f"{modifier}+{name}" if modifier else name


def _views(found: FromK9s, path: Path, entries: Mapping[str, Any]) -> None:
    for place, entry in entries.items():
        resource = resource_of(place)
        if "@" in place:
            found.problems.append(f"{path}: {place} is for some namespaces only; columns here are for all of them")
        elif not resource:
            found.problems.append(f"{path}: {place!r} names no resource, such as v1/pods")
        elif not isinstance(entry, Mapping):
            found.problems.append(f"{path}: {place} says nothing of columns or order")
        else:
            columns = entry.get("columns")
            if isinstance(columns, list) and columns:
                found.columns[resource] = tuple(_column(str(each)) for each in columns)
            column, _, way = str(entry.get("sortColumn") or "").partition(":")
            if column:
                found.sorts[resource] = f"{'-' if way == 'desc' else ''}{column}"


def resource_of(coordinates: str) -> str:
    """`apps/v1/deployments` as `deployments.apps`; empty for what is none."""
    match = _COORDINATES.fullmatch(coordinates.strip())
    if match is None:
        return ""
    return f"{match[3]}.{match[1]}" if match[1] else match[3]


def _column(entry: str) -> str:
    """`ZONE:.metadata.labels.zone|WR` without the letters that say how k9s draws it."""
    return entry.rpartition("|")[0] if re.search(r"\|[A-Z]*$", entry) else entry


def _skins(found: FromK9s, there: Mapping[str, Path]) -> None:
    folder = there.get("skins")
    files = sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []
    files += [
        path for name, path in there.items() if name in _NAMES["skins"] or name.endswith(("_skin.yml", "_skin.yaml"))
    ]
    for path in files:
        if path.suffix not in (".yaml", ".yml"):
            continue
        try:
            if not is_skin(as_plain(read_tree(path))):
                found.problems.append(f"{path}: this is no skin")
                continue
            read_theme(path)
        except InvalidDocument as error:
            found.problems.append(str(error))
        except OSError as error:
            found.problems.append(f"{path}: {reason_of(error)}")
        else:
            found.skins["k9s-skin" if path.stem == "skin" else path.stem] = path
