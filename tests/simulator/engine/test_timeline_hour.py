"""An hour of the story, watched: what happens in it, and what is true at every moment of it."""

from __future__ import annotations

import pytest

from tests.simulator.engine.hour import Hour, miscounted, orphans, watch, wrong_with
from tests.simulator.engine.timeline import Lasting, Timeline


@pytest.fixture(scope="module")
def hour() -> Hour:
    timeline = Timeline()
    seen = Hour(timeline)
    for collection in timeline.store.types:
        for each in timeline.store.list(collection.storage):
            seen.uids.add(each["metadata"]["uid"])
            if each["kind"] == "Pod":
                seen.broken += [f"{each['metadata']['name']}: {wrong}" for wrong in wrong_with(each)]
            for entry in each["metadata"].get("managedFields", ()):
                seen.managers.add((each["kind"], entry["manager"], entry.get("subresource", "")))
    timeline.store.observers.append(lambda change, old, new: watch(seen, change, old, new))
    abandoned, wrong_counts = Lasting(timeline.clock, 180.0), Lasting(timeline.clock, 120.0)

    def look() -> None:
        if round(timeline.elapsed) % 5:
            return
        abandoned.look(orphans(timeline))
        wrong_counts.look(miscounted(timeline))
        for resource in ("pods", "events", "replicasets.apps", "jobs.batch", "persistentvolumeclaims", "namespaces"):
            seen.most[resource] = max(seen.most[resource], len(timeline.list(resource)))

    timeline.play(3600.0, each_second=look)
    seen.orphans, seen.miscounted = abandoned.violations, wrong_counts.violations
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
        "node pressed",
        "pod evicted by its node",
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
        "Normal NodeHasInsufficientMemory",
        "Warning Evicted",
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
