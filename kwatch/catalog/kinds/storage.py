"""Storage classes, attachments, and what storage drivers say of themselves."""

from __future__ import annotations

from kwatch.catalog.column import NONE, UNSET
from kwatch.catalog.declaration import age, boolean, created_at, declare, name, number, text
from kwatch.catalog.shapes import Nothing, Shape

_DEFAULT_STORAGE_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


class ClassMetadata(Shape, frozen=True):
    """What is read of the metadata."""

    name: str = ""
    annotations: dict[str, str] | None = None


class StorageClass(Shape, frozen=True):
    """What is read of a storage class."""

    metadata: ClassMetadata = ClassMetadata()
    provisioner: str = ""
    reclaim_policy: str | None = "Delete"
    volume_binding_mode: str | None = "Immediate"
    allow_volume_expansion: bool | None = None


class AttributesClass(Shape, frozen=True):
    """What is read of a class of volume attributes."""

    driver_name: str = ""


class AttachmentSource(Shape, frozen=True):
    """What is attached."""

    persistent_volume_name: str | None = None


class AttachmentSpec(Shape, frozen=True):
    """What is read of the spec."""

    attacher: str = ""
    node_name: str = ""
    source: AttachmentSource = AttachmentSource()


class AttachmentStatus(Shape, frozen=True):
    """What is read of the status."""

    attached: bool = False


class Attachment(Shape, frozen=True):
    """What is read of an attachment."""

    spec: AttachmentSpec = AttachmentSpec()
    status: AttachmentStatus = AttachmentStatus()


class TokenRequest(Shape, frozen=True):
    """A token a driver wants."""

    audience: str = ""


class DriverSpec(Shape, frozen=True):
    """What is read of the spec."""

    attach_required: bool | None = True
    pod_info_on_mount: bool | None = False
    storage_capacity: bool | None = False
    requires_republish: bool | None = False
    token_requests: tuple[TokenRequest, ...] | None = None
    volume_lifecycle_modes: tuple[str, ...] | None = ("Persistent",)


class Driver(Shape, frozen=True):
    """What is read of a driver."""

    spec: DriverSpec = DriverSpec()


class NodeDriversSpec(Shape, frozen=True):
    """What is read of the spec."""

    drivers: tuple[Nothing, ...] | None = None


class NodeDrivers(Shape, frozen=True):
    """What is read of a node's drivers."""

    spec: NodeDriversSpec = NodeDriversSpec()


def _marked_name(metadata: ClassMetadata) -> str:
    given = metadata.annotations or {}
    is_default = any(given.get(annotation) == "true" for annotation in _DEFAULT_STORAGE_CLASS)
    return f"{metadata.name} (default)" if is_default else metadata.name


def _audiences(driver: Driver) -> str:
    requests = driver.spec.token_requests
    return UNSET if requests is None else ",".join([request.audience for request in requests])


STORAGE_CLASSES = declare(
    "StorageClass",
    StorageClass,
    text("Name", lambda one: _marked_name(one.metadata), unique=True, server_format="name"),
    text("Provisioner", lambda one: one.provisioner),
    text("ReclaimPolicy", lambda one: "Delete" if one.reclaim_policy is None else one.reclaim_policy),
    text("VolumeBindingMode", lambda one: "Immediate" if one.volume_binding_mode is None else one.volume_binding_mode),
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
    boolean("AttachRequired", lambda driver: driver.spec.attach_required is not False),
    boolean("PodInfoOnMount", lambda driver: bool(driver.spec.pod_info_on_mount)),
    boolean("StorageCapacity", lambda driver: bool(driver.spec.storage_capacity)),
    text("TokenRequests", _audiences),
    boolean("RequiresRepublish", lambda driver: bool(driver.spec.requires_republish)),
    text("Modes", lambda driver: ",".join(driver.spec.volume_lifecycle_modes or ()) or NONE),
    age(),
)

CSI_NODES = declare("CSINode", NodeDrivers, name(), number("Drivers", lambda node: len(node.spec.drivers or ())), age())

CSI_STORAGE_CAPACITIES = declare("CSIStorageCapacity", Nothing, name(), created_at())
