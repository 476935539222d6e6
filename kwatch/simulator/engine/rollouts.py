"""Deployments: replica sets for their templates, the way from one to the next, and the pods of a replica set."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.base.timestamp import parse_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine.controller import Controller, Refused
from kwatch.simulator.engine.objects import (
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    Object,
    condition,
    conditions_of,
    find_condition,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    shape,
    with_condition,
)
from kwatch.simulator.engine.pod_status import is_active, is_ready
from kwatch.simulator.engine.world import CONTROLLER_MANAGER

REVISION = "deployment.kubernetes.io/revision"
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
    deployment: Object, template: Object, replicas: int, revision: int, created: float | None = None
) -> Object:
    own = {TEMPLATE_HASH: names.template_hash(template)}
    labels = {**template["metadata"]["labels"], **own}
    given = deployment["metadata"].get("annotations", {})
    helm = {key: value for key, value in given.items() if key.startswith("meta.helm.sh/")}
    return shape(
        "ReplicaSet",
        f"{name_of(deployment)}-{own[TEMPLATE_HASH]}",
        namespace_of(deployment),
        labels=labels,
        annotations={**_replica_annotations(deployment), REVISION: str(revision), **helm},
        owner=deployment,
        created=created,
        replicas=replicas,
        selected={**deployment["spec"]["selector"]["matchLabels"], **own},
        template={**template, "metadata": {**template["metadata"], "labels": labels}},
    )


def _replica_annotations(deployment: Object) -> Mapping[str, str]:
    """What a deployment writes into its replica sets, for scaling in proportion."""
    wanted, most = deployment["spec"]["replicas"], deployment["spec"]["replicas"] + max_surge(deployment)
    return {
        "deployment.kubernetes.io/desired-replicas": str(wanted),
        "deployment.kubernetes.io/max-replicas": str(most),
    }


def revision_of(obj: Object) -> int:
    """The revision a deployment or replica set is annotated with; 0 without."""
    return int(obj["metadata"].get("annotations", {}).get(REVISION, 0))


_REPLICA_FAILURE = "ReplicaFailure"
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
        missing, failure = replica_set["spec"]["replicas"] - len(active), ""
        try:
            for _ in range(min(missing, _BURST)):
                self.pods.create(replica_set, self.component)
        except Refused as refused:
            failure = str(refused)
        if missing < 0:
            for pod in sorted(active, key=_deletion_rank)[: min(-missing, _BURST)]:
                self.pods.delete(pod, replica_set, self.component)
        status = replica_set_status(replica_set, self.world.children(replica_set, POD))
        if failure:
            made = condition(_REPLICA_FAILURE, True, self.world.now(), "FailedCreate", failure)
            status["conditions"] = with_condition(conditions_of(replica_set), made)
        self.world.report(replica_set, status)
        if failure:
            raise Refused(failure)


def replica_set_status(replica_set: Object, pods: list[Object]) -> Object:
    """The numbers that are zero are left out, as the server does."""
    active = [pod for pod in pods if is_active(pod)]
    ready = sum(is_ready(pod) for pod in active)
    status = {"replicas": len(active)}
    if active:
        status["fullyLabeledReplicas"] = len(active)
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    status["terminatingReplicas"] = sum(is_terminating(pod) for pod in pods)
    return {**status, "observedGeneration": replica_set["metadata"].get("generation", 1)}


def _deletion_rank(pod: Object) -> tuple[bool, int, bool, int, str]:
    """Who goes first: not scheduled, pending, not ready, most restarts, youngest."""
    phase = {"Pending": 0, "Unknown": 1}.get(pod["status"]["phase"], 2)
    restarts = max((each["restartCount"] for each in pod["status"].get("containerStatuses", ())), default=0)
    age = "".join(chr(255 - ord(letter)) for letter in pod["metadata"]["creationTimestamp"])
    return bool(pod["spec"].get("nodeName")), phase, is_ready(pod), -restarts, age


def deployment_status(deployment: Object, new: Object, sets: list[Object], now: float) -> Object:
    """The status that follows from the replica sets; `new` is the one of the present template."""
    counts = {
        "replicas": _reported(sets, "replicas"),
        "updatedReplicas": new["status"].get("replicas", 0),
        "readyReplicas": _reported(sets, "readyReplicas"),
        "availableReplicas": _reported(sets, "availableReplicas"),
    }
    counts["unavailableReplicas"] = max(0, _wanted(sets) - counts["availableReplicas"])
    made: Object = {"observedGeneration": deployment["metadata"]["generation"]}
    made |= {name: count for name, count in counts.items() if count}
    made["terminatingReplicas"] = _reported(sets, "terminatingReplicas")
    enough = counts["availableReplicas"] >= deployment["spec"]["replicas"] - max_unavailable(deployment)
    made["conditions"] = [_available(deployment, enough, now), _progressing(deployment, new, made, now)]
    if failure := find_condition(conditions_of(new), _REPLICA_FAILURE):
        made["conditions"].append(failure)
    return made


def _reported(sets: list[Object], name: str) -> int:
    return sum(each["status"].get(name, 0) for each in sets)


def _wanted(sets: list[Object]) -> int:
    return sum(each["spec"]["replicas"] for each in sets)


def _available(deployment: Object, enough: bool, now: float) -> Object:
    old = find_condition(conditions_of(deployment), "Available")
    if old is not None and old["status"] == str(enough):
        return old
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
    return condition("Available", enough, now, reason, message) | {"lastUpdateTime": timestamp(now)}


def _progressing(deployment: Object, new: Object, made: Object, now: float) -> Object:
    old, subject = find_condition(conditions_of(deployment), "Progressing"), f'ReplicaSet "{name_of(new)}"'
    if _complete(deployment, made):
        return _progress(old, True, "NewReplicaSetAvailable", f"{subject} has successfully progressed.", now)
    if old is None:
        return _progress(old, True, "NewReplicaSetCreated", f'Created new replica set "{name_of(new)}"', now)
    if _moved(deployment["status"], made) or name_of(new) not in old["message"]:
        made = _progress(old, True, "ReplicaSetUpdated", f"{subject} is progressing.", now)
        return made | {"lastUpdateTime": timestamp(now)}
    late = now - parse_timestamp(old["lastUpdateTime"]) > deployment["spec"]["progressDeadlineSeconds"]
    if late and old["reason"] != "NewReplicaSetAvailable":
        return _progress(old, False, "ProgressDeadlineExceeded", f"{subject} has timed out progressing.", now)
    return old


def _progress(old: Object | None, good: bool, reason: str, message: str, now: float) -> Object:
    if old is not None and (old["status"], old["reason"], old["message"]) == (str(good), reason, message):
        return old
    made = condition("Progressing", good, now, reason, message) | {"lastUpdateTime": timestamp(now)}
    if old is not None and old["status"] == str(good):
        made["lastTransitionTime"] = old["lastTransitionTime"]
    return made


def timed_out(replica_set: Object, at: float) -> Object:
    """The condition of a deployment that has given up waiting for its newest replica set."""
    message = f'ReplicaSet "{name_of(replica_set)}" has timed out progressing.'
    return _progress(None, False, "ProgressDeadlineExceeded", message, at)


def _moved(old: Object, new: Object) -> bool:
    """Whether there are more new pods, fewer old ones, or more that are ready than before."""

    def old_pods(each: Object) -> int:
        return int(each.get("replicas", 0)) - int(each.get("updatedReplicas", 0))

    grown = ("updatedReplicas", "readyReplicas", "availableReplicas")
    return old_pods(new) < old_pods(old) or any(new.get(name, 0) > old.get(name, 0) for name in grown)


def _complete(deployment: Object, made: Object) -> bool:
    wanted = deployment["spec"]["replicas"]
    return all(made.get(name, 0) == wanted for name in ("replicas", "updatedReplicas", "availableReplicas"))


def is_complete(deployment: Object) -> bool:
    """Whether every pod is of the present template and available."""
    observed = deployment["status"].get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    return observed and _complete(deployment, deployment["status"])


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
        now = self.world.now()
        deployment = self.world.report(deployment, deployment_status(deployment, new, sets, now))
        progress = find_condition(conditions_of(deployment), "Progressing")
        if is_complete(deployment):
            self._forget_old(deployment, old)
        elif progress is not None and progress["reason"] != "ProgressDeadlineExceeded":
            # It gives up then, unless there is progress before.
            deadline = deployment["spec"]["progressDeadlineSeconds"] + 1.0
            self.queue.look_again(key, max(1.0, parse_timestamp(progress["lastUpdateTime"]) + deadline - now))

    def _sets(self, deployment: Object) -> list[Object]:
        return self.world.children(deployment, REPLICA_SET)

    def _new_set(self, deployment: Object) -> Object:
        """The replica set of the present template, made if there is none, with the highest revision."""
        sets = self._sets(deployment)
        template_hash = hash_of(deployment)
        found = next((each for each in sets if each["metadata"]["labels"][TEMPLATE_HASH] == template_hash), None)
        highest = max((revision_of(each) for each in sets if each is not found), default=0)
        if found is None:
            replicas = _room(deployment, 0, sets)
            made = replica_set(deployment, deployment["spec"]["template"], replicas, highest + 1)
            found = self.world.create(made, CONTROLLER_MANAGER)
            if replicas:
                self._announce(deployment, found, 0, replicas)
        else:
            revision = max(highest + 1, revision_of(found))
            found = self._annotate(found, {**_replica_annotations(deployment), REVISION: str(revision)})
        self._annotate(deployment, {REVISION: str(revision_of(found))})
        return found

    def _annotate(self, obj: Object, notes: dict[str, str]) -> Object:
        if obj["metadata"].get("annotations", {}).items() >= notes.items():
            return obj
        return self.world.patch(obj, CONTROLLER_MANAGER, metadata={"annotations": notes})

    def _scale_up(self, deployment: Object, new: Object, old: list[Object]) -> bool:
        wanted, have = deployment["spec"]["replicas"], new["spec"]["replicas"]
        room = _room(deployment, have, [new, *old])
        if have <= wanted and not room:
            return False
        self._scale(deployment, new, min(wanted, have + room))
        return True

    def _scale_down(self, deployment: Object, new: Object, old: list[Object]) -> bool:
        """Take away old pods, the unhealthy ones first, as long as enough are available."""
        active = [each for each in old if each["spec"]["replicas"]]
        if not active:
            return False
        least = deployment["spec"]["replicas"] - max_unavailable(deployment)
        spare = _wanted([new, *active]) - least - _unavailable(new)
        if spare <= 0:
            return False
        targets = {name_of(each): each["spec"]["replicas"] for each in active}
        spare = _take({name_of(each): _unavailable(each) for each in active}, targets, spare)
        _take(dict(targets), targets, min(spare, _reported([new, *active], "availableReplicas") - least))
        for each in active:
            self._scale(deployment, each, targets[name_of(each)])
        return True

    def _scale(self, deployment: Object, replica_set: Object, replicas: int) -> None:
        before = replica_set["spec"]["replicas"]
        if replicas != before:
            notes = {"annotations": _replica_annotations(deployment)}
            self.world.patch(replica_set, CONTROLLER_MANAGER, metadata=notes, spec={"replicas": replicas})
            self._announce(deployment, replica_set, before, replicas)

    def _announce(self, deployment: Object, replica_set: Object, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        message = f"Scaled {way} replica set {name_of(replica_set)} from {before} to {after}"
        self.say(deployment, "ScalingReplicaSet", message)

    def _forget_old(self, deployment: Object, old: list[Object]) -> None:
        empty = [each for each in old if not each["spec"]["replicas"] and not each["status"].get("replicas")]
        surplus = len(empty) - int(deployment["spec"]["revisionHistoryLimit"])
        for each in sorted(empty, key=revision_of)[: max(0, surplus)]:
            current = self.world.get(REPLICA_SET, key_of(each))
            if current is not None and not current["status"].get("terminatingReplicas"):
                self.world.remove(current)


def _unavailable(replica_set: Object) -> int:
    return int(replica_set["spec"]["replicas"]) - int(replica_set["status"].get("availableReplicas", 0))


def _take(most: Mapping[str, int], targets: dict[str, int], spare: int) -> int:
    """Lower the targets by so many in all, each by no more than its most; what is left of them."""
    for name, allowed in most.items():
        taken = max(0, min(spare, allowed))
        targets[name] -= taken
        spare -= taken
    return spare


def _room(deployment: Object, have: int, sets: list[Object]) -> int:
    """By how many the new replica set may grow now; pods that are still to be told to go count."""
    wanted: int = deployment["spec"]["replicas"]
    there: int = sum(max(each["spec"]["replicas"], each["status"].get("replicas", 0)) for each in sets)
    return max(0, min(wanted + max_surge(deployment) - there, wanted - have))
