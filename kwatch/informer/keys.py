"""Keys of objects: `namespace/name`, or `name` where there is no namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kwatch.informer.delta import DeletedFinalStateUnknown
from kwatch.informer.errors import ObjectKeyError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object

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
