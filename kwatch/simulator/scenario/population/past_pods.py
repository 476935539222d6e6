"""Pods that have been running for a while, thousands of them in a second."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kwatch.simulator.managed_fields import BUILTIN_FIELDS
from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.scenario.kubelet.images import Images
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.kube import Object, name_of, uid_of
from kwatch.simulator.scenario.objects.metadata import managed_entry
from kwatch.simulator.scenario.objects.pod_mold import PodMold
from kwatch.simulator.scenario.timestamps import seconds, timestamp
from kwatch.simulator.scenario.world import World

_RESTARTED = 0.12
"""The share of long-running pods that were restarted at least once."""
_LEAF: dict[str, Any] = {}
_CONDITION_FIELDS: dict[str, Any] = {
    f'k:{{"type":"{kind}"}}': {
        ".": _LEAF,
        "f:lastProbeTime": _LEAF,
        "f:lastTransitionTime": _LEAF,
        "f:observedGeneration": _LEAF,
        "f:status": _LEAF,
        "f:type": _LEAF,
    }
    for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
}
_STATUS_FIELDS: dict[str, Any] = {
    "f:conditions": _CONDITION_FIELDS,
    "f:containerStatuses": _LEAF,
    "f:hostIP": _LEAF,
    "f:observedGeneration": _LEAF,
    "f:phase": _LEAF,
    "f:podIP": _LEAF,
    "f:startTime": _LEAF,
}


class PastPods:
    """Places pods on nodes, in turn."""

    def __init__(self, world: World, pods: PodControl, images: Images, workers: list[Object]) -> None:
        self._world = world
        self._pods = pods
        self._images = images
        self._workers = workers
        self._turn = 0
        self._written: dict[str, dict[str, Any]] = {}

    def next_worker(self) -> Object:
        """The worker whose turn it is."""
        self._turn += 1
        return self._workers[self._turn % len(self._workers)]

    def place(
        self,
        owner: Object,
        template: Object,
        created: float,
        *,
        name: str = "",
        node: Object | None = None,
        status: Object | None = None,
        **more: Any,
    ) -> Object:
        """A pod created then; it runs, unless another status is given."""
        world = self._world
        node = node or self.next_worker()
        mold = self._pods.mold(owner, template)
        prefix = "" if name else f"{name_of(owner)}-"
        own_name = name or prefix + names.suffix(world.random)
        created = max(created, seconds(node["metadata"]["creationTimestamp"]) + 300.0)
        pod = mold.pod(own_name, owner, names.suffix(world.random), generate_name=prefix, **more)
        metadata, spec = pod["metadata"], pod["spec"]
        spec["nodeName"] = name_of(node)
        metadata["creationTimestamp"] = timestamp(created)
        metadata["generation"] = 1
        host = node["status"]["addresses"][0]["address"]
        address = host if spec.get("hostNetwork") else world.pod_address(node)
        ready = created + world.between(3.0, 9.0)
        pod["status"] = status or pod_status.running_status(
            pod, world.random, node_address=host, address=address, started=created + 1, ready=ready
        )
        if status is None and world.random.random() < _RESTARTED:
            pod["status"] = self._restarted(pod["status"], created)
        metadata["managedFields"] = [
            self._creation(owner, mold, metadata),
            _report(pod["status"], host, timestamp(ready)),
        ]
        for container in (*mold.init_containers, *mold.containers):
            self._images.add(name_of(node), container["image"])
        return world.put(pod)

    def _restarted(self, status: Object, created: float) -> Object:
        """As if the container had ended some time ago."""
        world = self._world
        age = world.now() - created
        if age < 2 * 86_400.0:
            return status
        at = world.now() - age * world.between(0.02, 0.5)
        return pod_status.restarted(status, world.random, at, world.random.choice((1, 1, 1, 2, 3)))

    def _creation(self, owner: Object, mold: PodMold, metadata: Object) -> Object:
        fields = self._written.get(uid_of(owner))
        if fields is None:
            names_written = ("generateName", "labels", "annotations", "ownerReferences")
            authored = {name: metadata[name] for name in names_written if name in metadata}
            fields = self._written[uid_of(owner)] = {
                **BUILTIN_FIELDS.fields_of({"metadata": authored}),
                "f:spec": mold.spec_fields,
            }
        return managed_entry(CONTROLLER_MANAGER, metadata["creationTimestamp"], "v1", fields)


def _report(status: Mapping[str, Any], host: str, time: str) -> Object:
    fields = {**_STATUS_FIELDS, "f:hostIPs": _address_fields(host)}
    if "podIP" in status:
        fields["f:podIPs"] = _address_fields(status["podIP"])
    if "initContainerStatuses" in status:
        fields["f:initContainerStatuses"] = _LEAF
    return managed_entry("kubelet", time, "v1", {"f:status": fields}, subresource="status")


@lru_cache(maxsize=4096)
def _address_fields(address: str) -> dict[str, Any]:
    return {".": _LEAF, f'k:{{"ip":"{address}"}}': {".": _LEAF, "f:ip": _LEAF}}
