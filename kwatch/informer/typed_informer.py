"""An informer whose objects are read as something else: a msgspec.Struct with the fields that a program needs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import msgspec

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.kube_object import KubeObject, OwnerReference
from kwatch.informer.lister import Lister
from kwatch.informer.metadata import deletion_handling_key
from kwatch.informer.protocol import Object
from kwatch.informer.registration import Added, Deleted, Handler, Notification, Registration, Updated
from kwatch.informer.shared_informer import SharedInformer

T = TypeVar("T")


class ObjectMeta(msgspec.Struct, frozen=True, rename="camel"):
    """The metadata that programs ask for, for a field `metadata: ObjectMeta` of your Structs. Times are RFC 3339."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()

    @property
    def key(self) -> str:
        """`namespace/name`, or `name` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def read_as(obj: Object, type: type[T]) -> T:  # noqa: A002
    """Decode the fields that a Struct (a dataclass, a TypedDict) declares; raise msgspec.ValidationError, which says
    the object and the field, if one has another type there. The data of a Secret is masked.
    """
    if type is KubeObject and isinstance(obj, type):
        return obj
    source = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
    try:
        return source.read(type)
    except msgspec.DecodeError as error:
        raise msgspec.ValidationError(f"{source.kind} {source.key} is no {type.__name__}: {error}") from error


class TypedInformer(Generic[T]):
    """The same cache and threads as `informer`, whose objects handlers and lister get as `type`.

    They are decoded on read: for each handler, in that handler's thread, and for each call of the lister, in the
    caller's; nothing is shared or kept. Declare what you need, with a default for what may be absent.

    An object that does not fit `type` reaches no handler until it does (it is then added), except its deletion, as a
    tombstone without an object; each counts as an error of the handler, in the status. A lister raises
    msgspec.ValidationError: a list that lacks an object would mean that it was deleted.
    """

    def __init__(self, informer: SharedInformer, type: type[T]) -> None:  # noqa: A002
        self.informer = informer
        self.type = type
        self._read: Callable[[Object], T] = partial(read_as, type=type)

    def add_event_handler(
        self,
        on_add: Callable[[T, bool], object] | None = None,
        on_update: Callable[[T, T], object] | None = None,
        on_delete: Callable[[T | DeletedFinalStateUnknown[T]], object] | None = None,
        *,
        resync_period: float | None = None,
    ) -> Registration:
        """As SharedInformer.add_event_handler does: `on_add(obj, is_in_initial_list)`, `on_update(old, new)`,
        `on_delete(obj or tombstone)`.
        """
        handler = Handler(on_add, on_update, on_delete)

        def tell(change: Notification[KubeObject]) -> None:
            handler.take(self.read_change(change))

        def added(obj: KubeObject, is_in_initial_list: bool) -> None:
            tell(Added(obj, is_in_initial_list))

        # Under the name of the program's own callback, for logs and thread names.
        added.__qualname__ = handler.name
        return self.informer.add_event_handler(
            added, lambda old, new: tell(Updated(old, new)), lambda obj: tell(Deleted(obj)), resync_period=resync_period
        )

    def read_change(self, change: Notification[KubeObject]) -> Notification[T]:
        """The same change of objects of this type; raise msgspec.ValidationError for one that does not fit.

        Where only the old object does not fit it is an addition, where a deleted one does not a tombstone.
        """
        if isinstance(change, Added):
            return Added(self._read(change.object), change.is_in_initial_list)
        if isinstance(change, Deleted):
            return Deleted(self._last_of(change.object))
        new = self._read(change.new)
        try:
            return Updated(self._read(change.old), new)
        except msgspec.ValidationError:
            return Added(new, False)

    def _last_of(self, obj: KubeObject | DeletedFinalStateUnknown[KubeObject]) -> T | DeletedFinalStateUnknown[T]:
        last = obj.object if isinstance(obj, DeletedFinalStateUnknown) else obj
        try:
            final = None if last is None else self._read(last)
        except msgspec.ValidationError:
            final = None
        if final is None or isinstance(obj, DeletedFinalStateUnknown):
            return DeletedFinalStateUnknown(deletion_handling_key(obj, self.informer.key_func), final)
        return final

    @property
    def lister(self) -> Lister[T]:
        return Lister(self.informer.indexer, self.informer.name, self._read)

    def has_synced(self) -> bool:
        return self.informer.has_synced()

    def wait_for_sync(self, timeout: float | None = None, *, stop: threading.Event | None = None) -> bool:
        """See SharedInformer.wait_for_sync."""
        return self.informer.wait_for_sync(timeout, stop=stop)

    def wait_for_version(self, version: str, timeout: float | None = None) -> bool:
        """See SharedInformer.wait_for_version."""
        return self.informer.wait_for_version(version, timeout)
