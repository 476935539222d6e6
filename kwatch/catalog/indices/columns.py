"""Indices over what a column shows."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.kind import Kind
from kwatch.informer.index import IndexFunc
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object


def status_index(kind: Kind) -> IndexFunc:
    """The text of the Status column."""
    return column_index(kind, "Status")


def column_index(kind: Kind, title: str) -> IndexFunc:
    """The text of a column that does not depend on the time; raise KeyError if there is none of that title."""
    place = kind.column_index(title)
    column = kind.columns[place]

    def index(obj: Object) -> Sequence[str]:
        source = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
        text = column.text(kind.read(source)[place], 0)
        return (text,) if text else ()

    return index
