"""A column as the server prints it: what the cells of a KubeObject from a Table mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerColumn:
    """One columnDefinition of the server's Table. A custom resource's description ends with its JSONPath."""

    name: str
    type: str
    format: str = ""
    priority: int = 0
    description: str = ""
