"""The containers of a pod, one by one: how they are, what they run, what they may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kwatch.base.quantity import quantity_order
from kwatch.base.timestamp import time_or_none
from kwatch.catalog.column import Level
from kwatch.catalog.tree import Tree
from kwatch.informer.kube_object import KubeObject
from kwatch.view.usage import Amount

_KINDS = (
    ("initContainers", "initContainerStatuses", "init"),
    ("containers", "containerStatuses", ""),
    ("ephemeralContainers", "ephemeralContainerStatuses", "ephemeral"),
)
_DEFAULTS = ("kubectl.kubernetes.io/default-container", "kubectl.kubernetes.io/default-logs-container")
"""Annotations with the name of the container that people mean who name none; the second is the older one."""
_STATES = ("running", "waiting", "terminated")
_STARTING = frozenset({"ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, slots=True)
class Container:
    """`role` is `init`, `sidecar`, `ephemeral`, or empty. `since` is when its state began, in seconds since the epoch.

    `request` and `limit` are 0 where nothing is said.
    """

    name: str
    role: str
    state: str
    level: Level
    ready: bool
    restarts: int
    image: str
    ports: str
    since: float | None
    request: Amount
    limit: Amount


class ContainerRun(NamedTuple):
    """The latest run of a container. `number`: how many there were before it; `ending` is how it ended, in words."""

    container: str
    number: int
    begun: bool
    running: bool
    ending: str
    state: str = ""
    """`running`, `waiting` or `terminated`; empty where the pod does not say."""


def runs_of(pod: KubeObject) -> tuple[ContainerRun, ...]:
    """Of every container in the order of the spec, init containers first; of a pod that cannot be read, none."""
    tree = _tree(pod)
    return tuple(_runs(tree["spec"], tree["status"]))


def _runs(spec: Tree, status: Tree) -> Iterator[ContainerRun]:
    is_pod_running = status["phase"].text() == "Running"
    for key, statuses, _ in _KINDS:
        by_name = {each["name"].text(): each for each in status[statuses]}
        for name in [text for each in spec[key] if (text := each["name"].text())]:
            found = by_name.get(name, Tree(None))
            state = found["state"]
            states = state.value if isinstance(state.value, dict) else ()
            is_running = "running" in states
            number, ended = found["restartCount"].number(), state["terminated"] or found["lastState"]["terminated"]
            is_untold = is_pod_running and not state.value  # some nodes say no more: the server is asked then
            is_begun = is_running or bool(ended) or number > 0 or is_untold
            told = next((each for each in _STATES if each in states), "")
            yield ContainerRun(name, number, is_begun, is_running, _ending(ended), told)


def _ending(terminated: Tree) -> str:
    if not terminated:
        return ""
    code = terminated["exitCode"].number()
    reason = terminated["reason"].text("Terminated")
    return f"{reason}, exit code {code}" if code else reason


def container_names(pod: KubeObject | None) -> tuple[str, ...]:
    """Of containers, then of init and of ephemeral ones; of an object that cannot be read, none."""
    tree = _tree(pod)
    parts = ("containers", "initContainers", "ephemeralContainers")
    return tuple(name for part in parts for each in tree["spec"][part] if (name := each["name"].text()))


def default_container(pod: KubeObject | None) -> str | None:
    """The container that is meant where none is named, as kubectl has it: the annotated one if there is one of that
    name, else the first; None where there are none.
    """
    names = container_names(pod)
    annotations = _tree(pod).at("metadata", "annotations")
    asked = next((name for each in _DEFAULTS if (name := annotations[each].text())), "")
    return asked if asked in names else names[0] if names else None


def containers_of(pod: KubeObject) -> tuple[Container, ...]:
    """Init containers first; of an object that cannot be read, none."""
    tree = _tree(pod)
    return tuple(_containers(tree["spec"], tree["status"]))


def _tree(pod: KubeObject | None) -> Tree:
    try:
        return Tree(pod.tree() if pod is not None else None)
    except (ValueError, RecursionError):
        return Tree(None)


def _containers(spec: Tree, status: Tree) -> Iterator[Container]:
    for key, statuses, role in _KINDS:
        by_name = {each["name"].text(): each for each in status[statuses]}
        for each in spec[key]:
            sidecar = role == "init" and each["restartPolicy"].text() == "Always"
            name = each["name"].text("?")
            yield _container(each, by_name.get(name, Tree(None)), "sidecar" if sidecar else role)


def _container(spec: Tree, status: Tree, role: str) -> Container:
    ready = status["ready"].value is True
    state, level, since = _state(status["state"], ready)
    return Container(
        name=spec["name"].text("?"),
        role=role,
        state=state,
        level=level,
        ready=ready,
        restarts=status["restartCount"].number(),
        image=spec["image"].text(),
        ports=", ".join([f"{port['containerPort'].text()}/{port['protocol'].text('TCP')}" for port in spec["ports"]]),
        since=since,
        request=_amount(spec.at("resources", "requests")),
        limit=_amount(spec.at("resources", "limits")),
    )


def _state(state: Tree, ready: bool) -> tuple[str, Level, float | None]:
    """In words, how well that is, and since when."""
    running, waiting, terminated = state["running"], state["waiting"], state["terminated"]
    if terminated:
        code = terminated["exitCode"].number()
        return _ending(terminated), Level.BAD if code else Level.DONE, time_or_none(terminated["finishedAt"].text())
    if waiting:
        reason = waiting["reason"].text("Waiting")
        message = waiting["message"].text()
        text = f"{reason}: {message}" if message else reason
        return text, Level.PROGRESS if reason in _STARTING else Level.BAD, None
    if "running" in (state.value if isinstance(state.value, dict) else ()):
        return ("Running", Level.GOOD, time_or_none(running["startedAt"].text())) if ready else _unready(running)
    return "", Level.NONE, None


def _unready(running: Tree) -> tuple[str, Level, float | None]:
    return "Running, not ready", Level.WARNING, time_or_none(running["startedAt"].text())


def _amount(quantities: Tree) -> Amount:
    cpu, memory = (quantity_order(quantities[name].text()) or 0.0 for name in ("cpu", "memory"))
    return Amount(cpu, memory)
