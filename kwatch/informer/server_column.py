"""A column as the server prints it: what the cells of a KubeObject from a Table mean."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.kube_object import KubeObject


@dataclass(frozen=True, slots=True)
class ServerColumn:
    """One columnDefinition of the server's Table. A custom resource's description ends with its JSONPath."""

    name: str
    type: str
    format: str = ""
    priority: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class TableSample:
    """What the server's Table of a resource looks like: its columns, and one object with its cells if there is any."""

    columns: tuple[ServerColumn, ...] = ()
    object: KubeObject | None = None
