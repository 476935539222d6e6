"""status of a pod: its containers' states, the phase and conditions that follow from them, and a kubelet's report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import Object, condition, is_terminating, is_true, with_condition
from kwatch.simulator.engine.world import Key, World

State = dict[str, Any]


def is_active(pod: Object) -> bool:
    """Whether a pod counts for its controller."""
    return not is_terminating(pod) and pod["status"]["phase"] not in ("Succeeded", "Failed")


def is_ready(pod: Object) -> bool:
    """Whether a pod's Ready condition is true."""
    return is_true(pod["status"].get("conditions", ()), "Ready")


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """Whether an init container keeps running beside the main ones."""
    return container.get("restartPolicy") == "Always"


def running(at: float) -> State:
    return {"running": {"startedAt": timestamp(at)}}


def waiting(reason: str, message: str = "") -> State:
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}


def terminated(code: int, reason: str, started: float, finished: float, container_id: str) -> State:
    state = {"exitCode": code, "reason": reason, "startedAt": timestamp(started), "finishedAt": timestamp(finished)}
    return {"terminated": {**state, "containerID": container_id}}


def container_status(
    container: Mapping[str, Any],
    state: State,
    *,
    ready: bool = False,
    restarts: int = 0,
    container_id: str = "",
    last_state: State | None = None,
) -> dict[str, Any]:
    started = "running" in state
    status: dict[str, Any] = {"name": container["name"], "state": state, "lastState": last_state or {}}
    status |= {"ready": ready, "restartCount": restarts, "image": container["image"]}
    status["imageID"] = names.image_id(container["image"]) if container_id else ""
    if container_id:
        status["containerID"] = container_id
        resources = container.get("resources", {})
        status["allocatedResources"] = resources.get("requests", {})
        status["resources"] = resources
        status["user"] = _USER
    status["started"] = started
    status["volumeMounts"] = [
        {**mount, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else mount
        for mount in container.get("volumeMounts", ())
    ]
    return status


def started_at(status: Mapping[str, Any], otherwise: float) -> float:
    """When a container that runs was started."""
    at = status["state"].get("running", {}).get("startedAt")
    return parse_timestamp(at) if at else otherwise


def ended_statuses(pod: Object, code: int, now: float) -> list[dict[str, Any]]:
    status = pod["status"]
    every = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    reason = "Error" if code else "Completed"
    return [
        {
            **each,
            "state": terminated(code, reason, started_at(each, now), now, each["containerID"]),
            "ready": False,
            "started": False,
        }
        for each in every
        if "running" in each["state"]
    ]


_USER = {"linux": {"uid": 65532, "gid": 65532, "supplementalGroups": [65532]}}


def conditions(
    at: float, *, scheduled: bool = True, sandbox: bool, initialized: bool, ready: bool, reasons: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """A pod's conditions, in the order a kubelet writes them; `reasons` are the names of unready containers."""
    why = ("ContainersNotReady", f"containers with unready status: [{' '.join(reasons)}]") if not ready else ("", "")
    return [
        condition("PodReadyToStartContainers", sandbox, at, **_PROBED),
        condition("Initialized", initialized, at, **_PROBED),
        condition("Ready", ready, at, *why, **_PROBED),
        condition("ContainersReady", ready, at, *why, **_PROBED),
        condition("PodScheduled", scheduled, at, **_PROBED),
    ]


_PROBED: dict[str, Any] = {"observedGeneration": 1, "lastProbeTime": None}


def merged_conditions(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The new conditions, keeping transition times of what did not change and conditions of other writers."""
    result = list(old)
    for each in new:
        result = with_condition(result, each)
    return result


def running_status(
    pod: Object, random: Random, *, node_address: str, address: str, started: float, ready: float
) -> Object:
    """The status of a pod that has long been running: started and ready at the given times."""
    spec = pod["spec"]
    made: Object = {"observedGeneration": 1, "phase": "Running"}
    made["conditions"] = conditions(ready, sandbox=True, initialized=True, ready=True)
    made["conditions"][4] = condition("PodScheduled", True, started, **_PROBED)
    made["conditions"][1] = condition("Initialized", True, started + 1, **_PROBED)
    made |= addresses(node_address, address)
    made["startTime"] = timestamp(started)
    if "initContainers" in spec:
        made["initContainerStatuses"] = [_past_init(each, random, started) for each in spec["initContainers"]]
    made["containerStatuses"] = [
        container_status(each, running(started + 1), ready=True, container_id=names.container_id(random))
        for each in spec["containers"]
    ]
    made["qosClass"] = pod["status"]["qosClass"]
    return made


def restarted(status: Object, random: Random, at: float, restarts: int) -> Object:
    """The status of a running pod whose main container was last restarted then, as after a reboot of its node."""
    first, *rest = status["containerStatuses"]
    before = terminated(255, "Unknown", at - 86_400.0, at - 20.0, names.container_id(random))
    again = {**first, "state": running(at), "lastState": before, "restartCount": restarts}
    conditions = [
        {**each, "lastTransitionTime": timestamp(at + 5)} if each["type"] in ("Ready", "ContainersReady") else each
        for each in status["conditions"]
    ]
    return {**status, "conditions": conditions, "containerStatuses": [again, *rest]}


def _past_init(container: Mapping[str, Any], random: Random, started: float) -> dict[str, Any]:
    made_id = names.container_id(random)
    if is_sidecar(container):
        return container_status(container, running(started + 1), ready=True, container_id=made_id)
    ended = terminated(0, "Completed", started, started + 1, made_id)
    return container_status(container, ended, ready=True, container_id=made_id)


def addresses(node_address: str, address: str) -> Object:
    return {"hostIP": node_address, "hostIPs": _one(node_address), "podIP": address, "podIPs": [{"ip": address}]}


@lru_cache(maxsize=4096)
def _one(address: str) -> list[dict[str, str]]:
    """The list form of a node's address, which many pods share."""
    return [{"ip": address}]


class PodGone(Exception):
    """The pod is gone or going."""


class PodReport:
    """The one pod that a process of a kubelet looks after; gone when it was deleted, or replaced by one of its name."""

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

    def pod(self) -> Object:
        """The same; raise PodGone."""
        pod = self.living()
        if pod is None:
            raise PodGone
        return pod

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
    made = conditions(
        now,
        sandbox="podIP" in status and status["phase"] not in ("Succeeded", "Failed"),
        initialized=initialized,
        ready=not unready,
        reasons=unready,
    )
    if status["phase"] == "Succeeded":
        made = [_completed(each) for each in made]
    status["conditions"] = merged_conditions(status.get("conditions", ()), made)


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
