"""Relations as rows: what the others are to the object, what they are called, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kwatch.catalog.column import Level
from kwatch.catalog.duration import humanize
from kwatch.catalog.health import assess
from kwatch.catalog.registry import kind_for
from kwatch.catalog.timestamp import parse_time
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.access import IndexAccess
from kwatch.tui.kit.table.listed_rows import ListedRow, ListedRows
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, Look
from kwatch.tui.object.neighbours import Neighbours
from kwatch.view.relations import Group

HEADINGS = (
    Heading("relation", "RELATION", frozen=True, quiet=True),
    Heading("kind", "KIND", quiet=True, max_width=30),
    Heading("name", "NAME", flexible=True, max_width=80),
    Heading("state", "STATE", max_width=80),
    Heading("age", "AGE", quiet=True),
)
_SIGNS = {Level.WARNING: "!", Level.DONE: "-"}
"""Of what is not known, and not on its way."""
LIMIT = 500
"""Rows shown of one relation."""


class Target(NamedTuple):
    """Where a row leads."""

    resource: Resource
    key: str


def related_rows(groups: Iterable[Group], neighbours: Neighbours, now: float) -> tuple[ListedRows, dict[str, Target]]:
    """The rows, and where each of them leads; the same object in two relations has two rows."""
    rows: list[ListedRow] = []
    targets: dict[str, Target] = {}
    for group in groups:
        relation = group.relation
        if group.keys is None:
            rows.append(_pending(group, neighbours))
            continue
        cache = neighbours.cache_of(relation)
        for key in group.keys[:LIMIT]:
            row = _row(group, key, cache, now, neighbours.absent(relation))
            if row.key not in targets:
                targets[row.key] = Target(relation.resource, key)
                rows.append(row)
        if len(group.keys) > LIMIT:
            rows.append(_more(group))
    return ListedRows(HEADINGS, rows), targets


def _row(group: Group, key: str, cache: IndexAccess | None, now: float, absent: str) -> ListedRow:
    resource = group.relation.resource
    obj = cache.get_by_key(key) if cache is not None else None
    own = group.relation.namespace
    name = key.removeprefix(f"{own}/") if own else key
    head = (Cell(group.relation.title), Cell(resource.kind), Cell(name))
    row_key = f"{group.relation.title}\n{resource}\n{key}"
    if not isinstance(obj, KubeObject):
        return ListedRow(row_key, (*head, Cell(absent, Level.WARNING), Cell("")), Look("!", Level.WARNING))
    state, look = _state(resource, obj, now)
    return ListedRow(row_key, (*head, state, Cell(_age(obj, now))), look)


def _pending(group: Group, neighbours: Neighbours) -> ListedRow:
    relation = group.relation
    words, level = neighbours.waiting_for(relation)
    cells = (
        Cell(relation.title),
        Cell(relation.resource.kind),
        Cell(relation.name),
        Cell(words, level),
        Cell(""),
    )
    key = f"?\n{relation.title}\n{relation.resource}\n{relation.name}"
    return ListedRow(key, cells, Look(_SIGNS.get(level, "◌"), level))


def _more(group: Group) -> ListedRow:
    relation = group.relation
    hidden = len(group.keys or ()) - LIMIT
    cells = (Cell(relation.title), Cell(relation.resource.kind), Cell(f"… {hidden:,} more"), Cell(""), Cell(""))
    return ListedRow(f"…\n{relation.title}\n{relation.resource}", cells)


def _state(resource: Resource, obj: KubeObject, now: float) -> tuple[Cell, Look]:
    """What is wrong; else the most telling of its columns."""
    problem = assess(resource, obj).at(now)
    if problem is not None:
        return Cell(problem.reason, problem.level), Look("!", problem.level)
    return next(_telling_cells(resource, obj, now), Cell("")), PLAIN


def _telling_cells(resource: Resource, obj: KubeObject, now: float) -> Iterator[Cell]:
    kind = kind_for(resource)
    if kind is None:
        return
    values = kind.read(obj)
    for column, value in zip(kind.columns, values, strict=True):
        if column.title in ("Status", "Phase", "Type"):
            yield Cell(column.text(value, now), column.level(value))
    for column, value in zip(kind.columns, values, strict=True):
        if column.title in ("Ready", "Completions", "Endpoints"):
            yield Cell(f"{column.title.lower()} {column.text(value, now)}", column.level(value))


def _age(obj: KubeObject, now: float) -> str:
    try:
        created = parse_time(obj.creation_timestamp)
    except ValueError:
        return ""
    return humanize(now - created) if created is not None else ""
