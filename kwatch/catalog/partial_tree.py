"""The part of an object's tree that some paths can reach: most of an object, and all of managedFields, stays unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from kwatch.catalog.jsonpath import JSONPath
from kwatch.informer.kube_object import KubeObject

_METADATA_FIELD = re.compile(r"[{$@.\s]*metadata\.(\w+)")
_METADATA = (
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "uid",
)


def partial_tree_reader(paths: Sequence[JSONPath]) -> Callable[[KubeObject], Any]:
    """What reads enough of an object for every path; raises ValueError or RecursionError for bytes that are no tree."""
    roots = {path.root for path in paths}
    if None in roots or not all(_is_within(path) for path in paths):
        return KubeObject.tree
    decode = msgspec.json.Decoder(_shape({root for root in roots if root is not None})).decode

    def read(obj: KubeObject) -> Any:
        try:
            return _present(decode(obj.raw))
        except ValueError:
            return obj.tree()

    return read


def _is_within(path: JSONPath) -> bool:
    """Whether it stays within the metadata that is read, if it enters it at all."""
    if path.root != "metadata":
        return True
    match = _METADATA_FIELD.match(path.text)
    return match is not None and match[1] in _METADATA


def _shape(roots: Collection[str]) -> type[msgspec.Struct]:
    metadata = _struct(dict.fromkeys(_METADATA, Any))
    return _struct({root: metadata | msgspec.UnsetType if root == "metadata" else Any for root in sorted(roots)})


def _struct(fields: dict[str, Any]) -> type[msgspec.Struct]:
    """A Struct of fields that are unset unless they are there, so that null stays null."""
    numbered = {f"field{number}": key for number, key in enumerate(fields)}
    definitions = [(name, fields[key], msgspec.UNSET) for name, key in numbered.items()]
    return msgspec.defstruct("Part", definitions, rename=numbered, gc=False)


def _present(part: msgspec.Struct) -> dict[str, Any]:
    tree = {}
    for name, key in zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True):
        value = getattr(part, name)
        if value is not msgspec.UNSET:
            tree[key] = _present(value) if isinstance(value, msgspec.Struct) else value
    return tree
