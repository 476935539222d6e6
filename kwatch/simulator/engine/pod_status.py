"""status of a pod: its containers' states, the phase and conditions that follow from them, and a kubelet's report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.objects import (
    POD,
    Object,
    condition,
    conditions_of,
    is_terminating,
    is_true,
    key_of,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.world import World

State = dict[str, Any]


def is_active(pod: Object) -> bool:
    """Whether a pod counts for its controller."""
    return not is_terminating(pod) and not has_ended(pod)


def has_ended(pod: Object) -> bool:
    """Whether all its containers have, for good."""
    return pod["status"]["phase"] in ("Succeeded", "Failed")


def is_ready(pod: Object) -> bool:
    """Whether a pod's Ready condition is true."""
    return is_true(conditions_of(pod), "Ready")


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """Whether an init container keeps running beside the main ones."""
    return container.get("restartPolicy") == "Always"


def main_container(pod: Object) -> Object:
    container: Object = pod["spec"]["containers"][0]
    return container


def running(at: float) -> State:
    return {"running": {"startedAt": timestamp(at)}}


def waiting(reason: str, message: str = "") -> State:
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}


def terminated(code: int, reason: str, started: float, finished: float, container_id: str) -> State:
    state = {"exitCode": code, "reason": reason, "startedAt": timestamp(started), "finishedAt": timestamp(finished)}
    return {"terminated": {**state, "containerID": container_id}}


def ended(status: Mapping[str, Any], code: int, reason: str, now: float) -> Object:
    """The status of a container that ran until now."""
    at = status["state"].get("running", {}).get("startedAt")
    state = terminated(code, reason, parse_timestamp(at) if at else now, now, status["containerID"])
    return {**status, "state": state, "ready": False, "started": False}


def ended_statuses(pod: Object, code: int, now: float) -> list[Object]:
    """The statuses of a pod's running containers once they have all ended with that exit code."""
    reason = "Error" if code else "Completed"
    return [ended(each, code, reason, now) for each in statuses_of(pod).values() if "running" in each["state"]]


_USER = {"linux": {"uid": 65532, "gid": 65532, "supplementalGroups": [65532]}}


def container_status(
    container: Mapping[str, Any],
    state: State,
    *,
    ready: bool = False,
    restarts: int = 0,
    container_id: str = "",
    last_state: State | None = None,
) -> Object:
    status: Object = {"name": container["name"], "state": state, "lastState": last_state or {}}
    status |= {"ready": ready, "restartCount": restarts, "image": container["image"]}
    status["imageID"] = names.image_id(container["image"]) if container_id else ""
    if container_id:
        resources = container.get("resources", {})
        status |= {"containerID": container_id, "allocatedResources": resources.get("requests", {})}
        status |= {"resources": resources, "user": _USER}
    status["started"] = "running" in state
    status["volumeMounts"] = [
        {**mount, "recursiveReadOnly": "Disabled"} if mount.get("readOnly") else mount
        for mount in container.get("volumeMounts", ())
    ]
    return status


def statuses_of(pod: Object) -> dict[str, Object]:
    """Every container's status by name."""
    status = pod["status"]
    every = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    return {each["name"]: each for each in every}


def addresses(node_address: str, address: str) -> Object:
    return {"hostIP": node_address, "hostIPs": _one(node_address), "podIP": address, "podIPs": [{"ip": address}]}


@lru_cache(maxsize=4096)
def _one(address: str) -> list[dict[str, str]]:
    """The list form of a node's address, which many pods share."""
    return [{"ip": address}]


def past_status(
    pod: Object,
    statuses: list[Object],
    init_statuses: list[Object],
    *,
    node_address: str,
    address: str,
    started: float,
    initialized: float,
    at: float,
) -> Object:
    """The status of a pod whose containers have been in these states since `at`."""
    made: Object = {"observedGeneration": 1, "phase": "Pending", "conditions": [], **addresses(node_address, address)}
    made["startTime"] = timestamp(started)
    if init_statuses:
        made["initContainerStatuses"] = init_statuses
    made |= {"containerStatuses": statuses, "qosClass": pod["status"]["qosClass"]}
    conclude(pod, made, at)
    times = {"PodScheduled": timestamp(started), "Initialized": timestamp(initialized)}
    made["conditions"] = [
        {**each, "lastTransitionTime": times.get(each["type"], each["lastTransitionTime"])}
        for each in made["conditions"]
    ]
    return made


def running_status(
    pod: Object, random: Random, *, node_address: str, address: str, started: float, ready: float
) -> Object:
    """The status of a pod that has long been running: started and ready at the given times."""
    init = [_past_init(each, random, started) for each in pod["spec"].get("initContainers", ())]
    main = [
        container_status(each, running(started + 1), ready=True, container_id=names.container_id(random))
        for each in pod["spec"]["containers"]
    ]
    where = {"node_address": node_address, "address": address}
    return past_status(pod, main, init, started=started, initialized=started + 1, at=ready, **where)


def _past_init(container: Mapping[str, Any], random: Random, started: float) -> Object:
    made_id = names.container_id(random)
    ended = terminated(0, "Completed", started, started + 1, made_id)
    state = running(started + 1) if is_sidecar(container) else ended
    return container_status(container, state, ready=True, container_id=made_id)


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


FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0


def back_off(restarts: int) -> float:
    """Seconds to wait before the next start of a container that was restarted so often."""
    return min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(10, max(0, restarts - 1)))


def back_off_message(pod: Object) -> str:
    return f"Back-off restarting failed container {main_container(pod)['name']} in pod {_full_name(pod)}"


def _full_name(pod: Object) -> str:
    namespace, name = key_of(pod)
    return f"{name}_{namespace}({uid_of(pod)})"


def in_back_off(pod: Object, status: Object, last_state: Object, wait: float) -> Object:
    minutes, rest = divmod(int(wait), 60)
    text = f"{minutes}m{rest}s" if minutes else f"{rest}s"
    message = f"back-off {text} restarting failed container={status['name']} pod={_full_name(pod)}"
    state = {"state": waiting("CrashLoopBackOff", message), "lastState": last_state}
    return {**status, **state, "ready": False, "started": False}


class PodGone(Exception):
    """The pod is gone or going."""


class PodReport:
    """The one pod that a process of a kubelet looks after; gone when it was deleted, or replaced by one of its name."""

    def __init__(self, world: World, pod: Object) -> None:
        self._world = world
        self.key = key_of(pod)
        self.uid = uid_of(pod)
        self.node: str = pod["spec"]["nodeName"]

    def current(self) -> Object | None:
        """The pod as it is now; None once it is gone."""
        pod = self._world.get(POD, self.key)
        return pod if pod is not None and uid_of(pod) == self.uid else None

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

    def write(self, statuses: Iterable[Object] = (), **more: Any) -> None:
        """Report new container statuses (by name) and other fields of the status."""
        pod = self.current()
        if pod is None:
            return
        status = {**pod["status"], **more, "observedGeneration": pod["metadata"].get("generation", 1)}
        news = {each["name"]: each for each in statuses}
        for group in ("initContainerStatuses", "containerStatuses"):
            if news and group in status:
                status[group] = [news.get(each["name"], each) for each in status[group]]
        conclude(pod, status, self._world.now())
        self._world.update({**pod, "status": status}, "kubelet", "status")


_PROBED: Object = {"observedGeneration": 1, "lastProbeTime": None}


def conclude(pod: Object, status: Object, now: float) -> None:
    """Set the phase and the conditions that follow from the containers' states, in the order a kubelet writes them."""
    spec = pod["spec"]
    inits = {each["name"]: each for each in status.get("initContainerStatuses", ())}
    mains = status.get("containerStatuses", [])
    containers = spec.get("initContainers", ())
    initialized = all(
        inits[each["name"]]["started"] if is_sidecar(each) else _succeeded(inits[each["name"]]) for each in containers
    )
    status["phase"] = _phase(spec, status["phase"], initialized, mains)
    over = status["phase"] in ("Succeeded", "Failed")
    sidecars = [inits[each["name"]] for each in containers if is_sidecar(each)]
    unready = [each["name"] for each in [*sidecars, *mains] if not each["ready"]]
    why = ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]") if unready else ()
    made = [
        condition("PodReadyToStartContainers", "podIP" in status and not over, now, **_PROBED),
        condition("Initialized", initialized, now, **_PROBED),
        condition("Ready", not unready, now, *why, **_PROBED),
        condition("ContainersReady", not unready, now, *why, **_PROBED),
        condition("PodScheduled", True, now, **_PROBED),
    ]
    conditions = status.get("conditions", ())
    for each in made:
        if status["phase"] == "Succeeded":
            each = {**each, **_COMPLETED.get(each["type"], {})}
        conditions = with_condition(conditions, each)
    status["conditions"] = conditions


_COMPLETED: dict[str, Object] = {
    "Initialized": {"reason": "PodCompleted"},
    "Ready": {"reason": "PodCompleted", "message": "", "status": "False"},
    "ContainersReady": {"reason": "PodCompleted", "message": "", "status": "False"},
}


def _phase(spec: Object, before: str, initialized: bool, mains: list[Object]) -> str:
    ended = [each for each in mains if "terminated" in each["state"]]
    if ended and len(ended) == len(mains) and spec["restartPolicy"] == "Never":
        return "Succeeded" if all(map(_succeeded, ended)) else "Failed"
    if before in ("Succeeded", "Failed"):
        return before
    has_run = any("waiting" not in each["state"] or each["lastState"] for each in mains)
    return "Running" if initialized and has_run else "Pending"


def _succeeded(status: Object) -> bool:
    return bool(status["state"].get("terminated", {}).get("exitCode", 1) == 0)
