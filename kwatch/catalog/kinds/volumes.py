"""Persistent volumes and the claims on them."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.base.quantity import quantity_order
from kwatch.catalog.column import UNSET, Level
from kwatch.catalog.declaration import Field, age, declare, name, text
from kwatch.catalog.shapes import Metadata, ObjectReference, Shape

_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


class VolumeSpec(Shape, frozen=True):
    """What is read of the spec."""

    capacity: dict[str, str] | None = None
    access_modes: tuple[str, ...] | None = None
    persistent_volume_reclaim_policy: str = "Retain"
    claim_ref: ObjectReference | None = None
    storage_class_name: str = ""
    volume_attributes_class_name: str | None = None
    volume_mode: str | None = "Filesystem"


class VolumeStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = "Pending"
    reason: str = ""


class Volume(Shape, frozen=True):
    """What is read of a volume."""

    metadata: Metadata = Metadata()
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class ClaimSpec(Shape, frozen=True):
    """What is read of the spec."""

    volume_name: str = ""
    storage_class_name: str | None = None
    volume_attributes_class_name: str | None = None
    volume_mode: str | None = "Filesystem"


class ClaimStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = "Pending"
    access_modes: tuple[str, ...] | None = None
    capacity: dict[str, str] | None = None


class Claim(Shape, frozen=True):
    """What is read of a claim."""

    metadata: Metadata = Metadata()
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


def access_modes_text(modes: Sequence[str] | None) -> str:
    """`RWO,RWX`: each once, in a fixed order."""
    given = set(modes or ())
    return ",".join([short for mode, short in _ACCESS_MODES.items() if mode in given])


def phase(bound: Volume | Claim) -> str:
    """The phase, unless it is being deleted."""
    return bound.status.phase if bound.metadata.deletion_timestamp is None else "Terminating"


def storage_class(bound: Volume | Claim) -> str:
    """The class; the annotation of old wins over the spec."""
    annotated = (bound.metadata.annotations or {}).get(_CLASS_ANNOTATION)
    return (bound.spec.storage_class_name or "") if annotated is None else annotated


def claim_of(volume: Volume) -> str:
    """`namespace/name` of the claim it is bound to."""
    claim = volume.spec.claim_ref
    return "" if claim is None else f"{claim.namespace}/{claim.name}"


def _claim_capacity(claim: Claim) -> str:
    return (claim.status.capacity or {}).get("storage", "0") if claim.spec.volume_name else ""


def _claim_modes(claim: Claim) -> str:
    return access_modes_text(claim.status.access_modes) if claim.spec.volume_name else ""


def _attributes_class(bound: Volume | Claim) -> str:
    given = bound.spec.volume_attributes_class_name
    return UNSET if given is None else given


def _volume_mode(bound: Volume | Claim) -> str:
    given = bound.spec.volume_mode
    return UNSET if given is None else given


_PHASES = {
    "Bound": Level.GOOD,
    "Available": Level.GOOD,
    "Pending": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "Released": Level.WARNING,
    "Failed": Level.BAD,
    "Lost": Level.BAD,
}


def _volume_capacity() -> Field[Volume]:
    return text(
        "Capacity",
        lambda volume: (volume.spec.capacity or {}).get("storage", "0"),
        order=quantity_order,
        right=True,
        compare="quantity",
        max_width=12,
    )


VOLUMES = declare(
    "PersistentVolume",
    Volume,
    name(),
    _volume_capacity(),
    text("Access Modes", lambda volume: access_modes_text(volume.spec.access_modes)),
    text("Reclaim Policy", lambda volume: volume.spec.persistent_volume_reclaim_policy),
    text("Status", phase, levels=_PHASES, min_width=8),
    text("Claim", claim_of, unique=True),
    text("StorageClass", storage_class),
    text("VolumeAttributesClass", _attributes_class),
    text("Reason", lambda volume: volume.status.reason),
    age(),
    text("VolumeMode", _volume_mode, wide=True),
)

CLAIMS = declare(
    "PersistentVolumeClaim",
    Claim,
    name(),
    text("Status", phase, levels=_PHASES, min_width=8),
    text("Volume", lambda claim: claim.spec.volume_name, unique=True),
    text("Capacity", _claim_capacity, order=quantity_order, right=True, compare="quantity", max_width=12),
    text("Access Modes", _claim_modes),
    text("StorageClass", storage_class),
    text("VolumeAttributesClass", _attributes_class),
    age(),
    text("VolumeMode", _volume_mode, wide=True),
)
