"""What every beat needs: the cluster, the people, and targets that nothing else is happening to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.control_plane import ControlPlane
from kwatch.simulator.scenario.controllers import deployment_status
from kwatch.simulator.scenario.controllers.node_lifecycle import is_up
from kwatch.simulator.scenario.controllers.replica_set import is_ready
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, Object, is_terminating, name_of
from kwatch.simulator.scenario.population.plan import Plan
from kwatch.simulator.scenario.story.people import People
from kwatch.simulator.scenario.world import Key


class Stage:
    """The cluster as the beats see it."""

    def __init__(self, control: ControlPlane, plan: Plan) -> None:
        self.control = control
        self.world = control.world
        self.random = control.world.random
        self.people = People(control.world)
        self._deployments = {
            (each.namespace, each.name): each
            for each in (*plan.workloads, *plan.generated)
            if each.kind == "Deployment" and each.name != "recommender"
        }
        self._keys: Sequence[Key] = tuple(self._deployments)
        self._own: Sequence[Key] = tuple(
            (each.namespace, each.name)
            for each in plan.workloads
            if (each.namespace, each.name) in self._deployments and each.namespace in ("shop", "payments")
        )
        self._busy: set[Key] = set()
        self._pull_request = 481

    @contextmanager
    def claim(self, key: Key) -> Iterator[None]:
        """Keep other beats away from a target."""
        self._busy.add(key)
        try:
            yield
        finally:
            self._busy.discard(key)

    def workload(self, key: Key) -> Workload:
        """What is known of a deployment."""
        return self._deployments[key]

    def free_deployment(self, among: Sequence[str] = (), *, own: bool = True) -> Key | None:
        """A deployment that nothing is happening to: one of these if given and free, else any of the teams' own, or,
        not only `own`, any at all.
        """
        for name in among:
            key = ("shop", name)
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
        return deployment is not None and deployment_status.is_complete(deployment)

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
        """A pod of an app that serves."""
        pods = [pod for pod in self.world.pods_of_app(*key) if is_ready(pod) and not is_terminating(pod)]
        return self.random.choice(pods) if pods else None

    def next_pull_request(self) -> int:
        """The number of a pull request that was just opened."""
        self._pull_request += self.random.randint(1, 4)
        return self._pull_request

    def calm(self) -> Process:
        """Wait until the cluster has caught up with what is due."""
        while self.world.agenda.lateness(self.world.now()) > 1.0:
            yield 1.0

    def settled(self, key: Key, patience: float) -> Process:
        """Wait until a rollout is complete, or for as long as one has patience."""
        waited = 0.0
        while waited < patience:
            yield 2.0
            waited += 2.0
            deployment = self.world.get(DEPLOYMENT, key)
            if deployment is None or deployment_status.is_complete(deployment):
                return
