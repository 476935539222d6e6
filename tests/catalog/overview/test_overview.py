"""What the overview tells of objects."""

from __future__ import annotations

import base64
import copy
import random
from typing import Any

import pytest

from kwatch.catalog.column import Level
from kwatch.catalog.overview import Section, describe
from kwatch.informer.kube_object import KubeObject
from tests.catalog.kinds.printing import NOW, ago
from tests.catalog.recorded import PrintedObject, columns_by_resource, named, printed_objects, resource_of


def _describe(name: str, obj: dict[str, Any]) -> tuple[Section, ...]:
    resource = resource_of(name) if "/" in name else named(name)
    metadata = {"name": "x", "namespace": "ns", "creationTimestamp": ago(90)} | obj.get("metadata", {})
    return describe(resource, KubeObject.of(obj | {"metadata": metadata}))


def _facts(found: tuple[Section, ...], title: str) -> list[tuple[str, str]]:
    section = next(section for section in found if section.title == title)
    return [(fact.label, fact.text(NOW)) for fact in section.facts]


POD: dict[str, Any] = {
    "metadata": {
        "labels": {"app": "web"},
        "annotations": {"note": "hi", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "rs", "controller": True}, {"kind": "Thing", "name": "t"}],
    },
    "spec": {
        "nodeName": "n1",
        "serviceAccountName": "robot",
        "tolerations": [
            {"key": "gone", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "gpu", "value": "yes", "effect": "NoSchedule"},
            {"operator": "Exists"},
        ],
        "volumes": [
            {"name": "a", "configMap": {"name": "cm"}},
            {"name": "b", "secret": {"secretName": "s"}},
            {"name": "c", "persistentVolumeClaim": {"claimName": "data"}},
            {"name": "d", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
            {
                "name": "e",
                "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "ca"}}]},
            },
            {"name": "f", "ephemeral": {}},
        ],
        "initContainers": [{"name": "setup", "image": "busybox"}],
        "containers": [
            {
                "name": "web",
                "image": "nginx:1",
                "command": ["run", "--fast"],
                "ports": [
                    {"name": "http", "containerPort": 80},
                    {"containerPort": 53, "protocol": "UDP", "hostPort": 5},
                ],
                "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                "livenessProbe": {"httpGet": {"path": "/ok", "port": 80}, "periodSeconds": 5},
                "readinessProbe": {"exec": {"command": ["cat", "x"]}},
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                    {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                ],
                "envFrom": [{"configMapRef": {"name": "cm"}, "prefix": "P_"}],
                "volumeMounts": [{"name": "a", "mountPath": "/a", "readOnly": True}, {"name": "d", "mountPath": "/d"}],
            }
        ],
    },
    "status": {
        "phase": "Running",
        "hostIP": "10.0.0.1",
        "podIPs": [{"ip": "10.1.0.1"}, {"ip": "fd00::1"}],
        "startTime": ago(80),
        "conditions": [
            {"type": "Ready", "status": "False", "reason": "NotYet", "message": "wait", "lastTransitionTime": ago(60)}
        ],
        "containerStatuses": [
            {
                "name": "web",
                "ready": False,
                "restartCount": 2,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(30)}},
            }
        ],
        "initContainerStatuses": [{"name": "setup", "ready": True, "state": {"terminated": {"exitCode": 0}}}],
    },
}


def test_a_pod() -> None:
    found = _describe("pods", POD)
    assert [section.title for section in found] == [
        "Pod",
        "Init Container setup",
        "Container web",
        "Conditions",
        "Volumes",
        "Scheduling",
    ]
    main = _facts(found, "Pod")
    assert {
        ("Controlled By", "ReplicaSet/rs"),
        ("Owned By", "Thing/t"),
        ("Label", "app=web"),
        ("Annotation", "note: hi"),
        ("Node", "n1/10.0.0.1"),
        ("IPs", "10.1.0.1, fd00::1"),
        ("Start Time", f"{ago(80)} (80s ago)"),
    } <= set(main)
    assert not any("last-applied" in value for _, value in main)


def test_a_pods_container() -> None:
    assert _facts(_describe("pods", POD), "Container web") == [
        ("Image", "nginx:1"),
        ("Ports", "http:80/TCP, 53/UDP (host 5)"),
        ("Command", "run --fast"),
        ("State", "Waiting, CrashLoopBackOff: back-off"),
        ("Last State", "Terminated, exit code 137, OOMKilled"),
        ("Last State Finished", f"{ago(30)} (30s ago)"),
        ("Ready", "False"),
        ("Restart Count", "2"),
        ("Limits", "cpu=1, memory=1Gi"),
        ("Liveness", "http-get http://:80/ok delay=0s timeout=1s period=5s #success=1 #failure=3"),
        ("Readiness", "exec [cat x] delay=0s timeout=1s period=10s #success=1 #failure=3"),
        ("Environment from", "config map cm with prefix P_"),
        ("Environment", "A=1"),
        ("Environment", "B=<key k of secret s>"),
        ("Environment", "C=<field status.podIP>"),
        ("Mount", "/a from a (ro)"),
        ("Mount", "/d from d (rw)"),
    ]


def test_a_pods_conditions_volumes_and_tolerations() -> None:
    found = _describe("pods", POD)
    assert _facts(found, "Conditions") == [("Ready", "False: NotYet: wait (60s ago)")]
    assert [value for _, value in _facts(found, "Volumes")] == [
        "config map cm",
        "secret s",
        "claim data",
        "empty directory Memory 1Gi",
        "projected from service account token, config map ca",
        "a claim of its own",
    ]
    assert [value for label, value in _facts(found, "Scheduling") if label == "Toleration"] == [
        "gone:NoExecute op=Exists for 300s",
        "gpu=yes:NoSchedule",
        "op=Exists",
    ]


def test_levels_mark_what_is_well_and_what_is_not() -> None:
    found = {fact.label: fact.level for section in _describe("pods", POD) for fact in section.facts}
    assert found["State"] is Level.BAD
    assert found["Ready"] is Level.WARNING
    assert found["Status"] is Level.GOOD
    node = {"status": {"conditions": [{"type": "DiskPressure", "status": "False"}, {"type": "X", "status": "Unknown"}]}}
    levels = {fact.label: fact.level for section in _describe("nodes", node) for fact in section.facts}
    assert levels["DiskPressure"] is Level.GOOD
    assert levels["X"] is Level.WARNING


def test_a_secret_keeps_its_secrets() -> None:
    value = base64.b64encode(b"hunter2").decode()
    applied = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": f'{{"data":{{"p":"{value}"}}}}'}}
    found = _describe("secrets", {"metadata": applied, "type": "Opaque", "data": {"p": value, "q": "YQ==", "r": ""}})
    assert _facts(found, "Data") == [("p", "7 bytes"), ("q", "1 byte"), ("r", "0 bytes")]
    assert value not in repr(found)
    assert "hunter2" not in repr(found)


def test_workloads_and_their_templates() -> None:
    deployment = {
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {"metadata": {"labels": {"a": "1"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
        },
        "status": {"replicas": 4, "readyReplicas": 2, "unavailableReplicas": 1},
    }
    found = _describe("deployments", deployment)
    main = dict(_facts(found, "Deployment"))
    assert main["Selector"] == "a=1,b"
    assert main["Replicas"] == "3 desired, 4 total, 2 ready, 0 available, 1 unavailable"
    assert main["Strategy"] == "RollingUpdate, at most unavailable 0, at most beyond 25%"
    assert _facts(found, "Container c") == [("Image", "i")]
    assert _facts(found, "Pod Template") == [("Labels", "a=1")]


def test_where_traffic_goes() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    ingress = {"spec": {"rules": [{"host": "a.example", "http": {"paths": [{"path": "/x", "backend": backend}]}}]}}
    assert _facts(_describe("ingresses", ingress), "Rules") == [("a.example/x", "web:80")]
    ports = [{"name": "http", "port": 80, "targetPort": "web", "nodePort": 30080}]
    service = _describe("services", {"spec": {"ports": ports}})
    assert _facts(service, "Ports") == [("http", "80/TCP to web, node port 30080")]
    peer = {"namespaceSelector": {"matchLabels": {"team": "a"}}, "podSelector": {}}
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
    policy = {"spec": {"podSelector": {}, "ingress": [{"from": [peer, block], "ports": [{"port": 80}]}, {}]}}
    assert _facts(_describe("networkpolicies", policy), "Ingress") == [
        ("Allowed from", "namespaces team=a and pods all or 10.0.0.0/8 except 10.1.0.0/16 on 80/TCP"),
        ("Allowed from", "anywhere"),
    ]


def test_roles_autoscalers_quotas_and_limits() -> None:
    rule = {"apiGroups": ["", "apps"], "resources": ["pods"], "verbs": ["get", "list"], "resourceNames": ["one"]}
    role = _describe("clusterroles", {"rules": [rule, {"nonResourceURLs": ["/healthz"], "verbs": ["get"]}]})
    assert _facts(role, "Rules") == [("pods, pods.apps named one", "get, list"), ("/healthz", "get")]
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 60}}}
    current = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 71}}}
    scaler = {"spec": {"metrics": [metric, metric]}, "status": {"currentMetrics": [current]}}
    found = _describe("horizontalpodautoscalers", scaler)
    assert _facts(found, "Metrics") == [("Resource cpu", "71% of 60%"), ("Resource cpu", "unknown of 60%")]
    quota = _describe("resourcequotas", {"status": {"hard": {"pods": "5"}, "used": {"pods": "3"}}})
    assert _facts(quota, "Used") == [("pods", "3 of 5")]
    limits = {"spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}}]}}
    assert _facts(_describe("limitranges", limits), "Limits of a Container") == [("cpu", "at most 2")]


def test_anything_else_is_told_by_its_fields() -> None:
    widget = {
        "spec": {"size": 3, "storageClassName": "x", "tags": ["a", "b"], "nested": {"deepField": True}, "none": None},
        "status": {"phase": "Fine", "conditions": [{"type": "Ready", "status": "True"}]},
        "extra": {"a": 1},
    }
    found = _describe("widgets", widget)
    assert _facts(found, "Spec") == [("Size", "3"), ("Storage Class Name", "x"), ("Tags", "a, b")]
    assert _facts(found, "Nested") == [("Deep Field", "true")]
    assert _facts(found, "Status") == [("Phase", "Fine")]
    assert _facts(found, "Conditions") == [("Ready", "True")]
    assert _facts(found, "Extra") == [("A", "1")]


@pytest.mark.parametrize("path", columns_by_resource())
def test_a_bare_object_has_an_overview(path: str) -> None:
    found = _describe(path, {})
    assert any((fact.label, fact.value) == ("Name", "x") for section in found for fact in section.facts)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    found = [(tree, key) for key, _ in items]
    return found + [place for _, value in list(items) for place in _places(value)]


@pytest.mark.parametrize("printed", list(printed_objects())[::3], ids=lambda p: p.object["metadata"]["name"])
def test_odd_fields_are_left_out_and_nothing_raises(printed: PrintedObject) -> None:
    chance = random.Random(1)
    for _ in range(60):
        tree = copy.deepcopy(printed.object)
        identity = {(id(tree), "metadata"), (id(tree["metadata"]), "name"), (id(tree["metadata"]), "namespace")}
        place, key = chance.choice([each for each in _places(tree) if (id(each[0]), each[1]) not in identity])
        place[key] = chance.choice([None, "x", 5, True, [], {}, [None, 1], {"a": {"b": []}}])
        found = describe(printed.resource, KubeObject.of(tree))
        assert found
        assert all(isinstance(fact.text(NOW), str) for section in found for fact in section.facts)


def test_a_pod_that_is_being_deleted_is_terminating_until_it_has_ended() -> None:
    deleted = {"metadata": {"deletionTimestamp": ago(5)}, "status": {"phase": "Running"}}
    assert ("Status", "Terminating") in _facts(_describe("pods", deleted), "Pod")
    ended = deleted | {"status": {"phase": "Failed"}}
    assert ("Status", "Failed") in _facts(_describe("pods", ended), "Pod")


def test_a_container_that_ended_tells_when_it_began_and_what_may_be_missing() -> None:
    container = {
        "name": "a",
        "envFrom": [{"secretRef": {"name": "s", "optional": True}}],
        "env": [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k", "optional": True}}}],
        "volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "x"}],
        "volumeDevices": [{"name": "d", "devicePath": "/dev/x"}],
    }
    ended = {"terminated": {"exitCode": 1, "startedAt": ago(20), "finishedAt": ago(10)}}
    pod = {"spec": {"containers": [container]}, "status": {"containerStatuses": [{"name": "a", "state": ended}]}}
    facts = dict(_facts(_describe("pods", pod), "Container a"))
    assert facts["State Started"].endswith("(20s ago)")
    assert facts["State Finished"].endswith("(10s ago)")
    assert facts["Environment from"] == "secret s, optional"
    assert facts["Environment"] == "K=<key k of config map c, optional>"
    assert facts["Mount"] == "/v from v (rw, path x)"
    assert facts["Device"] == "/dev/x from d"


def test_a_job_tells_how_long_it_took_and_an_autoscaler_how_it_behaves() -> None:
    times = {"startTime": ago(100), "completionTime": ago(10), "succeeded": 1, "ready": 0}
    job = dict(_facts(_describe("jobs", {"status": times}), "Job"))
    assert job["Duration"] == "90s"
    assert job["Pods"] == "0 active (0 ready), 1 succeeded, 0 failed"
    assert "Duration" not in dict(_facts(_describe("jobs", {"status": {"startTime": ago(1)}}), "Job"))
    policy = {"type": "Percent", "value": 50, "periodSeconds": 15}
    behavior = {"scaleUp": {"stabilizationWindowSeconds": 0, "policies": [policy, policy | {"type": "Pods"}]}}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 65}}}
    measured = {"resource": {"current": {"averageUtilization": 57, "averageValue": "111m"}}}
    found = _describe(
        "horizontalpodautoscalers",
        {"spec": {"metrics": [metric], "behavior": behavior}, "status": {"currentMetrics": [measured]}},
    )
    assert _facts(found, "Metrics") == [("Resource cpu", "57% (111m) of 65%")]
    assert _facts(found, "Scale Up Behavior") == [
        ("Stabilization", "0s"),
        ("Policy", "at most 50% in 15s"),
        ("Policy", "at most 50 pods in 15s"),
    ]


def test_any_other_object_tells_all_its_fields_the_deep_ones_in_short() -> None:
    widget = {
        "spec": {
            "size": 3,
            "tags": ["a", "b"],
            "selector": {"matchLabels": {"app": "web"}, "none": {}},
            "parts": [{"deep": {"x": [1]}, "name": "one", "on": True}, {"name": "two"}],
            "long": [{"text": "x" * 1000}],
        },
        "status": {"phase": "Fine", "backup": {"at": "noon", "files": ["f", "g"], "ended": ago(90)}},
        "webhooks": [{"name": "hook"}],
        "data": {"key": "value"},
    }
    found = _describe("widgets", widget)
    assert _facts(found, "Widget")[-1] == ("Webhooks", "name=hook")
    spec = _facts(found, "Spec")
    assert ("Size", "3") in spec
    assert ("Tags", "a, b") in spec
    assert [value for label, value in spec if label == "Parts"] == ['name=one, on=true, deep={"x":[1]}', "name=two"]
    assert len(dict(spec)["Long"]) == 300
    assert _facts(found, "Selector") == [("Match Labels", "app=web")]
    assert _facts(found, "Status") == [("Phase", "Fine")]
    assert _facts(found, "Status Backup") == [
        ("At", "noon"),
        ("Ended", f"{ago(90)} (90s ago)"),
        ("Files", "f, g"),
    ]
    assert _facts(found, "Data") == [("Key", "value")]
