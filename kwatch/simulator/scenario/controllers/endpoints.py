"""Endpoint slices and endpoints: where the pods behind a service are reached."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.controllers.replica_set import is_ready
from kwatch.simulator.scenario.objects import service as shapes
from kwatch.simulator.scenario.objects.kube import POD, Object, is_terminating, name_of, namespace_of, revised
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import APP_LABEL, Key, World

SLICE = "endpointslices.discovery.k8s.io"


class EndpointsController:
    """Follows the pods of every service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue = Workqueue(world, self.reconcile, delay=(0.05, 0.25))
        self._services: dict[Key, list[Key]] = {}
        world.on_change("services", self._on_service)
        world.on_change(POD, self._on_pod)

    def watch(self, service: Object) -> None:
        """Know a service: by its namespace and the app it selects."""
        app = service["spec"].get("selector", {}).get(APP_LABEL)
        if app:
            keys = self._services.setdefault((namespace_of(service), app), [])
            key = (namespace_of(service), name_of(service))
            if key not in keys:
                keys.append(key)

    def _on_service(self, service: Object, gone: bool) -> None:
        if gone:
            app = service["spec"].get("selector", {}).get(APP_LABEL)
            self._services.pop((namespace_of(service), app), None)
        else:
            self.watch(service)
            self._queue.add((namespace_of(service), name_of(service)))

    def _on_pod(self, pod: Object, gone: bool) -> None:
        app = pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        for key in self._services.get((namespace_of(pod), app), ()):
            self._queue.add(key)

    def reconcile(self, key: Key) -> None:
        """Write what the pods say into the service's slice and endpoints, if it differs."""
        service = self._world.get("services", key)
        if service is None or not service["spec"].get("selector"):
            return
        pods = reachable(self._world.pods_of_app(key[0], service["spec"]["selector"][APP_LABEL]))
        endpoints = [shapes.slice_endpoint(pod, self._zone(pod)) for pod in pods]
        note = shapes.change_trigger(self._world.now())
        for each in self._world.children(service, SLICE)[:1]:
            if each["endpoints"] != endpoints:
                annotated = revised(each, metadata={"annotations": {**each["metadata"].get("annotations", {}), **note}})
                changed = {**annotated, "endpoints": endpoints, "ports": slice_ports(service, pods)}
                self._world.update(changed, CONTROLLER_MANAGER)
        old = self._world.get("endpoints", key)
        subsets = subsets_of(service, pods)
        if old is not None and old["subsets"] != subsets:
            annotated = revised(old, metadata={"annotations": {**old["metadata"].get("annotations", {}), **note}})
            self._world.update({**annotated, "subsets": subsets}, CONTROLLER_MANAGER)

    def _zone(self, pod: Object) -> str:
        node = self._world.get("nodes", ("", pod["spec"]["nodeName"]))
        return str(node["metadata"]["labels"]["topology.kubernetes.io/zone"]) if node else ""


def reachable(pods: list[Object]) -> list[Object]:
    """The pods that have an address and run, in the order of their names."""
    found = [
        pod
        for pod in pods
        if pod["spec"].get("nodeName") and pod["status"].get("podIP") and pod["status"]["phase"] == "Running"
    ]
    return sorted(found, key=name_of)


def slice_ports(service: Object, pods: list[Object]) -> list[Object]:
    """The ports of a slice: those of the pods that the service's ports mean."""
    if not pods:
        return []
    port = pods[0]["spec"]["containers"][0]["ports"][0]["containerPort"]
    return [{"name": service["spec"]["ports"][0]["name"], "port": port, "protocol": "TCP"}]


def subsets_of(service: Object, pods: list[Object]) -> list[Object]:
    """The subsets of the older endpoints: ready and unready addresses."""
    staying = [pod for pod in pods if not is_terminating(pod)]
    ready = [shapes.endpoints_address(pod) for pod in staying if is_ready(pod)]
    unready = [shapes.endpoints_address(pod) for pod in staying if not is_ready(pod)]
    if not staying:
        return []
    subset: Object = {}
    if ready:
        subset["addresses"] = ready
    if unready:
        subset["notReadyAddresses"] = unready
    return [{**subset, "ports": slice_ports(service, pods)}]
