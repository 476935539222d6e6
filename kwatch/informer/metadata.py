"""The few metadata fields the machinery reads, from a KubeObject's attributes or from any other Mapping."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

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
