"""An object as a plain dict, what it is called in the store, and how to change it without touching the old one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
"""One Kubernetes object, with apiVersion and kind. Frozen once it is in the store: parts of it are shared."""

RESOURCES = {
    "Pod": "pods",
    "Node": "nodes",
    "Namespace": "namespaces",
    "Service": "services",
    "Endpoints": "endpoints",
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "ServiceAccount": "serviceaccounts",
    "Event": "events",
    "PersistentVolume": "persistentvolumes",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "ResourceQuota": "resourcequotas",
    "LimitRange": "limitranges",
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "ControllerRevision": "controllerrevisions.apps",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "Ingress": "ingresses.networking.k8s.io",
    "IngressClass": "ingressclasses.networking.k8s.io",
    "NetworkPolicy": "networkpolicies.networking.k8s.io",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers.autoscaling",
    "PodDisruptionBudget": "poddisruptionbudgets.policy",
    "StorageClass": "storageclasses.storage.k8s.io",
    "Lease": "leases.coordination.k8s.io",
    "PriorityClass": "priorityclasses.scheduling.k8s.io",
    "Role": "roles.rbac.authorization.k8s.io",
    "RoleBinding": "rolebindings.rbac.authorization.k8s.io",
    "ClusterRole": "clusterroles.rbac.authorization.k8s.io",
    "ClusterRoleBinding": "clusterrolebindings.rbac.authorization.k8s.io",
    "CustomResourceDefinition": "customresourcedefinitions.apiextensions.k8s.io",
    "Database": "databases.data.example.com",
}
"""Kind -> the resource's name in the store."""

POD = "pods"
DEPLOYMENT = "deployments.apps"
REPLICA_SET = "replicasets.apps"
STATEFUL_SET = "statefulsets.apps"
DAEMON_SET = "daemonsets.apps"
JOB = "jobs.batch"
CRON_JOB = "cronjobs.batch"


def resource_of(obj: Object) -> str:
    """What the store calls the object's resource."""
    return RESOURCES[obj["kind"]]


def name_of(obj: Object) -> str:
    """metadata.name."""
    name: str = obj["metadata"]["name"]
    return name


def namespace_of(obj: Object) -> str:
    """metadata.namespace; empty for what belongs to the cluster."""
    namespace: str = obj["metadata"].get("namespace", "")
    return namespace


def uid_of(obj: Object) -> str:
    """metadata.uid."""
    uid: str = obj["metadata"]["uid"]
    return uid


def revised(obj: Object, **parts: Mapping[str, Any]) -> Object:
    """A changed copy: `revised(pod, status={"phase": "Running"})`; None removes a field, all else is shared."""
    copy = dict(obj)
    for part, changes in parts.items():
        merged = {**copy.get(part, {}), **changes}
        for field, value in changes.items():
            if value is None:
                del merged[field]
        copy[part] = merged
    return copy


def owner_reference(owner: Object) -> Object:
    """A controller's mark on what it made."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(obj: Object) -> Object | None:
    """The owner reference of the controller that made the object."""
    for reference in obj["metadata"].get("ownerReferences", ()):
        if reference.get("controller"):
            found: Object = reference
            return found
    return None


def is_terminating(obj: Object) -> bool:
    """Whether its deletion has begun."""
    return "deletionTimestamp" in obj["metadata"]
