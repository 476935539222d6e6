"""The informer's way into the journal: what of its deltas is a new version."""

from __future__ import annotations

from collections.abc import Callable, Collection

from kwatch.history.archive import Archive
from kwatch.history.gap import Gap
from kwatch.history.life import Life
from kwatch.history.stream import Stream
from kwatch.informer.clock import Clock
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.delta_fifo import next_sequence
from kwatch.informer.keys import split_key
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object

_SYNC, _REPLACED = DeltaType.SYNC, DeltaType.REPLACED


class JournalSink:
    """Fed by one informer, in its thread: appends and returns. Everything else happens behind it.

    `namespace` and `selective` say how much of the resource the informer sees, for `on_synced`.
    """

    def __init__(
        self,
        archive: Archive,
        stream: Stream,
        notice: Callable[[Life], None],
        clock: Clock,
        namespace: str | None = None,
        *,
        selective: bool = False,
    ) -> None:
        self._archive = archive
        self._stream = stream
        self._notice = notice
        self._clock = clock
        self._namespace = namespace
        self._selective = selective
        self._begun = False

    def on_delta(self, delta: Delta, old: Object | None) -> None:
        """Journal a delta; a resync is none, and neither is a version that is there already."""
        if delta.type is _SYNC:
            return
        if not self._begun:
            self._begin(delta.received_at)
        if delta.departed and self._stream.watchers > 1:
            # It left this informer's selection, and is still there for another's.
            return
        thing = delta.object
        inferred = isinstance(thing, DeletedFinalStateUnknown)
        last = thing.object if isinstance(thing, DeletedFinalStateUnknown) else thing
        if last is None:
            last = old
        if last is None:
            return
        obj = last if isinstance(last, KubeObject) else KubeObject.of(last)
        life = self._archive.record(self._stream, delta, obj, inferred=inferred)
        if life is None:
            return
        # The first list says nothing of changes, and need not be looked at; but of Events whom they are about.
        first_listed = delta.type is _REPLACED and len(life.payloads) == 1 and life.previous is None
        if not first_listed or self._stream.holds_events:
            self._notice(life)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Journal that nothing was watched between these moments."""
        stream = self._stream
        self._archive.add_gap(stream, Gap(stream.context, stream.resource, since, until, cause))

    def on_synced(self, living: Collection[str]) -> None:
        """The first list is complete, and these are its keys: what an earlier informer knew beyond them is gone.

        Costs a look at every object, once. An informer with selectors sees too little to say so.
        """
        if self._selective:
            return
        for life in self._archive.living(self._stream):
            if life.key not in living and self._namespace in (None, split_key(life.key)[0]):
                at = self._clock.time()
                tombstone = DeletedFinalStateUnknown(life.key, life.content(len(life.payloads) - 1).object)
                self.on_delta(Delta(DeltaType.DELETED, tombstone, next_sequence(), at), None)

    def close(self) -> None:
        """The informer was stopped: if it was the last of its resource, nothing is watched from now on."""
        if self._begun:
            self._begun = False
            self._archive.watch_ended(self._stream, self._clock.time())

    def _begin(self, at: float) -> None:
        self._begun = True
        self._archive.watch_began(self._stream, at)
