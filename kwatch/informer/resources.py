"""The resources that every server has, so that it need not be asked for them."""

from __future__ import annotations

from kwatch.informer.resource import GroupVersionResource, Resource

_VERBS = frozenset({"get", "list", "watch"})


def _of(group: str, version: str, name: str, kind: str, namespaced: bool = True, short: str = "") -> Resource:
    gvr, names = GroupVersionResource(group, version, name), tuple(short.split())
    return Resource(gvr, kind, namespaced, singular=kind.lower(), short_names=names, verbs=_VERBS)


CONFIG_MAPS = _of("", "v1", "configmaps", "ConfigMap", short="cm")
ENDPOINTS = _of("", "v1", "endpoints", "Endpoints", short="ep")
EVENTS = _of("", "v1", "events", "Event", short="ev")
LIMIT_RANGES = _of("", "v1", "limitranges", "LimitRange", short="limits")
NAMESPACES = _of("", "v1", "namespaces", "Namespace", False, short="ns")
NODES = _of("", "v1", "nodes", "Node", False, short="no")
PERSISTENT_VOLUMES = _of("", "v1", "persistentvolumes", "PersistentVolume", False, short="pv")
PERSISTENT_VOLUME_CLAIMS = _of("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", short="pvc")
PODS = _of("", "v1", "pods", "Pod", short="po")
POD_TEMPLATES = _of("", "v1", "podtemplates", "PodTemplate")
REPLICATION_CONTROLLERS = _of("", "v1", "replicationcontrollers", "ReplicationController", short="rc")
RESOURCE_QUOTAS = _of("", "v1", "resourcequotas", "ResourceQuota", short="quota")
SECRETS = _of("", "v1", "secrets", "Secret")
SERVICES = _of("", "v1", "services", "Service", short="svc")
SERVICE_ACCOUNTS = _of("", "v1", "serviceaccounts", "ServiceAccount", short="sa")
CONTROLLER_REVISIONS = _of("apps", "v1", "controllerrevisions", "ControllerRevision")
DAEMON_SETS = _of("apps", "v1", "daemonsets", "DaemonSet", short="ds")
DEPLOYMENTS = _of("apps", "v1", "deployments", "Deployment", short="deploy")
REPLICA_SETS = _of("apps", "v1", "replicasets", "ReplicaSet", short="rs")
STATEFUL_SETS = _of("apps", "v1", "statefulsets", "StatefulSet", short="sts")
HORIZONTAL_POD_AUTOSCALERS = _of(
    "autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short="hpa"
)
CRON_JOBS = _of("batch", "v1", "cronjobs", "CronJob", short="cj")
JOBS = _of("batch", "v1", "jobs", "Job")
CUSTOM_RESOURCE_DEFINITIONS = _of(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False, short="crd crds"
)
API_SERVICES = _of("apiregistration.k8s.io", "v1", "apiservices", "APIService", False)
MUTATING_WEBHOOK_CONFIGURATIONS = _of(
    "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", False
)
VALIDATING_WEBHOOK_CONFIGURATIONS = _of(
    "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False
)
CERTIFICATE_SIGNING_REQUESTS = _of(
    "certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", False, short="csr"
)
RUNTIME_CLASSES = _of("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", False)
LEASES = _of("coordination.k8s.io", "v1", "leases", "Lease")
ENDPOINT_SLICES = _of("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
INGRESSES = _of("networking.k8s.io", "v1", "ingresses", "Ingress", short="ing")
INGRESS_CLASSES = _of("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False)
NETWORK_POLICIES = _of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", short="netpol")
POD_DISRUPTION_BUDGETS = _of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", short="pdb")
CLUSTER_ROLES = _of("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)
CLUSTER_ROLE_BINDINGS = _of("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", False)
ROLES = _of("rbac.authorization.k8s.io", "v1", "roles", "Role")
ROLE_BINDINGS = _of("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
PRIORITY_CLASSES = _of("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False, short="pc")
CSI_DRIVERS = _of("storage.k8s.io", "v1", "csidrivers", "CSIDriver", False)
CSI_NODES = _of("storage.k8s.io", "v1", "csinodes", "CSINode", False)
STORAGE_CLASSES = _of("storage.k8s.io", "v1", "storageclasses", "StorageClass", False, short="sc")
VOLUME_ATTACHMENTS = _of("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", False)

BUILTIN_RESOURCES: dict[GroupVersionResource, Resource] = {
    each.gvr: each for each in [*globals().values()] if isinstance(each, Resource)
}
"""All of them, by coordinates."""
