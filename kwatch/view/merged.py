"""Several resources as one: their objects, with the answers of their indexes united, what is remembered of them, and
what they are ordered by. And one resource in several namespaces, which is a source as one cache is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kwatch.catalog.indices import indexers_for, indexers_on_demand
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.informer.index import IndexFunc
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess, JournalAccess
from kwatch.query.row import QualifiedKeys, RowKeys, located, namespace_of, part_of
from kwatch.query.term import Answer
from kwatch.query.terms.change import JOURNAL_INDEX
from kwatch.view.indexes_on_demand import Demand, demand_indices
from kwatch.view.ordering import NAMESPACE, ExtraOrders
from kwatch.view.source import Knowing, ViewScope

KIND_INDEX = "kind"
"""An index that no cache needs: a cache is of one kind."""


CONTEXT_INDEX = "context"
"""Nor this: a cache is of one cluster."""


def merged(parts: Sequence[tuple[Resource, IndexAccess]], contexts: Sequence[str] = ()) -> IndexAccess:
    """The objects of several resources as one source; of a single one, its own. `contexts`: where each is, if they are
    of several clusters.
    """
    return MergedSource(parts, contexts) if len(parts) > 1 else parts[0][1]


@dataclass(frozen=True, slots=True)
class _Member:
    resource: Resource
    source: IndexAccess
    functions: Mapping[str, IndexFunc]
    """The indexes that such objects can be filed in, by the catalogue."""
    keys: QualifiedKeys
    knowing: Knowing | None

    def lacks(self, name: str, known: frozenset[str]) -> bool:
        """Whether its objects certainly have no values in an index: then it need not keep it."""
        if name not in known or name in self.functions:
            return False
        # The columns of a custom resource are learnt from the server: its STATUS is in no index, but it is there.
        return name != "status" or kind_for(self.resource) is not None


class MergedSource:
    """A Source with indexes. Used wherever an Indexer is; nothing is copied."""

    def __init__(self, members: Sequence[tuple[Resource, IndexAccess]], contexts: Sequence[str] = ()) -> None:
        self._contexts = tuple(contexts)
        self._members = tuple(
            _Member(
                resource,
                source,
                indexers_for(resource) | indexers_on_demand(resource),
                QualifiedKeys(place),
                source if isinstance(source, Knowing) else None,
            )
            for place, (resource, source) in enumerate(members)
        )
        self._known = frozenset(name for member in self._members for name in member.functions)

    @property
    def index_names(self) -> Sequence[str]:
        """The indexes that answer for all: those that every cache keeps whose objects have such values."""
        kept = dict.fromkeys(name for member in self._members for name in member.source.index_names)
        own = (CONTEXT_INDEX, KIND_INDEX) if self._contexts else (KIND_INDEX,)
        return (*own, *[name for name in kept if self._is_whole(name)])

    def list_keys(self) -> Sequence[str]:
        found: list[str] = []
        for member in self._members:
            found += member.keys.of(member.source.list_keys())
        return found

    def get_by_key(self, key: str) -> Object | None:
        place = located(key)
        if place is None or place[0] >= len(self._members):
            return None
        return self._members[place[0]].source.get_by_key(place[1])

    def has_key(self, key: str) -> bool:
        place = located(key)
        if place is None or place[0] >= len(self._members):
            return False
        member = self._members[place[0]]
        if member.knowing is None:
            return member.source.get_by_key(place[1]) is not None
        return member.knowing.has_key(place[1])

    def index_key_set(self, name: str, values: Sequence[str]) -> set[str]:
        """The keys filed under any of the values; raise KeyError for an index that does not answer for all."""
        if name == KIND_INDEX:
            return self._of_kinds(frozenset(values))
        if name == CONTEXT_INDEX and self._contexts:
            here = zip(self._members, self._contexts, strict=True)
            return self._keys_of([member for member, context in here if context in values])
        found: set[str] = set()
        for member in self._answering(name):
            found.update(member.keys.of(member.source.index_key_set(name, values)))
        return found

    def index_counts(self, name: str) -> Mapping[str, int]:
        """How many keys are filed under each value; raise KeyError for an index that does not answer for all."""
        if name == KIND_INDEX:
            counts = Counter[str]()
            for member in self._members:
                counts[member.resource.kind] += len(member.source.list_keys())
            return counts
        if name == CONTEXT_INDEX and self._contexts:
            return self._counts_by_context()
        answers = [member.source.index_counts(name) for member in self._answering(name)]
        if len(answers) == 1:
            return answers[0]
        sums: Counter[str] = Counter()
        for answer in answers:
            sums.update(answer)
        return sums

    def demand(self, indexers: Mapping[str, IndexFunc]) -> Demand:
        """Want indices of each cache; one that the catalogue knows, by the function for its resource."""
        return Demand([demand_indices(each.source, self._for_member(each, indexers)) for each in self._members])

    def _for_member(self, member: _Member, indexers: Mapping[str, IndexFunc]) -> Mapping[str, IndexFunc]:
        return {
            name: member.functions.get(name, func)
            for name, func in indexers.items()
            if name not in (KIND_INDEX, CONTEXT_INDEX) and not member.lacks(name, self._known)
        }

    def _is_whole(self, name: str) -> bool:
        return all(name in each.source.index_names or each.lacks(name, self._known) for each in self._members)

    def _answering(self, name: str) -> list[_Member]:
        found = [each for each in self._members if name in each.source.index_names]
        if not found or not self._is_whole(name):
            raise KeyError(name)
        return found

    def _of_kinds(self, kinds: frozenset[str]) -> set[str]:
        return self._keys_of([member for member in self._members if member.resource.kind in kinds])

    def _keys_of(self, members: Iterable[_Member]) -> set[str]:
        return {key for member in members for key in member.keys.of(member.source.list_keys())}

    def _counts_by_context(self) -> Mapping[str, int]:
        counts = Counter[str]()
        for member, context in zip(self._members, self._contexts, strict=True):
            counts[context] += len(member.source.list_keys())
        return counts


V = TypeVar("V")


def changes_in(parts: Sequence[tuple[JournalAccess, ViewScope]]) -> JournalAccess:
    """What is remembered of the changes of one resource or several, each as far as its scope goes."""
    (changes, scope), *others = parts
    return ViewChanges(parts) if others or not scope.is_everything else changes


class ViewChanges:
    """A JournalAccess over others, in the order of a view's resources. A view looks up what it shows, so only what it
    does not show any more, because it was deleted elsewhere, must be kept from it.
    """

    def __init__(self, parts: Sequence[tuple[JournalAccess, ViewScope]]) -> None:
        self._parts = tuple(parts)
        self._keys = RowKeys(len(parts))

    @property
    def is_indexed(self) -> bool:
        return all(changes.is_indexed for changes, _ in self._parts)

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        return self._united([changes.last_changes(path, old, new) for changes, _ in self._parts])

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        changes, plain = self._of(key)
        return changes.last_change(plain, path, old, new)

    def is_settled(self, key: str) -> bool:
        changes, plain = self._of(key)
        return changes.is_settled(plain)

    @property
    def unsettled(self) -> int:
        return sum(changes.unsettled for changes, _ in self._parts)

    def paths(self) -> Mapping[str, int]:
        return sum((Counter(changes.paths()) for changes, _ in self._parts), Counter[str]())

    def deleted_objects(self) -> Mapping[str, Object]:
        return self._united([_within(scope, changes.deleted_objects()) for changes, scope in self._parts])

    def _of(self, key: str) -> tuple[JournalAccess, str]:
        place, plain = self._keys.locate(key)
        return self._parts[place][0], plain

    def _united(self, answers: Sequence[Mapping[str, V]]) -> Mapping[str, V]:
        if len(answers) == 1:
            return answers[0]
        return {
            row: value
            for place, answer in enumerate(answers)
            for row, value in zip(self._keys.of(place, answer), answer.values(), strict=True)
        }


def _within(scope: ViewScope, objects: Mapping[str, Object]) -> Mapping[str, Object]:
    return {
        key: obj
        for key, obj in objects.items()
        if scope.covers(key) and (not isinstance(obj, KubeObject) or scope.selects(obj))
    }


PERIOD = 0.5
"""Seconds between counts: each looks at every object."""


class ChangeLag:
    """Counts while a filter has terms that the index answers. What the next look finds caught up does not count."""

    def __init__(self, journal: JournalAccess | None = None) -> None:
        self._journal = journal
        self._counted_at: float | None = None
        self._before = self._count = 0

    def of(self, answers: Iterable[Answer], now: float) -> int:
        """How many objects are yet to be looked at that the terms, answered so, may be about."""
        if self._journal is None or not any(answer.by == JOURNAL_INDEX for answer in answers):
            self._counted_at = None
            return 0
        if self._counted_at is None or not 0 <= now - self._counted_at < PERIOD:
            is_first = self._counted_at is None
            self._counted_at, self._before, self._count = now, self._count, self._journal.unsettled
            self._before = self._count if is_first else self._before
        return self._count if self._before else 0


NO_LAG = ChangeLag()
"""Where nothing is behind."""


BY_KIND = "kind"
BY_CONTEXT = "context"
BY_NAMESPACE = "by namespace"


def orders_of_several(contexts: Sequence[str] = (), kinds: int = 1) -> ExtraOrders:
    """Orders of a view of several resources, whose own order is by place, namespace and name. `contexts`: of each
    place, in which `kinds` resources of one follow one another.
    """
    orders: ExtraOrders = {BY_KIND: lambda key: key.partition(":")[0], BY_NAMESPACE: namespace_of}
    if contexts:
        orders |= {BY_KIND: lambda key: part_of(key) % kinds, BY_CONTEXT: lambda key: contexts[part_of(key)]}
    return orders


def order_by(kind: Kind, column: str, descending: bool, extras: ExtraOrders) -> int | str:
    """By what a column orders the rows of one resource, or with `extras` of several; raise LookupError when there is
    none.
    """
    if not extras:
        return NAMESPACE if column == NAMESPACE else kind.column_index(column)
    if column == (BY_CONTEXT if BY_CONTEXT in extras else BY_KIND):
        return column if descending else NAMESPACE
    if column == BY_KIND and kind.columns[0].title.casefold() == BY_KIND:
        return BY_KIND
    return BY_NAMESPACE if column == NAMESPACE else kind.column_index(column)
