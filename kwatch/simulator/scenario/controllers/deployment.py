"""Deployments: replica sets for their templates, and the way from one to the next."""

from __future__ import annotations

from kwatch.simulator.scenario.controllers import deployment_status
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.objects import deployment as shapes
from kwatch.simulator.scenario.objects.kube import (
    DEPLOYMENT,
    REPLICA_SET,
    Object,
    controller_of,
    is_terminating,
    name_of,
    namespace_of,
    revised,
)
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.workqueue import Workqueue
from kwatch.simulator.scenario.world import Key, World

COMPONENT = "deployment-controller"


class DeploymentController:
    """Rolls out, scales, remembers a few revisions, and reports progress."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder
        self._queue = Workqueue(world, self.reconcile, delay=(0.02, 0.25))
        world.on_change(DEPLOYMENT, self._on_deployment)
        world.on_change(REPLICA_SET, self._on_replica_set)

    def _on_deployment(self, deployment: Object, gone: bool) -> None:
        if not gone:
            self._queue.add((namespace_of(deployment), name_of(deployment)))

    def _on_replica_set(self, replica_set: Object, gone: bool) -> None:
        owner = controller_of(replica_set)
        if owner is not None:
            self._queue.add((namespace_of(replica_set), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """One step of the way to the present template and number of replicas."""
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is None or is_terminating(deployment):
            return
        new = self._new_set(deployment)
        deployment = self._world.get(DEPLOYMENT, key) or deployment
        old = [each for each in self._sets(deployment) if name_of(each) != name_of(new)]
        self._scale_up(deployment, new, old) or self._scale_down(deployment, new, old)
        sets = self._sets(deployment)
        new = next(each for each in sets if name_of(each) == name_of(new))
        status = deployment_status.status(deployment, new, sets, self._world.now())
        if status != deployment["status"]:
            deployment = self._world.update({**deployment, "status": status}, CONTROLLER_MANAGER, "status")
        if deployment_status.is_complete(deployment):
            self._forget_old(deployment, old)
        elif not deployment_status.has_timed_out(deployment):
            self._queue.look_again(key, deployment_status.patience_left(deployment, self._world.now()))

    def _sets(self, deployment: Object) -> list[Object]:
        return self._world.children(deployment, REPLICA_SET)

    def _new_set(self, deployment: Object) -> Object:
        """The replica set of the present template, made if there is none, with the highest revision."""
        sets = self._sets(deployment)
        template_hash = shapes.hash_of(deployment)
        found = next((each for each in sets if each["metadata"]["labels"][shapes.TEMPLATE_HASH] == template_hash), None)
        highest = max((shapes.revision_of(each) for each in sets if each is not found), default=0)
        if found is None:
            template = deployment["spec"]["template"]
            replicas = _room(deployment, 0, sets)
            made = shapes.replica_set(deployment, template, replicas, highest + 1, template_hash=template_hash)
            found = self._world.create(made, CONTROLLER_MANAGER)
            if replicas:
                self._announce(deployment, "up", found, 0, replicas)
        else:
            revision = max(highest + 1, shapes.revision_of(found))
            notes = {**shapes.replica_annotations(deployment), shapes.REVISION: str(revision)}
            found = self._annotate(found, notes)
        self._annotate(deployment, {shapes.REVISION: str(shapes.revision_of(found))})
        return found

    def _annotate(self, obj: Object, notes: dict[str, str]) -> Object:
        given = obj["metadata"].get("annotations", {})
        if all(given.get(name) == value for name, value in notes.items()):
            return obj
        return self._world.update(revised(obj, metadata={"annotations": {**given, **notes}}), CONTROLLER_MANAGER)

    def _scale_up(self, deployment: Object, new: Object, old: list[Object]) -> bool:
        wanted, have = deployment["spec"]["replicas"], new["spec"]["replicas"]
        if have > wanted:
            self._scale(deployment, new, wanted)
            return True
        room = _room(deployment, have, [new, *old])
        if have < wanted and room > 0:
            self._scale(deployment, new, have + room)
            return True
        return False

    def _scale_down(self, deployment: Object, new: Object, old: list[Object]) -> bool:
        """Take away old pods, the unhealthy ones first, as long as enough are available."""
        active = [each for each in old if each["spec"]["replicas"]]
        if not active:
            return False
        least = deployment["spec"]["replicas"] - shapes.max_unavailable(deployment)
        every = sum(each["spec"]["replicas"] for each in [new, *active])
        unavailable = new["spec"]["replicas"] - new["status"].get("availableReplicas", 0)
        spare = every - least - unavailable
        if spare <= 0:
            return False
        targets = {name_of(each): each["spec"]["replicas"] for each in active}
        for each in active:
            unhealthy = each["spec"]["replicas"] - each["status"].get("availableReplicas", 0)
            taken = max(0, min(spare, unhealthy))
            targets[name_of(each)] -= taken
            spare -= taken
        available = sum(each["status"].get("availableReplicas", 0) for each in [new, *active])
        spare = min(spare, available - least)
        for each in active:
            taken = max(0, min(spare, targets[name_of(each)]))
            targets[name_of(each)] -= taken
            spare -= taken
        for each in active:
            self._scale(deployment, each, targets[name_of(each)])
        return True

    def _scale(self, deployment: Object, replica_set: Object, replicas: int) -> None:
        before = replica_set["spec"]["replicas"]
        if replicas == before:
            return
        given = {**replica_set["metadata"].get("annotations", {}), **shapes.replica_annotations(deployment)}
        changed = revised(replica_set, metadata={"annotations": given}, spec={"replicas": replicas})
        self._world.update(changed, CONTROLLER_MANAGER)
        self._announce(deployment, "up" if replicas > before else "down", replica_set, before, replicas)

    def _announce(self, deployment: Object, way: str, replica_set: Object, before: int, after: int) -> None:
        message = f"Scaled {way} replica set {name_of(replica_set)} from {before} to {after}"
        self._recorder.normal(deployment, "ScalingReplicaSet", message, COMPONENT)

    def _forget_old(self, deployment: Object, old: list[Object]) -> None:
        empty = [each for each in old if not each["spec"]["replicas"] and not each["status"].get("replicas")]
        surplus = len(empty) - int(deployment["spec"]["revisionHistoryLimit"])
        for each in sorted(empty, key=shapes.revision_of)[: max(0, surplus)]:
            current = self._world.get(REPLICA_SET, (namespace_of(each), name_of(each)))
            if current is not None and not current["status"].get("terminatingReplicas"):
                self._world.remove(current)


def _room(deployment: Object, have: int, sets: list[Object]) -> int:
    """By how many the new replica set may grow now."""
    wanted: int = deployment["spec"]["replicas"]
    now: int = sum(each["spec"]["replicas"] for each in sets)
    return max(0, min(wanted + shapes.max_surge(deployment) - now, wanted - have))
