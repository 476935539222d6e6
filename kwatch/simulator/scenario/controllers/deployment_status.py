"""status of a deployment: counts, availability, and whether it makes progress."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.objects import deployment as shapes
from kwatch.simulator.scenario.objects.conditions import condition, find_condition
from kwatch.simulator.scenario.objects.kube import Object, name_of
from kwatch.simulator.scenario.timestamps import seconds, timestamp


def status(deployment: Object, new: Object, sets: list[Object], now: float) -> Object:
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
    enough = counts["availableReplicas"] >= wanted - shapes.max_unavailable(deployment)
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
    late = now - seconds(old["lastUpdateTime"]) > deployment["spec"]["progressDeadlineSeconds"]
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
    return max(1.0, seconds(found["lastUpdateTime"]) + deadline - now) if found else deadline


def has_timed_out(deployment: Object) -> bool:
    """Whether it gave up waiting for progress."""
    found = find_condition(deployment["status"].get("conditions", ()), "Progressing")
    return found is not None and found["reason"] == "ProgressDeadlineExceeded"
