"""Leases."""

from __future__ import annotations

from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Shape


class LeaseSpec(Shape, frozen=True):
    """What is read of the spec."""

    holder_identity: str | None = None


class Lease(Shape, frozen=True):
    """What is read of a lease."""

    spec: LeaseSpec = LeaseSpec()


LEASES = declare("Lease", Lease, name(), text("Holder", lambda lease: lease.spec.holder_identity or ""), age())
