"""What controllers share: the loop from a change to the act; pods made, if admission lets them in, and deleted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.objects import (
    POD,
    RESOURCES,
    Object,
    condition,
    conditions_of,
    controller_of,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    owner_reference,
    part,
    quantity,
    requested,
    uid_of,
)
from kwatch.simulator.engine.pod_status import has_ended, is_ready
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Recorder, World
from kwatch.simulator.managed_fields import BUILTIN_FIELDS

HIGHEST_PRIORITIES = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_JOB_TRACKING = "batch.kubernetes.io/job-tracking"
_MOST_FACTORIES = 1000


class PodFactory:
    """Makes the pods of one owner as it posts them and admission completes them: pending, bound to no node. What they
    have in common is shared.
    """

    def __init__(self, template: Object, namespace: str, *, for_daemon: bool = False) -> None:
        self.namespace = namespace
        spec = template["spec"]
        self._labels: Mapping[str, str] = template["metadata"].get("labels", {})
        self._annotations: Mapping[str, str] = template["metadata"].get("annotations", {})
        self._template_spec = spec
        self._owners: list[Object] = []
        self._token_sources = part("TokenSources")
        tolerations = part("DaemonTolerations" if for_daemon else "Tolerations")
        self._common = {
            **spec,
            "tolerations": [*spec.get("tolerations", ()), *tolerations],
            "priority": HIGHEST_PRIORITIES.get(spec.get("priorityClassName", ""), 0),
            "enableServiceLinks": True,
            "preemptionPolicy": "PreemptLowerPriority",
        }
        self.containers: list[Object] = [*spec.get("initContainers", ()), *spec["containers"]]
        self.qos_class = _qos_class([container.get("resources", {}) for container in self.containers])

    def pod(
        self,
        name: str,
        owner: Object,
        token: str,
        *,
        generate_name: str = "",
        labels: Mapping[str, str] = {},
        annotations: Mapping[str, str] = {},
        spec: Mapping[str, Any] = {},
        claims: Mapping[str, str] = {},
    ) -> Object:
        """One pod; `token` is the random part of its token volume's name, `claims` are volumes by name."""
        metadata: Object = {"name": name}
        if generate_name:
            metadata["generateName"] = generate_name
        metadata["namespace"] = self.namespace
        metadata["labels"] = {**self._labels, **labels} if labels else self._labels
        if self._annotations or annotations:
            metadata["annotations"] = {**self._annotations, **annotations} if annotations else self._annotations
        if not self._owners:
            self._owners.append(owner_reference(owner))
        metadata["ownerReferences"] = self._owners
        volume = f"kube-api-access-{token}"
        mount = {"name": volume, "readOnly": True, "mountPath": _TOKEN_PATH}
        made = {**self._common, **spec}
        made["volumes"] = [
            *self._template_spec.get("volumes", ()),
            *({"name": key, "persistentVolumeClaim": {"claimName": claim}} for key, claim in claims.items()),
            {"name": volume, "projected": self._token_sources},
        ]
        for group in ("containers", "initContainers"):
            if group in made:
                made[group] = [_mounting(container, mount) for container in made[group]]
        status = {"phase": "Pending", "qosClass": self.qos_class}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": made, "status": status}

    @cached_property
    def spec_fields(self) -> Object:
        """What a controller is said to have written of the spec, for managedFields."""
        return BUILTIN_FIELDS.fields_of(self._template_spec, "spec")


def _mounting(container: Object, mount: Object) -> Object:
    return {**container, "volumeMounts": [*container.get("volumeMounts", ()), mount]}


def _qos_class(resources: list[Object]) -> str:
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    for each in resources:
        limits, requests = each.get("limits", {}), each.get("requests", {})
        if limits.keys() != {"cpu", "memory"} or limits != requests:
            return "Burstable"
    return "Guaranteed"


class Refused(Exception):
    """A pod was not let in; the message is that of the API server."""


_QUOTA = "resourcequotas"
_WEBHOOKS = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")


class Admission:
    """What the API server asks before it takes a pod."""

    def __init__(self, world: World) -> None:
        self._world = world

    def review(self, pod: Object) -> None:
        """Raise Refused with the first objection, in the order in which the server asks."""
        name = name_of(pod)
        for objection in (self._priority(pod), self._account(pod)):
            if objection:
                raise Refused(f'pods "{pod["metadata"].get("generateName") or name}" is forbidden: {objection}')
        if objection := self._limits(pod):
            raise Refused(f'pods "{name}" is forbidden: {objection}')
        if objection := self._webhooks(pod):
            raise Refused(f"Internal error occurred: {objection}")
        if objection := self._quota(pod):
            raise Refused(f'pods "{name}" is forbidden: {objection}')

    def _priority(self, pod: Object) -> str:
        name = pod["spec"].get("priorityClassName", "")
        is_known = not name or name in HIGHEST_PRIORITIES
        is_known = is_known or self._world.get("priorityclasses.scheduling.k8s.io", ("", name)) is not None
        return "" if is_known else f"no PriorityClass with name {name} was found"

    def _account(self, pod: Object) -> str:
        key = (namespace_of(pod), pod["spec"].get("serviceAccountName", "default"))
        if self._world.get("serviceaccounts", key) is not None:
            return ""
        return f'error looking up service account {key[0]}/{key[1]}: serviceaccount "{key[1]}" not found'

    def _limits(self, pod: Object) -> str:
        """More than a limit range allows a container."""
        for given in self._world.store.list("limitranges", namespace_of(pod)):
            for limit in given["spec"]["limits"]:
                for name, most in limit.get("max", {}).items() if limit["type"] == "Container" else ():
                    for container in pod["spec"]["containers"]:
                        wanted = container.get("resources", {}).get("limits", {}).get(name)
                        if wanted is not None and quantity(wanted) > quantity(most):
                            return f"maximum {name} usage per Container is {most}, but limit is {wanted}"
        return ""

    def _webhooks(self, pod: Object) -> str:
        """A webhook that must be asked, whose service has no endpoints."""
        for kind in _WEBHOOKS:
            for given in self._world.store.list(f"{kind}.admissionregistration.k8s.io"):
                for hook in given.get("webhooks", ()):
                    service = hook["clientConfig"].get("service")
                    if service is None or hook.get("failurePolicy") == "Ignore" or not _is_about_pods(hook):
                        continue
                    # Its own pods must start without it: every namespace selector leaves them out.
                    if namespace_of(pod) == service["namespace"] or self._answers(service):
                        continue
                    url = f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}"
                    post = f'Post "{url}{service.get("path", "")}?timeout={hook.get("timeoutSeconds", 10)}s"'
                    why = f'no endpoints available for service "{service["name"]}"'
                    return f'failed calling webhook "{hook["name"]}": failed to call webhook: {post}: {why}'
        return ""

    def _answers(self, service: Object) -> bool:
        found = self._world.get("services", (service["namespace"], service["name"]))
        selector = found["spec"].get("selector", {}) if found else {}
        pods = self._world.pods_of_app(service["namespace"], selector.get("app", ""))
        return any(is_ready(pod) and not is_terminating(pod) for pod in pods)

    def _quota(self, pod: Object) -> str:
        for quota in self._world.store.list(_QUOTA, namespace_of(pod)):
            hard = quota["spec"]["hard"]
            used, asked = used_by(self._world.store.list(POD, namespace_of(pod))), used_by([pod])
            over = [
                name
                for name in sorted(hard.keys() & asked.keys())
                if quantity(asked[name]) > 0 and quantity(used[name]) + quantity(asked[name]) > quantity(hard[name])
            ]
            if over:
                each = (",".join(f"{name}={amounts[name]}" for name in over) for amounts in (asked, used, hard))
                return "exceeded quota: {}, requested: {}, used: {}, limited: {}".format(name_of(quota), *each)
        return ""


def _is_about_pods(hook: Object) -> bool:
    return any({"pods", "*", "*/*"} & {*rule.get("resources", ())} for rule in hook.get("rules", ()))


def used_by(pods: Iterable[Object]) -> dict[str, str]:
    """What counts against a quota: pods that have not ended, and what they ask for."""
    counted = [pod for pod in pods if not has_ended(pod)]
    asked = [requested(pod) for pod in counted]
    limits = sum(
        quantity(container.get("resources", {}).get("limits", {}).get("memory", "0"))
        for pod in counted
        for container in pod["spec"]["containers"]
    )
    return {
        "limits.memory": _mebibytes(limits),
        "pods": str(len(counted)),
        "requests.cpu": f"{round(sum(cpu for cpu, _ in asked) * 1000)}m",
        "requests.memory": _mebibytes(sum(memory for _, memory in asked)),
    }


def _mebibytes(count: float) -> str:
    return f"{round(count / 1024**2)}Mi"


class PodControl:
    """Makes, deletes and evicts the pods of controllers."""

    def __init__(self, world: World, recorder: Recorder, kubelet: Kubelet) -> None:
        self._world = world
        self._recorder = recorder
        self._kubelet = kubelet
        self._admission = Admission(world)
        self._factories: OrderedDict[tuple[str, int], PodFactory] = OrderedDict()

    def factory(self, owner: Object, template: Object) -> PodFactory:
        """What makes the pods of one template of an owner; kept, since most owners make many."""
        key = (uid_of(owner), owner["metadata"].get("generation", 1))
        found = self._factories.get(key)
        if found is None:
            found = PodFactory(template, namespace_of(owner), for_daemon=owner["kind"] == "DaemonSet")
            self._factories[key] = found
            if len(self._factories) > _MOST_FACTORIES:
                self._factories.popitem(last=False)
        return found

    def create(self, owner: Object, component: str, *, name: str = "", **more: Any) -> Object:
        """Make one pod; without a name, one is generated. `more` goes to the factory. Raise Refused, and say so in an
        event, if it is not let in.
        """
        factory = self.factory(owner, owner["spec"]["template"])
        token = names.suffix(self._world.random)
        prefix = "" if name else f"{name_of(owner)}-"
        name = name or prefix + names.suffix(self._world.random)
        pod = factory.pod(name, owner, token, generate_name=prefix, **more)
        if owner["kind"] == "Job":
            pod["metadata"]["finalizers"] = [_JOB_TRACKING]
        try:
            self._admission.review(pod)
        except Refused as refused:
            text = f"Error creating: {refused}"
            if owner["kind"] == "StatefulSet":
                text = f"create Pod {name} in StatefulSet {name_of(owner)} failed error: {refused}"
            self._recorder.event(owner, "Warning", "FailedCreate", text, component)
            raise
        created = self._world.create(pod, CONTROLLER_MANAGER)
        self._recorder.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name}", component)
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
            self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", component)
        if not pod["spec"].get("nodeName"):
            self._world.remove(pod)
            return
        seconds = pod["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        end = timestamp(self._world.now() + seconds)
        marks = {"deletionTimestamp": end, "deletionGracePeriodSeconds": seconds}
        self._kubelet.stop(self._world.patch(pod, manager, metadata=marks))

    def evict(self, pod: Object, by: str, message: str) -> None:
        """Delete a pod as the eviction API does: with a condition that says why."""
        observed = {"observedGeneration": pod["metadata"].get("generation", 1), "lastProbeTime": None}
        now = self._world.now()
        target = condition("DisruptionTarget", True, now, "EvictionByEvictionAPI", message, **observed)
        self.delete(self._world.patch(pod, by, status={"conditions": [*conditions_of(pod), target]}))


class Controller:
    """One kind's controller: a moment after an object or what it owns changed, `act` compares what is to be with
    what there is, does the next thing about the difference, and writes the status.
    """

    resource = ""
    """What it looks after."""
    owned = POD
    """What it makes, whose changes concern it as well."""
    component = ""
    """Who it is in events."""
    delay = (0.05, 0.3)
    """Seconds from a change to the act."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        self.world = world
        self.recorder = recorder
        self.pods = pods
        self.queue = Workqueue(world, self.reconcile, delay=self.delay)
        self._refused: dict[Key, int] = {}
        """How often in a row the pods of an object were refused."""
        self.listen()

    def listen(self) -> None:
        self.world.on_change(self.resource, self.on_own)
        self.world.on_change(self.owned, self.on_owned)

    def on_own(self, obj: Object, gone: bool) -> None:
        if not gone:
            self.queue.add(key_of(obj))

    def on_owned(self, obj: Object, gone: bool) -> None:
        owner = controller_of(obj)
        if owner is not None and RESOURCES.get(owner["kind"]) == self.resource:
            self.queue.add((namespace_of(obj), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Look at an object, if it is there to stay."""
        obj = self.world.get(self.resource, key)
        if obj is not None and not is_terminating(obj):
            try:
                self.act(obj)
            except Refused:
                self.try_later(key)
            else:
                self._refused.pop(key, None)

    def try_later(self, key: Key) -> None:
        """Its pods were refused: look again, ever more rarely."""
        times = self._refused[key] = self._refused.get(key, 0) + 1
        self.queue.look_again(key, min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**times))

    def act(self, obj: Object) -> None:
        raise NotImplementedError

    def say(self, about: Object, reason: str, message: str, kind: str = "Normal") -> None:
        self.recorder.event(about, kind, reason, message, self.component)


_FIRST_WAIT, _LONGEST_WAIT = 0.5, 120.0
"""Seconds after which a controller tries again to make what was refused."""


class Workqueue:
    """Keys to reconcile, each at most once at a time."""

    def __init__(self, world: World, reconcile: Callable[[Key], None], *, delay: tuple[float, float]) -> None:
        self._world = world
        self._reconcile = reconcile
        self._delay = delay
        self._waiting: set[Key] = set()
        self._planned: set[Key] = set()

    def add(self, key: Key) -> None:
        """Look at an object soon; once, if it is waiting already."""
        if key not in self._waiting:
            self._waiting.add(key)
            self._world.after(self._world.between(*self._delay), partial(self._look, key))

    def look_again(self, key: Key, after: float) -> None:
        """Look at an object once more after so many seconds, unless that is planned already."""
        if key not in self._planned:
            self._planned.add(key)
            self._world.after(after, partial(self._come_back, key))

    def _come_back(self, key: Key) -> None:
        self._planned.discard(key)
        self.add(key)

    def _look(self, key: Key) -> None:
        self._waiting.discard(key)
        self._reconcile(key)
