"""All controllers of the simulated cluster, connected; who else changes it; and what stories find to happen to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.autoscaling import AutoscalerController, Usage
from kwatch.simulator.engine.controller import PodControl
from kwatch.simulator.engine.jobs import CronJobController, JobController
from kwatch.simulator.engine.kubelet import Kubelet
from kwatch.simulator.engine.nodes import Leases, NodeLifecycle, Scheduler, is_up
from kwatch.simulator.engine.objects import (
    CONFIG_MAP,
    DATABASE,
    DEPLOYMENT,
    LAST_APPLIED,
    NODE,
    REPLICA_SET,
    Object,
    condition,
    conditions_of,
    key_of,
    merge_patch,
    strategic_merge_patch,
    with_condition,
    with_last_applied,
)
from kwatch.simulator.engine.programs import Images
from kwatch.simulator.engine.rollouts import (
    TEMPLATE_HASH,
    DeploymentController,
    ReplicaSetController,
    is_complete,
    revision_of,
)
from kwatch.simulator.engine.services import (
    DisruptionController,
    EndpointsController,
    GarbageCollector,
    QuotaController,
)
from kwatch.simulator.engine.sets import DaemonSetController, StatefulSetController, VolumeBinder
from kwatch.simulator.engine.world import Key, Process, Recorder, World
from kwatch.simulator.scenario.plan import Behaviour, Plan
from kwatch.simulator.scenario.spec import Workload


class ControlPlane:
    """Makes the controllers; from then on they hear of every change of the world."""

    def __init__(self, world: World, behaviour: Behaviour, *, objects: int, rate: float) -> None:
        self.world = world
        self.behaviour = behaviour
        self.recorder = Recorder(world, most=min(5_000, max(600, objects // 2)))
        self.images = Images()
        self.kubelet = Kubelet(world, self.recorder, self.images, behaviour)
        self.usage = Usage(world)
        self.pods = PodControl(world, self.recorder, self.kubelet)
        shared = (world, self.recorder, self.pods)
        self.garbage = GarbageCollector(world, self.pods)
        self.scheduler = Scheduler(world, self.recorder, VolumeBinder(world, self.recorder), self.kubelet)
        self.replica_sets = ReplicaSetController(*shared)
        self.deployments = DeploymentController(*shared)
        self.stateful_sets = StatefulSetController(*shared)
        self.daemon_sets = DaemonSetController(*shared)
        self.jobs = JobController(*shared)
        self.cron_jobs = CronJobController(*shared, self.garbage)
        self.endpoints = EndpointsController(*shared)
        self.disruption = DisruptionController(*shared)
        self.quotas = QuotaController(*shared)
        self.autoscalers = AutoscalerController(world, self.recorder, self.usage)
        self.nodes = NodeLifecycle(world, self.recorder)
        self.leases = Leases(world, self.kubelet, most_per_second=max(0.01, rate * 0.15))
        self.databases = DatabaseOperator(world, self.recorder)


class Operators:
    """What people and pipelines do: each method is one command, or one run. What is not there is left alone."""

    def __init__(self, world: World) -> None:
        self._world = world

    def image(self, resource: str, key: Key) -> str:
        owner = self._world.get(resource, key)
        return str(owner["spec"]["template"]["spec"]["containers"][0]["image"]) if owner else ""

    def deploy(self, key: Key, image: str, *, resource: str = DEPLOYMENT) -> None:
        owner = self._world.get(resource, key)
        if owner is not None:
            version = {"app.kubernetes.io/version": image.rpartition(":")[2].removeprefix("v")}
            changed = _with_main_container(owner, image=image)
            labelled = {"metadata": {"labels": version}}
            changed = merge_patch(changed, {**labelled, "spec": {"template": labelled}})
            self._world.update(_applied(changed), author_of(owner))

    def undo(self, key: Key) -> None:
        """`kubectl rollout undo`: back to the template of the replica set before."""
        deployment = self._world.get(DEPLOYMENT, key)
        sets = sorted(self._world.children(deployment, REPLICA_SET), key=revision_of) if deployment else []
        if deployment is not None and len(sets) > 1:
            before = merge_patch(sets[-2]["spec"]["template"], {"metadata": {"labels": {TEMPLATE_HASH: None}}})
            self._world.update({**deployment, "spec": {**deployment["spec"], "template": before}}, "kubectl-rollout")

    def restart(self, resource: str, key: Key) -> None:
        """`kubectl rollout restart`."""
        owner = self._world.get(resource, key)
        if owner is not None:
            note = {"kubectl.kubernetes.io/restartedAt": timestamp(self._world.now())}
            self._world.patch(owner, "kubectl-rollout", spec={"template": {"metadata": {"annotations": note}}})

    def scale(self, resource: str, key: Key, replicas: int) -> None:
        """`kubectl scale`."""
        owner = self._world.get(resource, key)
        if owner is not None:
            self._world.patch(owner, "kubectl", "scale", spec={"replicas": replicas})

    def request_memory(self, key: Key, memory: str, *, by: str) -> None:
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is not None:
            resources = {"requests": {"memory": memory}, "limits": {"memory": memory}}
            self._world.update(_with_main_container(deployment, resources=resources), by)

    def edit_config(self, key: Key, changes: dict[str, str], *, by: str) -> None:
        config = self._world.get(CONFIG_MAP, key)
        if config is not None:
            changed = merge_patch(config, {"data": changes})
            self._world.update(changed if by == "kubectl-edit" else _applied(changed), by)


def _with_main_container(owner: Object, **changes: object) -> Object:
    main = {"name": owner["spec"]["template"]["spec"]["containers"][0]["name"], **changes}
    return strategic_merge_patch(owner, {"spec": {"template": {"spec": {"containers": [main]}}}})


def _applied(changed: Object) -> Object:
    """As its author applies it: with the annotation, if it had one."""
    return with_last_applied(changed) if LAST_APPLIED in changed["metadata"].get("annotations", {}) else changed


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
        return image
    numbers = [int(part) for part in parts]
    if len(numbers) > 2 and random.random() < 0.3:
        numbers[-2:] = [numbers[-2] + 1, 0]
    else:
        numbers[-1] += 1
    prefix = "v" if head.startswith("v") else ""
    return f"{repository}:{prefix}{'.'.join(map(str, numbers))}{dash}{tail}"


class ScenarioContext:
    """What every story needs: the cluster, its operators, and targets that no other story is using."""

    def __init__(self, control: ControlPlane, plan: Plan, databases: Sequence[Object]) -> None:
        self.control = control
        self.plan = plan
        self.databases = databases
        self.world = control.world
        self.random = control.world.random
        self.operators = Operators(control.world)
        crashing = {(each.namespace, each.workload) for each in plan.spec.troubles.crash_loops}
        workloads = {(each.namespace, each.name): each for each in (*plan.workloads, *plan.generated)}
        self.deployments: dict[Key, Workload] = {
            key: each for key, each in workloads.items() if each.kind == "Deployment" and key not in crashing
        }
        self._own = [
            (each.namespace, each.name)
            for each in plan.workloads
            if (each.namespace, each.name) in self.deployments and (each.namespace in plan.teams or not plan.teams)
        ]
        self._every = [*self.deployments]
        self._busy: set[Key] = set()
        self.pull_request = 481

    @contextmanager
    def claim(self, key: Key) -> Iterator[None]:
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)

    def free_deployment(self, among: Sequence[str] = (), *, own: bool = True) -> Key | None:
        """A deployment that nothing is happening to: one of these if given and free, else any of the teams' own, or,
        if it need not be their own, any at all. None if several that were tried are not free.
        """
        for name in among:
            if self._is_free((self.plan.spec.namespace, name)):
                return self.plan.spec.namespace, name
        keys = self._own if own else self._every
        for _ in range(8 if keys else 0):
            key = self.random.choice(keys)
            if self._is_free(key):
                return key
        return None

    def _is_free(self, key: Key) -> bool:
        deployment = self.world.get(DEPLOYMENT, key)
        return key not in self._busy and deployment is not None and is_complete(deployment)

    def free_node(self) -> Object | None:
        """A worker that is up, as long as enough others are."""
        workers = [
            node
            for node in self.world.store.list(NODE)
            if "node-role.kubernetes.io/worker" in node["metadata"]["labels"]
            and is_up(node)
            and key_of(node) not in self._busy
        ]
        return self.random.choice(workers) if len(workers) > 1 else None


MANAGER = "database-operator"
CRD = "customresourcedefinitions.apiextensions.k8s.io"


class DatabaseOperator:
    """Looks after the databases, as long as their kind is served. It is not Kubernetes' own."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def back_up(self, key: Key) -> Process:
        """One backup, from beginning to end."""
        database = self._move(key, "BackingUp")
        if database is None:
            return
        self._recorder.event(database, "Normal", "BackupStarted", "Backup started", MANAGER)
        yield self._world.between(6.0, 14.0)
        database = self._get(key)
        if database is None:
            return
        # It never outgrows its volume.
        used = float(database["status"]["storage"]["used"].removesuffix("Gi"))
        size = float(database["spec"]["storage"]["size"].removesuffix("Gi"))
        used = (used if used < size * 0.8 else size * 0.3) + round(self._world.between(0.1, 0.6), 1)
        backup = f"{used * 0.38:.1f}Gi"
        done = {"completedAt": timestamp(self._world.now()), "size": backup}
        status = {"storage": {"used": f"{used:.1f}Gi"}, "lastBackup": done, "phase": "Running"}
        database = self._world.patch(database, MANAGER, status=status)
        self._recorder.event(database, "Normal", "BackupCompleted", f"Backup of {backup} completed", MANAGER)

    def fail_over(self, key: Key) -> Process:
        database = self._move(key, "FailingOver", ready=False)
        if database is None:
            return
        text = "Primary does not answer, promoting a replica"
        self._recorder.event(database, "Warning", "PrimaryLost", text, MANAGER)
        yield self._world.between(4.0, 9.0)
        database = self._move(key, "Running", ready=True)
        if database is not None:
            self._recorder.event(database, "Normal", "FailedOver", "Replica promoted to primary", MANAGER)

    def _get(self, key: Key) -> Object | None:
        """A database; None as well when somebody has removed the definition."""
        return self._world.get(DATABASE, key) if self._world.get(CRD, ("", DATABASE)) else None

    def _move(self, key: Key, phase: str, *, ready: bool | None = None) -> Object | None:
        database = self._get(key)
        if database is None:
            return None
        status: Object = {"phase": phase, "observedGeneration": database["metadata"]["generation"]}
        if ready is not None:
            replicas = database["spec"]["replicas"]
            status["readyReplicas"] = replicas if ready else replicas - 1
            reason = "AllReplicasReady" if ready else "PrimaryLost"
            message = "all replicas are ready" if ready else "the primary does not answer"
            made = condition("Ready", ready, self._world.now(), reason, message)
            status["conditions"] = with_condition(conditions_of(database), made)
        return self._world.patch(database, MANAGER, status=status)
