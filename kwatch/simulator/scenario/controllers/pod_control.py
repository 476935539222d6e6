"""Making and deleting pods on behalf of a controller."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.kubelet import Kubelet
from kwatch.simulator.scenario.objects.job import TRACKING
from kwatch.simulator.scenario.objects.kube import Object, is_terminating, name_of, namespace_of, revised, uid_of
from kwatch.simulator.scenario.objects.pod_mold import PodMold
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World

CONTROLLER_MANAGER = "kube-controller-manager"
_MOST_MOLDS = 1000


class PodControl:
    """Creates pods from templates and asks for their deletion."""

    def __init__(self, world: World, recorder: Recorder, kubelet: Kubelet) -> None:
        self._world = world
        self._recorder = recorder
        self._kubelet = kubelet
        self._molds: OrderedDict[tuple[str, int], PodMold] = OrderedDict()

    def mold(self, owner: Object, template: Object) -> PodMold:
        """What makes the pods of one template of an owner; kept, since most owners make many."""
        key = (uid_of(owner), owner["metadata"].get("generation", 1))
        found = self._molds.get(key)
        if found is None:
            found = PodMold(template, namespace_of(owner), for_daemon=owner["kind"] == "DaemonSet")
            self._molds[key] = found
            if len(self._molds) > _MOST_MOLDS:
                self._molds.popitem(last=False)
        return found

    def create(self, owner: Object, component: str, *, name: str = "", **more: Any) -> Object:
        """Make one pod; without a name, one is generated. `more` goes to the mold."""
        mold = self.mold(owner, owner["spec"]["template"])
        token = names.suffix(self._world.random)
        if name:
            pod = mold.pod(name, owner, token, **more)
        else:
            prefix = f"{name_of(owner)}-"
            pod = mold.pod(prefix + names.suffix(self._world.random), owner, token, generate_name=prefix, **more)
        if owner["kind"] == "Job":
            pod["metadata"]["finalizers"] = [TRACKING]
        created = self._world.create(pod, CONTROLLER_MANAGER)
        self._recorder.normal(owner, "SuccessfulCreate", f"Created pod: {name_of(created)}", component)
        return created

    def delete(
        self,
        pod: Object,
        owner: Object | None = None,
        component: str = "",
        *,
        grace: int | None = None,
        manager: str = CONTROLLER_MANAGER,
    ) -> None:
        """Ask for a pod's deletion; the kubelet does the rest. With an owner, say so in an event."""
        if is_terminating(pod):
            return
        if owner is not None:
            self._recorder.normal(owner, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", component)
        if not pod["spec"].get("nodeName"):
            self._world.remove(pod)
            return
        seconds = pod["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        marks = {
            "deletionTimestamp": timestamp(self._world.now() + seconds),
            "deletionGracePeriodSeconds": seconds,
        }
        self._kubelet.stop(self._world.update(revised(pod, metadata=marks), manager))

    def evict(self, pod: Object, by: str, message: str) -> None:
        """Delete a pod as the eviction API does: with a condition that says why."""
        target: Mapping[str, Any] = {
            "type": "DisruptionTarget",
            "status": "True",
            "observedGeneration": pod["metadata"].get("generation", 1),
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._world.now()),
            "reason": "EvictionByEvictionAPI",
            "message": message,
        }
        conditions = [*pod["status"].get("conditions", ()), target]
        self.delete(self._world.update(revised(pod, status={"conditions": conditions}), by, "status"))
