"""The informer's way into the journal: what of its deltas is a new version."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.history.archive import Archive
from kwatch.history.gap import Gap
from kwatch.history.life import Life
from kwatch.history.stream import Stream
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object


class JournalSink:
    """Fed by one informer, in its thread: appends and returns. Everything else happens behind it."""

    def __init__(self, archive: Archive, stream: Stream, notice: Callable[[Life], None]) -> None:
        self._archive = archive
        self._stream = stream
        self._notice = notice

    def on_delta(self, delta: Delta, old: Object | None) -> None:
        """Journal a delta; a resync is none, and neither is a version that is there already."""
        if delta.type is DeltaType.SYNC:
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
        first_listed = delta.type is DeltaType.REPLACED and len(life.payloads) == 1 and life.previous is None
        if not first_listed or self._stream.holds_events:
            self._notice(life)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Journal that nothing was watched between these moments."""
        stream = self._stream
        self._archive.add_gap(stream, Gap(stream.context, stream.resource, since, until, cause))
