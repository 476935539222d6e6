"""Resource quotas: what a namespace uses of what it may."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.objects.kube import POD, Object, name_of, namespace_of
from kwatch.simulator.scenario.objects.quantity import in_bytes, requested
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

QUOTA = "resourcequotas"


class QuotaController:
    """Counts the pods of the namespaces that have a quota."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue = Workqueue(world, self.reconcile, delay=(2.0, 4.0))
        self._pods: dict[str, dict[str, None]] = {}
        world.on_change(POD, self._on_pod)

    def watch(self, quota: Object) -> None:
        """Follow a namespace from now on."""
        pods = self._world.store.list(POD, namespace_of(quota))
        self._pods[namespace_of(quota)] = dict.fromkeys(name_of(pod) for pod in pods)

    def _on_pod(self, pod: Object, gone: bool) -> None:
        names = self._pods.get(namespace_of(pod))
        if names is None:
            return
        if gone:
            names.pop(name_of(pod), None)
        else:
            names[name_of(pod)] = None
        self._queue.add((namespace_of(pod), "team"))

    def reconcile(self, key: Key) -> None:
        """Sum up again."""
        quota = self._world.get(QUOTA, key)
        if quota is None:
            return
        pods = [self._world.get(POD, (key[0], name)) for name in self._pods.get(key[0], ())]
        status = quota_status(quota, [pod for pod in pods if pod is not None])
        if status != quota["status"]:
            self._world.update({**quota, "status": status}, CONTROLLER_MANAGER, "status")


def quota_status(quota: Object, pods: list[Object]) -> Object:
    """What counts: pods that have not ended, and what they ask for."""
    counted = [pod for pod in pods if pod["status"]["phase"] not in ("Succeeded", "Failed")]
    asked = [requested(pod) for pod in counted]
    limits = sum(
        in_bytes(container.get("resources", {}).get("limits", {}).get("memory", "0"))
        for pod in counted
        for container in pod["spec"]["containers"]
    )
    used = {
        "limits.memory": _mebibytes(limits),
        "pods": str(len(counted)),
        "requests.cpu": f"{round(sum(cpu for cpu, _ in asked) * 1000)}m",
        "requests.memory": _mebibytes(sum(memory for _, memory in asked)),
        "services.loadbalancers": "0",
    }
    return {"hard": quota["spec"]["hard"], "used": used}


def _mebibytes(count: float) -> str:
    return f"{round(count / 1024**2)}Mi"
