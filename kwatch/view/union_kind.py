"""Several kinds as one: a column KIND, the name, what most of them show, then what only some do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kwatch.catalog.column import UNREADABLE, Column, Level, no_level, plain_order, plain_text
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.row import located

KIND = Column("Kind", min_width=4, max_width=24, description="of which kind the object is")
_LEADING = ("ready", "status", "restarts")
"""What says how an object is stands in front, even where few kinds have it."""
_AGE = "age"


@dataclass(frozen=True, slots=True)
class Owned:
    """A value of a column that other kinds show otherwise, with the column of its own kind."""

    column: Column = field(compare=False)
    value: Any


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a kind has its values of a column of the union; `own`: they must be told apart from those of others."""

    place: int
    own: Column | None


def union_kind(members: Sequence[tuple[Resource, Kind]]) -> Kind:
    """One kind for objects of all these resources; of a single one, its own. Columns of the same title are one; blank
    where a kind has none. Of one resource of several clusters there is no column KIND.
    """
    if len(members) == 1:
        return members[0][1]
    if len({str(resource) for resource, _ in members}) == 1:
        return _same_kind(members)
    titles = _ordered_titles(members)
    merged = [_merge(title, members) for title in titles]
    readers = [_reader(kind, _kind_name(resource, members), titles, merged) for resource, kind in members]
    by_type = {
        (resource.api_version, resource.kind): read for (resource, _), read in zip(members, readers, strict=True)
    }
    blank = (None,) * (len(titles) - 1)

    def read(obj: KubeObject) -> Values:
        of_kind = by_type.get((obj.api_version, obj.kind))
        return of_kind(obj) if of_kind is not None else (obj.kind or None, obj.name, *blank)

    columns = (KIND, *[_placed(column, title, members) for title, column in zip(titles, merged, strict=True)])
    names = dict.fromkeys(kind.name for _, kind in members)
    return Kind(", ".join(names), columns, read, tuple(readers))


def _same_kind(members: Sequence[tuple[Resource, Kind]]) -> Kind:
    """One kind as several servers have it, in the order of the one that has the most columns."""
    fullest_first = sorted([kind for _, kind in members], key=lambda kind: -len(kind.columns))
    titles = [*dict.fromkeys(_key(column) for kind in fullest_first for column in kind.columns)]
    merged = [_merge(title, members) for title in titles]
    readers = tuple([_without_kind(_reader(kind, "", titles, merged)) for _, kind in members])
    return Kind(members[0][1].name, tuple(merged), readers[0], readers)


def _without_kind(read: Callable[[KubeObject], Values]) -> Callable[[KubeObject], Values]:
    return lambda obj: read(obj)[1:]


def _kind_name(resource: Resource, members: Sequence[tuple[Resource, Kind]]) -> str:
    """`Pod`; with the group where another resource has the same kind."""
    is_unique = sum(each.kind == resource.kind for each, _ in members) == 1
    return resource.kind if is_unique or not resource.group else f"{resource.kind}.{resource.group}"


def _ordered_titles(members: Sequence[tuple[Resource, Kind]]) -> list[str]:
    """The name, what leads, what several kinds and at least half of them have, the age; then the rest, kind by kind,
    with what only fills room that is left over at the end.
    """
    found = list(dict.fromkeys(["name", *[_key(column) for _, kind in members for column in kind.columns]]))
    common = [title for title in found if title not in ("name", _AGE, *_LEADING) and _is_common(title, members)]
    front = ["name", *[title for title in _LEADING if title in found], *common]
    front += [title for title in found if title == _AGE]
    rest = [title for title in found if title not in front]
    return front + sorted(rest, key=lambda title: all(column.spare for column in _columns(title, members)))


def _columns(title: str, members: Sequence[tuple[Resource, Kind]]) -> list[Column]:
    return [column for _, kind in members if (column := _column(kind, title)) is not None]


def _is_common(title: str, members: Sequence[tuple[Resource, Kind]]) -> bool:
    columns = _columns(title, members)
    shown = [column for column in columns if column.priority == 0 and not column.optional]
    return bool(shown) and len(columns) > 1 and 2 * len(columns) >= len(members)


def _merge(title: str, members: Sequence[tuple[Resource, Kind]]) -> Column:
    """One column for all that have that title."""
    columns = _columns(title, members)
    if not columns:
        return Column(title.capitalize(), format=title)
    first = columns[0]
    merged = replace(
        first,
        priority=min(column.priority for column in columns),
        min_width=min(column.min_width for column in columns),
        max_width=max(column.max_width for column in columns),
        depends_on_time=any(column.depends_on_time for column in columns),
        unchanged_for=None,
        compare=first.compare if len({column.compare for column in columns}) == 1 else "text",
    )
    if _are_alike(columns):
        return _tolerant(merged)
    order_keys = _order_keys(title, members) if any(column.order_keys for column in columns) else None
    # What tells moments by their keys is asked by keys here too; of a value of its own kind the moment is not known.
    compare = "text" if merged.compare == "duration" and order_keys is None else merged.compare
    return replace(
        merged, text=_owned_text, order=_owned_order, order_keys=order_keys, level=_owned_level, compare=compare
    )


def _order_keys(title: str, members: Sequence[tuple[Resource, Kind]]) -> Callable[[Sequence[str]], Sequence[Any]]:
    """Asks of each kind's column about its own objects."""
    columns = [_column(kind, title) for _, kind in members]

    def order_keys(keys: Sequence[str]) -> Sequence[Any]:
        ranks: list[Any] = [None] * len(keys)
        asked: dict[int, tuple[list[int], list[str]]] = {}
        for index, key in enumerate(keys):
            found = located(key)
            if found is not None:
                indices, plain = asked.setdefault(found[0], ([], []))
                indices.append(index)
                plain.append(found[1])
        for place, (indices, plain) in asked.items():
            column = columns[place]
            if column is not None and column.order_keys is not None:
                for index, rank in zip(indices, column.order_keys(plain), strict=True):
                    ranks[index] = rank
        return ranks

    return order_keys


def _placed(column: Column, title: str, members: Sequence[tuple[Resource, Kind]]) -> Column:
    """Only what leads, or what most kinds have, takes room from others on a narrow screen."""
    is_essential = title in ("name", _AGE, *_LEADING) or _is_common(title, members)
    return column if is_essential else replace(column, optional=True)


def _reader(kind: Kind, name: str, titles: Sequence[str], merged: Sequence[Column]) -> Callable[[KubeObject], Values]:
    """Reads an object of one kind into the columns of all."""
    sources = [_source(kind, title, column) for title, column in zip(titles, merged, strict=True)]
    places = tuple([source.place if source is not None else -1 for source in sources])
    owned = tuple(
        [(index + 1, source.own) for index, source in enumerate(sources) if source is not None and source.own]
    )
    read_own = kind.read

    def read(obj: KubeObject) -> Values:
        found = (*read_own(obj), None)
        values = [name, *[found[place] for place in places]]
        for index, column in owned:
            value = values[index]
            if value is not None and value is not UNREADABLE:
                values[index] = Owned(column, value)
        return tuple(values)

    return read


def _source(kind: Kind, title: str, merged: Column) -> _Source | None:
    place = _place(kind, title)
    if place is None:
        return None
    return _Source(place, kind.columns[place] if merged.text is _owned_text else None)


def _key(column: Column) -> str:
    return column.title.casefold()


def _place(kind: Kind, title: str) -> int | None:
    return next((place for place, column in enumerate(kind.columns) if _key(column) == title), None)


def _column(kind: Kind, title: str) -> Column | None:
    place = _place(kind, title)
    return kind.columns[place] if place is not None else None


def _are_alike(columns: Sequence[Column]) -> bool:
    """Whether all show, order and judge a value in the same way."""
    looks = {(each.text, each.order, each.order_keys, each.level) for each in columns}
    return len(looks) == 1


def _tolerant(column: Column) -> Column:
    """The same column where objects of other kinds have no value."""
    text, order, level = column.text, column.order, column.level
    if text is not plain_text:
        column = replace(column, text=lambda value, now: "" if value is None else text(value, now))
    if order is not plain_order:
        column = replace(column, order=lambda value: None if value is None else order(value))
    if level is not no_level:
        column = replace(column, level=lambda value: Level.NONE if value is None else level(value))
    return column


def _owned_text(owned: Any, now: float) -> str:
    return owned.column.text(owned.value, now) if isinstance(owned, Owned) else plain_text(owned, now)


def _owned_order(owned: Any) -> Any:
    return owned.column.order(owned.value) if isinstance(owned, Owned) else None


def _owned_level(owned: Any) -> Level:
    return owned.column.level(owned.value) if isinstance(owned, Owned) else Level.NONE
