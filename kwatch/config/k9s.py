"""What somebody set up for k9s: aliases, hot keys, columns, orders and skins, of any of its versions, in our words.

It counts where it is found, or is imported once by `kwatch import k9s`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kwatch.base.files import expand, home
from kwatch.config.document import InvalidDocument, Problem, as_plain, read_tree, reason_of

_NAMES = {
    "aliases": ("aliases.yaml", "aliases.yml", "alias.yaml", "alias.yml"),
    "hotkeys": ("hotkeys.yaml", "hotkeys.yml", "hotkey.yaml", "hotkey.yml"),
    "views": ("views.yaml", "views.yml"),
}
"""The files of k9s; the later ones are those of its first years."""
_KEYS = (("aliases", "alias"), ("hotKeys", "hotKey"), ("views",))
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
_COLUMN = re.compile(r"([\w\s%/-]+?)\s*(?::(.+?))?\s*(?:\|([NTWSLRH]{0,3}))?", re.DOTALL)
"""`ZONE:.metadata.labels.zone|WR`: a title, a path, and how k9s draws it."""
_WRITTEN_BY_K9S = {
    "dp": "deployments",
    "sec": "v1/secrets",
    "jo": "jobs",
    "cr": "clusterroles",
    "crb": "clusterrolebindings",
    "ro": "roles",
    "rb": "rolebindings",
    "np": "networkpolicies",
}
"""The aliases that are in its file from the start: nobody's own, and known here anyway."""
_COLUMNS = {
    **dict.fromkeys(("NAMESPACE", "PF", "VS", "VALID", "IDX", "GPU/RL", "GPU/A", "GPU/C", "SH-GPU/A", "SH-GPU/C"), ""),
    **dict.fromkeys(("LAST RESTART", "CPU/A", "MEM/A"), ""),
    "MEM": "MEMORY",
    "%CPU": "CPU%",
    "%MEM": "MEM%",
    **dict.fromkeys(("%CPU/R", "%CPU/L", "CPU/RL"), "CPU R/L"),
    **dict.fromkeys(("%MEM/R", "%MEM/L", "MEM/RL"), "MEM R/L"),
    "SERVICE-ACCOUNT": "SERVICE-ACCOUNT:.spec.serviceAccountName",
    "QOS": "QOS:.status.qosClass",
    "ARCH": "ARCH:.status.nodeInfo.architecture",
    "TAINTS": "TAINTS:.spec.taints[*].key",
    "KERNEL": "KERNEL-VERSION",
    "LAST_SCHEDULE": "LAST SCHEDULE",
    "MIN-AVAILABLE": "MIN AVAILABLE",
    "MAX-UNAVAILABLE": "MAX UNAVAILABLE",
    "ALLOWED-DISRUPTIONS": "ALLOWED DISRUPTIONS",
    "CLUSTERROLE": "ROLE",
}
"""Its columns that are called otherwise here; empty for those that only it has, or that are shown here anyway."""
_COLUMNS_OF = {
    ("nodes", "ROLE"): "ROLES",
    ("nodes", "PODS"): "",
    ("services", "PORTS"): "PORT(S)",
    ("statefulsets.apps", "SERVICE"): "SERVICE:.spec.serviceName",
}


@dataclass(slots=True)
class FromK9s:
    """`problems` are what could not be taken over, and why; the rest counts."""

    aliases: dict[str, str] = field(default_factory=dict)
    hotkeys: dict[str, str] = field(default_factory=dict)
    """Keys, as our key map writes them -> what one would type after the colon."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Resource, or `resource@namespace` -> its columns."""
    orders: dict[str, str] = field(default_factory=dict)
    """The same -> a column, with a - before it for descending."""
    problems: list[Problem] = field(default_factory=list)

    def say(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(path, 0, reason, spares=True))


def k9s_folders() -> Iterator[Path]:
    """Where k9s keeps its configuration: only where it is told to, or the likeliest first; the last is where it was
    before 2023.
    """
    for variable in ("K9S_CONFIG_DIR", "K9SCONFIG"):
        if chosen := os.environ.get(variable, "").strip():
            yield expand(chosen)
            return
    if named := os.environ.get("XDG_CONFIG_HOME", "").strip():
        yield Path(named) / "k9s"
    own = home()
    if own is not None:
        if sys.platform == "darwin":
            yield own / "Library" / "Application Support" / "k9s"
        yield own / ".config" / "k9s"
        yield own / ".k9s"


def k9s_folder() -> Path | None:
    """The one that is there."""
    return next((each for each in k9s_folders() if os.path.isdir(each)), None)  # noqa: PTH112 - one may be out of reach


def settings_files(folder: Path) -> tuple[Path, ...]:
    """Those that are read there, or would be."""
    there = _listed(folder)
    return tuple(next((there[each] for each in names if each in there), folder / names[0]) for names in _NAMES.values())


def read_k9s(folder: Path) -> FromK9s:
    """All that can be read there but the skins."""
    found = FromK9s()
    for path, keys, read in zip(settings_files(folder), _KEYS, (_aliases, _hotkeys, _views), strict=True):
        if (entries := _entries(path, keys, found)) is not None:
            read(found, path, entries)
    return found


def in_few_words(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """One for each file."""
    said = []
    for path in dict.fromkeys(each.file for each in problems):
        first, *others = [each for each in problems if each.file == path]
        more = f"; `kwatch info` says what else ({len(others)})" if others else ""
        said.append(replace(first, reason=f"{first.reason}{more}"))
    return tuple(said)


def _listed(folder: Path) -> dict[str, Path]:
    try:
        return {path.name: path for path in sorted(folder.iterdir())}
    except OSError:
        return {}  # gone meanwhile, or a file of that name


def _entries(path: Path, keys: tuple[str, ...], found: FromK9s) -> Mapping[str, Any] | None:
    """What stands under the first of some keys, at the top or below `k9s`; None where that is nothing."""
    try:
        tree = as_plain(read_tree(path))
    except FileNotFoundError:
        return None
    except InvalidDocument as error:
        found.problems.append(replace(error.problem, spares=True))
        return None
    except OSError as error:
        found.say(path, reason_of(error))
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
    found.say(path, f"there are no {keys[0]} in it")
    return None


def _aliases(found: FromK9s, path: Path, entries: Mapping[str, Any]) -> None:
    for word, meant in entries.items():
        if not isinstance(meant, str) or not meant.strip() or len(word.split()) != 1:
            found.say(path, f"the alias {word!r} stands for nothing")
        elif _WRITTEN_BY_K9S.get(word) != meant.strip():
            found.aliases[word] = meant.strip()


def _hotkeys(found: FromK9s, path: Path, entries: Mapping[str, Any]) -> None:
    for name, entry in entries.items():
        entry = entry if isinstance(entry, Mapping) else {}
        typed, command = str(entry.get("shortCut") or ""), str(entry.get("command") or "").strip()
        key = key_of(typed)
        if not command:
            found.say(path, f"the hot key {name!r} has no command")
        elif not key:
            found.say(path, f"the hot key {name!r} has no key that is known: {typed!r}")
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
        coordinates, at, pattern = place.partition("@")
        resource, namespaces = resource_of(coordinates), namespaces_of(pattern) if at else ("",)
        if not resource:
            found.say(path, f"{place!r} names no resource, such as v1/pods")
        elif not namespaces:
            found.say(path, f"{place}: {pattern!r} is not a pattern that is known here; write shop or kube-*")
        elif not isinstance(entry, Mapping):
            found.say(path, f"{place} says nothing of columns or order")
        else:
            columns = entry.get("columns")
            columns = _arranged(resource, columns) if isinstance(columns, list) else ()
            column, _, way = str(entry.get("sortColumn") or "").partition(":")
            title = _column(resource, column).partition(":")[0]
            for each in namespaces:
                key = f"{resource}@{each}" if each else resource
                if columns:
                    found.columns[key] = columns
                if title:
                    found.orders[key] = f"{'-' if way == 'desc' else ''}{title}"


def resource_of(coordinates: str) -> str:
    """`apps/v1/deployments` as `deployments.apps`; empty for what is none."""
    match = _COORDINATES.fullmatch(coordinates.strip())
    if match is None:
        return ""
    return f"{match[3]}.{match[1]}" if match[1] else match[3]


def namespaces_of(expression: str) -> tuple[str, ...]:
    """The regular expression of some namespaces as names, in which a star is anything; none for what is not that
    simple.
    """
    plain = expression.strip().removeprefix("^").removesuffix("$").removeprefix("(").removesuffix(")")
    found = [each.replace(".*", "*").replace(".+", "*") for each in plain.split("|")]
    return tuple(found) if all(re.fullmatch(r"[\w*-]+", each) for each in found) else ()


def _arranged(resource: str, entries: Sequence[Any]) -> tuple[str, ...]:
    """Columns as a setting has them. The name stays, whatever k9s does with it: it says which object a row is of."""
    found = [each for each in (_column(resource, str(entry)) for entry in entries) if each]
    if found and not any(each.upper() == "NAME" for each in found):
        found.insert(0, "NAME")
    return tuple(dict.fromkeys(found))


def _column(resource: str, entry: str) -> str:
    """Without the letters that say how k9s draws it; empty for one that it hides, or that only it has."""
    match = _COLUMN.fullmatch(entry.strip())
    if match is None:
        return entry.strip()
    title, path, letters = match[1].strip(), match[2], match[3] or ""
    if path:
        return "" if "H" in letters else f"{title}:{path}"
    if {"H", "W"} & {*letters} and title.upper() != "NAME":
        return ""
    known = title.upper()
    return _COLUMNS_OF.get((resource, known), _COLUMNS.get(known, title))


def skins_in(folder: Path) -> dict[str, Path]:
    """Skins by name, none of them read yet; before 2023 they were beside the settings."""
    there = _listed(folder)
    files = [path for name, path in there.items() if name in ("skin.yaml", "skin.yml")]
    files += [path for name, path in there.items() if name.endswith(("_skin.yml", "_skin.yaml"))]
    files += [path for path in _listed(folder / "skins").values() if path.suffix in (".yaml", ".yml")]
    return {"k9s-skin" if path.stem == "skin" else path.stem: path for path in files}
