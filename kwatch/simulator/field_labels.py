"""Which fields a field selector may name, and how their values are read: by resource, as the server has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kwatch.simulator.api_types import APIType


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """One field: its label, where its value is, and what an absent one is taken for."""

    label: str
    path: tuple[str, ...]
    default: str = ""

    def read(self, obj: Mapping[str, Any]) -> str:
        """The value as text."""
        value: Any = obj
        for step in self.path:
            value = value.get(step) if isinstance(value, dict) else None
        return self.default if value is None else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item.get("ip", "")) if isinstance(item, dict) else str(item) for item in value)
    return str(value)


def _label(label: str, default: str = "", path: str = "") -> FieldLabel:
    return FieldLabel(label, tuple((path or label).split(".")), default)


_NAME = _label("metadata.name")
_NAMESPACE = _label("metadata.namespace")

_SPECIFIC: dict[str, tuple[FieldLabel, ...]] = {
    "pods": (
        _label("spec.nodeName"),
        _label("spec.restartPolicy"),
        _label("spec.schedulerName"),
        _label("spec.serviceAccountName"),
        _label("spec.hostNetwork", "false"),
        _label("status.phase"),
        _label("status.podIP"),
        _label("status.podIPs"),
        _label("status.nominatedNodeName"),
    ),
    "nodes": (_label("spec.unschedulable", "false"),),
    "namespaces": (_label("status.phase"),),
    "secrets": (_label("type"),),
    "services": (_label("spec.clusterIP"), _label("spec.type")),
    "events": (
        *(
            _label(f"involvedObject.{name}")
            for name in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
        ),
        _label("reason"),
        _label("reportingComponent"),
        _label("source", path="source.component"),
        _label("type"),
    ),
    "replicationcontrollers": (_label("status.replicas", "0"),),
    "replicasets.apps": (_label("status.replicas", "0"),),
    "jobs.batch": (_label("status.successful", "0", path="status.succeeded"),),
    "certificatesigningrequests.certificates.k8s.io": (_label("spec.signerName"),),
    "resourceslices.resource.k8s.io": (_label("spec.nodeName"), _label("spec.driver")),
}


@lru_cache(maxsize=256)
def field_labels(api_type: APIType) -> tuple[FieldLabel, ...]:
    """The fields that can be selected by."""
    general = (_NAME, _NAMESPACE) if api_type.namespaced or not api_type.custom else (_NAME,)
    custom = tuple(_label(path.removeprefix(".")) for path in api_type.selectable_fields)
    return general + _SPECIFIC.get(api_type.storage, ()) + custom
