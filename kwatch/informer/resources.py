"""The resources that every server has, so that it need not be asked for them."""

from __future__ import annotations

from kwatch.informer.resource import GroupVersionResource, Resource

_VERBS = frozenset({"get", "list", "watch"})


def _of(group: str, version: str, name: str, kind: str, namespaced: bool = True) -> Resource:
    gvr = GroupVersionResource(group, version, name)
    return Resource(gvr, kind, namespaced, singular=kind.lower(), verbs=_VERBS)


CONFIG_MAPS = _of("", "v1", "configmaps", "ConfigMap")
ENDPOINTS = _of("", "v1", "endpoints", "Endpoints")
EVENTS = _of("", "v1", "events", "Event")
LIMIT_RANGES = _of("", "v1", "limitranges", "LimitRange")
NAMESPACES = _of("", "v1", "namespaces", "Namespace", False)
NODES = _of("", "v1", "nodes", "Node", False)
PERSISTENT_VOLUMES = _of("", "v1", "persistentvolumes", "PersistentVolume", False)
PERSISTENT_VOLUME_CLAIMS = _of("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim")
PODS = _of("", "v1", "pods", "Pod")
POD_TEMPLATES = _of("", "v1", "podtemplates", "PodTemplate")
REPLICATION_CONTROLLERS = _of("", "v1", "replicationcontrollers", "ReplicationController")
RESOURCE_QUOTAS = _of("", "v1", "resourcequotas", "ResourceQuota")
SECRETS = _of("", "v1", "secrets", "Secret")
SERVICES = _of("", "v1", "services", "Service")
SERVICE_ACCOUNTS = _of("", "v1", "serviceaccounts", "ServiceAccount")
CONTROLLER_REVISIONS = _of("apps", "v1", "controllerrevisions", "ControllerRevision")
DAEMON_SETS = _of("apps", "v1", "daemonsets", "DaemonSet")
DEPLOYMENTS = _of("apps", "v1", "deployments", "Deployment")
REPLICA_SETS = _of("apps", "v1", "replicasets", "ReplicaSet")
STATEFUL_SETS = _of("apps", "v1", "statefulsets", "StatefulSet")
HORIZONTAL_POD_AUTOSCALERS = _of("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
CRON_JOBS = _of("batch", "v1", "cronjobs", "CronJob")
JOBS = _of("batch", "v1", "jobs", "Job")
CUSTOM_RESOURCE_DEFINITIONS = _of(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False
)
LEASES = _of("coordination.k8s.io", "v1", "leases", "Lease")
ENDPOINT_SLICES = _of("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
INGRESSES = _of("networking.k8s.io", "v1", "ingresses", "Ingress")
INGRESS_CLASSES = _of("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False)
NETWORK_POLICIES = _of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
POD_DISRUPTION_BUDGETS = _of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget")
CLUSTER_ROLES = _of("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)
CLUSTER_ROLE_BINDINGS = _of("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", False)
ROLES = _of("rbac.authorization.k8s.io", "v1", "roles", "Role")
ROLE_BINDINGS = _of("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
PRIORITY_CLASSES = _of("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False)
CSI_DRIVERS = _of("storage.k8s.io", "v1", "csidrivers", "CSIDriver", False)
CSI_NODES = _of("storage.k8s.io", "v1", "csinodes", "CSINode", False)
STORAGE_CLASSES = _of("storage.k8s.io", "v1", "storageclasses", "StorageClass", False)
VOLUME_ATTACHMENTS = _of("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", False)

BUILTIN_RESOURCES: dict[GroupVersionResource, Resource] = {
    each.gvr: each for each in [*globals().values()] if isinstance(each, Resource)
}
"""All of them, by coordinates."""
