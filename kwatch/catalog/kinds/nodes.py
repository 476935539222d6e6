"""Nodes."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import NONE, UNKNOWN, Level, natural_order
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Condition, Shape

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


class NodeMetadata(Shape, frozen=True):
    """What is read of the metadata."""

    labels: dict[str, str] = {}


class NodeSpec(Shape, frozen=True):
    """What is read of the spec."""

    unschedulable: bool = False


class NodeAddress(Shape, frozen=True):
    """One address."""

    type: str = ""
    address: str = ""


class NodeInfo(Shape, frozen=True):
    """What the kubelet says of its machine."""

    kubelet_version: str = ""
    os_image: str = ""
    kernel_version: str = ""
    container_runtime_version: str = ""
    architecture: str = ""


class NodeStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] = ()
    addresses: tuple[NodeAddress, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(Shape, frozen=True):
    """What is read of a node."""

    metadata: NodeMetadata = NodeMetadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


def status(node: Node) -> str:
    """`Ready`, `NotReady` or `Unknown`, and whether pods may be scheduled on it."""
    word = "Unknown"
    for condition in node.status.conditions:
        if condition.type == "Ready":
            word = "Ready" if condition.status == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def roles(node: Node) -> str:
    """The roles its labels give it, sorted."""
    found = {key.removeprefix(_ROLE_PREFIX) for key in node.metadata.labels if key.startswith(_ROLE_PREFIX)}
    found.add(node.metadata.labels.get(_ROLE_LABEL, ""))
    found.discard("")
    return ",".join(sorted(found)) or NONE


def address(node: Node, address_type: str) -> str:
    """The first address of a type."""
    return next((each.address for each in node.status.addresses if each.type == address_type), NONE)


def kernel(node: Node) -> str:
    """The kernel's version, and the architecture where it is known."""
    info = node.status.node_info
    version = info.kernel_version or UNKNOWN
    return f"{version} ({info.architecture})" if info.architecture else version


def status_level(value: Any) -> Level:
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
    text("Status", status, levels=status_level, min_width=8),
    text("Roles", roles),
    age(),
    text("Version", lambda node: node.status.node_info.kubelet_version, order=natural_order),
    text("Internal-IP", lambda node: address(node, "InternalIP"), wide=True, unique=True),
    text("External-IP", lambda node: address(node, "ExternalIP"), wide=True, unique=True),
    text("OS-Image", lambda node: node.status.node_info.os_image or UNKNOWN, wide=True),
    text("Kernel-Version", kernel, wide=True),
    text("Container-Runtime", lambda node: node.status.node_info.container_runtime_version or UNKNOWN, wide=True),
)
