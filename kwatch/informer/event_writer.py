"""ObjectIntake checks, counts and packs each object; EventWriter makes changes of the events of a watch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kwatch.base.limits import LARGEST_LIST, OBJECT_COST, size_text
from kwatch.informer.decoding import error_from_answer, is_table
from kwatch.informer.delta import DeltaType
from kwatch.informer.errors import TOO_MANY, ApiError, error_from_status
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import annotations_of, join_key, name_of, namespace_of, resource_version_of, type_of
from kwatch.informer.packing import ObjectPacker
from kwatch.informer.protocol import ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, Object, WatchEvent
from kwatch.informer.reflector_store import Change
from kwatch.informer.status import Quarantine, StatusRecorder


class ObjectIntake:
    """Every object passes here first: it is counted, packed, and dropped if it is of the wrong kind."""

    def __init__(
        self,
        recorder: StatusRecorder,
        quarantine: Quarantine,
        packer: ObjectPacker | None,
        expected_type: tuple[str, str] | None,
        namespace: str | None = None,
    ) -> None:
        self._recorder = recorder
        self.quarantine = quarantine
        self._packer = packer
        self._expected_type = expected_type
        self._namespace = namespace
        self._broken_at: str | None = None
        self._usual_type: tuple[str, str] | None = None
        """The type of the object that was accepted last: the next one has it too."""
        self.held = 0
        """About how many bytes the objects take that came and were not deleted, since a list began."""
        self.strange = 0
        """How many were of the wrong kind or had no name. What is missing in a list with such items may still exist."""

    def begin_list(self) -> None:
        """Everything comes once more."""
        self.held = 0
        self._recorder.room.begin_list()

    def drop(self) -> None:
        self._recorder.dropped += 1
        self.strange += 1

    def ask_again(self, obj: Unreadable, version: str) -> None:
        """A line is no event. Perhaps the connection damaged it, so raise ApiError once, to ask again for what follows
        `version`; if the same comes again, the server means it.
        """
        if self._broken_at != version:
            self._broken_at = version
            raise illegible(obj)

    def of_list(self, items: Sequence[Object]) -> list[Object]:
        """The items that are of the watched kind. Raise ApiError if none of them is: then this is no list of that kind,
        and must not delete everything.
        """
        accepted = [obj for obj in items if self.accepts(obj)]
        self.check_size()
        if items and not any(type(obj) is not Unreadable or name_of(obj) for obj in accepted):
            first = items[0]
            reason = "Table" if is_table(*type_of(first)) else "Malformed"
            raise ApiError(0, reason, f"The list holds nothing that was asked for; its first item is {_seen(first)}.")
        return accepted

    def check_size(self) -> None:
        """Raise ApiError when all together are more than can be held."""
        if self.held > LARGEST_LIST:
            sentence = f"The objects of this resource take more than {size_text(LARGEST_LIST)}, packed, and more follow"
            raise ApiError(0, TOO_MANY, f"{sentence}; narrow it by a namespace or a selector.")

    def accepts(self, obj: Object, type_: DeltaType = DeltaType.ADDED) -> bool:
        """Whether the object is of the watched kind and namespace; if so it is packed, and its size counted."""
        size = 0
        if isinstance(obj, KubeObject):
            size = obj.stored_size
            self._recorder.bytes += size
            kind = (obj.api_version, obj.kind)
            if self._packer is not None:
                size = self._packer.pack(obj)
        else:
            kind = type_of(obj)
            if type(obj) is Unreadable and not name_of(obj):
                self.strange += 1
        if kind != self._usual_type:
            if self._is_of_another(kind):
                self.drop()
                return False
            self._usual_type = kind
        if self._namespace and self._is_elsewhere(obj):
            self.drop()
            return False
        if type_ is DeltaType.ADDED:
            self.held += size + OBJECT_COST
        elif type_ is DeltaType.DELETED:
            self.held -= size + OBJECT_COST
        return True

    def _is_elsewhere(self, obj: Object) -> bool:
        return type(obj) is not Unreadable and namespace_of(obj) != self._namespace

    def is_expected(self, obj: Object) -> bool:
        """Whether it is of the watched kind, as far as it says."""
        return not self._is_of_another(type_of(obj))

    def _is_of_another(self, type_: tuple[str, str]) -> bool:
        expected = self._expected_type
        return is_table(*type_) or (expected is not None and type_ != expected and type_ != ("", ""))


def _seen(obj: Object) -> str:
    if isinstance(obj, Unreadable):
        return obj.reason
    return f"of {'/'.join(filter(None, type_of(obj)))}, {join_key(namespace_of(obj), name_of(obj))}"


def illegible(obj: Unreadable) -> ApiError:
    """The error for a line of a watch that is no event."""
    return error_from_answer(obj.raw, "event")


INITIAL_EVENTS_END = "k8s.io/initial-events-end"

_DELTA_TYPES = {ADDED: DeltaType.ADDED, MODIFIED: DeltaType.UPDATED, DELETED: DeltaType.DELETED}


class ChangeTarget(Protocol):
    """Takes changes in batches."""

    def append(self, changes: Sequence[Change], version: str) -> None: ...


class EventWriter:
    """Writes events to a target and follows the resource version: the last one wins, whatever its number.

    If a watch began at no version, its first ADDED events come in any order, so versions count only from the first
    other event on. `on_version` is called after the changes were written.
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
        """How many events and bookmarks were valid: not ERRORs, and not what is dropped or unreadable."""
        self.illegible: Unreadable | None = None
        """The last line that was no event."""

    def write(self, events: Sequence[WatchEvent]) -> int:
        """Write events, at most up to the bookmark that ends the initial ones; returns how many were taken.

        Raise ApiError for an ERROR event and for what is no JSON, after writing what came before it.
        """
        changes: list[Change] = []
        before = self.version
        self._recorder.room.look()
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
        # By identity, because isinstance with an abstract class costs more than all the rest here.
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
