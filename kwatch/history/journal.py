"""The journal: every delta of every informer, each version whole, within a budget. What was evicted is counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING
from weakref import ref

from kwatch.history.activity import Activities
from kwatch.history.as_of import Arrival, AsOf, arrivals, former_versions, seek, sequence_at
from kwatch.history.background import Background
from kwatch.history.coverage import Coverage, Gap, Scope
from kwatch.history.journal_changes import JournalChanges, PastChanges
from kwatch.history.journal_sink import JournalSink
from kwatch.history.last_lines import LastLines
from kwatch.history.object_history import ObjectHistory, Stream
from kwatch.history.store import Evicted, JournalStore
from kwatch.history.version import Version
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import split_key
from kwatch.informer.selectors import SelectorSyntaxError

# What is only needed once it is asked for is imported then: a journal is made before the first rows are shown.
if TYPE_CHECKING:
    from kwatch.history.baseline import BaselineDiff
    from kwatch.history.comparison import Comparison
    from kwatch.history.ownership import OwnerBehind, OwnershipGraph
    from kwatch.history.timeline import Timeline, TimelineEntry
    from kwatch.history.version import Moment

DEFAULT_BUDGET = 256 << 20
"""Bytes of memory that history may take."""


class Journal:
    """One for the whole process. Thread-safe: sinks write in the informers' threads, screens read in theirs.

    `budget_bytes` bounds its memory, `max_age` (seconds) how old a version may get; the oldest versions go first, but
    never the last one of a living object. A thread of its own packs what came; `close` ends it.

    A resource is named as kubectl prints it (`pods`, `deployments.apps`); times are in seconds since the epoch.
    """

    def __init__(
        self, budget_bytes: int = DEFAULT_BUDGET, max_age: float | None = None, clock: Clock | None = None
    ) -> None:
        self.budget_bytes = budget_bytes
        self.last_lines = LastLines()
        """What containers that ended badly wrote last: beside the versions, and in no recording."""
        self._store = JournalStore()
        self._clock = clock or SystemClock()
        self._background = Background(self._store, budget_bytes, max_age, self._clock)
        self._graph: Callable[[], OwnershipGraph | None] = lambda: None
        """Kept while a timeline is in use."""

    def sink(
        self,
        context: str,
        resource: str,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        *,
        digests: bool = False,
    ) -> JournalSink:
        """A sink for one informer; `digests`: it knows the objects without their data.

        Call its `on_synced` once the first list is in the cache, and its `close` when the informer is stopped: then
        the time between two informers that see the same is a gap, and what vanished in it is journalled as deleted.
        """
        stream = self._store.stream(context, resource)
        scope = Scope(namespace, label_selector or "", field_selector or "")
        return JournalSink(self._store, stream, self._background.notice, self._clock, scope, digests=digests)

    def limit(self, budget_bytes: int) -> None:
        """Keep at most so much from now on; what is beyond is given up behind, the oldest first."""
        self.budget_bytes = budget_bytes
        self._background.limit(budget_bytes)

    def close(self, timeout: float | None = None) -> None:
        """End the background work, within `timeout` seconds if it can; what is kept stays readable."""
        self._background.close(timeout)

    def catch_up(self, timeout: float | None = None, *, compacted: bool = False) -> bool:
        """Wait until the background work is done; False if it was not, in `timeout` seconds.

        With `compacted` also what it does at leisure: packing everything as small as it can be.
        """
        return self._background.catch_up(timeout, compacted=compacted)

    @property
    def bytes(self) -> int:
        """About how much memory the versions and the ended histories take: what the budget bounds."""
        return self._store.bytes

    @property
    def index_bytes(self) -> int:
        """About how much memory the index of changes takes beside them, what is kept to go on with it, and the living
        objects by their names. They have limits of their own; the last is as large as the cluster.
        """
        with self._store.lock:
            changes = sum(stream.changes.bytes for stream in self._store.streams.values())
        return changes + self._background.bytes + self._store.living_bytes

    @property
    def received(self) -> int:
        """How many versions ever came."""
        return self._store.arrivals

    @property
    def versions_kept(self) -> int:
        """How many versions there are, of all objects."""
        with self._store.lock:
            return self._store.arrivals - self._store.evicted.versions

    @property
    def backlog(self) -> int:
        """How many objects wait for the background work."""
        return self._background.backlog

    @property
    def evicted(self) -> Evicted:
        """How much was evicted so far."""
        return self._store.evicted

    @property
    def last_sequence(self) -> int:
        """The sequence of the newest delta; it grows whenever something arrived."""
        return self._store.log.last_sequence

    def versions(self, context: str, resource: str, key: str) -> tuple[Version, ...]:
        """The versions kept of an object, newest last; those of its predecessors under the same name come before."""
        store = self._store
        with store.lock:
            histories = self._histories(context, resource, key)
            return tuple(store.version(history, position) for history in histories for position in history.positions())

    def object_of(self, version: Version) -> KubeObject:
        """The object as it was; of a deletion its last known state. Raise KeyError if the version was evicted."""
        with self._store.lock:
            history, position = self._find(version)
            content = history.content(position)
        return content.object

    def object_or_none(self, version: Version) -> KubeObject | None:
        """As `object_of`, but None if the version was evicted."""
        try:
            return self.object_of(version)
        except KeyError:
            return None

    def previous(self, version: Version) -> Version | None:
        """The version before it; of the first the last one of the object that had its name before. None if there was
        none, or it was evicted.
        """
        with self._store.lock:
            history, position = self._find(version)
            if position == 0 and not history.evicted and (former := history.previous) is not None:
                history, position = former, len(former.payloads)
            return self._store.version(history, position - 1) if position > history.gone else None

    def former(
        self, context: str, resource: str, until: int | None = None, *, changed: bool = False
    ) -> Iterator[Version]:
        """How the objects of a resource were last that are gone, now or after the delta `until`; with `changed` also
        how those were first, as far as it is kept, that are not as they were.
        """
        return former_versions(self._store, self._store.stream(context, resource), until, changed=changed)

    def compare(self, version: Version, with_: Version | None = None) -> Comparison:
        """What a version changed against another, or against the one before it, and who did it.

        Raise KeyError if one of them was evicted.
        """
        from kwatch.history.comparison import compare_versions

        with self._store.lock:
            history, position = self._find(version)
            is_first = position == 0 and not history.evicted
        return compare_versions(version, with_ or self.previous(version), self.object_of, is_first=is_first)

    def activities(self, context: str, resource: str, as_of: AsOf | None = None) -> Activities:
        """How busy the objects of a resource are now, or were at the moment at which `as_of` stands."""
        return Activities(self._store, self._store.stream(context, resource), self._clock.time, as_of)

    def timeline(self, context: str, resource: str, key: str) -> tuple[TimelineEntry, ...]:
        """An object's deltas between those of its owners, children, node and Events, oldest first."""
        return self.timeline_of(context, resource, key).read()

    def timeline_of(self, context: str, resource: str, key: str) -> Timeline:
        """The same to be read again and again, by one thread: only what came since is looked at."""
        from kwatch.history.ownership import OwnershipGraph
        from kwatch.history.timeline import Timeline

        with self._store.lock:
            graph = self._graph()
            if graph is None:
                graph = OwnershipGraph(self._store)
                self._graph = ref(graph)
        return Timeline(self._store, graph, context, resource, key, self.last_lines)

    def as_of(self, context: str, resource: str, *, sequence: int | None = None, time: float | None = None) -> AsOf:
        """A resource as it was after the delta `sequence`, or at `time`; else as it is."""
        if sequence is None:
            sequence = self.last_sequence if time is None else self.sequence_at(time)
        return AsOf(self._store, self._store.stream(context, resource), sequence)

    def sequence_at(self, time: float) -> int:
        """The sequence of the last delta received up to a time, 0 if there is none."""
        return sequence_at(self._store, time)

    def seek(self, sequence: int, direction: int, context: str, resource: str, prefix: str = "") -> int | None:
        """The sequence of a resource's next delta (direction 1), or of the one before (-1); None if there is none.

        Only keys that begin with `prefix` count.
        """
        return seek(self._store, self._store.stream(context, resource), sequence, direction, prefix)

    def arrivals(self, context: str, resource: str, after: int, limit: int) -> tuple[list[Arrival], int]:
        """A resource's deltas among the next `limit` of all after a sequence, and up to where it looked."""
        return arrivals(self._store, self._store.stream(context, resource), after, limit)

    def evicted_of(self, context: str, resource: str, key: str) -> int:
        """How many versions of an object were evicted."""
        with self._store.lock:
            return sum(history.evicted for history in self._histories(context, resource, key))

    def log(self, after: int = 0, limit: int = 1000) -> tuple[Version, ...]:
        """What arrived after the sequence `after`, in the order of arrival, at most `limit` entries."""
        with self._store.lock:
            start = self._store.log.after(after)
            return self._entries(start, start + limit)

    @property
    def log_length(self) -> int:
        return len(self._store.log)

    def log_position(self, sequence: int) -> int:
        """How many entries of the log come up to a sequence."""
        with self._store.lock:
            return self._store.log.after(sequence)

    def log_window(self, start: int, stop: int) -> tuple[Version, ...]:
        """The entries of the log by position, 0 being the oldest kept: for a list that draws what is visible."""
        with self._store.lock:
            return self._entries(start, stop)

    def gaps(
        self, context: str | None = None, resource: str | None = None, scope: Scope | None = None
    ) -> tuple[Gap, ...]:
        """When a resource of a context was not watched, or any of them, oldest first. With a `scope` only what was
        missed of that.
        """
        with self._store.lock:
            found = [
                gap
                for stream in self._store.streams.values()
                if context in (None, stream.context) and resource in (None, stream.resource)
                for gap in stream.watches.gaps(scope)
            ]
        return tuple(sorted(found, key=lambda gap: gap.since))

    def gaps_of(self, context: str, resource: str, key: str) -> tuple[Gap, ...]:
        """When there was no watch that sees this object, as it was last known; oldest first."""
        with self._store.lock:
            stream = self._stream(context, resource)
            history = stream.history(key) if stream is not None else None
            if stream is None or history is None:
                return ()
            content = history.content(len(history.payloads) - 1)
        obj, namespace = content.object, split_key(key)[0] or None
        with self._store.lock:
            return stream.watches.gaps_where(lambda scope: _sees(scope, obj, namespace), namespace)

    def found_after(self, gap: Gap) -> tuple[Version, ...]:
        """What a gap hid: the versions that the list after it found new, changed or deleted, by sequence."""
        with self._store.lock:
            stream = self._stream(gap.context, gap.resource)
            later = [other.since for other in stream.watches.gaps(Scope(gap.namespace))] if stream is not None else []
            end = min((since for since in later if since > gap.since), default=inf)
            start = self._store.log.after(self.sequence_at(gap.since))
            entries = self._entries(start, self.log_length)
        return tuple(
            entry
            for entry in entries
            if (entry.relisted or entry.inferred)
            and (entry.context, entry.resource) == (gap.context, gap.resource)
            and gap.namespace in (None, split_key(entry.key)[0])
            and gap.since <= entry.at < end
        )

    def changes(self, context: str, resource: str) -> JournalChanges:
        """The index of what changed in a resource, for filters."""
        return JournalChanges(self._store, self._store.stream(context, resource))

    def changes_as_of(self, context: str, resource: str, sequence: int) -> PastChanges:
        """What had changed after the delta `sequence`, for filters in the past."""
        return PastChanges(self._store, self._store.stream(context, resource), sequence)

    def baseline_diff(
        self,
        contexts: Collection[str],
        baseline: Moment | None,
        behind: OwnerBehind | None = None,
        until: int | None = None,
    ) -> BaselineDiff:
        """What of some contexts is not as it was at a baseline (None: when watching began), for one thread to keep up.

        `until`, a sequence, is the moment that is compared with it; None is now.
        """
        from kwatch.history.baseline import BaselineDiff

        return BaselineDiff(self._store, contexts, baseline, behind, until)

    def changed_since(self, context: str, time: float, without: Collection[str] = ()) -> int:
        """How many objects came, went or changed after a time, leaving out resources: counted in the index."""
        streams = self._streams(context)
        return sum(each.changes.count_since(time) for each in streams if each.resource not in without)

    def resources(self, context: str) -> frozenset[str]:
        """Everything that was ever watched in a context."""
        return frozenset(each.resource for each in self._streams(context))

    def namespaces(self, context: str, resource: str) -> frozenset[str | None]:
        """In which namespaces a resource was ever watched; None stands for all of them."""
        with self._store.lock:
            stream = self._stream(context, resource)
            return stream.watches.namespaces if stream is not None else frozenset()

    def watched_since(self, context: str, resource: str) -> float | None:
        """When a resource was watched first; None if it never was."""
        with self._store.lock:
            stream = self._stream(context, resource)
            return stream.watches.since if stream is not None else None

    def coverage(self, context: str, resource: str, scope: Scope, at: float) -> Coverage:
        """How much of a scope was watched at a moment."""
        with self._store.lock:
            stream = self._stream(context, resource)
            return stream.watches.coverage(scope, at) if stream is not None else Coverage.NONE

    def seen_from(self, context: str, resource: str, scope: Scope, at: float) -> float | None:
        """From when on all of a scope was watched: that moment itself, or a later one; None if it never was since."""
        with self._store.lock:
            stream = self._stream(context, resource)
            return stream.watches.seen_from(scope, at) if stream is not None else None

    def unwatched(self, context: str) -> Mapping[str, float]:
        """The resources that were watched and are not any more -> since when."""
        with self._store.lock:
            ended = {each.resource: each.watches.unwatched_since for each in self._streams(context)}
            return {resource: at for resource, at in ended.items() if at is not None}

    def _stream(self, context: str, resource: str) -> Stream | None:
        return self._store.streams.get((context, resource))

    def _streams(self, context: str) -> list[Stream]:
        with self._store.lock:
            return [each for each in self._store.streams.values() if each.context == context]

    def _histories(self, context: str, resource: str, key: str) -> Iterable[ObjectHistory]:
        stream = self._stream(context, resource)
        return stream.histories_of(key) if stream is not None else ()

    def _entries(self, start: int, stop: int) -> tuple[Version, ...]:
        return tuple(
            self._store.version(history, position) for _, history, position in self._store.entries(start, stop)
        )

    def _find(self, version: Version) -> tuple[ObjectHistory, int]:
        for history in self._histories(version.context, version.resource, version.key):
            if history.uid == version.uid and (position := history.position(version.sequence)) is not None:
                return history, position
        raise KeyError(f"{version.resource} {version.key} at {version.resource_version} is no longer kept")


def _sees(scope: Scope, obj: KubeObject, namespace: str | None) -> bool:
    """Whether an informer of a scope has an object in its cache."""
    if not scope.selective:
        return scope.covers(Scope(namespace))
    try:
        return scope.matches(obj)
    except SelectorSyntaxError:
        return False  # the server refuses it too, so no informer sees anything
