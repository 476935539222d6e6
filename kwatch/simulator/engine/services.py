"""What follows the pods: endpoint slices and endpoints, disruption budgets, resource quotas."""

from __future__ import annotations

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.controller import Controller
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    POD,
    STATEFUL_SET,
    Object,
    condition,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    quantity,
    requested,
    revised,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_active, is_ready
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import APP_LABEL, Key, World

SLICE = "endpointslices.discovery.k8s.io"


class EndpointsController(Controller):
    resource = "services"
    delay = (0.05, 0.25)

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._services: dict[Key, list[Key]] = {}

    def watch(self, service: Object) -> None:
        """Know a service: by its namespace and the app it selects."""
        app = service["spec"].get("selector", {}).get(APP_LABEL)
        if app:
            keys = self._services.setdefault((namespace_of(service), app), [])
            key = (namespace_of(service), name_of(service))
            if key not in keys:
                keys.append(key)

    def on_own(self, service: Object, gone: bool) -> None:
        """Know what it selects, as long as it is there."""
        if gone:
            app = service["spec"].get("selector", {}).get(APP_LABEL)
            self._services.pop((namespace_of(service), app), None)
        else:
            self.watch(service)
            self.queue.add(key_of(service))

    def on_owned(self, pod: Object, gone: bool) -> None:
        app = pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        for key in self._services.get((namespace_of(pod), app), ()):
            self.queue.add(key)

    def act(self, service: Object) -> None:
        """Write what the pods say into the service's slice and endpoints, if it differs."""
        key = key_of(service)
        if not service["spec"].get("selector"):
            return
        pods = reachable(self.world.pods_of_app(key[0], service["spec"]["selector"][APP_LABEL]))
        endpoints = [slice_endpoint(pod, self._zone(pod)) for pod in pods]
        note = change_trigger(self.world.now())
        for each in self.world.children(service, SLICE)[:1]:
            if each["endpoints"] != endpoints:
                annotated = revised(each, metadata={"annotations": {**each["metadata"].get("annotations", {}), **note}})
                changed = {**annotated, "endpoints": endpoints, "ports": slice_ports(service, pods)}
                self.world.update(changed, CONTROLLER_MANAGER)
        old = self.world.get("endpoints", key)
        subsets = subsets_of(service, pods)
        if old is not None and old["subsets"] != subsets:
            annotated = revised(old, metadata={"annotations": {**old["metadata"].get("annotations", {}), **note}})
            self.world.update({**annotated, "subsets": subsets}, CONTROLLER_MANAGER)

    def _zone(self, pod: Object) -> str:
        node = self.world.get("nodes", ("", pod["spec"]["nodeName"]))
        return str(node["metadata"]["labels"]["topology.kubernetes.io/zone"]) if node else ""


def slice_endpoint(pod: Object, zone: str) -> Object:
    ready = is_ready(pod)
    terminating = is_terminating(pod)
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready and not terminating, "serving": ready, "terminating": terminating},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
        "zone": zone,
    }


def endpoints_address(pod: Object) -> Object:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}


def _target(pod: Object) -> Object:
    return {"kind": "Pod", "name": name_of(pod), "namespace": namespace_of(pod), "uid": uid_of(pod)}


def change_trigger(at: float) -> dict[str, str]:
    """The annotation that says when what the endpoints follow from changed."""
    return {"endpoints.kubernetes.io/last-change-trigger-time": timestamp(at)}


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
    ready = [endpoints_address(pod) for pod in staying if is_ready(pod)]
    unready = [endpoints_address(pod) for pod in staying if not is_ready(pod)]
    if not staying:
        return []
    subset: Object = {}
    if ready:
        subset["addresses"] = ready
    if unready:
        subset["notReadyAddresses"] = unready
    return [{**subset, "ports": slice_ports(service, pods)}]


BUDGET = "poddisruptionbudgets.policy"


class DisruptionController(Controller):
    """Keeps the status of disruption budgets, which evictions ask."""

    resource = BUDGET
    delay = (0.1, 0.4)

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._budgets: dict[Key, Key] = {}

    def listen(self) -> None:
        """Only pods concern it."""
        self.world.on_change(POD, self.on_owned)

    def watch(self, budget: Object) -> None:
        """Know a budget by its namespace and the app it is for."""
        app = budget["spec"]["selector"]["matchLabels"][APP_LABEL]
        self._budgets[namespace_of(budget), app] = (namespace_of(budget), name_of(budget))

    def on_owned(self, pod: Object, gone: bool) -> None:
        key = self._budgets.get((namespace_of(pod), pod["metadata"].get("labels", {}).get(APP_LABEL, "")))
        if key is not None:
            self.queue.add(key)

    def allows(self, pod: Object) -> bool:
        """Whether a pod may be evicted now."""
        app = pod["metadata"].get("labels", {}).get(APP_LABEL, "")
        key = self._budgets.get((namespace_of(pod), app))
        budget = self.world.get(BUDGET, key) if key else None
        if budget is None or not is_ready(pod):
            return True
        return bool(self._status(budget)["disruptionsAllowed"] > 0)

    def act(self, budget: Object) -> None:
        self.report(budget, self._status(budget))

    def _status(self, budget: Object) -> Object:
        return budget_status(budget, self._pods(budget), self._expected(budget), self.world.now())

    def _pods(self, budget: Object) -> list[Object]:
        return self.world.pods_of_app(namespace_of(budget), budget["spec"]["selector"]["matchLabels"][APP_LABEL])

    def _expected(self, budget: Object) -> int:
        key = (namespace_of(budget), budget["spec"]["selector"]["matchLabels"][APP_LABEL])
        owner = self.world.get(DEPLOYMENT, key) or self.world.get(STATEFUL_SET, key)
        return owner["spec"]["replicas"] if owner else len(self._pods(budget))


def budget_status(budget: Object, pods: list[Object], expected: int, now: float) -> Object:
    """How many pods there should be, how many must stay, and how many may be evicted."""
    least = budget["spec"]["minAvailable"]
    if isinstance(least, str):
        least = -(-expected * int(least.rstrip("%")) // 100)
    healthy = sum(is_ready(pod) for pod in pods if is_active(pod))
    allowed = max(0, healthy - least)
    reason = "SufficientPods" if allowed else "InsufficientPods"
    made = condition("DisruptionAllowed", allowed > 0, now, reason)
    made |= {"message": "", "observedGeneration": budget["metadata"]["generation"]}
    return {
        "observedGeneration": budget["metadata"]["generation"],
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": least,
        "expectedPods": expected,
        "conditions": with_condition(budget["status"].get("conditions", ()), made),
    }


QUOTA = "resourcequotas"


class QuotaController(Controller):
    resource = QUOTA
    delay = (2.0, 4.0)

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        super().__init__(world, recorder, pods)
        self._pods: dict[str, dict[str, None]] = {}

    def listen(self) -> None:
        """Only pods concern it."""
        self.world.on_change(POD, self.on_owned)

    def watch(self, quota: Object) -> None:
        pods = self.world.store.list(POD, namespace_of(quota))
        self._pods[namespace_of(quota)] = dict.fromkeys(name_of(pod) for pod in pods)

    def on_owned(self, pod: Object, gone: bool) -> None:
        names = self._pods.get(namespace_of(pod))
        if names is None:
            return
        if gone:
            names.pop(name_of(pod), None)
        else:
            names[name_of(pod)] = None
        self.queue.add((namespace_of(pod), "team"))

    def act(self, quota: Object) -> None:
        namespace = namespace_of(quota)
        pods = [self.world.get(POD, (namespace, name)) for name in self._pods.get(namespace, ())]
        self.report(quota, quota_status(quota, [pod for pod in pods if pod is not None]))


def quota_status(quota: Object, pods: list[Object]) -> Object:
    """What counts: pods that have not ended, and what they ask for."""
    counted = [pod for pod in pods if pod["status"]["phase"] not in ("Succeeded", "Failed")]
    asked = [requested(pod) for pod in counted]
    limits = sum(
        quantity(container.get("resources", {}).get("limits", {}).get("memory", "0"))
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
