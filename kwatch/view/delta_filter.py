"""The filter language over a log of deltas: text is searched in what a line shows, the rest asks the object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kwatch.catalog.kind import Kind
from kwatch.history.change_index import ChangeIndex
from kwatch.history.diff.change import Change
from kwatch.informer.clock import Clock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.query.context import Context, JournalAccess
from kwatch.query.index_names import NO_INDICES, UserIndices
from kwatch.query.query import CompiledQuery, Query
from kwatch.query.row import Row, RowReader
from kwatch.query.syntax import QuerySyntaxError
from kwatch.view.source import DictSource, Unindexed


@dataclass(frozen=True, slots=True)
class LoggedDelta:
    """One line of the log. `text` is what it shows; `changes` what the delta changed, `at` when it came."""

    resource: str
    key: str
    object: Object
    text: str
    at: float
    changes: Sequence[Change] = ()
    deletion: bool = False
    context: str = ""
    """Where it was, if there may be several."""


class DeltaFilter:
    """`kind_of` gives the kind of a resource; a delta of one that it does not know matches nothing.

    Not for several threads at once.
    """

    def __init__(
        self,
        query: Query,
        kind_of: Callable[[str], tuple[Kind, Resource] | None],
        clock: Clock,
        indices: UserIndices = NO_INDICES,
        changes_of: Callable[[str], JournalAccess | None] | None = None,
    ) -> None:
        """`changes_of`: what is remembered of a resource is asked instead of what the delta at hand changed."""
        self.complaint: QuerySyntaxError | None = None
        """Why the filter means nothing, if it did not for any resource seen so far."""
        self._query = query
        self._indices = indices
        self._kind_of = kind_of
        self._changes_of = changes_of
        self._clock = clock
        self._compiled: dict[tuple[str, str], tuple[CompiledQuery, RowReader] | None] = {}
        self._current = _OneDelta()

    def matches(self, delta: LoggedDelta) -> bool:
        """Whether every term holds. `~` terms ask what this delta changed, `deleted` whether it is a deletion."""
        which = delta.context, delta.resource
        if which not in self._compiled:
            self._compiled[which] = self._compile(delta)
        ready = self._compiled[which]
        if ready is None:
            return False
        compiled, reader = ready
        self._current.show(delta)
        return compiled.test(_LogRow(delta, reader), self._clock.time())

    def _compile(self, first: LoggedDelta) -> tuple[CompiledQuery, RowReader] | None:
        """The query for a resource, of which this is the first delta: its labels are the ones that are known."""
        known = self._kind_of(first.resource)
        if known is None:
            return None
        kind, resource = known
        known_so_far = Unindexed(DictSource({first.key: first.object}))
        names = self._indices.names_for(resource)
        changes = self._changes_of(first.resource) if self._changes_of is not None else self._current
        here = (first.context,) if first.context else ()
        how = (kind, resource, known_so_far, self._clock, changes, self._current)
        context = Context(*how, names=names, contexts=here)
        try:
            compiled = self._query.compile(context)
        except QuerySyntaxError as error:
            # Other resources may have what this one lacks; only if none has is the filter wrong.
            if not any(self._compiled.values()):
                self.complaint = error
            return None
        self.complaint = None
        return compiled, RowReader(kind)


class _LogRow(Row):
    """A row whose searched text is a line of the log."""

    __slots__ = ("_line",)

    def __init__(self, delta: LoggedDelta, reader: RowReader) -> None:
        super().__init__(delta.key, delta.object, reader)
        self._line = delta.text

    @property
    def text(self) -> str:
        """The line."""
        return self._line


class _OneDelta:
    """A journal, and the states of rows, as if there were only the delta at hand."""

    marked: AbstractSet[str] = frozenset()
    unsettled = 0

    is_indexed = True
    """It is of one change."""

    def __init__(self) -> None:
        self.deleted: AbstractSet[str] = frozenset()
        self._delta: LoggedDelta | None = None
        self._index: ChangeIndex | None = None

    def show(self, delta: LoggedDelta) -> None:
        """Speak of this one from now on."""
        self._delta, self._index = delta, None
        self.deleted = frozenset((delta.key,)) if delta.deletion else frozenset()

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        if self._index is None:
            self._index = ChangeIndex()
            if self._delta is not None:
                if self._delta.changes:
                    obj = self._delta.object
                    self._index.learn(obj.tree() if isinstance(obj, KubeObject) else obj)
                self._index.add(self._delta.key, self._delta.at, self._delta.changes)
                self._index.touch(self._delta.key, self._delta.at)
        return self._index.last_changes(path, old, new)

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        return self.last_changes(path, old, new).get(key)

    def is_settled(self, key: str) -> bool:
        return True

    def paths(self) -> Mapping[str, int]:
        return {}

    def deleted_objects(self) -> Mapping[str, Object]:
        return {}
