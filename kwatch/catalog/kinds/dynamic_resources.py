"""Devices that pods claim: classes, claims and what nodes offer."""

from __future__ import annotations

from kwatch.catalog.column import Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Deletion, Nothing, ObjectReference, Shape


class ClaimStatus(Shape, frozen=True):
    """What is read of the status."""

    allocation: Nothing | None = None
    reserved_for: tuple[Nothing, ...] | None = None


class ResourceClaim(Shape, frozen=True):
    """What is read of a claim."""

    metadata: Deletion = Deletion()
    status: ClaimStatus = ClaimStatus()


class SliceSpec(Shape, frozen=True):
    """What is read of the spec."""

    node_name: str | None = None
    driver: str = ""
    pool: ObjectReference = ObjectReference()


class ResourceSlice(Shape, frozen=True):
    """What is read of a slice."""

    spec: SliceSpec = SliceSpec()


def state(claim: ResourceClaim) -> str:
    """`pending`, `allocated,reserved`, `deleted,allocated`."""
    is_deleted = claim.metadata.deletion_timestamp is not None
    words = ["deleted"] if is_deleted else []
    if claim.status.allocation is None:
        return ",".join(words or ["pending"])
    words.append("allocated")
    if claim.status.reserved_for:
        words.append("reserved")
    return ",".join(words)


DEVICE_CLASSES = declare("DeviceClass", Nothing, name(), age())

RESOURCE_CLAIMS = declare(
    "ResourceClaim", ResourceClaim, name(), text("State", state, levels={"pending": Level.PROGRESS}), age()
)

RESOURCE_CLAIM_TEMPLATES = declare("ResourceClaimTemplate", Nothing, name(), age())

RESOURCE_SLICES = declare(
    "ResourceSlice",
    ResourceSlice,
    name(),
    text("Node", lambda resource_slice: resource_slice.spec.node_name or ""),
    text("Driver", lambda resource_slice: resource_slice.spec.driver),
    text("Pool", lambda resource_slice: resource_slice.spec.pool.name),
    age(),
)
