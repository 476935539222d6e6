"""Columns as a user wants them: in another order, and with columns of their own.

An arrangement is a list of texts. `AGE` is a column the kind has; `IMAGE:.spec.containers[0].image|string|20` is a new
one, by JSONPath, with a type (string, integer, number, boolean, date, quantity) and a width, both optional;
`TIER:label:tier` shows a label. What is not listed is shown in the wide view, after the rest. Entries can also be added
to what is shown anyway: `-AGE` then takes a column away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kwatch.base.quantity import quantity_order
from kwatch.catalog.column import HIDDEN, UNREADABLE, Column
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.server_columns import PathColumn, PrinterColumn, compile_column
from kwatch.catalog.tree import partial_tree_reader
from kwatch.informer.kube_object import KubeObject

TYPES = ("string", "integer", "number", "boolean", "date", "quantity")
_LABEL = "label:"
AWAY = "-"
"""Before the title of a column that is not to be shown."""


class ArrangementError(ValueError):
    """An entry means nothing; the message says which and why. `rest`: the kind as the other entries arrange it."""

    def __init__(self, message: str, rest: Kind | None = None) -> None:
        super().__init__(message)
        self.rest = rest


@dataclass(frozen=True, slots=True)
class _Added:
    """A column beyond those of the kind: of a path in the object's tree, or of a label."""

    column: Column
    path: PathColumn | None = None
    label: str = ""


def next_place(kind: Kind) -> int:
    """Where one more column stands: behind those that are always shown."""
    return max([0, *(place + 1 for place, each in enumerate(kind.columns) if not each.priority and not each.spare)])


def arrange(kind: Kind, entries: Sequence[str], optional: Collection[str] = (), added: Sequence[str] = ()) -> Kind:
    """The kind with its columns arranged; without entries as they are. Those that are `added` stand behind what is
    always shown. Raise ArrangementError, though what is right counts.

    `optional` titles, in capitals, are of columns that come and go, like measurements: left out while they are gone.
    """
    if not entries:
        return _with_added(kind, added)
    there = {column.title.upper() for column in kind.columns}
    wanted = [entry for entry in entries if entry.strip().upper() in there or entry.strip().upper() not in optional]
    chosen: list[int | _Added] = []
    wrong: list[str] = []
    for entry in wanted:
        try:
            chosen.append(_parse(kind, entry))
        except ArrangementError as error:
            wrong.append(str(error))
    if wrong and not chosen:
        raise ArrangementError(wrong[0])
    listed = {place for place in chosen if isinstance(place, int)}
    rest = [place for place in range(len(kind.columns)) if place not in listed]
    columns = [_column(kind, each, 0) for each in chosen] + [_column(kind, place, HIDDEN) for place in rest]
    arranged = _with_added(_reading(kind, [*chosen, *rest], columns), added)
    if wrong:
        raise ArrangementError(wrong[0], arranged)
    return arranged


def check_column(kind: Kind, entry: str) -> None:
    """Raise ArrangementError if an entry that is added means nothing."""
    _parse(kind, entry.removeprefix(AWAY))


def _with_added(kind: Kind, entries: Sequence[str]) -> Kind:
    """A column that the kind has comes forward, or goes."""
    if not entries:
        return kind
    away = [_parse(kind, entry.removeprefix(AWAY)) for entry in entries if entry.startswith(AWAY)]
    added = [_parse(kind, entry) for entry in entries if not entry.startswith(AWAY)]
    place, places = next_place(kind), range(len(kind.columns))
    first = [each for each in places if each < place and each not in added]
    order: list[int | _Added] = [*first, *added, *[each for each in places if each >= place and each not in added]]
    columns = [
        kind.columns[each]
        if isinstance(each, int) and each not in (*added, *away)
        else _column(kind, each, HIDDEN if each in away else 0)
        for each in order
    ]
    return _reading(kind, order, columns)


def _reading(kind: Kind, order: Sequence[int | _Added], columns: Sequence[Column]) -> Kind:
    """The kind with columns in an order, of which some are its own, by their place."""
    paths = [each.path for each in order if isinstance(each, _Added) and each.path is not None]
    read_tree = partial_tree_reader([each.path for each in paths if each.path is not None])

    def read(obj: KubeObject) -> Values:
        values = kind.read(obj)
        tree = _tree(obj, read_tree) if paths else None
        return tuple([values[each] if isinstance(each, int) else _value(each, obj, tree) for each in order])

    return Kind(kind.name, tuple(columns), read)


MOST_COLUMNS = 200
"""What a screen lays out without delay; no server in its right mind has as many."""


def with_few_columns(kind: Kind) -> Kind:
    """The kind as it is, or with its first columns and one that says how many more there are."""
    more = len(kind.columns) - MOST_COLUMNS
    if more <= 0:
        return kind
    columns = (*kind.columns[:MOST_COLUMNS], Column(f"{more:,} more", description="kwatch -o wide prints them all"))
    return Kind(kind.name, columns, lambda obj: (*kind.read(obj)[:MOST_COLUMNS], None))


def label_column(key: str, title: str = "") -> Column:
    """The column of a label, titled as kubectl's -L titles it unless it is given one."""
    return Column(title or key.rpartition("/")[2], description=f"label {key}")


def _parse(kind: Kind, entry: str) -> int | _Added:
    title, colon, source = entry.partition(":")
    if not colon:
        try:
            return kind.column_index(title.strip())
        except KeyError:
            known = ", ".join([column.title for column in kind.columns])
            raise ArrangementError(f"{kind.name} has no column {title.strip()!r}; it has {known}") from None
    if source.startswith(_LABEL):
        key = source.removeprefix(_LABEL).strip()
        return _Added(label_column(key, title.strip()), label=key)
    return _parse_path(title.strip(), source)


def _parse_path(title: str, source: str) -> _Added:
    path, type_name, width = (*(part.strip() for part in source.rsplit("|", 2)), "", "")[:3]
    if type_name.isdecimal() and not width:
        type_name, width = "", type_name
    if type_name and type_name not in TYPES:
        raise ArrangementError(f"{title}: {type_name!r} is no type; use one of {', '.join(TYPES)}")
    if width and not (width.isdecimal() and int(width) > 0):
        raise ArrangementError(f"{title}: {width!r} is no width; use a number of characters")
    try:
        parse_json_path(path)
    except JSONPathError as error:
        raise ArrangementError(f"{title}: {error}") from error
    is_quantity = type_name == "quantity"
    type_ = "string" if is_quantity else type_name or "string"
    compiled = compile_column(PrinterColumn(title, type_, path), lenient=True)
    column = compiled.column
    if is_quantity:
        column = replace(column, order=quantity_order, compare="quantity", right=True)
    if width:
        column = replace(column, min_width=min(column.min_width, int(width)), max_width=int(width))
    return _Added(column, compiled)


def _column(kind: Kind, each: int | _Added, priority: int) -> Column:
    if isinstance(each, _Added):
        return each.column
    return replace(kind.columns[each], priority=priority, spare=0 if priority == 0 else kind.columns[each].spare)


def _tree(obj: KubeObject, read_tree: Callable[[KubeObject], Any]) -> Any:
    try:
        return read_tree(obj)
    except (ValueError, RecursionError):
        return None


def _value(added: _Added, obj: KubeObject, tree: Any) -> Any:
    if added.path is None:
        return obj.labels.get(added.label)
    return UNREADABLE if tree is None else added.path.read(tree)
