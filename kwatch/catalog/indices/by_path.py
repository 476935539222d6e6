"""Indices that users define: what a path selects."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.go_text import go_text
from kwatch.catalog.jsonpath import JSONPath
from kwatch.informer.index_functions import IndexFunc
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object


def path_index(path: JSONPath) -> IndexFunc:
    """Everything the path selects, as text, each once; null is no value."""

    def index(obj: Object) -> Sequence[str]:
        tree = obj.tree() if isinstance(obj, KubeObject) else obj
        return tuple(dict.fromkeys([go_text(value) for value in path.find(tree) if value is not None]))

    return index
