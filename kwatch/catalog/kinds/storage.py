"""Persistent volumes and the claims on them; storage classes, attachments, storage drivers."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.column import NONE, UNSET, Level
from kwatch.catalog.kind import Field, age, boolean, created_at, declare, name, number, quantity, text
from kwatch.catalog.shapes import AnnotatedMetadata, Nothing, ObjectReference, Shape, WholeObject

_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_ACCESS_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


class VolumeSpec(Shape, frozen=True):
    capacity: dict[str, str] | None = None
    access_modes: tuple[str, ...] | None = None
    persistent_volume_reclaim_policy: str = "Retain"
    claim_ref: ObjectReference | None = None
    storage_class_name: str = ""
    volume_attributes_class_name: str | None = None
    volume_mode: str | None = "Filesystem"


class VolumeStatus(Shape, frozen=True):
    phase: str = "Pending"
    reason: str = ""
    message: str = ""


class Volume(WholeObject, frozen=True):
    metadata: AnnotatedMetadata = AnnotatedMetadata()
    spec: VolumeSpec = VolumeSpec()
    status: VolumeStatus = VolumeStatus()


class ClaimSpec(Shape, frozen=True):
    volume_name: str = ""
    storage_class_name: str | None = None
    volume_attributes_class_name: str | None = None
    volume_mode: str | None = "Filesystem"


class ClaimStatus(Shape, frozen=True):
    phase: str = "Pending"
    access_modes: tuple[str, ...] | None = None
    capacity: dict[str, str] | None = None


class Claim(WholeObject, frozen=True):
    metadata: AnnotatedMetadata = AnnotatedMetadata()
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


def _access_modes(modes: Sequence[str] | None) -> str:
    """`RWO,RWX`: each once, in a fixed order."""
    given = set(modes or ())
    return ",".join([short for mode, short in _ACCESS_MODES.items() if mode in given])


def _phase(bound: Volume | Claim) -> str:
    """The phase, unless it is being deleted."""
    return bound.status.phase if bound.metadata.deletion_timestamp is None else "Terminating"


def _storage_class(bound: Volume | Claim) -> str:
    """The class; the annotation of old wins over the spec."""
    annotated = (bound.metadata.annotations or {}).get(_CLASS_ANNOTATION)
    return (bound.spec.storage_class_name or "") if annotated is None else annotated


def _claim_of(volume: Volume) -> str:
    """`namespace/name` of the claim it is bound to."""
    claim = volume.spec.claim_ref
    return "" if claim is None else f"{claim.namespace}/{claim.name}"


def _claim_capacity(claim: Claim) -> str:
    return (claim.status.capacity or {}).get("storage", "0") if claim.spec.volume_name else ""


def _claim_modes(claim: Claim) -> str:
    return _access_modes(claim.status.access_modes) if claim.spec.volume_name else ""


_PHASES = {
    "Bound": Level.GOOD,
    "Available": Level.GOOD,
    "Pending": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "Released": Level.WARNING,
    "Failed": Level.BAD,
    "Lost": Level.BAD,
}


_ATTRIBUTES_CLASS: Field[Volume | Claim] = text(
    "VolumeAttributesClass", lambda bound: bound.spec.volume_attributes_class_name, absent=UNSET
)
_VOLUME_MODE: Field[Volume | Claim] = text("VolumeMode", lambda bound: bound.spec.volume_mode, wide=True, absent=UNSET)

VOLUMES = declare(
    "PersistentVolume",
    Volume,
    name(),
    quantity("Capacity", lambda volume: (volume.spec.capacity or {}).get("storage", "0")),
    text("Access Modes", lambda volume: _access_modes(volume.spec.access_modes)),
    text("Reclaim Policy", lambda volume: volume.spec.persistent_volume_reclaim_policy),
    text("Status", _phase, levels=_PHASES, min_width=8),
    text("Claim", _claim_of, unique=True),
    text("StorageClass", _storage_class),
    _ATTRIBUTES_CLASS,
    text("Reason", lambda volume: volume.status.reason),
    age(),
    _VOLUME_MODE,
)

CLAIMS = declare(
    "PersistentVolumeClaim",
    Claim,
    name(),
    text("Status", _phase, levels=_PHASES, min_width=8),
    text("Volume", lambda claim: claim.spec.volume_name, unique=True),
    quantity("Capacity", _claim_capacity),
    text("Access Modes", _claim_modes),
    text("StorageClass", _storage_class),
    _ATTRIBUTES_CLASS,
    age(),
    _VOLUME_MODE,
)


_DEFAULT_STORAGE_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


class ClassMetadata(Shape, frozen=True):
    name: str = ""
    annotations: dict[str, str] | None = None


class StorageClass(Shape, frozen=True):
    metadata: ClassMetadata = ClassMetadata()
    provisioner: str = ""
    reclaim_policy: str | None = "Delete"
    volume_binding_mode: str | None = "Immediate"
    allow_volume_expansion: bool | None = None


class AttributesClass(Shape, frozen=True):
    driver_name: str = ""


class AttachmentSource(Shape, frozen=True):
    persistent_volume_name: str | None = None


class AttachmentSpec(Shape, frozen=True):
    attacher: str = ""
    node_name: str = ""
    source: AttachmentSource = AttachmentSource()


class VolumeError(Shape, frozen=True):
    message: str = ""


class AttachmentStatus(Shape, frozen=True):
    attached: bool = False
    attach_error: VolumeError | None = None
    detach_error: VolumeError | None = None


class Attachment(WholeObject, frozen=True):
    spec: AttachmentSpec = AttachmentSpec()
    status: AttachmentStatus = AttachmentStatus()


class TokenRequest(Shape, frozen=True):
    audience: str = ""


class Driver(Shape, frozen=True):
    attach_required: bool | None = True
    pod_info_on_mount: bool | None = False
    storage_capacity: bool | None = False
    requires_republish: bool | None = False
    token_requests: tuple[TokenRequest, ...] | None = None
    volume_lifecycle_modes: tuple[str, ...] | None = ("Persistent",)


class NodeDrivers(Shape, frozen=True):
    drivers: tuple[Nothing, ...] | None = None


def _marked_name(metadata: ClassMetadata) -> str:
    given = metadata.annotations or {}
    is_default = any(given.get(annotation) == "true" for annotation in _DEFAULT_STORAGE_CLASS)
    return f"{metadata.name} (default)" if is_default else metadata.name


def _audiences(driver: Driver) -> str:
    requests = driver.token_requests
    return UNSET if requests is None else ",".join([request.audience for request in requests])


STORAGE_CLASSES = declare(
    "StorageClass",
    StorageClass,
    text("Name", lambda one: _marked_name(one.metadata), unique=True, server_format="name"),
    text("Provisioner", lambda one: one.provisioner),
    text("ReclaimPolicy", lambda one: one.reclaim_policy, absent="Delete"),
    text("VolumeBindingMode", lambda one: one.volume_binding_mode, absent="Immediate"),
    boolean("AllowVolumeExpansion", lambda one: bool(one.allow_volume_expansion), server_type="string"),
    age(),
)

ATTRIBUTES_CLASSES = declare(
    "VolumeAttributesClass",
    AttributesClass,
    name(),
    text("DriverName", lambda one: one.driver_name),
    age(),
)

ATTACHMENTS = declare(
    "VolumeAttachment",
    Attachment,
    name(),
    text("Attacher", lambda attachment: attachment.spec.attacher, server_format="name"),
    text("PV", lambda attachment: attachment.spec.source.persistent_volume_name or "", unique=True),
    text("Node", lambda attachment: attachment.spec.node_name),
    boolean("Attached", lambda attachment: attachment.status.attached),
    age(),
)

CSI_DRIVERS = declare(
    "CSIDriver",
    Driver,
    name(),
    boolean("AttachRequired", lambda driver: driver.attach_required is not False),
    boolean("PodInfoOnMount", lambda driver: bool(driver.pod_info_on_mount)),
    boolean("StorageCapacity", lambda driver: bool(driver.storage_capacity)),
    text("TokenRequests", _audiences),
    boolean("RequiresRepublish", lambda driver: bool(driver.requires_republish)),
    text("Modes", lambda driver: ",".join(driver.volume_lifecycle_modes or ()) or NONE),
    age(),
    within="spec",
)

CSI_NODES = declare(
    "CSINode", NodeDrivers, name(), number("Drivers", lambda node: len(node.drivers or ())), age(), within="spec"
)

CSI_STORAGE_CAPACITIES = declare("CSIStorageCapacity", Nothing, name(), created_at())
