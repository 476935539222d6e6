"""What an event is about."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.indices.partial import read_partially
from kwatch.catalog.shapes import Shape
from kwatch.informer.protocol import Object


class _Reference(Shape, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class _Event(Shape, frozen=True):
    involved_object: _Reference | None = None
    regarding: _Reference | None = None


def _reference(obj: Object) -> _Reference:
    event = read_partially(obj, _Event)
    return event.involved_object or event.regarding or _Reference()


def involved_object_index(obj: Object) -> Sequence[str]:
    """`Pod/shop/web-1`, `Node//node-1`: kind, namespace and name, which are known even where no uid is."""
    about = _reference(obj)
    return (f"{about.kind}/{about.namespace}/{about.name}",) if about.name else ()


def involved_uid_index(obj: Object) -> Sequence[str]:
    """The uid of the object."""
    about = _reference(obj)
    return (about.uid,) if about.uid else ()
