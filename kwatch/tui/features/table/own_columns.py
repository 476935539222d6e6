"""Columns that are added or taken away on the screen: `:col .spec.nodeName`, kept for
the resource until kwatch ends, and with the view that is saved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import parse_time
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.catalog.user_columns import AWAY, ArrangementError, check_column
from kwatch.tui.kit.widgets.prompt import Completion

if TYPE_CHECKING:
    from kwatch.catalog.kind import Kind
    from kwatch.tui.features.table.table_screen import TableScreen

MOST = 20
"""Columns that can be added; no screen shows more."""
OFF = "off"
"""Takes back whatever was added or taken away."""
_SEGMENT = re.compile(r"""\['(?P<quoted>[^']*)'\]|\.?(?P<plain>(?:[^.\[\\]|\\.)+)|\[[^\]]*\]""")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_LAST = re.compile(r"(?:\.|\[)[^.\[]*\Z")
_AMOUNTS = ("requests", "limits", "capacity", "allocatable", "hard", "used")
_LONGEST_NOTE = 40


def change_columns(screen: TableScreen, text: str) -> None:
    """`:col .spec.nodeName TITLE` and its like; a sentence where it cannot be meant."""
    live = screen.live
    if live is None:
        screen.notify("There is no table yet.", severity="warning")
        return
    try:
        entries = changed(live.place.columns, text, live.projection.kind, _tree(screen))
    except ArrangementError as error:
        screen.notify(f"{error}.", severity="error")
        return
    live.use_columns(entries)
    screen.navigation.own_columns[live.place.names] = entries
    screen.amended(new_columns=True)


def changed(before: Sequence[str], text: str, kind: Kind, tree: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The entries after what was typed; `tree` is of an object and tells types. Raise ArrangementError."""
    words = text.split(None, 1)
    if words == [OFF]:
        return ()
    titles = {entry.partition(":")[0].casefold(): entry for entry in before}
    if text.startswith(AWAY):
        title = text.removeprefix(AWAY).strip()
        if title.casefold() in titles:
            return tuple(entry for entry in before if entry != titles[title.casefold()])
        check_column(kind, title)
        entry = AWAY + title.upper()
        if kind.column_index(title) == 0:
            raise ArrangementError(f"{title.upper()} stays: it says which object a row is of")
    else:
        entry = _entry(words, kind, tree)
        check_column(kind, entry)
        taken = AWAY + entry.casefold()
        if taken in titles:
            return tuple(each for each in before if each != titles[taken])
    if entry in before:
        raise ArrangementError(f"{entry.partition(':')[0]} is there already")
    if len(before) >= MOST:
        raise ArrangementError(f"there are {MOST} columns already; :col {AWAY}TITLE takes one away")
    # Another path under the same title takes its place.
    kept = [each for each in before if each.partition(":")[0].casefold() != entry.partition(":")[0].casefold()]
    return (*kept, entry)


def complete_column(screen: TableScreen, typed: str) -> list[Completion]:
    """Paths of the object under the cursor, with what they lead to there; or titles."""
    live = screen.live
    if live is None:
        return []
    columns = live.projection.kind.columns
    if typed.startswith(AWAY):
        shown = [*(entry.partition(":")[0] for entry in live.place.columns), *(each.title.upper() for each in columns)]
        found = [Completion(AWAY + title) for title in dict.fromkeys(shown) if not title.startswith(AWAY)]
    elif typed.startswith("."):
        found = paths_from(_tree(screen) or {}, typed)
    else:
        hidden = [Completion(each.title.upper(), each.description) for each in columns if each.priority]
        found = [Completion("."), *hidden, Completion("label:"), Completion(OFF)]
        typed = typed.upper() if any(each.text.startswith(typed.upper()) for each in hidden) else typed
    return [each for each in found if each.text.startswith(typed) and each.text != typed]


def paths_from(tree: Mapping[str, Any], typed: str) -> list[Completion]:
    """What the last part of a path may become."""
    last = _LAST.search(typed)
    parent = typed[: last.start()] if last is not None else ""
    try:
        below = parse_json_path(parent).find(tree) if parent else [tree]
    except JSONPathError:
        return []
    found: dict[str, Any] = {}
    for each in below:
        if isinstance(each, Mapping):
            for key, value in each.items():
                found.setdefault(f".{key}" if _PLAIN.fullmatch(key) else f"['{key}']" if "'" not in key else "", value)
        elif isinstance(each, list) and each:
            found.setdefault("[*]", each[0])
    return [Completion(parent + step, _note(value)) for step, value in found.items() if step]


def _note(value: Any) -> str:
    if isinstance(value, Mapping):
        return "…"
    if isinstance(value, list):
        return f"{len(value)} of them"
    return printable(str(value))[:_LONGEST_NOTE]


def _entry(words: Sequence[str], kind: Kind, tree: Mapping[str, Any] | None) -> str:
    """As settings would write it: `.spec.nodeName NODE` becomes `NODE:.spec.nodeName|string`."""
    if not words:
        raise ArrangementError("say which: a path like .spec.nodeName, label:tier, or the title of a column")
    first, title = words[0], " ".join(words[1:]).strip().upper()
    if first.startswith("label:") and first != "label:":
        return f"{title or first.removeprefix('label:').rpartition('/')[2].upper()}:{first}"
    if not first.startswith((".", "{", "[")):
        return " ".join(words) if ":" in first else " ".join(words).upper()
    path = first.removeprefix("{").removesuffix("}")
    if ":" in title:
        raise ArrangementError(f"{title} cannot be a title: it has a colon")
    return f"{title or _title(path, kind)}:{path}|{_type(path, tree)}"


def _title(path: str, kind: Kind) -> str:
    """The last name in it, with those before as long as a column is called so."""
    names = [
        match["quoted"] or match["plain"] for match in _SEGMENT.finditer(path) if match["quoted"] or match["plain"]
    ]
    names = [name.replace("\\", "").rpartition("/")[2].replace(":", " ").upper() for name in names]
    there = {column.title.upper() for column in kind.columns}
    for count in range(1, len(names) + 1):
        title = " ".join(names[-count:])
        if title not in there:
            return title
    return path.upper().replace(":", " ")


def _type(path: str, tree: Mapping[str, Any] | None) -> str:
    """By what it leads to in one object."""
    try:
        found = parse_json_path(path).find(tree or {})
    except JSONPathError as error:
        raise ArrangementError(str(error)) from error
    value = found[0] if len(found) == 1 else None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, str) and any(each in path for each in _AMOUNTS):
        return "quantity"
    return "date" if isinstance(value, str) and "T" in value and parse_time(value) is not None else "string"


def _tree(screen: TableScreen) -> Mapping[str, Any] | None:
    """Of the object under the cursor, without what is secret."""
    subject = screen.subject()
    obj = subject.object if subject is not None else None
    return obj.tree() if obj is not None else None
