"""Metadata of a KubeObject or of any other Mapping: the few fields that the machinery reads, keys, and versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def metadata_of(obj: Object) -> Mapping[str, Any]:
    """The metadata as a Mapping, empty if there is none or it is something else."""
    metadata = obj.get("metadata")
    return metadata if isinstance(metadata, Mapping) else _EMPTY


def _text(obj: Object, field: str) -> str:
    value = metadata_of(obj).get(field)
    return value if isinstance(value, str) else ""


def name_of(obj: Object) -> str:
    """metadata.name, or empty."""
    return obj.name if isinstance(obj, KubeObject) else _text(obj, "name")


def namespace_of(obj: Object) -> str:
    """metadata.namespace, or empty."""
    return obj.namespace if isinstance(obj, KubeObject) else _text(obj, "namespace")


def uid_of(obj: Object) -> str:
    """metadata.uid, or empty."""
    return obj.uid if isinstance(obj, KubeObject) else _text(obj, "uid")


def resource_version_of(obj: Object) -> str:
    """metadata.resourceVersion, or empty."""
    return obj.resource_version if isinstance(obj, KubeObject) else _text(obj, "resourceVersion")


def labels_of(obj: Object) -> Mapping[str, str]:
    """metadata.labels, or an empty Mapping."""
    if isinstance(obj, KubeObject):
        return obj.labels
    labels = metadata_of(obj).get("labels")
    return labels if isinstance(labels, Mapping) else _EMPTY


def annotations_of(obj: Object) -> Mapping[str, str]:
    """metadata.annotations, or an empty Mapping. Parses a KubeObject."""
    annotations = metadata_of(obj).get("annotations")
    return annotations if isinstance(annotations, Mapping) else _EMPTY


def type_of(obj: Object) -> tuple[str, str]:
    """apiVersion and kind, each empty if unknown."""
    if isinstance(obj, KubeObject):
        return obj.api_version, obj.kind
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    return api_version if isinstance(api_version, str) else "", kind if isinstance(kind, str) else ""


KeyFunc = Callable[[Any], str]
"""Makes the key of an object; raises for one that has none."""


def join_key(namespace: str, name: str) -> str:
    """The key of a namespace and a name; the namespace may be empty."""
    return f"{namespace}/{name}" if namespace else name


def split_key(key: str) -> tuple[str, str]:
    """The namespace (or empty) and the name in a key; raise ValueError for more than one slash."""
    namespace, slash, name = key.partition("/")
    if not slash:
        return "", key
    if "/" in name:
        raise ValueError(f"unexpected key format: {key!r}")
    return namespace, name


def meta_namespace_key(obj: Object) -> str:
    """The key by metadata.namespace and metadata.name; raise ObjectKeyError if there is no name to go by."""
    if isinstance(obj, KubeObject):
        return obj.key
    metadata = obj.get("metadata") if isinstance(obj, Mapping) else None
    if not isinstance(metadata, Mapping):
        raise ObjectKeyError(obj, "the object has no metadata")
    name = metadata.get("name")
    if not isinstance(name, str) or not name:
        raise ObjectKeyError(obj, "the object has no metadata.name")
    namespace = metadata.get("namespace") or ""
    if not isinstance(namespace, str):
        raise ObjectKeyError(obj, "metadata.namespace is not a string")
    return join_key(namespace, name)


def deletion_handling_key(obj: Object | DeletedFinalStateUnknown, key_func: KeyFunc = meta_namespace_key) -> str:
    """The key of an object or of a tombstone, which carries its own."""
    if isinstance(obj, DeletedFinalStateUnknown):
        return obj.key
    return key_func(obj)


def deletion_handling_name(obj: Object | DeletedFinalStateUnknown) -> tuple[str, str]:
    """Namespace and name of an object or of a tombstone, which may hold no object."""
    return split_key(deletion_handling_key(obj))


_VERSION = re.compile(r"[1-9][0-9]*\Z")


def compare_resource_versions(one: str, other: str) -> int:
    """-1, 0 or 1; numbers of any length. Raise ValueError for "", "0", leading zeros and anything but digits."""
    for version in (one, other):
        if not _VERSION.match(version) or not version.isascii():
            raise ValueError(f"resource version {version!r} cannot be compared")
    left, right = (len(one), one), (len(other), other)
    return (left > right) - (left < right)
