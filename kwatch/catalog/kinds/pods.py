"""Pods: what kubectl's STATUS, READY and RESTARTS mean, worked out from the states of the containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from kwatch.base.duration import humanize
from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import NONE, RARE_TURN, UNREADABLE, Column, Level, fraction_order
from kwatch.catalog.kind import Field, age, age_unchanged_for, declare, name, text
from kwatch.catalog.shapes import Address, Condition, Nothing, Shape, WholeObject, find_condition


class Terminated(Shape, frozen=True):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    finished_at: str | None = None


class Waiting(Shape, frozen=True):
    reason: str = ""
    message: str = ""


class State(Shape, frozen=True):
    """One of the three is there, or none."""

    waiting: Waiting | None = None
    running: Nothing | None = None
    terminated: Terminated | None = None


class ContainerStatus(Shape, frozen=True):
    name: str = ""
    image: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    state: State = State()
    last_state: State = State()


class InitContainer(Shape, frozen=True):
    name: str = ""
    restart_policy: str | None = None


class ReadinessGate(Shape, frozen=True):
    """A condition that must hold for the pod to be ready."""

    condition_type: str = ""


class PodSpec(Shape, frozen=True):
    containers: tuple[Nothing, ...] = ()
    init_containers: tuple[InitContainer, ...] = ()
    readiness_gates: tuple[ReadinessGate, ...] = ()
    node_name: str = ""


class PodStatus(Shape, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    start_time: str | None = None
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    pod_ips: tuple[Address, ...] = msgspec.field(default=(), name="podIPs")
    nominated_node_name: str = ""


class Pod(WholeObject, frozen=True):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class Restarts(NamedTuple):
    """How often containers were restarted, and when the last of them had ended (seconds since the epoch)."""

    times: int
    last: float | None


_NEVER = Restarts(0, None)


def status(pod: Pod) -> str:
    """The one word that says how the pod is."""
    reason = pod.status.reason
    if pod.metadata.deletion_timestamp is not None:
        if reason == "NodeLost":
            return "Unknown"
        if pod.status.phase not in ("Succeeded", "Failed"):
            return "Terminating"
    word = reason or pod.status.phase
    if any(each.type == "PodScheduled" and each.reason == "SchedulingGated" for each in pod.status.conditions):
        word = "SchedulingGated"
    stuck = _stuck_init_container(pod)
    if stuck is not None:
        index, container = stuck
        word = _init_word(container, index, len(pod.spec.init_containers))
    return _containers_word(pod, word) if _past_initialization(pod, stuck) else word


def ready(pod: Pod) -> str:
    """Ready containers of all that keep running: `2/3`."""
    sidecars = _sidecars(pod)
    total = len(pod.spec.containers) + sum(1 for each in pod.spec.init_containers if each.restart_policy == "Always")
    count = 0
    for container in _finished_init_containers(pod):
        if container.ready and container.name in sidecars and not _succeeded(container):
            count += 1
    if _past_initialization(pod, _stuck_init_container(pod)):
        count += sum(1 for container in pod.status.container_statuses if _runs_ready(container))
    return f"{count}/{total}"


def restarts(pod: Pod) -> Restarts:
    """Restarts of the containers that matter now: init containers until they are done, then the others."""
    stuck = _stuck_init_container(pod)
    looked_at = list(_finished_init_containers(pod))
    if stuck is not None:
        looked_at.append(stuck[1])
    if _past_initialization(pod, stuck):
        if looked_at:
            sidecars = _sidecars(pod)
            looked_at = [container for container in looked_at if container.name in sidecars]
        looked_at.extend(pod.status.container_statuses)
    count = sum([container.restart_count for container in looked_at])
    if count == 0:
        return _NEVER
    ends = [parse_time(each.last_state.terminated.finished_at) for each in looked_at if each.last_state.terminated]
    return Restarts(count, max([end for end in ends if end is not None], default=None))


def readiness_gates(pod: Pod) -> str:
    """Gates that hold, of all: `1/2`."""
    gates = pod.spec.readiness_gates
    if not gates:
        return NONE
    held = sum(1 for gate in gates if find_condition(pod.status.conditions, gate.condition_type, "True"))
    return f"{held}/{len(gates)}"


def _sidecars(pod: Pod) -> set[str]:
    """The names of init containers that keep running; of several with one name, the last counts."""
    policies = {each.name: each.restart_policy for each in pod.spec.init_containers}
    return {name for name, policy in policies.items() if policy == "Always"}


def _succeeded(container: ContainerStatus) -> bool:
    return container.state.terminated is not None and container.state.terminated.exit_code == 0


def _is_done(pod: Pod, container: ContainerStatus) -> bool:
    """Whether initialisation may go on to the next: it succeeded, or it is a sidecar that has started."""
    if _succeeded(container):
        return True
    return bool(container.started) and container.name in _sidecars(pod)


def _stuck_init_container(pod: Pod) -> tuple[int, ContainerStatus] | None:
    """The first init container that is not done, with its place."""
    for index, container in enumerate(pod.status.init_container_statuses):
        if not _is_done(pod, container):
            return index, container
    return None


def _finished_init_containers(pod: Pod) -> Iterator[ContainerStatus]:
    """Those before the first that is not done."""
    for container in pod.status.init_container_statuses:
        if not _is_done(pod, container):
            return
        yield container


def _past_initialization(pod: Pod, stuck: tuple[int, ContainerStatus] | None) -> bool:
    return stuck is None or find_condition(pod.status.conditions, "Initialized", "True") is not None


def _init_word(container: ContainerStatus, index: int, total: int) -> str:
    terminated, waiting = container.state.terminated, container.state.waiting
    if terminated is not None:
        return f"Init:{_end_word(terminated)}"
    if waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
        return f"Init:{waiting.reason}"
    return f"Init:{index}/{total}"


def _containers_word(pod: Pod, word: str) -> str:
    """The first container that waits or has ended says how the pod is; after a completion, what the others do."""
    running = False
    failure = ""
    for container in reversed(pod.status.container_statuses):
        state = container.state
        if state.waiting is not None and state.waiting.reason:
            word = state.waiting.reason
        elif state.terminated is not None:
            word = _end_word(state.terminated)
            failure = word if state.terminated.exit_code else failure
        elif _runs_ready(container):
            running = True
    if word != "Completed":
        return word
    if running and any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions):
        return "Running"
    return failure or ("NotReady" if running else word)


def _end_word(terminated: Terminated) -> str:
    if terminated.reason:
        return terminated.reason
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exit_code}"


def _runs_ready(container: ContainerStatus) -> bool:
    state = container.state
    if state.terminated is not None or (state.waiting is not None and state.waiting.reason):
        return False
    return container.ready and state.running is not None


def restarts_text(value: Any, now: float) -> str:
    """`3 (5m ago)`."""
    if value is UNREADABLE:
        return "?"
    return f"{value.times} ({humanize(now - value.last)} ago)" if value.last is not None else str(value.times)


def _restarts_unchanged_for(value: Any, now: float) -> float:
    return age_unchanged_for(value.last if isinstance(value, Restarts) else None, now)


def _restarts_order(value: Any) -> int | None:
    return value.times if isinstance(value, Restarts) else None


def _restarts_level(value: Any) -> Level:
    return Level.WARNING if isinstance(value, Restarts) and value.times > 0 else Level.NONE


_STATUS_LEVELS = {
    "Running": Level.GOOD,
    "Completed": Level.DONE,
    "Succeeded": Level.DONE,
    "Pending": Level.PROGRESS,
    "ContainerCreating": Level.PROGRESS,
    "PodInitializing": Level.PROGRESS,
    "SchedulingGated": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "NotReady": Level.WARNING,
}


def status_level(value: Any) -> Level:
    """Anything that is not known to be well is bad."""
    if not isinstance(value, str) or not value:
        return Level.NONE
    level = _STATUS_LEVELS.get(value)
    if level is not None:
        return level
    return Level.PROGRESS if value.startswith("Init:") and value[5:6].isdecimal() else Level.BAD


_RESTARTS = Column(
    "Restarts",
    text=restarts_text,
    unchanged_for=_restarts_unchanged_for,
    order=_restarts_order,
    level=_restarts_level,
    right=True,
    max_width=16,
    reserve=15,
    depends_on_time=True,
    compare="number",
)

PODS = declare(
    "Pod",
    Pod,
    name(),
    text("Ready", ready, order=fraction_order, right=True, max_width=9),
    text("Status", status, levels=status_level, min_width=8, max_width=32, reserve=17),
    Field(_RESTARTS, restarts),
    age(),
    text(
        "IP",
        lambda pod: (pod.status.pod_ips[0].ip if pod.status.pod_ips else "") or NONE,
        wide=True,
        unique=True,
        reserve=14,
    ),
    text("Node", lambda pod: pod.spec.node_name or NONE, wide=True),
    text("Nominated Node", lambda pod: pod.status.nominated_node_name or NONE, wide=True, spare=RARE_TURN),
    text("Readiness Gates", readiness_gates, wide=True, order=fraction_order, spare=RARE_TURN),
)
