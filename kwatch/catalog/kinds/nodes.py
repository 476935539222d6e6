"""Nodes."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import NONE, UNKNOWN, Level, natural_order
from kwatch.catalog.kind import age, declare, name, text
from kwatch.catalog.shapes import Condition, LabelledMetadata, Shape, WholeObject

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


class Taint(Shape, frozen=True):
    key: str = ""
    time_added: str | None = None


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
