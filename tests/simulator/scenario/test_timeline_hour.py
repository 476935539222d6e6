"""An hour of the story, watched: what happens in it, and what is true at every moment of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from kwatch.simulator.scenario.objects.conditions import find_condition, is_true
from tests.simulator.scenario.timeline import Lasting, Object, Timeline

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


def _watch(hour: Hour, change: str, old: Object | None, new: Object) -> None:
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
    for state in _states_of(new):
        hour.note(state)
    scheduled = find_condition(new["status"].get("conditions", ()), "PodScheduled")
    if scheduled is not None and scheduled["status"] == "False":
        hour.note("unschedulable")
    if find_condition(new["status"].get("conditions", ()), "DisruptionTarget"):
        hour.note("evicted")
    hour.broken += [f"{new['metadata']['name']}: {each}" for each in _wrong_with(new)]


def _wrong_with(pod: Object) -> Iterator[str]:
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


def _orphans(timeline: Timeline) -> set[str]:
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


def _miscounted(timeline: Timeline) -> set[str]:
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


@pytest.fixture(scope="module")
def hour() -> Hour:
    timeline = Timeline()
    seen = Hour(timeline)
    for collection in timeline.store.types:
        for each in timeline.store.list(collection.storage):
            seen.uids.add(each["metadata"]["uid"])
            if each["kind"] == "Pod":
                seen.broken += [f"{each['metadata']['name']}: {wrong}" for wrong in _wrong_with(each)]
            for entry in each["metadata"].get("managedFields", ()):
                seen.managers.add((each["kind"], entry["manager"], entry.get("subresource", "")))
    timeline.store.observers.append(lambda change, old, new: _watch(seen, change, old, new))
    orphans, miscounted = Lasting(timeline.clock, 180.0), Lasting(timeline.clock, 120.0)

    def look() -> None:
        if round(timeline.elapsed) % 5:
            return
        orphans.look(_orphans(timeline))
        miscounted.look(_miscounted(timeline))
        for resource in ("pods", "events", "replicasets.apps", "jobs.batch", "persistentvolumeclaims", "namespaces"):
            seen.most[resource] = max(seen.most[resource], len(timeline.list(resource)))

    timeline.play(3600.0, each_second=look)
    seen.orphans, seen.miscounted = orphans.violations, miscounted.violations
    return seen


def test_the_first_half_minute_is_worth_watching(hour: Hour) -> None:
    assert hour.first["rollout of cart"] < 8.0
    assert hour.first["waiting:PodInitializing"] < 25.0
    assert hour.first["terminated:Error"] < 25.0  # the crash loop goes on
    assert hour.first["last:OOMKilled"] < 45.0


@pytest.mark.parametrize(
    "what",
    [
        "waiting:ContainerCreating",
        "waiting:PodInitializing",
        "waiting:CrashLoopBackOff",
        "waiting:ErrImagePull",
        "waiting:ImagePullBackOff",
        "last:OOMKilled",
        "node cordoned",
        "node not ready",
        "evicted",
        "unschedulable",
        "scaled web",
        "job Complete",
        "job Failed",
        "claim Pending -> Bound",
        "database BackingUp",
        "database FailingOver",
        "namespace MODIFIED Terminating",
        "namespace DELETED Terminating",
        "settings changed",
        "progressing NewReplicaSetAvailable",
        "progressing ReplicaSetUpdated",
        "progressing ProgressDeadlineExceeded",
    ],
)
def test_it_happens_within_the_hour(hour: Hour, what: str) -> None:
    assert hour.states[what] > 0


@pytest.mark.parametrize(
    "reason",
    [
        "Normal Scheduled",
        "Normal Pulling",
        "Normal Pulled",
        "Normal Created",
        "Normal Started",
        "Normal Killing",
        "Normal ScalingReplicaSet",
        "Normal SuccessfulCreate",
        "Normal SuccessfulDelete",
        "Normal SuccessfulRescale",
        "Normal BackOff",
        "Normal NodeNotReady",
        "Normal NodeReady",
        "Normal NodeNotSchedulable",
        "Normal NodeSchedulable",
        "Normal Drain",
        "Normal Completed",
        "Normal ProvisioningSucceeded",
        "Normal BackupCompleted",
        "Warning BackOff",
        "Warning Failed",
        "Warning Unhealthy",
        "Warning FailedScheduling",
        "Warning NodeNotReady",
        "Warning Rebooted",
        "Warning BackoffLimitExceeded",
    ],
)
def test_events_tell_of_it(hour: Hour, reason: str) -> None:
    assert hour.reasons[reason] > 0


@pytest.mark.parametrize(
    ("kind", "manager", "subresource"),
    [
        ("Pod", "kube-controller-manager", ""),
        ("Pod", "kube-scheduler", "binding"),
        ("Pod", "kube-scheduler", "status"),
        ("Pod", "kubelet", "status"),
        ("Deployment", "argocd-controller", ""),
        ("Deployment", "helm", ""),
        ("Deployment", "kubectl-client-side-apply", ""),
        ("Deployment", "kubectl-rollout", ""),
        ("Deployment", "kubectl", "scale"),
        ("Deployment", "kube-controller-manager", "status"),
        ("Deployment", "kube-controller-manager", "scale"),
        ("ConfigMap", "kubectl-edit", ""),
        ("Node", "kubelet", "status"),
        ("Node", "kubectl", ""),
        ("Database", "database-operator", "status"),
        ("Lease", "kubelet", ""),
    ],
)
def test_managers_sign_their_work(hour: Hour, kind: str, manager: str, subresource: str) -> None:
    assert (kind, manager, subresource) in hour.managers


def test_no_object_is_ever_in_an_impossible_state(hour: Hour) -> None:
    assert not hour.broken[:10]


def test_owners_exist_and_counts_converge(hour: Hour) -> None:
    assert not hour.orphans
    stuck = {name for name in hour.miscounted if not name.startswith("recommender-")}
    assert not stuck


def test_bound_pods_are_told_before_they_go(hour: Hour) -> None:
    assert not hour.deleted_without_warning


def test_nothing_grows_without_bound(hour: Hour) -> None:
    assert hour.most["pods"] < 170
    assert hour.most["events"] <= 601
    assert hour.most["replicasets.apps"] < 21 * 8
    assert hour.most["jobs.batch"] < 30
    assert hour.most["persistentvolumeclaims"] <= 18
    assert hour.most["namespaces"] < 14


def test_the_rate_is_kept(hour: Hour) -> None:
    written = sum(hour.reasons.values())
    revisions = int(hour.timeline.store.revision)
    assert written > 1000
    assert 3600 * 4 * 0.9 < revisions - 700 < 3600 * 4 * 1.15
