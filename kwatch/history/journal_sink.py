"""The informer's way into the journal: which of its deltas are new versions, and when it watched."""

from __future__ import annotations

from collections.abc import Callable, Collection

from kwatch.history.coverage import NOT_OPEN, Scope, Watch
from kwatch.history.object_history import ObjectHistory, Stream
from kwatch.history.store import JournalStore
from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.delta_fifo import next_sequence
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import split_key
from kwatch.informer.protocol import Object

_SYNC, _REPLACED = DeltaType.SYNC, DeltaType.REPLACED


class JournalSink:
    """Fed by one informer, in its thread: appends and returns. Everything else happens in the background.

    `scope` says how much of the resource the informer sees, `digests` whether without data. It watches from its first
    list on, even an empty one.
    """

    def __init__(
        self,
        store: JournalStore,
        stream: Stream,
        notice: Callable[[ObjectHistory], None],
        clock: Clock,
        scope: Scope = Scope(),  # noqa: B008 - immutable
        *,
        digests: bool = False,
    ) -> None:
        self._store = store
        self._stream = stream
        self._notice = notice
        self._clock = clock
        self._scope = scope
        self._digests = digests
        self._watch: Watch | None = None
        self._closed = False

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        """Journal a delta, unless it is a resync or a version that is there already."""
        if delta.type is _SYNC or self._closed:
            return
        if self._watch is None:
            self._begin(delta.received_at)
        if delta.departed and self._stream.watches.sees(Scope(split_key(key)[0])):
            # It left this informer's selection, or was deleted: an informer that sees everything knows which.
            return
        thing = delta.object
        inferred = isinstance(thing, DeletedFinalStateUnknown)
        last = thing.object if isinstance(thing, DeletedFinalStateUnknown) else thing
        if last is None:
            last = old
        if last is None:
            return
        obj = last if isinstance(last, KubeObject) else KubeObject.of(last)
        history = self._store.record(self._stream, delta, obj, inferred=inferred, digest=self._digests)
        if history is None:
            return
        # The first list says nothing of changes, and need not be indexed; but of Events what they are about.
        first_listed = delta.type is _REPLACED and len(history.payloads) == 1 and history.previous is None
        if not first_listed or self._stream.holds_events:
            self._notice(history)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Journal that nothing was watched between two moments."""
        if self._closed:
            return
        with self._store.lock:
            if self._watch is None:
                self._begin(since)
            self._end(since, cause)
            self._begin(until)

    def on_synced(self, living: Collection[str]) -> None:
        """The first list is complete, and these are its keys: what an earlier informer knew beyond them is gone.

        Costs a look at every object, once. An informer with selectors sees too little to say so.
        """
        if self._watch is None and not self._closed:
            self._begin(self._clock.time())
        if self._scope.selective or self._closed:
            return
        with self._store.lock:
            known = [*self._stream.listed, *(key for key, each in self._stream.histories.items() if not each.ended)]
        for key in known:
            if key in living or self._scope.namespace not in (None, split_key(key)[0]):
                continue
            history = self._stream.history(key)
            if history is not None and not history.ended:
                at = self._clock.time()
                tombstone = DeletedFinalStateUnknown(history.key, history.content(len(history.payloads) - 1).object)
                self.on_delta(tombstone.key, Delta(DeltaType.DELETED, tombstone, next_sequence(), at), None)

    def close(self, since: float | None = None) -> None:
        """The informer was stopped, and has watched until now, or until `since` if it lost the server then.

        Idempotent; what it still delivers is not journalled.
        """
        self._closed = True
        self._end(self._clock.time() if since is None else since, NOT_OPEN)

    def _begin(self, at: float) -> None:
        with self._store.lock:
            self._watch = self._stream.watches.begin(self._scope, at)

    def _end(self, at: float, cause: str) -> None:
        with self._store.lock:
            watch, self._watch = self._watch, None
            if watch is not None:
                self._stream.watches.end(watch, at, cause)
