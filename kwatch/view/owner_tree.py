"""A tree of what objects are made of: a deployment's replica sets, their pods, what the pods use. Nothing is watched
here: questions go to the caches of whoever asks, and below a node they are asked when it is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kwatch.base.namespaces import holds, is_one
from kwatch.catalog.column import Level
from kwatch.catalog.health import assess
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess
from kwatch.query.row import namespace_of
from kwatch.view.relations import by_kind
from kwatch.view.relations.related import CacheOf, owned
from kwatch.view.relations.relation import Around, Relation

DEEPEST = 6
"""Generations: a chain of owners may be a circle."""
MOST_LINES = 2_000
KEPT_FOR = 10.0
"""Seconds after which an object is judged again, though it has not changed."""
_SHOWN = ("ready", "status", "type", "completions", "schedule", "cluster-ip")
"""Columns that tell how an object is, by their titles in small letters; the first two that it has."""


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One object in the tree. `id` is the way to it; `obj` None where there is none of that name."""

    id: str
    depth: int
    resource: Resource
    key: str
    obj: KubeObject | None = None
    state: str = ""
    level: Level = Level.NONE
    is_open: bool | None = None
    """None where nothing is below it."""
    waits: str = ""
    """What is not known yet, in words, in place of an object."""


def roots_of(resource: Resource, namespace: str | None) -> Relation:
    """All objects of a resource in a namespace, by name."""

    def find(cache: IndexAccess) -> Iterable[str]:
        if is_one(namespace) and resource.namespaced:
            return sorted(cache.index_key_set(NAMESPACE_INDEX, [namespace or ""]))
        return sorted(
            key for key in cache.list_keys() if not resource.namespaced or holds(namespace, namespace_of(key))
        )

    asked = namespace if resource.namespaced and is_one(namespace) else None
    return Relation("", resource, asked, find)


def below(around: Around) -> Iterator[Relation]:
    """What an object is made of; of a pod what it uses, of a service and a node their pods."""
    name = str(around.resource)
    if name == "services":
        found = (each for each in by_kind.of_service(around) if each is not None and each.title == "selects")
    elif name == "nodes":
        found = (each for each in by_kind.of_node(around) if each is not None and each.title == "runs")
    elif name == "pods":
        found = (each for each in by_kind.used(around) if each is not None)
    else:
        found = (each for each in owned(around) if each is not None and each.title == "owns")
    yield from found


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of an object, at which time."""

    obj: KubeObject
    at: float
    relations: tuple[Relation, ...]
    state: str
    level: Level


class OwnerTree:
    """`is_open` tells of a node, by its id and how deep it is, whether what is below it is wanted."""

    def __init__(
        self,
        roots: Relation,
        names: ResourceNames,
        cache_of: CacheOf,
        waiting_for: Callable[[Relation], str],
        is_open: Callable[[str, int], bool],
    ) -> None:
        self._roots = roots
        self._names = names
        self._cache_of = cache_of
        self._waiting_for = waiting_for
        self._is_open = is_open
        self._read: dict[str, _Read] = {}

    def lines(self, now: float) -> Sequence[TreeLine]:
        """At most MOST_LINES of them, from the top."""
        found: list[TreeLine] = []
        for line in self.walk(now):
            found.append(line)
            if len(found) >= MOST_LINES:
                break
        there = {line.id for line in found}
        self._read = {id_: read for id_, read in self._read.items() if id_ in there}
        return found

    def walk(self, now: float) -> Iterator[TreeLine]:
        """All of them, one by one."""
        return self._of(self._roots, "", 0, now)

    def _of(self, relation: Relation, above: str, depth: int, now: float) -> Iterator[TreeLine]:
        cache = self._cache_of(relation)
        resource = relation.resource
        try:
            keys = None if cache is None else tuple(relation.find(cache))
        except KeyError:
            keys = None
        if keys is None or cache is None:
            words = self._waiting_for(relation) or "looking it up …"
            yield TreeLine(f"{above}/{resource} …", depth, resource, "", waits=words)
            return
        for key in keys:
            found = cache.get_by_key(key)
            obj = found if isinstance(found, KubeObject) else None
            yield from self._node(relation, f"{above}/{resource}:{key}", key, obj, depth, now)

    def _node(
        self, relation: Relation, id_: str, key: str, obj: KubeObject | None, depth: int, now: float
    ) -> Iterator[TreeLine]:
        resource = relation.resource
        if obj is None:
            yield TreeLine(id_, depth, resource, key, None, "not there", Level.BAD)
            return
        if relation.name:
            yield TreeLine(id_, depth, resource, key, obj, relation.title)
            return
        read = self._read.get(id_)
        if read is None or read.obj is not obj or not 0 <= now - read.at < KEPT_FOR:
            relations = tuple(below(Around(resource, obj, self._names))) if depth < DEEPEST else ()
            read = self._read[id_] = _Read(obj, now, relations, *_state(resource, obj, now))
        is_open = self._is_open(id_, depth) if read.relations else None
        inside = chain.from_iterable(self._of(each, id_, depth + 1, now) for each in read.relations if is_open)
        first = next(inside, None)
        if is_open and first is None:
            is_open = None
        yield TreeLine(id_, depth, resource, key, obj, read.state, read.level, is_open)
        if first is not None:
            yield from chain((first,), inside)


def _state(resource: Resource, obj: KubeObject, now: float) -> tuple[str, Level]:
    """What its columns say of how it is, and what is wrong with it."""
    kind = kind_for(resource) or generic_kind(resource)
    values = kind.read(obj)
    texts = {
        column.title.casefold(): column.text(value, now) for column, value in zip(kind.columns, values, strict=True)
    }
    shown = [texts[title] for title in _SHOWN if texts.get(title)][:2]
    problem = assess(resource, obj).at(now)
    if problem is not None:
        return "  ".join([*shown, problem.reason]), problem.level
    return "  ".join(shown), Level.NONE
