"""All controllers of the simulated cluster, connected."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers.autoscaler import AutoscalerController
from kwatch.simulator.scenario.controllers.cron_job import CronJobController
from kwatch.simulator.scenario.controllers.daemon_set import DaemonSetController
from kwatch.simulator.scenario.controllers.databases import DatabaseOperator
from kwatch.simulator.scenario.controllers.deployment import DeploymentController
from kwatch.simulator.scenario.controllers.disruption import DisruptionController
from kwatch.simulator.scenario.controllers.endpoints import EndpointsController
from kwatch.simulator.scenario.controllers.garbage_collector import GarbageCollector
from kwatch.simulator.scenario.controllers.job import JobController
from kwatch.simulator.scenario.controllers.leases import Leases
from kwatch.simulator.scenario.controllers.namespaces import NamespaceController
from kwatch.simulator.scenario.controllers.node_lifecycle import NodeLifecycle
from kwatch.simulator.scenario.controllers.pod_control import PodControl
from kwatch.simulator.scenario.controllers.quota import QuotaController
from kwatch.simulator.scenario.controllers.replica_set import ReplicaSetController
from kwatch.simulator.scenario.controllers.scheduler import Scheduler
from kwatch.simulator.scenario.controllers.stateful_set import StatefulSetController
from kwatch.simulator.scenario.controllers.volume_binder import VolumeBinder
from kwatch.simulator.scenario.kubelet import Kubelet
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.kubelet.images import Images
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.usage import Usage
from kwatch.simulator.scenario.world import World


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
        self.garbage = GarbageCollector(world, self.pods)
        self.scheduler = Scheduler(world, self.recorder, VolumeBinder(world, self.recorder), self.kubelet)
        self.replica_sets = ReplicaSetController(world, self.pods)
        self.deployments = DeploymentController(world, self.recorder)
        self.stateful_sets = StatefulSetController(world, self.recorder, self.pods)
        self.daemon_sets = DaemonSetController(world, self.pods)
        self.jobs = JobController(world, self.recorder, self.pods)
        self.cron_jobs = CronJobController(world, self.recorder, self.garbage)
        self.endpoints = EndpointsController(world)
        self.disruption = DisruptionController(world)
        self.namespaces = NamespaceController(world, self.garbage)
        self.quotas = QuotaController(world)
        self.autoscalers = AutoscalerController(world, self.recorder, self.usage)
        self.nodes = NodeLifecycle(world, self.recorder)
        self.leases = Leases(world, self.kubelet, most_per_second=max(0.01, rate * 0.15))
        self.databases = DatabaseOperator(world, self.recorder)
