"""The gate through which every object comes in."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.base.limits import LARGEST_LIST, OBJECT_COST, size_text
from kwatch.informer.decoding import error_from_answer, is_table
from kwatch.informer.delta import DeltaType
from kwatch.informer.delta_fifo import Transform
from kwatch.informer.errors import TOO_MANY, ApiError
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.metadata import join_key, name_of, namespace_of, type_of
from kwatch.informer.packing import ObjectPacker
from kwatch.informer.protocol import Object
from kwatch.informer.quarantine import Quarantine
from kwatch.informer.status import StatusRecorder


def packing_result(transform: Transform, packer: ObjectPacker) -> Transform:
    """The same transform, that packs what it returns."""

    def transform_and_pack(obj: Object) -> Object:
        result = transform(obj)
        if isinstance(result, KubeObject):
            packer.pack(result)
        return result

    return transform_and_pack


class ObjectIntake:
    """Every object passes here first: counted, packed, and turned away if it is of the wrong kind."""

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
        """How many were nothing that was asked for, or nameless. What a list with such in it lacks need not be gone."""

    def drop(self) -> None:
        """Count something that is turned away."""
        self._recorder.dropped += 1
        self.strange += 1

    def ask_again(self, obj: Unreadable, version: str) -> None:
        """A line that is no event. The connection may be to blame, so ask again for what follows `version` by raising
        ApiError; if the same comes again, it is what the server has to say.
        """
        if self._broken_at != version:
            self._broken_at = version
            raise illegible(obj)

    def of_list(self, items: Sequence[Object]) -> list[Object]:
        """The items of a list that are of the kind that is watched; raise ApiError if there are items and none is one:
        then this is no list of that kind, and must not be taken for the news that everything was deleted.
        """
        accepted = [obj for obj in items if self.accepts(obj)]
        self.check_size()
        if items and not any(type(obj) is not Unreadable or name_of(obj) for obj in accepted):
            first = items[0]
            reason = "Table" if is_table(*type_of(first)) else "Malformed"
            raise ApiError(0, reason, f"The list holds nothing that was asked for; its first item is {_seen(first)}.")
        return accepted

    def check_size(self) -> None:
        """Raise ApiError when all objects together are more than can be held."""
        if self.held > LARGEST_LIST:
            sentence = f"The objects of this resource take more than {size_text(LARGEST_LIST)}, packed, and more follow"
            raise ApiError(0, TOO_MANY, f"{sentence}; narrow it by a namespace or a selector.")

    def accepts(self, obj: Object, type_: DeltaType = DeltaType.ADDED) -> bool:
        """Whether the object is of the kind that is watched, where it is watched; if it is, it is packed now, and
        counted as one that came or went.
        """
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
        """Whether it is of the kind that is watched, as far as it says."""
        return not self._is_of_another(type_of(obj))

    def _is_of_another(self, type_: tuple[str, str]) -> bool:
        expected = self._expected_type
        return is_table(*type_) or (expected is not None and type_ != expected and type_ != ("", ""))


def _seen(obj: Object) -> str:
    if isinstance(obj, Unreadable):
        return obj.reason
    return f"of {'/'.join(filter(None, type_of(obj)))}, {join_key(namespace_of(obj), name_of(obj))}"


def illegible(obj: Unreadable) -> ApiError:
    """What to say of something on a watch that is no event."""
    return error_from_answer(obj.raw, "event")
