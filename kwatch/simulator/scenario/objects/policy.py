"""Limits and policies: disruption budgets, quotas, limit ranges, network policies, priority classes, autoscalers."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.metadata import metadata, recommended_labels, with_last_applied
from kwatch.simulator.scenario.objects.pod_template import HIGHEST_PRIORITIES


def disruption_budget(workload: Workload, created: float | None = None) -> Object:
    """How many pods of a workload may be evicted at a time; its controller fills the status."""
    return with_last_applied(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(workload.name, workload.namespace, created=created),
            "spec": {
                "minAvailable": workload.min_available,
                "selector": {"matchLabels": {"app": workload.name}},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
            "status": {},
        }
    )


def autoscaler(workload: Workload, created: float | None = None) -> Object:
    """A horizontal pod autoscaler on CPU; its controller fills the status."""
    least, most, target = workload.autoscale or (1, workload.replicas, 80)
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": target}},
    }
    return with_last_applied(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": metadata(
                workload.name,
                workload.namespace,
                labels=recommended_labels(workload.name, workload.tag, workload.namespace),
                created=created,
            ),
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
                "minReplicas": least,
                "maxReplicas": most,
                "metrics": [metric],
            },
            "status": {"currentReplicas": workload.replicas, "desiredReplicas": workload.replicas},
        }
    )


def quota(namespace: str, pods: int, created: float | None = None) -> Object:
    """What a namespace may use in all; its controller fills what is used."""
    hard = {
        "limits.memory": "96Gi",
        "pods": str(pods),
        "requests.cpu": "24",
        "requests.memory": "48Gi",
        "services.loadbalancers": "1",
    }
    made = metadata("team", namespace, created=created)
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": made, "spec": {"hard": hard}, "status": {}}


def limit_range(namespace: str, created: float | None = None) -> Object:
    """What a container gets that asks for nothing, and the most it may ask for."""
    limit = {
        "type": "Container",
        "default": {"memory": "256Mi"},
        "defaultRequest": {"cpu": "50m", "memory": "64Mi"},
        "max": {"cpu": "4", "memory": "8Gi"},
    }
    made = metadata("defaults", namespace, created=created)
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": made, "spec": {"limits": [limit]}}


def network_policies(namespace: str, created: float | None = None) -> list[Object]:
    """Nobody comes in, but from the same namespace and through the ingress."""
    ingress = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    specs = {
        "default-deny": {"podSelector": {}, "policyTypes": ["Ingress"]},
        "allow-same-namespace": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"podSelector": {}}]}],
        },
        "allow-ingress": {
            "podSelector": {"matchLabels": {"tier": "frontend"}},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [ingress], "ports": [{"protocol": "TCP", "port": 8080}]}],
        },
    }
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata(name, namespace, created=created),
            "spec": spec,
        }
        for name, spec in specs.items()
    ]


def priority_classes(created: float) -> list[Object]:
    """Whose pods come first."""
    notes = {
        "system-cluster-critical": "Used for system critical pods that must run in the cluster, but can be moved.",
        "system-node-critical": "Used for system critical pods that must not be moved from their current node.",
        "business-critical": "Pods that take orders and money.",
    }
    return [
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": metadata(name, created=created),
            "value": HIGHEST_PRIORITIES.get(name, 100000),
            "description": note,
            "preemptionPolicy": "PreemptLowerPriority",
        }
        for name, note in notes.items()
    ]


def ingress_class(created: float) -> Object:
    """Who serves the ingresses."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": metadata(
            "nginx", annotations={"ingressclass.kubernetes.io/is-default-class": "true"}, created=created
        ),
        "spec": {"controller": "k8s.io/ingress-nginx"},
    }
