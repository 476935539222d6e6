"""Namespaces."""

from __future__ import annotations

from kwatch.catalog.column import Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Shape


class NamespaceStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = "Active"


class Namespace(Shape, frozen=True):
    """What is read of a namespace."""

    status: NamespaceStatus = NamespaceStatus()


NAMESPACES = declare(
    "Namespace",
    Namespace,
    name(),
    text(
        "Status",
        lambda namespace: namespace.status.phase,
        levels={"Active": Level.GOOD, "Terminating": Level.PROGRESS},
        min_width=8,
    ),
    age(),
)
