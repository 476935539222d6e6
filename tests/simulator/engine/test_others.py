"""Clients of the API server interfere; the cluster puts itself right and nothing breaks."""

from __future__ import annotations

from random import Random

import pytest

from tests.simulator.engine.timeline import Timeline

_DELETABLE = (
    "pods",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "services",
    "configmaps",
    "nodes",
    "events",
    "persistentvolumeclaims",
    "leases.coordination.k8s.io",
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
    "databases.data.example.com",
    "namespaces",
    "endpoints",
)


def test_a_deleted_pod_is_replaced() -> None:
    timeline = Timeline(rate=20.0)
    pods = [pod for pod in timeline.list("pods", "payments") if pod["metadata"]["labels"]["app"] == "ledger"]
    victim = pods[0]["metadata"]["name"]
    timeline.store.delete("pods", victim, "payments")
    timeline.play(60.0)
    now = [pod for pod in timeline.list("pods", "payments") if pod["metadata"]["labels"]["app"] == "ledger"]
    assert len(now) >= len(pods)
    assert victim not in {pod["metadata"]["name"] for pod in now}


def test_a_scaled_deployment_gets_its_pods() -> None:
    timeline = Timeline(rate=20.0)
    deployment = timeline.store.get("deployments.apps", "grafana", "monitoring")
    assert deployment is not None
    timeline.store.update({**deployment, "spec": {**deployment["spec"], "replicas": 3}}, manager="kubectl")
    timeline.play(90.0)
    scaled = timeline.store.get("deployments.apps", "grafana", "monitoring")
    assert scaled is not None
    assert scaled["status"]["readyReplicas"] == 3


def test_a_deleted_deployment_takes_its_pods_along() -> None:
    timeline = Timeline(rate=20.0)
    timeline.store.delete("deployments.apps", "grafana", "monitoring")
    timeline.play(90.0)
    assert not [p for p in timeline.list("pods", "monitoring") if p["metadata"]["labels"]["app"] == "grafana"]
    assert not [
        each for each in timeline.list("replicasets.apps", "monitoring") if "grafana" in each["metadata"]["name"]
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_breaks_when_anything_is_deleted(seed: int) -> None:
    timeline = Timeline(rate=20.0, seed=seed)
    random = Random(seed)
    deleted = 0

    def delete_something() -> None:
        nonlocal deleted
        resource = random.choice(_DELETABLE)
        victims = timeline.list(resource)
        if victims:
            metadata = random.choice(victims)["metadata"]
            timeline.store.delete(resource, metadata["name"], metadata.get("namespace", ""))
            deleted += 1

    timeline.play(240.0, each_second=delete_something)
    assert deleted > 150


def test_the_story_survives_the_loss_of_its_own_kind() -> None:
    timeline = Timeline(rate=20.0)
    timeline.store.delete("customresourcedefinitions.apiextensions.k8s.io", "databases.data.example.com")
    before = timeline.store.revision
    timeline.play(120.0)
    assert timeline.store.revision > before + 1000
