"""Deployments: replica sets for their templates, the way from one to the next, and the pods of a replica set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.controller import Controller
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    Object,
    condition,
    find_condition,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    revised,
    shape,
)
from kwatch.simulator.engine.pod_status import is_active, is_ready
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
TEMPLATE_HASH = "pod-template-hash"


def max_surge(deployment: Object) -> int:
    wanted: int = deployment["spec"]["replicas"]
    return _share(deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"], wanted, up=True)


def max_unavailable(deployment: Object) -> int:
    """How many of the wanted pods a rollout may do without."""
    wanted: int = deployment["spec"]["replicas"]
    allowed = _share(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], wanted, up=False)
    return 1 if allowed == 0 and max_surge(deployment) == 0 else allowed


def _share(value: int | str, of: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    percent = int(value.rstrip("%"))
    return -(-of * percent // 100) if up else of * percent // 100


def hash_of(deployment: Object) -> str:
    return names.template_hash(deployment["spec"]["template"])


def replica_set(
    deployment: Object,
    template: Object,
    replicas: int,
    revision: int,
    created: float | None = None,
    template_hash: str = "",
) -> Object:
    template_hash = template_hash or names.template_hash(template)
    labels = {**template["metadata"]["labels"], TEMPLATE_HASH: template_hash}
    name = f"{name_of(deployment)}-{template_hash}"
    annotations = {**replica_annotations(deployment), REVISION: str(revision)}
    if "meta.helm.sh/release-name" in deployment["metadata"].get("annotations", {}):
        given = deployment["metadata"]["annotations"]
        annotations |= {key: value for key, value in given.items() if key.startswith("meta.helm.sh/")}
    return shape(
        "ReplicaSet",
        name,
        namespace_of(deployment),
        labels=labels,
        annotations=annotations,
        owner=deployment,
        created=created,
        replicas=replicas,
        selected={**deployment["spec"]["selector"]["matchLabels"], TEMPLATE_HASH: template_hash},
        template={**template, "metadata": {**template["metadata"], "labels": labels}},
    )


def replica_annotations(deployment: Object) -> Mapping[str, str]:
    """What a deployment writes into its replica sets, for scaling in proportion."""
    wanted = deployment["spec"]["replicas"]
    return {DESIRED: str(wanted), MAXIMUM: str(wanted + max_surge(deployment))}


def revision_of(obj: Object) -> int:
    """The revision a deployment or replica set is annotated with; 0 without."""
    return int(obj["metadata"].get("annotations", {}).get(REVISION, 0))


_BURST = 25
"""Pods made or deleted in one go; the rest follows in the next round."""


class ReplicaSetController(Controller):
    """As many pods as wanted, no more and no fewer."""

    resource = REPLICA_SET
    component = "replicaset-controller"
    delay = (0.02, 0.2)

    def act(self, replica_set: Object) -> None:
        """Make the pods agree with the number wanted, and the status with the pods."""
        active = [pod for pod in self.world.children(replica_set, POD) if is_active(pod)]
        missing = replica_set["spec"]["replicas"] - len(active)
        for _ in range(min(missing, _BURST)):
            self.pods.create(replica_set, self.component)
        if missing < 0:
            for pod in sorted(active, key=_deletion_rank)[: min(-missing, _BURST)]:
                self.pods.delete(pod, replica_set, self.component)
        pods = self.world.children(replica_set, POD)
        self.report(replica_set, counted(pods) | {"observedGeneration": replica_set["metadata"]["generation"]})


def counted(pods: list[Object]) -> Object:
    """The numbers in a replica set's status; those that are zero are left out, as the server does."""
    active = [pod for pod in pods if is_active(pod)]
    ready = sum(is_ready(pod) for pod in active)
    status = {"replicas": len(active)}
    if active:
        status["fullyLabeledReplicas"] = len(active)
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    status["terminatingReplicas"] = sum(is_terminating(pod) for pod in pods)
    return status


def _deletion_rank(pod: Object) -> tuple[bool, int, bool, int, str]:
    """Who goes first: not scheduled, pending, not ready, most restarts, youngest."""
    phases = {"Pending": 0, "Unknown": 1}
    restarts = max((each["restartCount"] for each in pod["status"].get("containerStatuses", ())), default=0)
    age = "".join(chr(255 - ord(letter)) for letter in pod["metadata"]["creationTimestamp"])
    return (
        bool(pod["spec"].get("nodeName")),
        phases.get(pod["status"]["phase"], 2),
        is_ready(pod),
        -restarts,
        age,
    )


def deployment_status(deployment: Object, new: Object, sets: list[Object], now: float) -> Object:
    """The status that follows from the replica sets; `new` is the one of the present template."""
    old: Object = deployment["status"]
    wanted = deployment["spec"]["replicas"]
    counts = {
        "replicas": _sum(sets, "replicas"),
        "updatedReplicas": new["status"].get("replicas", 0),
        "readyReplicas": _sum(sets, "readyReplicas"),
        "availableReplicas": _sum(sets, "availableReplicas"),
    }
    counts["unavailableReplicas"] = max(0, _sum_wanted(sets) - counts["availableReplicas"])
    made: Object = {"observedGeneration": deployment["metadata"]["generation"]}
    made |= {name: count for name, count in counts.items() if count}
    made["terminatingReplicas"] = _sum(sets, "terminatingReplicas")
    enough = counts["availableReplicas"] >= wanted - max_unavailable(deployment)
    conditions = old.get("conditions", [])
    made["conditions"] = [
        _available(find_condition(conditions, "Available"), enough, now),
        _progressing(deployment, new, made, find_condition(conditions, "Progressing"), now),
    ]
    return made


def _sum(sets: list[Object], name: str) -> int:
    return sum(each["status"].get(name, 0) for each in sets)


def _sum_wanted(sets: list[Object]) -> int:
    return sum(each["spec"]["replicas"] for each in sets)


def _available(old: dict[str, Any] | None, enough: bool, now: float) -> dict[str, Any]:
    if old is not None and old["status"] == str(enough):
        return old
    word = "has" if enough else "does not have"
    made = condition(
        "Available",
        enough,
        now,
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {word} minimum availability.",
    )
    return made | {"lastUpdateTime": timestamp(now)}


def _progressing(
    deployment: Object, new: Object, made: Object, old: dict[str, Any] | None, now: float
) -> dict[str, Any]:
    name = name_of(new)
    if _complete(deployment, made):
        return _progress(old, True, "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.', now)
    if old is None:
        return _progress(old, True, "NewReplicaSetCreated", f'Created new replica set "{name}"', now)
    if _moved(deployment["status"], made) or name not in old["message"]:
        text = f'ReplicaSet "{name}" is progressing.'
        return _progress(old, True, "ReplicaSetUpdated", text, now) | {"lastUpdateTime": timestamp(now)}
    late = now - parse_timestamp(old["lastUpdateTime"]) > deployment["spec"]["progressDeadlineSeconds"]
    if late and old["reason"] != "NewReplicaSetAvailable":
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return _progress(old, False, "ProgressDeadlineExceeded", text, now)
    return old


def _progress(old: dict[str, Any] | None, good: bool, reason: str, message: str, now: float) -> dict[str, Any]:
    if old is not None and (old["status"], old["reason"], old["message"]) == (str(good), reason, message):
        return old
    made = condition("Progressing", good, now, reason, message) | {"lastUpdateTime": timestamp(now)}
    if old is not None and old["status"] == str(good):
        made["lastTransitionTime"] = old["lastTransitionTime"]
    return made


def _moved(old: Object, new: Object) -> bool:
    """Whether there are more new pods, fewer old ones, or more that are ready than before."""

    def old_pods(each: Object) -> int:
        return int(each.get("replicas", 0)) - int(each.get("updatedReplicas", 0))

    grown = any(
        new.get(name, 0) > old.get(name, 0) for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return grown or old_pods(new) < old_pods(old)


def _complete(deployment: Object, made: Object) -> bool:
    wanted = deployment["spec"]["replicas"]
    return all(made.get(name, 0) == wanted for name in ("replicas", "updatedReplicas", "availableReplicas"))


def is_complete(deployment: Object) -> bool:
    """Whether every pod is of the present template and available."""
    observed = deployment["status"].get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return observed and _complete(deployment, deployment["status"])


def patience_left(deployment: Object, now: float) -> float:
    """Seconds until it gives up, unless there is progress before."""
    deadline: float = deployment["spec"]["progressDeadlineSeconds"] + 1.0
    found = find_condition(deployment["status"].get("conditions", ()), "Progressing")
    return max(1.0, parse_timestamp(found["lastUpdateTime"]) + deadline - now) if found else deadline


def has_timed_out(deployment: Object) -> bool:
    """Whether it gave up waiting for progress."""
    found = find_condition(deployment["status"].get("conditions", ()), "Progressing")
    return found is not None and found["reason"] == "ProgressDeadlineExceeded"


class DeploymentController(Controller):
    """Rolls out, scales, remembers a few revisions, and reports progress."""

    resource = DEPLOYMENT
    owned = REPLICA_SET
    component = "deployment-controller"
    delay = (0.02, 0.25)

    def act(self, deployment: Object) -> None:
        key = key_of(deployment)
        new = self._new_set(deployment)
        deployment = self.world.get(DEPLOYMENT, key) or deployment
        old = [each for each in self._sets(deployment) if name_of(each) != name_of(new)]
        self._scale_up(deployment, new, old) or self._scale_down(deployment, new, old)
        sets = self._sets(deployment)
        new = next(each for each in sets if name_of(each) == name_of(new))
        deployment = self.report(deployment, deployment_status(deployment, new, sets, self.world.now()))
        if is_complete(deployment):
            self._forget_old(deployment, old)
        elif not has_timed_out(deployment):
            self.queue.look_again(key, patience_left(deployment, self.world.now()))

    def _sets(self, deployment: Object) -> list[Object]:
        return self.world.children(deployment, REPLICA_SET)

    def _new_set(self, deployment: Object) -> Object:
        """The replica set of the present template, made if there is none, with the highest revision."""
        sets = self._sets(deployment)
        template_hash = hash_of(deployment)
        found = next((each for each in sets if each["metadata"]["labels"][TEMPLATE_HASH] == template_hash), None)
        highest = max((revision_of(each) for each in sets if each is not found), default=0)
        if found is None:
            template = deployment["spec"]["template"]
            replicas = _room(deployment, 0, sets)
            made = replica_set(deployment, template, replicas, highest + 1, template_hash=template_hash)
            found = self.world.create(made, CONTROLLER_MANAGER)
            if replicas:
                self._announce(deployment, "up", found, 0, replicas)
        else:
            revision = max(highest + 1, revision_of(found))
            notes = {**replica_annotations(deployment), REVISION: str(revision)}
            found = self._annotate(found, notes)
        self._annotate(deployment, {REVISION: str(revision_of(found))})
        return found

    def _annotate(self, obj: Object, notes: dict[str, str]) -> Object:
        given = obj["metadata"].get("annotations", {})
        if all(given.get(name) == value for name, value in notes.items()):
            return obj
        return self.world.update(revised(obj, metadata={"annotations": {**given, **notes}}), CONTROLLER_MANAGER)

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
        least = deployment["spec"]["replicas"] - max_unavailable(deployment)
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
        given = {**replica_set["metadata"].get("annotations", {}), **replica_annotations(deployment)}
        changed = revised(replica_set, metadata={"annotations": given}, spec={"replicas": replicas})
        self.world.update(changed, CONTROLLER_MANAGER)
        self._announce(deployment, "up" if replicas > before else "down", replica_set, before, replicas)

    def _announce(self, deployment: Object, way: str, replica_set: Object, before: int, after: int) -> None:
        message = f"Scaled {way} replica set {name_of(replica_set)} from {before} to {after}"
        self.say(deployment, "ScalingReplicaSet", message)

    def _forget_old(self, deployment: Object, old: list[Object]) -> None:
        empty = [each for each in old if not each["spec"]["replicas"] and not each["status"].get("replicas")]
        surplus = len(empty) - int(deployment["spec"]["revisionHistoryLimit"])
        for each in sorted(empty, key=revision_of)[: max(0, surplus)]:
            current = self.world.get(REPLICA_SET, key_of(each))
            if current is not None and not current["status"].get("terminatingReplicas"):
                self.world.remove(current)


def _room(deployment: Object, have: int, sets: list[Object]) -> int:
    """By how many the new replica set may grow now."""
    wanted: int = deployment["spec"]["replicas"]
    now: int = sum(each["spec"]["replicas"] for each in sets)
    return max(0, min(wanted + max_surge(deployment) - now, wanted - have))
