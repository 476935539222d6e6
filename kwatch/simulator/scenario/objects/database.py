"""The cluster's own kind: databases of data.example.com, looked after by an operator of the platform team."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.objects.conditions import condition
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata, with_last_applied
from kwatch.simulator.scenario.timestamps import timestamp

GROUP = "data.example.com"
DATABASE = f"databases.{GROUP}"


def _column(name: str, kind: str, path: str, priority: int = 0, description: str = "") -> dict[str, Any]:
    column: dict[str, Any] = {"name": name, "type": kind, "jsonPath": path}
    if priority:
        column["priority"] = priority
    if description:
        column["description"] = description
    return column


_COLUMNS = [
    _column("Engine", "string", ".spec.engine"),
    _column("Version", "string", ".status.version"),
    _column("Ready", "string", '.status.conditions[?(@.type=="Ready")].status'),
    _column("Phase", "string", ".status.phase", description="What the operator is doing with it"),
    _column("Replicas", "integer", ".status.readyReplicas"),
    _column("Used", "string", ".status.storage.used"),
    _column("Last Backup", "date", ".status.lastBackup.completedAt"),
    _column("Endpoint", "string", ".status.endpoint", priority=1),
    _column("Storage", "string", ".spec.storage.size", priority=1),
    _column("Age", "date", ".metadata.creationTimestamp"),
]

_STRING = {"type": "string"}
_INTEGER = {"type": "integer", "format": "int32"}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "apiVersion": _STRING,
        "kind": _STRING,
        "metadata": {"type": "object"},
        "spec": {
            "type": "object",
            "required": ["engine"],
            "properties": {
                "engine": {"type": "string", "enum": ["postgres", "mysql", "redis"]},
                "version": _STRING,
                "replicas": _INTEGER,
                "storage": {"type": "object", "properties": {"size": _STRING, "class": _STRING}},
                "backup": {"type": "object", "properties": {"schedule": _STRING, "keep": _INTEGER}},
            },
        },
        "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}


def definition(created: float) -> Object:
    """The CustomResourceDefinition."""
    spec_names = {
        "plural": "databases",
        "singular": "database",
        "kind": "Database",
        "listKind": "DatabaseList",
        "shortNames": ["db"],
        "categories": ["all", "data"],
    }
    established = [
        condition("NamesAccepted", True, created, "NoConflicts", "no conflicts found"),
        condition("Established", True, created, "InitialNamesAccepted", "the initial names have been accepted"),
    ]
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _SCHEMA},
        "subresources": {"status": {}},
        "additionalPrinterColumns": _COLUMNS,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata(DATABASE, created=created),
        "spec": {
            "group": GROUP,
            "names": spec_names,
            "scope": "Namespaced",
            "versions": [version],
            "conversion": {"strategy": "None"},
        },
        "status": {"acceptedNames": spec_names, "conditions": established, "storedVersions": ["v1"]},
    }


def database(
    name: str, namespace: str, engine: str, version: str, replicas: int, size: int, *, created: float, backed_up: float
) -> Object:
    """A database that runs; `size` in Gi, `backed_up` is when its last backup ended."""
    used = round(size * 0.41, 1)
    return with_last_applied(
        {
            "apiVersion": f"{GROUP}/v1",
            "kind": "Database",
            "metadata": metadata(name, namespace, created=created),
            "spec": {
                "engine": engine,
                "version": version,
                "replicas": replicas,
                "storage": {"size": f"{size}Gi", "class": "io2-retain"},
                "backup": {"schedule": "*/15 * * * *", "keep": 14},
            },
            "status": {
                "observedGeneration": 1,
                "phase": "Running",
                "version": version,
                "readyReplicas": replicas,
                "endpoint": f"{name}.{namespace}.svc:{6379 if engine == 'redis' else 5432}",
                "storage": {"used": f"{used}Gi"},
                "lastBackup": {"completedAt": timestamp(backed_up), "size": f"{used * 0.38:.1f}Gi"},
                "conditions": [condition("Ready", True, created + 90, "AllReplicasReady", "all replicas are ready")],
            },
        }
    )
