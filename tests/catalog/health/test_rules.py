"""Each rule finds its problem, and nothing in a healthy object."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.health import assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from tests.catalog.kinds.printing import NOW, ago
from tests.catalog.recorded import columns_by_resource, named, printed_objects, resource_of


def judge(resource: Resource, obj: KubeObject, now: float) -> str | None:
    problem = assess(resource, obj).at(now)
    return None if problem is None else problem.reason


def _object(obj: dict[str, Any], age: float = 90) -> KubeObject:
    metadata = {"name": "x", "namespace": "ns", "creationTimestamp": ago(age)} | obj.get("metadata", {})
    return KubeObject.of(obj | {"metadata": metadata})


def _problem(name: str, obj: dict[str, Any], age: float = 90) -> str | None:
    resource = resource_of(name) if "/" in name else named(name)
    return judge(resource, _object(obj, age), NOW)


def _condition(type_: str, status: str, seconds: float = 0, **more: str) -> dict[str, str]:
    return {"type": type_, "status": status, "lastTransitionTime": ago(seconds)} | more


def _pod(container: dict[str, Any] | None = None, **status: Any) -> dict[str, Any]:
    containers = [{"name": "web", "image": "shop/web:1", "restartCount": 0, "state": {}} | (container or {})]
    return {"status": {"phase": "Running", "containerStatuses": containers} | status}


def _waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason, "message": message}}} | more


def _ended(code: int = 1, reason: str = "Error", seconds: float = 60, **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": ago(seconds)} | more}


OOM = _ended(137, "OOMKilled", 60)


@pytest.mark.parametrize(
    ("pod", "problem"),
    [
        (_pod(), None),
        (_pod({"state": {"running": {}}}), None),
        (_pod({"state": _ended(0, "Completed")}, phase="Succeeded"), None),
        (_pod(phase="Failed", reason="Evicted", message="disk full"), "failed: Evicted: disk full"),
        (_pod({"state": _ended(3)}, phase="Failed"), "failed: web exit code 3"),
        (
            _pod(_waiting("CrashLoopBackOff", "back-off", restartCount=17, lastState=OOM)),
            "crash loop: web restarted 17 times, last OOMKilled, exit code 137",
        ),
        (_pod(_waiting("CrashLoopBackOff", restartCount=1)), "crash loop: web restarted once"),
        (
            _pod(_waiting("ImagePullBackOff", "not found"), phase="Pending"),
            "image pull: web cannot pull shop/web:1: not found",
        ),
        (_pod(_waiting("ErrImagePull")), "image pull: web cannot pull shop/web:1: ErrImagePull"),
        (
            _pod(_waiting("CreateContainerConfigError", 'secret "x" not found')),
            'web: CreateContainerConfigError: secret "x" not found',
        ),
        (_pod({"state": _ended(143, "", signal=15)}), "web ended: signal 15"),
        (_pod({"state": {"running": {}}, "lastState": OOM, "restartCount": 2}), "out of memory: web ended with"),
        (
            _pod({"state": {"running": {}}, "lastState": _ended(2), "restartCount": 2}),
            "restarted: web ended with exit code 2, restarted 2 times",
        ),
        (_pod({"state": {"running": {}}, "lastState": _ended(2, seconds=601), "restartCount": 2}), None),
        (_pod(conditions=[_condition("Ready", "False", 61, message="unready: [web]")]), "not ready: unready: [web]"),
        (_pod(conditions=[_condition("Ready", "False", 59)]), None),
        (_pod(conditions=[_condition("Ready", "False", 90, reason="PodCompleted")]), None),
        (
            {"status": {"phase": "Pending", "conditions": [_condition("PodScheduled", "False", 40, message="0/3")]}},
            "unschedulable: 0/3",
        ),
        ({"status": {"phase": "Pending", "conditions": [_condition("PodScheduled", "False", 10)]}}, None),
        (
            {
                "status": {
                    "phase": "Pending",
                    "conditions": [_condition("PodScheduled", "False", 999, reason="SchedulingGated")],
                }
            },
            None,
        ),
        (_pod(phase="Unknown", reason="NodeLost"), "its node does not answer"),
        (_pod() | {"metadata": {"deletionTimestamp": ago(61)}}, "terminating for longer than its grace period"),
        (_pod() | {"metadata": {"deletionTimestamp": ago(10)}}, None),
        (
            {
                "status": {
                    "phase": "Pending",
                    "initContainerStatuses": [{"name": "i", "restartCount": 4} | _waiting("CrashLoopBackOff")],
                }
            },
            "crash loop: init container i restarted 4 times",
        ),
    ],
)
def test_pods(pod: dict[str, Any], problem: str | None) -> None:
    found = _problem("pods", pod)
    if problem is None:
        assert found is None
    else:
        assert found is not None
        assert found.startswith(problem)


def test_what_takes_too_long_says_when_it_will_have_taken_too_long() -> None:
    pod = _object(_pod(_waiting("ContainerCreating"), phase="Pending", startTime=ago(100)))
    assessment = assess(named("pods"), pod)
    assert assessment.at(NOW) is None
    assert assessment.next_due(NOW) == NOW + 200
    problem = assessment.at(NOW + 200)
    assert problem is not None
    assert problem.reason == "web is starting for too long"
    pending = assess(named("pods"), _object({"status": {"phase": "Pending"}}, age=100))
    assert pending.at(NOW) is None
    assert pending.next_due(NOW) == NOW + 200


def _node(*conditions: dict[str, str], **spec: Any) -> dict[str, Any]:
    return {"spec": spec, "status": {"conditions": list(conditions)}}


def _deployment(available: int, *conditions: dict[str, str], wanted: int = 3) -> dict[str, Any]:
    return {"spec": {"replicas": wanted}, "status": {"availableReplicas": available, "conditions": list(conditions)}}


READY = _condition("Ready", "True")
CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
PROVISIONER = {"annotations": {"volume.kubernetes.io/storage-provisioner": "disks.example.com"}}
HEADLESS = "service.kubernetes.io/headless"
SERVICE_SLICE = {"labels": {"kubernetes.io/service-name": "web"}}


@pytest.mark.parametrize(
    ("name", "obj", "problem"),
    [
        ("nodes", _node(READY, _condition("MemoryPressure", "False")), None),
        ("nodes", _node(READY, _condition("DiskPressure", "True", message="full")), "disk pressure: full"),
        ("nodes", _node(_condition("Ready", "False", message="runtime down")), "not ready: runtime down"),
        ("nodes", _node(_condition("Ready", "Unknown")), "does not answer"),
        ("nodes", _node(), "never reported to be ready"),
        # Cordoned on purpose, for a while.
        ("nodes", _node(READY, unschedulable=True), None),
        ("nodes", _node(READY, unschedulable=True, taints=[CORDON | {"timeAdded": ago(3599)}]), None),
        (
            "nodes",
            _node(READY, unschedulable=True, taints=[CORDON | {"timeAdded": ago(3600)}]),
            "cordoned for more than an hour: no new pods are scheduled on it",
        ),
        ("nodes", _node(READY, taints=[CORDON | {"timeAdded": ago(9999)}]), None),
        ("deployments", _deployment(3), None),
        ("deployments", _deployment(0, wanted=0), None),
        ("deployments", _deployment(0), "0 of 3 replicas available"),
        ("deployments", _deployment(2, _condition("Available", "False", 61)), "2 of 3 replicas available"),
        ("deployments", _deployment(2, _condition("Available", "False", 30)), None),
        ("deployments", _deployment(2, _condition("Progressing", "True", lastUpdateTime=ago(20))), None),
        (
            "deployments",
            _deployment(3, _condition("Progressing", "False", message="deadline exceeded")),
            "rollout stuck: deadline exceeded",
        ),
        (
            "deployments",
            _deployment(3, _condition("ReplicaFailure", "True", message="quota")),
            "cannot create replicas: quota",
        ),
        ("statefulsets", {"spec": {"replicas": 2}, "status": {"readyReplicas": 1}}, "1 of 2 replicas ready"),
        ("statefulsets", {"spec": {"replicas": 2}, "status": {"readyReplicas": 2}}, None),
        ("replicasets", {"spec": {"replicas": 0}, "status": {}}, None),
        ("daemonsets", {"status": {"desiredNumberScheduled": 3, "numberReady": 3}}, None),
        ("daemonsets", {"status": {"desiredNumberScheduled": 3, "numberReady": 0}}, "0 of 3 replicas ready"),
        ("daemonsets", {"status": {"numberMisscheduled": 2}}, "runs on 2 nodes where it should not"),
        ("jobs", {"status": {"conditions": [_condition("Complete", "True")], "failed": 2}}, None),
        (
            "jobs",
            {
                "status": {
                    "conditions": [_condition("Failed", "True", reason="BackoffLimitExceeded", message="too many")]
                }
            },
            "failed: BackoffLimitExceeded: too many",
        ),
        ("jobs", {"status": {"failed": 1, "active": 1}}, "1 pod of it failed"),
        ("cronjobs", {"status": {"lastScheduleTime": ago(90)}}, "its last run did not succeed"),
        ("cronjobs", {"status": {"lastScheduleTime": ago(90), "active": [{}]}}, None),
        ("cronjobs", {"status": {"lastScheduleTime": ago(90), "lastSuccessfulTime": ago(80)}}, None),
        ("persistentvolumeclaims", {"status": {"phase": "Bound"}}, None),
        ("persistentvolumeclaims", {"status": {"phase": "Pending"}}, "unbound: no volume satisfies it yet"),
        (
            "persistentvolumeclaims",
            {"metadata": PROVISIONER, "spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}},
            "unbound: disks.example.com has made no volume yet",
        ),
        # Nobody was asked yet: the class may bind when the first pod comes.
        ("persistentvolumeclaims", {"spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}}, None),
        ("persistentvolumeclaims", {"status": {"phase": "Lost"}}, "its volume is lost"),
        ("persistentvolumes", {"status": {"phase": "Released"}}, None),
        ("persistentvolumes", {"status": {"phase": "Failed", "message": "no"}}, "could not be reclaimed: no"),
        ("volumeattachments", {"status": {"attachError": {"message": "busy"}}}, "cannot be attached: busy"),
        ("services", {"spec": {"type": "ClusterIP"}}, None),
        ("endpointslices", {"endpoints": [{"conditions": {"ready": True}}, {"conditions": {"ready": False}}]}, None),
        ("endpointslices", {"endpoints": [{"conditions": {}}]}, None),
        ("endpointslices", {"endpoints": [{"conditions": {"ready": False}}]}, "none of its 1 endpoints is ready"),
        ("endpointslices", {"metadata": SERVICE_SLICE, "endpoints": None}, "service web has no endpoints"),
        (
            "endpointslices",
            {"metadata": SERVICE_SLICE, "endpoints": [{"conditions": {"ready": True}}], "ports": None},
            "service web leads to no port of its pods",
        ),
        (
            "endpointslices",
            {"metadata": SERVICE_SLICE, "endpoints": [{"conditions": {}}], "ports": [{"port": 80}]},
            None,
        ),
        (
            "endpointslices",
            {"metadata": {"labels": {**SERVICE_SLICE["labels"], HEADLESS: ""}}, "endpoints": [{"conditions": {}}]},
            None,
        ),
        ("endpoints", {"subsets": [{"notReadyAddresses": [{}, {}]}]}, "none of its 2 addresses is ready"),
        ("endpoints", {"subsets": None}, None),
        (
            "horizontalpodautoscalers",
            {"status": {"conditions": [_condition("ScalingActive", "False", 60, message="no metrics")]}},
            "does not scale: no metrics",
        ),
        (
            "horizontalpodautoscalers",
            {"status": {"conditions": [_condition("ScalingActive", "False", 59, message="no metrics")]}},
            None,
        ),
        (
            "horizontalpodautoscalers",
            {"status": {"conditions": [_condition("AbleToScale", "False", reason="FailedGetScale")]}},
            "cannot scale: FailedGetScale",
        ),
        (
            "horizontalpodautoscalers",
            {"status": {"conditions": [_condition("ScalingLimited", "True", reason="TooManyReplicas")]}},
            "wants more replicas than its maximum",
        ),
        (
            "poddisruptionbudgets",
            {"status": {"currentHealthy": 1, "desiredHealthy": 2}},
            "1 healthy pods of 2 wanted",
        ),
        ("resourcequotas", {"status": {"hard": {"pods": "5"}, "used": {"pods": "5"}}}, "pods used up: 5 of 5"),
        ("resourcequotas", {"status": {"hard": {"pods": "5", "x": "0"}, "used": {"pods": "4", "x": "0"}}}, None),
        ("namespaces", {"status": {"phase": "Active"}}, None),
        (
            "namespaces",
            {
                "metadata": {"deletionTimestamp": ago(301)},
                "status": {"conditions": [_condition("NamespaceFinalizersRemaining", "True", message="kept")]},
            },
            "being deleted for too long: kept",
        ),
        (
            "apiservices",
            {"status": {"conditions": [_condition("Available", "False", message="no endpoints")]}},
            "does not answer: no endpoints",
        ),
        ("certificatesigningrequests", {"status": {"conditions": [{"type": "Approved"}]}}, None),
        ("certificatesigningrequests", {"status": {"conditions": [{"type": "Failed", "message": "m"}]}}, "failed: m"),
        (
            "widgets",
            {"status": {"conditions": [_condition("Ready", "False", 61, reason="Broken", message="m")]}},
            "not Ready: Broken: m",
        ),
        ("widgets", {"status": {"conditions": [_condition("Ready", "False", 30)]}}, None),
        ("widgets", {"status": {"conditions": [_condition("Degraded", "True", 90)]}}, "Degraded"),
        ("widgets", {"status": "fine"}, None),
        (
            "configmaps",
            {"metadata": {"deletionTimestamp": ago(400), "finalizers": ["a/b", "c/d"]}},
            "being deleted for too long: waits for a/b, c/d",
        ),
    ],
)
def test_other_kinds(name: str, obj: dict[str, Any], problem: str | None) -> None:
    assert _problem(name, obj) == problem


def test_a_load_balancer_with_external_addresses_lacks_none() -> None:
    spec = {"type": "LoadBalancer", "externalIPs": ["192.0.2.1"]}
    assert _problem("services", {"spec": spec}, age=1000) is None


@pytest.mark.parametrize(
    ("name", "obj", "problem", "limit"),
    [
        ("services", {"spec": {"type": "LoadBalancer"}}, "its load balancer has no address yet", 120),
        ("certificatesigningrequests", {}, "waits for approval", 300),
        ("replicasets", {"spec": {"replicas": 2}, "status": {"readyReplicas": 1}}, "1 of 2 replicas ready", 60),
        ("daemonsets", {"status": {"desiredNumberScheduled": 3}}, "0 of 3 replicas ready", 60),
        (
            "persistentvolumeclaims",
            {"spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}},
            "unbound: no volume of class fast yet; it may wait for its first pod",
            300,
        ),
    ],
)
def test_patience(name: str, obj: dict[str, Any], problem: str, limit: float) -> None:
    assert _problem(name, obj, age=limit - 1) is None
    assert _problem(name, obj, age=limit) == problem


@pytest.mark.parametrize("name", ["v1/events", "events.k8s.io/v1/events"])
def test_warning_events_count_for_an_hour(name: str) -> None:
    event: dict[str, Any] = {"type": "Warning", "reason": "Late", "message": "m", "note": "m", "eventTime": ago(3599)}
    about = {"kind": "Pod", "name": "p"}
    event |= {"involvedObject": about, "regarding": about}
    assert _problem(name, event) == "pod/p: Late: m"
    assert _problem(name, event | {"eventTime": ago(3600)}) is None
    assert _problem(name, event | {"type": "Normal"}) is None


def test_recorded_states_are_judged() -> None:
    problems = {
        printed.object["metadata"]["name"]: judge(printed.resource, KubeObject.of(printed.object), printed.recorded_at)
        for printed in printed_objects()
        if printed.resource.name == "pods"
    }
    assert problems["web-6f7588df49-8qr8z"] is None
    assert (problems["crashloop"] or "").startswith("crash loop: c0 restarted 17 times")
    assert (problems["evicted"] or "").startswith("failed: Evicted")


@pytest.mark.parametrize("path", columns_by_resource())
def test_odd_objects_are_never_an_error(path: str) -> None:
    conditions = {"conditions": [{"type": 1}, None, "x"]}
    odd: list[dict[str, Any]] = [{}, {"status": 7}, {"spec": []}, {"status": conditions, "endpoints": {"a": 1}}]
    for obj in odd:
        judge(resource_of(path), _object(obj), NOW)
