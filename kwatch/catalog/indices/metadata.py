"""Indices over metadata that a KubeObject does not keep."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.indices.partial import read_partially
from kwatch.catalog.shapes import Shape
from kwatch.informer.protocol import Object


class _Metadata(Shape, frozen=True):
    annotations: dict[str, str] | None = None


class _Annotated(Shape, frozen=True):
    metadata: _Metadata = _Metadata()


def annotation_key_index(obj: Object) -> Sequence[str]:
    """The annotations' keys."""
    return tuple(read_partially(obj, _Annotated).metadata.annotations or ())
