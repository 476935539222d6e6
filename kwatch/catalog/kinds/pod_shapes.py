"""What is read of a pod."""

from __future__ import annotations

import msgspec

from kwatch.catalog.shapes import Condition, Deletion, Nothing, Shape


class Terminated(Shape, frozen=True):
    """How a container ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    finished_at: str | None = None


class Waiting(Shape, frozen=True):
    """Why a container does not run yet."""

    reason: str = ""


class State(Shape, frozen=True):
    """One of the three is there, or none."""

    waiting: Waiting | None = None
    running: Nothing | None = None
    terminated: Terminated | None = None


class ContainerStatus(Shape, frozen=True):
    """What the kubelet says of one container."""

    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: State = State()
    last_state: State = State()


class InitContainer(Shape, frozen=True):
    """An init container of the spec."""

    name: str = ""
    restart_policy: str | None = None


class ReadinessGate(Shape, frozen=True):
    """A condition that must hold for the pod to be ready."""

    condition_type: str = ""


class PodIP(Shape, frozen=True):
    """One address."""

    ip: str = ""


class PodSpec(Shape, frozen=True):
    """What is read of the spec."""

    containers: tuple[Nothing, ...] = ()
    init_containers: tuple[InitContainer, ...] = ()
    readiness_gates: tuple[ReadinessGate, ...] = ()
    node_name: str = ""


class PodStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = ""
    reason: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    pod_ips: tuple[PodIP, ...] = msgspec.field(default=(), name="podIPs")
    nominated_node_name: str = ""


class Pod(Shape, frozen=True):
    """What is read of a pod."""

    metadata: Deletion = Deletion()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()
