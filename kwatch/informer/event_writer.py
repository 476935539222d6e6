"""From the events of a watch to changes of a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import error_from_status
from kwatch.informer.kube_object import Unreadable
from kwatch.informer.metadata import annotations_of, resource_version_of
from kwatch.informer.object_intake import ObjectIntake
from kwatch.informer.protocol import ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, Object, WatchEvent
from kwatch.informer.status import StatusRecorder

INITIAL_EVENTS_END = "k8s.io/initial-events-end"

_DELTA_TYPES = {ADDED: DeltaType.ADDED, MODIFIED: DeltaType.UPDATED, DELETED: DeltaType.DELETED}

Change = tuple[DeltaType, Object]


class ChangeTarget(Protocol):
    """Takes changes in batches."""

    def append(self, changes: Sequence[Change], version: str) -> None:
        """Take changes, in order; with the last of them this resource version is reached."""
        ...


class EventWriter:
    """Writes events to a target and follows the resource version: the last one wins, whatever its number.

    Where a watch began at no particular version, its first ADDED events come in no order, so their versions do not
    count until something else happens. `on_version` is called after the changes were written.
    """

    def __init__(
        self,
        target: ChangeTarget,
        intake: ObjectIntake,
        recorder: StatusRecorder,
        start: str,
        on_version: Callable[[str], None] | None = None,
    ) -> None:
        self._target = target
        self._intake = intake
        self._recorder = recorder
        self._on_version = on_version
        self._ordered = start not in ("", "0")
        self.version = start
        self.initial_events_ended = False
        self.understood = 0
        """How many events and bookmarks meant something: an ERROR does not, nor what is dropped or unreadable."""
        self.illegible: Unreadable | None = None
        """The last that was no event."""

    def write(self, events: Sequence[WatchEvent]) -> int:
        """Take events, at most up to the bookmark that ends the initial ones; how many were taken.

        Raise ApiError for an ERROR event and for what is no JSON, after what came before it was written.
        """
        changes: list[Change] = []
        before = self.version
        try:
            for position, event in enumerate(events):
                type_ = _DELTA_TYPES.get(event.type)
                if type_ is None:
                    self._take_other(event)
                    if self.initial_events_ended:
                        return position + 1
                elif self._takes(type_, event.object):
                    changes.append((type_, event.object))
        finally:
            if changes:
                self._recorder.events += len(changes)
                self.understood += len(changes)
                self._target.append(changes, self.version if self._ordered else "")
            if self._on_version is not None and self.version != before:
                self._on_version(self.version)
        self._intake.check_size()
        return len(events)

    def _takes(self, type_: DeltaType, obj: Object) -> bool:
        # Compared by identity, because asking a Mapping for its abstract class costs more than all the rest here.
        if type(obj) is Unreadable:
            if obj.malformed:
                self._take_illegible(obj)
                self._intake.strange += 1
                self._intake.quarantine.put(obj, obj.reason)
                return False
            self.understood -= 1
        if not self._intake.accepts(obj, type_):
            return False
        if type_ is not DeltaType.ADDED:
            self._ordered = True
        if self._ordered:
            self.version = resource_version_of(obj) or self.version
        return True

    def _take_other(self, event: WatchEvent) -> None:
        obj = event.object
        if event.type == ERROR:
            raise error_from_status(obj)
        if type(obj) is Unreadable:
            self._take_illegible(obj)
            self._intake.drop()
        elif event.type != BOOKMARK:
            self._intake.drop()
        elif resource_version_of(obj) and self._intake.is_expected(obj):
            self._recorder.bookmarks += 1
            self.understood += 1
            self._ordered = True
            self.version = resource_version_of(obj)
            self.initial_events_ended = annotations_of(obj).get(INITIAL_EVENTS_END) == "true"
        else:
            self._recorder.dropped += 1

    def _take_illegible(self, obj: Unreadable) -> None:
        self.illegible = obj
        self._intake.ask_again(obj, self.version)
