"""Functions that say under which values an index files an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from sys import intern
from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import labels_of, metadata_of, namespace_of
from kwatch.informer.protocol import Object

IndexFunc = Callable[[Any], Sequence[str]]
"""The values of one object (a KubeObject) in one index, as a sequence of texts; none at all leaves it out."""

NAMESPACE_INDEX = "namespace"
LABEL_INDEX = "label"
OWNER_INDEX = "owner"
NODE_INDEX = "node"


def namespace_index(obj: Object) -> Sequence[str]:
    """metadata.namespace; cluster-scoped objects are filed under the empty string."""
    return (namespace_of(obj),)


def label_index(obj: Object) -> Sequence[str]:
    """One value a label, `key=value`."""
    # Interned, because a handful of labels is shared by thousands of objects.
    return tuple([intern(f"{key}={value}") for key, value in labels_of(obj).items()])


def label_key_index(obj: Object) -> Sequence[str]:
    """The labels' keys, for `app` and `!app`."""
    return tuple(labels_of(obj))


def owner_index(obj: Object) -> Sequence[str]:
    """The uids of metadata.ownerReferences."""
    if isinstance(obj, KubeObject):
        return tuple([owner.uid for owner in obj.owners])
    owners = metadata_of(obj).get("ownerReferences") or ()
    return tuple(str(owner["uid"]) for owner in owners if isinstance(owner, Mapping) and owner.get("uid"))


def node_index(obj: Object) -> Sequence[str]:
    """spec.nodeName; objects without one are left out."""
    if isinstance(obj, KubeObject):
        return (obj.node,) if obj.node else ()
    spec: Any = obj.get("spec")
    node = spec.get("nodeName") if isinstance(spec, Mapping) else None
    return (str(node),) if node else ()


def standard_indexers() -> dict[str, IndexFunc]:
    """The four indices every kwatch table has."""
    return {
        NAMESPACE_INDEX: namespace_index,
        LABEL_INDEX: label_index,
        OWNER_INDEX: owner_index,
        NODE_INDEX: node_index,
    }
