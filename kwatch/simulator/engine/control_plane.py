"""All controllers of the simulated cluster, connected; and the database operator, which is not Kubernetes' own."""

from __future__ import annotations

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.autoscaling import AutoscalerController, Usage
from kwatch.simulator.engine.containers import Images
from kwatch.simulator.engine.controller import GarbageCollector, NamespaceController
from kwatch.simulator.engine.jobs import CronJobController, JobController
from kwatch.simulator.engine.kubelet import Behaviour, Kubelet
from kwatch.simulator.engine.nodes import Leases, NodeLifecycle
from kwatch.simulator.engine.objects import DATABASE, Object, condition, revised, with_condition
from kwatch.simulator.engine.pods import PodControl
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.rollouts import DeploymentController, ReplicaSetController
from kwatch.simulator.engine.scheduling import Scheduler, VolumeBinder
from kwatch.simulator.engine.services import DisruptionController, EndpointsController, QuotaController
from kwatch.simulator.engine.sets import DaemonSetController, StatefulSetController
from kwatch.simulator.engine.world import Key, Process, World

MANAGER = "database-operator"
CRD = "customresourcedefinitions.apiextensions.k8s.io"


class DatabaseOperator:
    """Looks after the databases, as long as their kind is served."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def get(self, key: Key) -> Object | None:
        """A database; None as well when somebody has removed the definition."""
        if self._world.get(CRD, ("", DATABASE)) is None:
            return None
        return self._world.get(DATABASE, key)

    def back_up(self, key: Key) -> Process:
        """One backup, from beginning to end."""
        database = self._move(key, "BackingUp")
        if database is None:
            return
        self._recorder.normal(database, "BackupStarted", "Backup started", MANAGER)
        yield self._world.between(6.0, 14.0)
        database = self.get(key)
        if database is None:
            return
        used = _gibibytes(database) + round(self._world.between(0.1, 0.6), 1)
        now = self._world.now()
        status = {
            "storage": {"used": f"{used:.1f}Gi"},
            "lastBackup": {"completedAt": timestamp(now), "size": f"{used * 0.38:.1f}Gi"},
            "phase": "Running",
        }
        database = self._world.update(revised(database, status=status), MANAGER, "status")
        text = f"Backup of {used * 0.38:.1f}Gi completed"
        self._recorder.normal(database, "BackupCompleted", text, MANAGER)

    def fail_over(self, key: Key) -> Process:
        database = self._move(key, "FailingOver", ready=False)
        if database is None:
            return
        self._recorder.warning(database, "PrimaryLost", "Primary does not answer, promoting a replica", MANAGER)
        yield self._world.between(4.0, 9.0)
        database = self._move(key, "Running", ready=True)
        if database is not None:
            self._recorder.normal(database, "FailedOver", "Replica promoted to primary", MANAGER)

    def _move(self, key: Key, phase: str, *, ready: bool | None = None) -> Object | None:
        database = self.get(key)
        if database is None:
            return None
        status: Object = {"phase": phase, "observedGeneration": database["metadata"]["generation"]}
        if ready is not None:
            replicas = database["spec"]["replicas"]
            status["readyReplicas"] = replicas if ready else replicas - 1
            reason = "AllReplicasReady" if ready else "PrimaryLost"
            message = "all replicas are ready" if ready else "the primary does not answer"
            made = condition("Ready", ready, self._world.now(), reason, message)
            status["conditions"] = with_condition(database["status"]["conditions"], made)
        return self._world.update(revised(database, status=status), MANAGER, "status")


def _gibibytes(database: Object) -> float:
    """What it uses now; it never outgrows its volume."""
    used = float(database["status"]["storage"]["used"].removesuffix("Gi"))
    size = float(database["spec"]["storage"]["size"].removesuffix("Gi"))
    return used if used < size * 0.8 else size * 0.3


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
        self.namespaces = NamespaceController(world, self.garbage)
        self.quotas = QuotaController(*shared)
        self.autoscalers = AutoscalerController(world, self.recorder, self.usage)
        self.nodes = NodeLifecycle(world, self.recorder)
        self.leases = Leases(world, self.kubelet, most_per_second=max(0.01, rate * 0.15))
        self.databases = DatabaseOperator(world, self.recorder)
