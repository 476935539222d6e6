"""Which built-in resource is declared where. A family's file is imported when one of its kinds is first asked for."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from kwatch.catalog.kind import Kind, Values, age, declare, name
from kwatch.catalog.shapes import Nothing
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

_DECLARED: dict[tuple[str, str], dict[str, str]] = {
    ("", "v1"): {
        "componentstatuses": "api_server.COMPONENT_STATUSES",
        "configmaps": "cluster.CONFIG_MAPS",
        "endpoints": "network.ENDPOINTS",
        "events": "cluster.EVENTS",
        "limitranges": "cluster.LIMIT_RANGES",
        "namespaces": "cluster.NAMESPACES",
        "nodes": "cluster.NODES",
        "persistentvolumeclaims": "storage.CLAIMS",
        "persistentvolumes": "storage.VOLUMES",
        "pods": "pods.PODS",
        "podtemplates": "workloads.POD_TEMPLATES",
        "replicationcontrollers": "workloads.REPLICATION_CONTROLLERS",
        "resourcequotas": "cluster.RESOURCE_QUOTAS",
        "secrets": "cluster.SECRETS",
        "serviceaccounts": "cluster.SERVICE_ACCOUNTS",
        "services": "network.SERVICES",
    },
    ("admissionregistration.k8s.io", "v1"): {
        "mutatingadmissionpolicies": "access.MUTATING_POLICIES",
        "mutatingadmissionpolicybindings": "access.MUTATING_BINDINGS",
        "mutatingwebhookconfigurations": "access.MUTATING_WEBHOOKS",
        "validatingadmissionpolicies": "access.VALIDATING_POLICIES",
        "validatingadmissionpolicybindings": "access.VALIDATING_BINDINGS",
        "validatingwebhookconfigurations": "access.VALIDATING_WEBHOOKS",
    },
    ("apiextensions.k8s.io", "v1"): {"customresourcedefinitions": "api_server.CUSTOM_RESOURCE_DEFINITIONS"},
    ("apiregistration.k8s.io", "v1"): {"apiservices": "api_server.API_SERVICES"},
    ("apps", "v1"): {
        "controllerrevisions": "workloads.CONTROLLER_REVISIONS",
        "daemonsets": "workloads.DAEMON_SETS",
        "deployments": "workloads.DEPLOYMENTS",
        "replicasets": "workloads.REPLICA_SETS",
        "statefulsets": "workloads.STATEFUL_SETS",
    },
    ("autoscaling", "v2"): {"horizontalpodautoscalers": "policy.AUTOSCALERS"},
    ("batch", "v1"): {"cronjobs": "workloads.CRON_JOBS", "jobs": "workloads.JOBS"},
    ("certificates.k8s.io", "v1"): {
        "certificatesigningrequests": "access.SIGNING_REQUESTS",
        "clustertrustbundles": "access.TRUST_BUNDLES",
        "podcertificaterequests": "access.POD_REQUESTS",
    },
    ("coordination.k8s.io", "v1"): {"leases": "api_server.LEASES"},
    ("coordination.k8s.io", "v1beta1"): {"leasecandidates": "api_server.LEASE_CANDIDATES"},
    ("discovery.k8s.io", "v1"): {"endpointslices": "network.ENDPOINT_SLICES"},
    ("events.k8s.io", "v1"): {"events": "cluster.NEW_EVENTS"},
    ("flowcontrol.apiserver.k8s.io", "v1"): {
        "flowschemas": "api_server.FLOW_SCHEMAS",
        "prioritylevelconfigurations": "api_server.PRIORITY_LEVELS",
    },
    ("internal.apiserver.k8s.io", "v1alpha1"): {"storageversions": "api_server.STORAGE_VERSIONS"},
    ("networking.k8s.io", "v1"): {
        "ingressclasses": "network.INGRESS_CLASSES",
        "ingresses": "network.INGRESSES",
        "ipaddresses": "network.IP_ADDRESSES",
        "networkpolicies": "network.NETWORK_POLICIES",
        "servicecidrs": "network.SERVICE_CIDRS",
    },
    ("node.k8s.io", "v1"): {"runtimeclasses": "scheduling.RUNTIME_CLASSES"},
    ("policy", "v1"): {"poddisruptionbudgets": "policy.DISRUPTION_BUDGETS"},
    ("rbac.authorization.k8s.io", "v1"): {
        "clusterrolebindings": "access.CLUSTER_ROLE_BINDINGS",
        "clusterroles": "access.CLUSTER_ROLES",
        "rolebindings": "access.ROLE_BINDINGS",
        "roles": "access.ROLES",
    },
    ("resource.k8s.io", "v1"): {
        "deviceclasses": "scheduling.DEVICE_CLASSES",
        "devicetaintrules": "scheduling.DEVICE_TAINT_RULES",
        "resourceclaims": "scheduling.RESOURCE_CLAIMS",
        "resourceclaimtemplates": "scheduling.RESOURCE_CLAIM_TEMPLATES",
        "resourceslices": "scheduling.RESOURCE_SLICES",
    },
    ("resource.k8s.io", "v1alpha3"): {"resourcepoolstatusrequests": "scheduling.POOL_STATUS_REQUESTS"},
    ("scheduling.k8s.io", "v1"): {"priorityclasses": "scheduling.PRIORITY_CLASSES"},
    ("scheduling.k8s.io", "v1alpha2"): {
        "podgroups": "scheduling.POD_GROUPS",
        "workloads": "scheduling.WORKLOADS",
    },
    ("storage.k8s.io", "v1"): {
        "csidrivers": "storage.CSI_DRIVERS",
        "csinodes": "storage.CSI_NODES",
        "csistoragecapacities": "storage.CSI_STORAGE_CAPACITIES",
        "storageclasses": "storage.STORAGE_CLASSES",
        "volumeattachments": "storage.ATTACHMENTS",
        "volumeattributesclasses": "storage.ATTRIBUTES_CLASSES",
    },
    ("storagemigration.k8s.io", "v1"): {"storageversionmigrations": "api_server.STORAGE_VERSION_MIGRATIONS"},
}

_SAME_EARLIER: dict[tuple[str, str], tuple[str, ...]] = {
    ("admissionregistration.k8s.io", "v1beta1"): (
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    ),
    ("certificates.k8s.io", "v1beta1"): ("clustertrustbundles", "podcertificaterequests"),
    ("networking.k8s.io", "v1beta1"): ("ipaddresses", "servicecidrs"),
    ("resource.k8s.io", "v1beta1"): ("deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices"),
    ("resource.k8s.io", "v1beta2"): (
        "deviceclasses",
        "devicetaintrules",
        "resourceclaims",
        "resourceclaimtemplates",
        "resourceslices",
    ),
    ("storage.k8s.io", "v1beta1"): ("volumeattributesclasses",),
    ("storagemigration.k8s.io", "v1beta1"): ("storageversionmigrations",),
}
"""Versions before v1 whose objects look and are read the same."""


_UNTIL: dict[str, tuple[int, tuple[str, ...]]] = {
    "api_server.CUSTOM_RESOURCE_DEFINITIONS": (37, ("Name", "Created At")),
}
"""Columns that servers printed until they were of this minor version."""


def kind_for(resource: Resource, minor: int | None = None) -> Kind | None:
    """How a built-in resource looks; None where the columns must be learnt from the server.

    `minor` is the server's minor version, 36 of v1.36.2; None stands for the newest.
    """
    version = resource.version
    if resource.name in _SAME_EARLIER.get((resource.group, version), ()):
        version = "v1"
    place = _DECLARED.get((resource.group, version), {}).get(resource.name)
    if place is None:
        return None
    until, titles = _UNTIL.get(place, (0, ()))
    return _load(place) if minor is None or minor >= until else _select(place, titles)


_MINOR = re.compile(r"v?1\.([0-9]{1,4})(?![0-9])")


def minor_of(version: str) -> int | None:
    """36 of `v1.36.2-eks-1`; None of what tells no version of Kubernetes."""
    found = _MINOR.match(version)
    return int(found[1]) if found is not None else None


def generic_kind(resource: Resource) -> Kind:
    """Name and age, which everything has."""
    return declare(resource.kind, Nothing, name(), age())


@cache
def _select(place: str, titles: tuple[str, ...]) -> Kind:
    kind = _load(place)
    places = [kind.column_index(title) for title in titles]

    def read(obj: KubeObject) -> Values:
        values = kind.read(obj)
        return tuple([values[place] for place in places])

    return Kind(kind.name, tuple(kind.columns[place] for place in places), read)


@cache
def _load(place: str) -> Kind:
    module, constant = place.split(".")
    kind: Kind = getattr(import_module(f"kwatch.catalog.kinds.{module}"), constant)
    return kind
