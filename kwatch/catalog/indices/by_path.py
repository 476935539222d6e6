"""Indices over what a path selects: of fields that were filtered by, and those that users define."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kwatch.catalog.jsonpath import JSONPath
from kwatch.informer.index import IndexFunc
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object


def path_index(path: JSONPath) -> IndexFunc:
    """Everything the path selects."""

    def index(obj: Object) -> Sequence[str]:
        return texts_at(path, obj)

    return index


def texts_at(path: JSONPath, obj: Object) -> Sequence[str]:
    """Each distinct value at a path as text; null is no value, a list or mapping only tells that it is there."""
    found = path.find(obj.tree() if isinstance(obj, KubeObject) else obj)
    return tuple(dict.fromkeys([_text(value) for value in found if value is not None]))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{...}"
    return "[...]" if isinstance(value, list) else str(value)
