"""What people and pipelines do to the cluster, and what they choose to do it to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine import rollouts
from kwatch.simulator.engine.control_plane import ControlPlane
from kwatch.simulator.engine.nodes import is_up
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    LAST_APPLIED,
    REPLICA_SET,
    Object,
    is_terminating,
    name_of,
    revised,
    with_last_applied,
)
from kwatch.simulator.engine.pod_status import is_ready
from kwatch.simulator.engine.populate import Plan
from kwatch.simulator.engine.rollouts import is_complete
from kwatch.simulator.engine.world import Key, Process, World
from kwatch.simulator.scenario.spec import Workload

CONFIG_MAP = "configmaps"
_VERSION = "app.kubernetes.io/version"


class Operators:
    """Each method is one command, or one run of a pipeline."""

    def __init__(self, world: World) -> None:
        self._world = world

    def image(self, resource: str, key: Key) -> str:
        owner = self._world.get(resource, key)
        return str(owner["spec"]["template"]["spec"]["containers"][0]["image"]) if owner else ""

    def deploy(self, key: Key, image: str, *, resource: str = DEPLOYMENT) -> None:
        owner = self._world.get(resource, key)
        if owner is None:
            return
        version = image.rpartition(":")[2].removeprefix("v")
        labels = {**owner["metadata"]["labels"], _VERSION: version}
        template = _with_image(owner["spec"]["template"], image, version)
        changed = revised(owner, metadata={"labels": labels}, spec={"template": template})
        if LAST_APPLIED in owner["metadata"].get("annotations", {}):
            changed = with_last_applied(changed)
        self._world.update(changed, author_of(owner))

    def undo(self, key: Key) -> None:
        """`kubectl rollout undo`: back to the template of the replica set before."""
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is None:
            return
        sets = sorted(self._world.children(deployment, REPLICA_SET), key=rollouts.revision_of)
        if len(sets) < 2:
            return
        template = sets[-2]["spec"]["template"]
        labels = {
            name: value for name, value in template["metadata"]["labels"].items() if name != rollouts.TEMPLATE_HASH
        }
        restored = {**template, "metadata": {**template["metadata"], "labels": labels}}
        self._world.update(revised(deployment, spec={"template": restored}), "kubectl-rollout")

    def restart(self, resource: str, key: Key) -> None:
        """`kubectl rollout restart`."""
        owner = self._world.get(resource, key)
        if owner is None:
            return
        template = owner["spec"]["template"]
        note = {"kubectl.kubernetes.io/restartedAt": timestamp(self._world.now())}
        metadata = {**template["metadata"], "annotations": {**template["metadata"].get("annotations", {}), **note}}
        self._world.update(revised(owner, spec={"template": {**template, "metadata": metadata}}), "kubectl-rollout")

    def scale(self, resource: str, key: Key, replicas: int) -> None:
        """`kubectl scale`."""
        owner = self._world.get(resource, key)
        if owner is not None:
            self._world.update(revised(owner, spec={"replicas": replicas}), "kubectl", "scale")

    def request_memory(self, key: Key, memory: str, *, by: str) -> None:
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is None:
            return
        template = deployment["spec"]["template"]
        first, *rest = template["spec"]["containers"]
        limits = {**first["resources"].get("limits", {}), "memory": memory}
        requests = {**first["resources"]["requests"], "memory": memory}
        resources = {**first["resources"], "requests": requests, "limits": limits}
        spec = {**template["spec"], "containers": [{**first, "resources": resources}, *rest]}
        self._world.update(revised(deployment, spec={"template": {**template, "spec": spec}}), by)

    def edit_config(self, key: Key, changes: dict[str, str], *, by: str) -> None:
        config = self._world.get(CONFIG_MAP, key)
        if config is not None:
            changed = revised(config, data=changes)
            if by != "kubectl-edit" and LAST_APPLIED in config["metadata"].get("annotations", {}):
                changed = with_last_applied(changed)
            self._world.update(changed, by)


def author_of(owner: Object) -> str:
    """Who applies an object: the manager that has set its images so far."""
    for entry in owner["metadata"]["managedFields"]:
        if entry["manager"] in ("argocd-controller", "helm", "kubectl-client-side-apply"):
            return str(entry["manager"])
    return "argocd-controller"


def next_version(image: str, random: Random) -> str:
    """The image's next version: mostly a patch, now and then a minor one; release candidates count on.

    An image without a version stays what it is.
    """
    repository, _, tag = image.rpartition(":")
    if not repository or "/" in tag:
        return image
    head, dash, tail = tag.partition("-")
    if tail.startswith("rc"):
        return f"{repository}:{head}-rc{int(tail[2:]) + 1}"
    parts = head.removeprefix("v").split(".")
    if not all(part.isdigit() for part in parts) or len(parts) < 2:
        return f"{repository}:{tag}"
    numbers = [int(part) for part in parts]
    if len(numbers) > 2 and random.random() < 0.3:
        numbers[-2:] = [numbers[-2] + 1, 0]
    else:
        numbers[-1] += 1
    prefix = "v" if head.startswith("v") else ""
    return f"{repository}:{prefix}{'.'.join(map(str, numbers))}{dash}{tail}"


def _with_image(template: Object, image: str, version: str) -> Object:
    first, *rest = template["spec"]["containers"]
    containers = [{**first, "image": image}, *rest]
    spec = {**template["spec"], "containers": containers}
    labels = {**template["metadata"]["labels"], _VERSION: version}
    return {"metadata": {**template["metadata"], "labels": labels}, "spec": spec}


class ScenarioContext:
    """What every story needs: the cluster, its operators, and targets that no other story is using."""

    def __init__(self, control: ControlPlane, plan: Plan) -> None:
        self.control = control
        self.plan = plan
        self.world = control.world
        self.random = control.world.random
        self.operators = Operators(control.world)
        crashing = {(each.namespace, each.workload) for each in plan.spec.troubles.crash_loops}
        self._deployments = {
            (each.namespace, each.name): each
            for each in (*plan.workloads, *plan.generated)
            if each.kind == "Deployment" and (each.namespace, each.name) not in crashing
        }
        self._keys: Sequence[Key] = tuple(self._deployments)
        own = [(each.namespace, each.name) for each in plan.workloads]
        self._own: Sequence[Key] = tuple(
            key for key in own if key in self._deployments and (key[0] in plan.teams or not plan.teams)
        )
        self._busy: set[Key] = set()
        self._pull_request = 481

    @contextmanager
    def claim(self, key: Key) -> Iterator[None]:
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)

    def workload(self, key: Key) -> Workload:
        return self._deployments[key]

    def free_deployment(self, among: Sequence[str] = (), *, own: bool = True) -> Key | None:
        """A deployment that nothing is happening to: one of these if given and free, else any of the teams' own, or,
        if it need not be their own, any at all. None if several that were tried are not free.
        """
        for name in among:
            key = (self.plan.spec.namespace, name)
            if self._is_free(key):
                return key
        keys = self._own if own else self._keys
        for _ in range(8):
            if not keys:
                return None
            key = self.random.choice(keys)
            if self._is_free(key):
                return key
        return None

    def _is_free(self, key: Key) -> bool:
        if key in self._busy:
            return False
        deployment = self.world.get(DEPLOYMENT, key)
        return deployment is not None and is_complete(deployment)

    def free_node(self) -> Object | None:
        """A worker that is up, as long as enough others are."""
        workers = [
            node
            for node in self.world.store.list("nodes")
            if "node-role.kubernetes.io/worker" in node["metadata"]["labels"]
            and is_up(node)
            and ("", name_of(node)) not in self._busy
        ]
        return self.random.choice(workers) if len(workers) > 1 else None

    def ready_pod(self, key: Key) -> Object | None:
        pods = [pod for pod in self.world.pods_of_app(*key) if is_ready(pod) and not is_terminating(pod)]
        return self.random.choice(pods) if pods else None

    def next_pull_request(self) -> int:
        self._pull_request += self.random.randint(1, 4)
        return self._pull_request

    def calm(self) -> Process:
        """Wait until the cluster has caught up with what is due."""
        while self.world.agenda.lateness(self.world.now()) > 1.0:
            yield 1.0

    def settled(self, key: Key, patience: float) -> Process:
        """Wait until a rollout is complete, but no longer than `patience` seconds."""
        waited = 0.0
        while waited < patience:
            yield 2.0
            waited += 2.0
            deployment = self.world.get(DEPLOYMENT, key)
            if deployment is None or is_complete(deployment):
                return
