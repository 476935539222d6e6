"""The types a real server brings along, in its order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kwatch.simulator.api_types import STANDARD_VERBS, APIType, Subresource

OLDEST_MINOR, NEWEST_MINOR = 36, 37
"""Versions of Kubernetes as which the simulator can answer."""
CREATE_ONLY = ("create",)
READ_ONLY = ("get", "list")
NO_COLLECTION = tuple(verb for verb in STANDARD_VERBS if verb != "deletecollection")

_CHANGE = ("get", "patch", "update")
_PROXY = ("create", "delete", "get", "patch", "update")
_STREAM = ("create", "get")

_SPECIAL_SUBRESOURCES = {
    "attach": Subresource("attach", "PodAttachOptions", _STREAM),
    "binding": Subresource("binding", "Binding", CREATE_ONLY),
    "eviction": Subresource("eviction", "Eviction", CREATE_ONLY, "policy", "v1"),
    "exec": Subresource("exec", "PodExecOptions", _STREAM),
    "log": Subresource("log", "Pod", ("get",)),
    "portforward": Subresource("portforward", "PodPortForwardOptions", _STREAM),
    "scale": Subresource("scale", "Scale", _CHANGE, "autoscaling", "v1"),
    "token": Subresource("token", "TokenRequest", CREATE_ONLY, "authentication.k8s.io", "v1"),
}

_Row = Callable[[str, str], APIType]


def _subresource(name: str, kind: str) -> Subresource:
    if name == "proxy":
        return Subresource("proxy", f"{kind}ProxyOptions", _PROXY)
    if name == "finalize":
        return Subresource("finalize", kind, ("update",))
    return _SPECIAL_SUBRESOURCES.get(name) or Subresource(name, kind, _CHANGE)


def _resource(
    namespaced: bool,
    resource: str,
    kind: str,
    *,
    short: str = "",
    categories: str = "",
    subresources: str = "",
    verbs: tuple[str, ...] = STANDARD_VERBS,
    generation: bool = False,
    stored_as: str = "",
) -> _Row:
    return lambda group, version: APIType(
        group,
        version,
        resource,
        kind,
        namespaced=namespaced,
        short_names=tuple(short.split()),
        categories=tuple(categories.split()),
        verbs=verbs,
        subresources=tuple(_subresource(name, kind) for name in subresources.split()),
        has_generation=generation,
        stored_as=stored_as,
    )


_in_namespace = partial(_resource, True)
_in_cluster = partial(_resource, False)


def _version(group: str, version: str, *rows: _Row) -> tuple[APIType, ...]:
    return tuple(row(group, version) for row in rows)


BUILTIN_TYPES: tuple[APIType, ...] = (
    *_version(
        "",
        "v1",
        _in_namespace("bindings", "Binding", verbs=CREATE_ONLY),
        _in_cluster("componentstatuses", "ComponentStatus", short="cs", verbs=READ_ONLY),
        _in_namespace("configmaps", "ConfigMap", short="cm"),
        _in_namespace("endpoints", "Endpoints", short="ep"),
        _in_namespace("events", "Event", short="ev"),
        _in_namespace("limitranges", "LimitRange", short="limits"),
        _in_cluster("namespaces", "Namespace", short="ns", subresources="finalize status", verbs=NO_COLLECTION),
        _in_cluster("nodes", "Node", short="no", subresources="proxy status"),
        _in_namespace("persistentvolumeclaims", "PersistentVolumeClaim", short="pvc", subresources="status"),
        _in_cluster("persistentvolumes", "PersistentVolume", short="pv", subresources="status"),
        _in_namespace(
            "pods",
            "Pod",
            short="po",
            categories="all",
            subresources="attach binding ephemeralcontainers eviction exec log portforward proxy resize status",
            generation=True,
        ),
        _in_namespace("podtemplates", "PodTemplate"),
        _in_namespace(
            "replicationcontrollers",
            "ReplicationController",
            short="rc",
            categories="all",
            subresources="scale status",
            generation=True,
        ),
        _in_namespace("resourcequotas", "ResourceQuota", short="quota", subresources="status"),
        _in_namespace("secrets", "Secret"),
        _in_namespace("serviceaccounts", "ServiceAccount", short="sa", subresources="token"),
        _in_namespace("services", "Service", short="svc", categories="all", subresources="proxy status"),
    ),
    *_version(
        "apiregistration.k8s.io",
        "v1",
        _in_cluster("apiservices", "APIService", categories="api-extensions", subresources="status"),
    ),
    *_version(
        "apps",
        "v1",
        _in_namespace("controllerrevisions", "ControllerRevision"),
        _in_namespace("daemonsets", "DaemonSet", short="ds", categories="all", subresources="status", generation=True),
        _in_namespace(
            "deployments", "Deployment", short="deploy", categories="all", subresources="scale status", generation=True
        ),
        _in_namespace(
            "replicasets", "ReplicaSet", short="rs", categories="all", subresources="scale status", generation=True
        ),
        _in_namespace(
            "statefulsets", "StatefulSet", short="sts", categories="all", subresources="scale status", generation=True
        ),
    ),
    *_version(
        "events.k8s.io",
        "v1",
        _in_namespace("events", "Event", short="ev", stored_as="events"),
    ),
    *_version(
        "authentication.k8s.io",
        "v1",
        _in_cluster("selfsubjectreviews", "SelfSubjectReview", verbs=CREATE_ONLY),
        _in_cluster("tokenreviews", "TokenReview", verbs=CREATE_ONLY),
    ),
    *_version(
        "authorization.k8s.io",
        "v1",
        _in_namespace("localsubjectaccessreviews", "LocalSubjectAccessReview", verbs=CREATE_ONLY),
        _in_cluster("selfsubjectaccessreviews", "SelfSubjectAccessReview", verbs=CREATE_ONLY),
        _in_cluster("selfsubjectrulesreviews", "SelfSubjectRulesReview", verbs=CREATE_ONLY),
        _in_cluster("subjectaccessreviews", "SubjectAccessReview", verbs=CREATE_ONLY),
    ),
    *_version(
        "autoscaling",
        "v2",
        _in_namespace(
            "horizontalpodautoscalers", "HorizontalPodAutoscaler", short="hpa", categories="all", subresources="status"
        ),
    ),
    *_version(
        "autoscaling",
        "v1",
        _in_namespace(
            "horizontalpodautoscalers", "HorizontalPodAutoscaler", short="hpa", categories="all", subresources="status"
        ),
    ),
    *_version(
        "batch",
        "v1",
        _in_namespace("cronjobs", "CronJob", short="cj", categories="all", subresources="status", generation=True),
        _in_namespace("jobs", "Job", categories="all", subresources="status", generation=True),
    ),
    *_version(
        "certificates.k8s.io",
        "v1",
        _in_cluster(
            "certificatesigningrequests", "CertificateSigningRequest", short="csr", subresources="approval status"
        ),
    ),
    *_version(
        "networking.k8s.io",
        "v1",
        _in_cluster("ingressclasses", "IngressClass", generation=True),
        _in_namespace("ingresses", "Ingress", short="ing", subresources="status", generation=True),
        _in_cluster("ipaddresses", "IPAddress", short="ip"),
        _in_namespace("networkpolicies", "NetworkPolicy", short="netpol", generation=True),
        _in_cluster("servicecidrs", "ServiceCIDR", subresources="status"),
    ),
    *_version(
        "policy",
        "v1",
        _in_namespace(
            "poddisruptionbudgets", "PodDisruptionBudget", short="pdb", subresources="status", generation=True
        ),
    ),
    *_version(
        "rbac.authorization.k8s.io",
        "v1",
        _in_cluster("clusterrolebindings", "ClusterRoleBinding"),
        _in_cluster("clusterroles", "ClusterRole"),
        _in_namespace("rolebindings", "RoleBinding"),
        _in_namespace("roles", "Role"),
    ),
    *_version(
        "storage.k8s.io",
        "v1",
        _in_cluster("csidrivers", "CSIDriver"),
        _in_cluster("csinodes", "CSINode"),
        _in_namespace("csistoragecapacities", "CSIStorageCapacity"),
        _in_cluster("storageclasses", "StorageClass", short="sc"),
        _in_cluster("volumeattachments", "VolumeAttachment", subresources="status"),
        _in_cluster("volumeattributesclasses", "VolumeAttributesClass", short="vac"),
    ),
    *_version(
        "admissionregistration.k8s.io",
        "v1",
        _in_cluster(
            "mutatingadmissionpolicies", "MutatingAdmissionPolicy", categories="api-extensions", generation=True
        ),
        _in_cluster("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", categories="api-extensions"),
        _in_cluster(
            "mutatingwebhookconfigurations",
            "MutatingWebhookConfiguration",
            categories="api-extensions",
            generation=True,
        ),
        _in_cluster(
            "validatingadmissionpolicies",
            "ValidatingAdmissionPolicy",
            categories="api-extensions",
            subresources="status",
            generation=True,
        ),
        _in_cluster(
            "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", categories="api-extensions"
        ),
        _in_cluster(
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            categories="api-extensions",
            generation=True,
        ),
    ),
    *_version(
        "apiextensions.k8s.io",
        "v1",
        _in_cluster(
            "customresourcedefinitions",
            "CustomResourceDefinition",
            short="crd crds",
            categories="api-extensions",
            subresources="status",
            generation=True,
        ),
    ),
    *_version(
        "scheduling.k8s.io",
        "v1",
        _in_cluster("priorityclasses", "PriorityClass", short="pc", generation=True),
    ),
    *_version(
        "coordination.k8s.io",
        "v1",
        _in_namespace("leases", "Lease"),
    ),
    *_version(
        "node.k8s.io",
        "v1",
        _in_cluster("runtimeclasses", "RuntimeClass"),
    ),
    *_version(
        "discovery.k8s.io",
        "v1",
        _in_namespace("endpointslices", "EndpointSlice", generation=True),
    ),
    *_version(
        "resource.k8s.io",
        "v1",
        _in_cluster("deviceclasses", "DeviceClass"),
        _in_namespace("resourceclaims", "ResourceClaim", subresources="status"),
        _in_namespace("resourceclaimtemplates", "ResourceClaimTemplate"),
        _in_cluster("resourceslices", "ResourceSlice"),
    ),
    *_version(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        _in_cluster("flowschemas", "FlowSchema", subresources="status", generation=True),
        _in_cluster(
            "prioritylevelconfigurations", "PriorityLevelConfiguration", subresources="status", generation=True
        ),
    ),
)

_SINCE_37: tuple[APIType, ...] = (
    *_version(
        "certificates.k8s.io",
        "v1",
        _in_cluster("clustertrustbundles", "ClusterTrustBundle"),
        _in_namespace("podcertificaterequests", "PodCertificateRequest", subresources="status"),
    ),
    *_version("storage.k8s.io", "v1", _in_cluster("csinodes", "CSINode", subresources="status")),
    *_version("resource.k8s.io", "v1", _in_cluster("devicetaintrules", "DeviceTaintRule", subresources="status")),
    *_version(
        "storagemigration.k8s.io",
        "v1",
        _in_cluster("storageversionmigrations", "StorageVersionMigration", subresources="status"),
    ),
)
"""What came with 1.37, or changed."""


def builtin_types(minor: int) -> tuple[APIType, ...]:
    """The types of a server of version 1.`minor`: within a version of a group they are in order of their names."""
    if minor < 37:
        return BUILTIN_TYPES
    of_group: dict[tuple[str, str], dict[str, APIType]] = {}
    for each in (*BUILTIN_TYPES, *_SINCE_37):
        of_group.setdefault((each.group, each.version), {})[each.resource] = each
    return tuple(types[name] for types in of_group.values() for name in sorted(types))


METRICS_TYPES: tuple[APIType, ...] = _version(
    "metrics.k8s.io",
    "v1beta1",
    _in_cluster("nodes", "NodeMetrics", verbs=READ_ONLY),
    _in_namespace("pods", "PodMetrics", verbs=READ_ONLY),
)
"""What a metrics server adds: computed, never stored."""
