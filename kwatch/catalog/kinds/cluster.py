"""Nodes, events, namespaces, and what they hold beside workloads: config maps, secrets, accounts, quotas, limits."""

from __future__ import annotations

from typing import Any

import msgspec

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, UNKNOWN, Level, natural_order
from kwatch.catalog.kind import Kind, age, created_at, declare, name, number, text
from kwatch.catalog.shapes import (
    Condition,
    Conditions,
    LabelledMetadata,
    Nothing,
    ObjectReference,
    Shape,
    Taint,
    WholeObject,
)


class EventSource(Shape, frozen=True):
    """Who says so, in the older form."""

    component: str = ""
    host: str = ""


class Series(Shape, frozen=True):
    count: int = 0
    last_observed_time: str | None = None


class CoreEvent(WholeObject, frozen=True):
    """An event of the core group."""

    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 0
    involved_object: ObjectReference = ObjectReference()
    source: EventSource = EventSource()
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    series: Series | None = None
    reporting_component: str = ""
    reporting_instance: str = ""


class NewEvent(WholeObject, frozen=True):
    """An event of events.k8s.io."""

    type: str = ""
    reason: str = ""
    message: str = msgspec.field(default="", name="note")
    count: int = msgspec.field(default=0, name="deprecatedCount")
    involved_object: ObjectReference = msgspec.field(default=ObjectReference(), name="regarding")
    source: EventSource = msgspec.field(default=EventSource(), name="deprecatedSource")
    first_timestamp: str | None = msgspec.field(default=None, name="deprecatedFirstTimestamp")
    last_timestamp: str | None = msgspec.field(default=None, name="deprecatedLastTimestamp")
    event_time: str | None = None
    series: Series | None = None
    reporting_component: str = msgspec.field(default="", name="reportingController")
    reporting_instance: str = ""


AnyEvent = CoreEvent | NewEvent


def first_seen(event: AnyEvent) -> float | None:
    first = parse_time(event.first_timestamp)
    return parse_time(event.event_time) if first is None else first


def last_seen(event: AnyEvent) -> float | None:
    if event.series is not None:
        return parse_time(event.series.last_observed_time)
    last = parse_time(event.last_timestamp)
    return first_seen(event) if last is None else last


def _times_seen(event: AnyEvent) -> int:
    return event.series.count if event.series is not None else event.count or 1


def target(event: AnyEvent) -> str:
    """`pod/web-1`."""
    about = event.involved_object
    return f"{about.kind.lower()}/{about.name}" if about.name else about.kind.lower()


def _source(event: AnyEvent) -> str:
    """`kubelet, node-1`."""
    component = event.source.component or event.reporting_component
    instance = event.source.host or event.reporting_instance
    return f"{component}, {instance}" if instance else component


def _kind(shape: type[Any]) -> Kind:
    return declare(
        "Event",
        shape,
        age("Last Seen", last_seen),
        text("Type", lambda event: event.type, levels={"Normal": Level.GOOD, "Warning": Level.WARNING}),
        text("Reason", lambda event: event.reason),
        text("Object", target, max_width=48),
        text("Subobject", lambda event: event.involved_object.field_path, wide=True),
        text("Source", _source, wide=True),
        text("Message", lambda event: event.message.strip(), unique=True, max_width=200),
        age("First Seen", first_seen, wide=True),
        number("Count", _times_seen, wide=True, server_type="string"),
        text("Name", lambda obj: obj.name, wide=True, unique=True, server_format="name", of_head=True),
    )


EVENTS = _kind(CoreEvent)
NEW_EVENTS = _kind(NewEvent)


_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


class NodeSpec(Shape, frozen=True):
    unschedulable: bool = False
    taints: tuple[Taint, ...] | None = None


class NodeAddress(Shape, frozen=True):
    type: str = ""
    address: str = ""


class NodeInfo(Shape, frozen=True):
    kubelet_version: str = ""
    os_image: str = ""
    kernel_version: str = ""
    container_runtime_version: str = ""
    architecture: str = ""


class NodeStatus(Shape, frozen=True):
    conditions: tuple[Condition, ...] = ()
    addresses: tuple[NodeAddress, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(WholeObject, frozen=True):
    metadata: LabelledMetadata = LabelledMetadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


def _status(node: Node) -> str:
    """`Ready`, `NotReady` or `Unknown`, and whether pods may be scheduled on it."""
    word = "Unknown"
    for condition in node.status.conditions:
        if condition.type == "Ready":
            word = "Ready" if condition.status == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def _roles(node: Node) -> str:
    """The roles its labels give it, sorted."""
    labels = node.metadata.labels or {}
    found = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    found.add(labels.get(_ROLE_LABEL, ""))
    found.discard("")
    return ",".join(sorted(found)) or NONE


def _address(node: Node, address_type: str) -> str:
    return next((each.address for each in node.status.addresses if each.type == address_type), NONE)


def _kernel(node: Node) -> str:
    info = node.status.node_info
    version = info.kernel_version or UNKNOWN
    return f"{version} ({info.architecture})" if info.architecture else version


def _status_level(value: Any) -> Level:
    """Ready is good, cordoned a warning, anything else bad."""
    if value == "Ready":
        return Level.GOOD
    if not isinstance(value, str):
        return Level.NONE
    return Level.WARNING if value.startswith("Ready,") else Level.BAD


NODES = declare(
    "Node",
    Node,
    name(),
    text("Status", _status, levels=_status_level, min_width=8),
    text("Roles", _roles),
    age(),
    text("Version", lambda node: node.status.node_info.kubelet_version, order=natural_order),
    text("Internal-IP", lambda node: _address(node, "InternalIP"), wide=True, unique=True),
    text("External-IP", lambda node: _address(node, "ExternalIP"), wide=True, unique=True),
    text("OS-Image", lambda node: node.status.node_info.os_image or UNKNOWN, wide=True),
    text("Kernel-Version", _kernel, wide=True),
    text("Container-Runtime", lambda node: node.status.node_info.container_runtime_version or UNKNOWN, wide=True),
)


class NamespaceStatus(Shape, frozen=True):
    phase: str = "Active"
    conditions: Conditions = None


class Namespace(WholeObject, frozen=True):
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


class ConfigMap(Shape, frozen=True):
    data: dict[str, msgspec.Raw] | None = None
    binary_data: dict[str, msgspec.Raw] | None = None


class Secret(Shape, frozen=True):
    """Never a value, only how many there are."""

    type: str = "Opaque"
    data: dict[str, msgspec.Raw] | None = None


CONFIG_MAPS = declare(
    "ConfigMap",
    ConfigMap,
    name(),
    number("Data", lambda one: len(one.data or ()) + len(one.binary_data or ()), server_type="string"),
    age(),
)

SECRETS = declare(
    "Secret",
    Secret,
    name(),
    text("Type", lambda secret: secret.type),
    number("Data", lambda secret: len(secret.data or ()), server_type="string"),
    age(),
)

SERVICE_ACCOUNTS = declare("ServiceAccount", Nothing, name(), age())


class QuotaStatus(Shape, frozen=True):
    hard: dict[str, str] | None = None
    used: dict[str, str] | None = None


class Quota(WholeObject, frozen=True):
    status: QuotaStatus = QuotaStatus()


def _usage(quota: Quota, *, limits: bool) -> str:
    """`pods: 6/50, services: 1/9` of the resources that are, or are not, limits."""
    used = quota.status.used or {}
    hard = sorted((quota.status.hard or {}).items())
    return ", ".join(
        [f"{name}: {used.get(name, '0')}/{most}" for name, most in hard if name.startswith("limits.") is limits]
    )


RESOURCE_QUOTAS = declare(
    "ResourceQuota",
    Quota,
    name(),
    text("Request", lambda quota: _usage(quota, limits=False), unique=True, max_width=120),
    text("Limit", lambda quota: _usage(quota, limits=True), unique=True, max_width=120),
    age(),
)

LIMIT_RANGES = declare("LimitRange", Nothing, name(), created_at())
