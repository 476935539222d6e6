"""Status as a kubelet reports it: container states in, phase and conditions follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.kube import Object, is_terminating
from kwatch.simulator.scenario.objects.pod_status import is_sidecar
from kwatch.simulator.scenario.world import Key, World


class PodReport:
    """The one pod that a process of a kubelet looks after; gone when it was deleted or replaced by a namesake."""

    def __init__(self, world: World, pod: Object) -> None:
        self._world = world
        self.key: Key = (pod["metadata"]["namespace"], pod["metadata"]["name"])
        self.uid: str = pod["metadata"]["uid"]
        self.node: str = pod["spec"]["nodeName"]

    def current(self) -> Object | None:
        """The pod as it is now; None once it is gone."""
        pod = self._world.get("pods", self.key)
        return pod if pod is not None and pod["metadata"]["uid"] == self.uid else None

    def living(self) -> Object | None:
        """The pod as it is now; None once it is gone or going."""
        pod = self.current()
        return None if pod is None or is_terminating(pod) else pod

    def write(self, statuses: Iterable[dict[str, Any]] = (), **more: Any) -> None:
        """Report new container statuses (by name) and other fields of the status."""
        pod = self.current()
        if pod is None:
            return
        status = {**pod["status"], **more, "observedGeneration": pod["metadata"].get("generation", 1)}
        for new in statuses:
            _set(status, new)
        _conclude(pod, status, self._world.now())
        self._world.update({**pod, "status": status}, "kubelet", "status")


def statuses_of(pod: Object) -> dict[str, dict[str, Any]]:
    """Every container's status by name."""
    status = pod["status"]
    every = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    return {each["name"]: each for each in every}


def _set(status: Object, new: dict[str, Any]) -> None:
    for group in ("initContainerStatuses", "containerStatuses"):
        old = status.get(group, ())
        if any(each["name"] == new["name"] for each in old):
            status[group] = [new if each["name"] == new["name"] else each for each in old]


def _conclude(pod: Object, status: Object, now: float) -> None:
    """Set phase and conditions as they follow from the container statuses."""
    spec = pod["spec"]
    inits = {each["name"]: each for each in status.get("initContainerStatuses", ())}
    mains = status.get("containerStatuses", [])
    initialized = all(
        inits[each["name"]]["started"] if is_sidecar(each) else _succeeded(inits[each["name"]])
        for each in spec.get("initContainers", ())
    )
    running = [each for each in mains if "running" in each["state"]]
    ended = [each for each in mains if "terminated" in each["state"]]
    unready = [each["name"] for each in [*_sidecars(spec, inits), *mains] if not each["ready"]]
    status["phase"] = _phase(spec, status["phase"], initialized, mains, running, ended)
    made = pod_status.conditions(
        now,
        sandbox="podIP" in status and status["phase"] not in ("Succeeded", "Failed"),
        initialized=initialized,
        ready=not unready,
        reasons=unready,
    )
    if status["phase"] == "Succeeded":
        made = [_completed(each) for each in made]
    status["conditions"] = pod_status.merged_conditions(status.get("conditions", ()), made)


def _sidecars(spec: Object, inits: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [inits[each["name"]] for each in spec.get("initContainers", ()) if is_sidecar(each)]


def _succeeded(status: dict[str, Any]) -> bool:
    return bool(status["state"].get("terminated", {}).get("exitCode", 1) == 0)


def _phase(
    spec: Object,
    before: str,
    initialized: bool,
    mains: list[dict[str, Any]],
    running: list[dict[str, Any]],
    ended: list[dict[str, Any]],
) -> str:
    if ended and len(ended) == len(mains) and spec["restartPolicy"] == "Never":
        return "Succeeded" if all(_succeeded(each) for each in ended) else "Failed"
    if before in ("Succeeded", "Failed"):
        return before
    has_run = running or ended or any(each["lastState"] for each in mains)
    return "Running" if initialized and has_run else "Pending"


def _completed(condition: dict[str, Any]) -> dict[str, Any]:
    if condition["type"] in ("Ready", "ContainersReady"):
        return {**condition, "reason": "PodCompleted", "message": ""} | {"status": "False"}
    if condition["type"] == "Initialized":
        return {**condition, "reason": "PodCompleted"}
    return condition
