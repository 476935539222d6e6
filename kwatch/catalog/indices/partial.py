"""One partial decode of an object, shared by the index functions that look at the same object one after the other."""

from __future__ import annotations

from typing import TypeVar

from kwatch.catalog.shapes import read_tolerantly
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object

S = TypeVar("S")

_latest: dict[type, tuple[KubeObject, object]] = {}


def read_partially(obj: Object, shape: type[S]) -> S:
    """Decode what `shape` asks for; an index that needs what does not fit raises, and has no values."""
    source = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
    known = _latest.get(shape)
    # Indexers call every function for one object before the next; a race between two indexers only costs a decode.
    if known is not None and known[0] is source:
        return known[1]  # type: ignore[return-value]
    try:
        result = source.read(shape)
    except ValueError:
        result = read_tolerantly(source, shape)
    _latest[shape] = (source, result)
    return result
