"""What an observer of an hour of the story notes: what happened, and what was never right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kwatch.simulator.engine.objects import find_condition, is_true
from tests.simulator.engine.timeline import Object, Timeline

_CONTROLLED = (
    "pods",
    "replicasets.apps",
    "jobs.batch",
    "controllerrevisions.apps",
    "endpointslices.discovery.k8s.io",
)


@dataclass
class Hour:
    """What an observer saw."""

    timeline: Timeline
    reasons: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)
    managers: set[tuple[str, str, str]] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    deleted_without_warning: list[str] = field(default_factory=list)
    most: Counter[str] = field(default_factory=Counter)
    orphans: dict[str, float] = field(default_factory=dict)
    miscounted: dict[str, float] = field(default_factory=dict)

    def note(self, what: str) -> None:
        """Something happened."""
        self.states[what] += 1
        self.first.setdefault(what, self.timeline.elapsed)


def _states_of(pod: Object) -> Iterator[str]:
    for status in pod["status"].get("containerStatuses", ()):
        for kind, detail in status["state"].items():
            yield f"{kind}:{detail.get('reason', '')}"
        for detail in status["lastState"].values():
            yield f"last:{detail.get('reason', '')}"


def watch(hour: Hour, change: str, old: Object | None, new: Object) -> None:
    hour.uids.add(new["metadata"]["uid"])
    for entry in new["metadata"].get("managedFields", ()):
        hour.managers.add((new["kind"], entry["manager"], entry.get("subresource", "")))
    if change == "MODIFIED" and old is not None:
        _check_step(hour, old, new)
    kind = new["kind"]
    if kind == "Event":
        hour.reasons[f"{new['type']} {new['reason']}"] += 1
        if new["involvedObject"]["uid"] not in hour.uids:
            hour.broken.append(f"event about nobody: {new['message']}")
    elif kind == "Pod":
        _watch_pod(hour, change, old, new)
    elif kind == "Node":
        if new["spec"].get("unschedulable"):
            hour.note("node cordoned")
        if is_true(new["status"]["conditions"], "MemoryPressure"):
            hour.note("node pressed")
        ready = find_condition(new["status"]["conditions"], "Ready")
        if ready is not None and ready["status"] == "Unknown":
            hour.note("node not ready")
    elif kind == "PersistentVolumeClaim" and old is not None:
        hour.note(f"claim {old['status']['phase']} -> {new['status']['phase']}")
    elif kind == "Database":
        hour.note(f"database {new['status']['phase']}")
    elif kind == "Namespace" and change != "ADDED":
        hour.note(f"namespace {change} {new['status']['phase']}")
    elif kind == "ConfigMap" and change == "MODIFIED":
        hour.note("settings changed")
    elif kind == "Job" and new["status"].get("conditions"):
        hour.note(f"job {new['status']['conditions'][-1]['type']}")
    elif kind == "Deployment" and old is not None and change == "MODIFIED":
        _watch_deployment(hour, old, new)


def _watch_deployment(hour: Hour, old: Object, new: Object) -> None:
    name = new["metadata"]["name"]
    if new["spec"]["template"] != old["spec"]["template"]:
        hour.note(f"rollout of {name}")
    if new["spec"]["replicas"] != old["spec"]["replicas"]:
        hour.note(f"scaled {name}")
    progressing = find_condition(new["status"].get("conditions", ()), "Progressing")
    if progressing is not None:
        hour.note(f"progressing {progressing['reason']}")


def _watch_pod(hour: Hour, change: str, old: Object | None, new: Object) -> None:
    if change == "DELETED":
        if new["spec"].get("nodeName") and "deletionTimestamp" not in new["metadata"]:
            hour.deleted_without_warning.append(new["metadata"]["name"])
        return
    hour.note(f"pod {new['status']['phase']}")
    if new["status"].get("reason") == "Evicted":
        hour.note("pod evicted by its node")
    for state in _states_of(new):
        hour.note(state)
    scheduled = find_condition(new["status"].get("conditions", ()), "PodScheduled")
    if scheduled is not None and scheduled["status"] == "False":
        hour.note("unschedulable")
    if find_condition(new["status"].get("conditions", ()), "DisruptionTarget"):
        hour.note("evicted")
    hour.broken += [f"{new['metadata']['name']}: {each}" for each in wrong_with(new)]


def wrong_with(pod: Object) -> Iterator[str]:
    """What a real kubelet and scheduler would never leave like this."""
    status, spec = pod["status"], pod["spec"]
    conditions = status.get("conditions", ())
    mains = status.get("containerStatuses", [])
    if is_true(conditions, "Ready") and not all(each["ready"] for each in mains):
        yield "ready with unready containers"
    if is_true(conditions, "Ready") and status["phase"] != "Running":
        yield f"ready while {status['phase']}"
    if spec.get("nodeName") and not is_true(conditions, "PodScheduled"):
        yield "bound but not scheduled"
    if status["phase"] == "Running" and not (status.get("podIP") and status.get("startTime")):
        yield "running without address or start"
    for each in mains:
        if "running" in each["state"] and not each.get("containerID"):
            yield "a container runs without an id"
        if each["restartCount"] and not each["lastState"]:
            yield "restarted from nothing"
        if each["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff" and not each["lastState"]:
            yield "backs off from nothing"
        if len(each["state"]) != 1:
            yield "a container in several states"
    if {each["name"] for each in mains} - {each["name"] for each in spec["containers"]}:
        yield "a status without a container"


def _check_step(hour: Hour, old: Object, new: Object) -> None:
    name = f"{new['kind']}/{new['metadata']['name']}"
    if int(new["metadata"]["resourceVersion"]) <= int(old["metadata"]["resourceVersion"]):
        hour.broken.append(f"{name}: version went back")
    if new["metadata"]["uid"] != old["metadata"]["uid"]:
        hour.broken.append(f"{name}: another uid")
    status: dict[str, Any] = new["status"] if isinstance(new.get("status"), dict) else {}
    before: dict[str, Any] = old["status"] if isinstance(old.get("status"), dict) else {}
    observed = status.get("observedGeneration", 0)
    if observed > new["metadata"].get("generation", observed):
        hour.broken.append(f"{name}: observed what is not there")
    if observed < before.get("observedGeneration", 0):
        hour.broken.append(f"{name}: observed less than before")
    conditions, former = status.get("conditions", []), before.get("conditions", [])
    for condition in conditions if isinstance(conditions, list) else ():
        previous = find_condition(former, condition["type"])
        same = previous is not None and previous["status"] == condition["status"]
        if previous is not None and same and previous["lastTransitionTime"] != condition["lastTransitionTime"]:
            hour.broken.append(f"{name}: {condition['type']} moved without changing")
    if "deletionTimestamp" in old["metadata"] and "deletionTimestamp" not in new["metadata"]:
        hour.broken.append(f"{name}: came back from deletion")


def orphans(timeline: Timeline) -> set[str]:
    uids = {
        each["metadata"]["uid"]
        for resource in (
            "nodes",
            "services",
            "deployments.apps",
            "replicasets.apps",
            "statefulsets.apps",
            "daemonsets.apps",
            "jobs.batch",
            "cronjobs.batch",
        )
        for each in timeline.list(resource)
    }
    return {
        f"{resource} {each['metadata']['name']}"
        for resource in _CONTROLLED
        for each in timeline.list(resource)
        for reference in each["metadata"].get("ownerReferences", ())
        if reference["uid"] not in uids
    }


def miscounted(timeline: Timeline) -> set[str]:
    counts: Counter[str] = Counter()
    ready: Counter[str] = Counter()
    for pod in timeline.list("pods"):
        active = "deletionTimestamp" not in pod["metadata"] and pod["status"]["phase"] not in ("Succeeded", "Failed")
        for reference in pod["metadata"].get("ownerReferences", ()) if active else ():
            counts[reference["uid"]] += 1
            ready[reference["uid"]] += is_true(pod["status"].get("conditions", ()), "Ready")
    return {
        each["metadata"]["name"]
        for each in timeline.list("replicasets.apps")
        if (each["status"].get("replicas", 0), each["status"].get("readyReplicas", 0))
        != (counts[each["metadata"]["uid"]], ready[each["metadata"]["uid"]])
        or counts[each["metadata"]["uid"]] != each["spec"]["replicas"]
    }
