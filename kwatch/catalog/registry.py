"""Which built-in resource is declared where. A family's file is imported when one of its kinds is first asked for."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from kwatch.catalog.declaration import age, declare, name
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.shapes import Nothing
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

_DECLARED: dict[tuple[str, str], dict[str, str]] = {
    ("", "v1"): {
        "componentstatuses": "api_machinery.COMPONENT_STATUSES",
        "configmaps": "configuration.CONFIG_MAPS",
        "endpoints": "endpoints.ENDPOINTS",
        "events": "events.EVENTS",
        "limitranges": "quotas.LIMIT_RANGES",
        "namespaces": "namespaces.NAMESPACES",
        "nodes": "nodes.NODES",
        "persistentvolumeclaims": "volumes.CLAIMS",
        "persistentvolumes": "volumes.VOLUMES",
        "pods": "pods.PODS",
        "podtemplates": "revisions.POD_TEMPLATES",
        "replicationcontrollers": "deployments.REPLICATION_CONTROLLERS",
        "resourcequotas": "quotas.RESOURCE_QUOTAS",
        "secrets": "configuration.SECRETS",
        "serviceaccounts": "configuration.SERVICE_ACCOUNTS",
        "services": "services.SERVICES",
    },
    ("admissionregistration.k8s.io", "v1"): {
        "mutatingadmissionpolicies": "admission.MUTATING_POLICIES",
        "mutatingadmissionpolicybindings": "admission.MUTATING_BINDINGS",
        "mutatingwebhookconfigurations": "admission.MUTATING_WEBHOOKS",
        "validatingadmissionpolicies": "admission.VALIDATING_POLICIES",
        "validatingadmissionpolicybindings": "admission.VALIDATING_BINDINGS",
        "validatingwebhookconfigurations": "admission.VALIDATING_WEBHOOKS",
    },
    ("apiextensions.k8s.io", "v1"): {"customresourcedefinitions": "api_machinery.CUSTOM_RESOURCE_DEFINITIONS"},
    ("apiregistration.k8s.io", "v1"): {"apiservices": "api_machinery.API_SERVICES"},
    ("apps", "v1"): {
        "controllerrevisions": "revisions.CONTROLLER_REVISIONS",
        "daemonsets": "daemon_sets.DAEMON_SETS",
        "deployments": "deployments.DEPLOYMENTS",
        "replicasets": "deployments.REPLICA_SETS",
        "statefulsets": "deployments.STATEFUL_SETS",
    },
    ("autoscaling", "v2"): {"horizontalpodautoscalers": "autoscalers.AUTOSCALERS"},
    ("batch", "v1"): {"cronjobs": "jobs.CRON_JOBS", "jobs": "jobs.JOBS"},
    ("certificates.k8s.io", "v1"): {
        "certificatesigningrequests": "certificates.SIGNING_REQUESTS",
        "clustertrustbundles": "certificates.TRUST_BUNDLES",
        "podcertificaterequests": "certificates.POD_REQUESTS",
    },
    ("coordination.k8s.io", "v1"): {"leases": "coordination.LEASES"},
    ("coordination.k8s.io", "v1beta1"): {"leasecandidates": "migrations.LEASE_CANDIDATES"},
    ("discovery.k8s.io", "v1"): {"endpointslices": "endpoints.ENDPOINT_SLICES"},
    ("events.k8s.io", "v1"): {"events": "events.NEW_EVENTS"},
    ("flowcontrol.apiserver.k8s.io", "v1"): {
        "flowschemas": "flow_control.FLOW_SCHEMAS",
        "prioritylevelconfigurations": "flow_control.PRIORITY_LEVELS",
    },
    ("internal.apiserver.k8s.io", "v1alpha1"): {"storageversions": "migrations.STORAGE_VERSIONS"},
    ("networking.k8s.io", "v1"): {
        "ingressclasses": "ingresses.INGRESS_CLASSES",
        "ingresses": "ingresses.INGRESSES",
        "ipaddresses": "networks.IP_ADDRESSES",
        "networkpolicies": "networks.NETWORK_POLICIES",
        "servicecidrs": "networks.SERVICE_CIDRS",
    },
    ("node.k8s.io", "v1"): {"runtimeclasses": "scheduling.RUNTIME_CLASSES"},
    ("policy", "v1"): {"poddisruptionbudgets": "disruption.DISRUPTION_BUDGETS"},
    ("rbac.authorization.k8s.io", "v1"): {
        "clusterrolebindings": "rbac.CLUSTER_ROLE_BINDINGS",
        "clusterroles": "rbac.CLUSTER_ROLES",
        "rolebindings": "rbac.ROLE_BINDINGS",
        "roles": "rbac.ROLES",
    },
    ("resource.k8s.io", "v1"): {
        "deviceclasses": "dynamic_resources.DEVICE_CLASSES",
        "devicetaintrules": "devices.DEVICE_TAINT_RULES",
        "resourceclaims": "dynamic_resources.RESOURCE_CLAIMS",
        "resourceclaimtemplates": "dynamic_resources.RESOURCE_CLAIM_TEMPLATES",
        "resourceslices": "dynamic_resources.RESOURCE_SLICES",
    },
    ("resource.k8s.io", "v1alpha3"): {"resourcepoolstatusrequests": "devices.POOL_STATUS_REQUESTS"},
    ("scheduling.k8s.io", "v1"): {"priorityclasses": "scheduling.PRIORITY_CLASSES"},
    ("scheduling.k8s.io", "v1alpha2"): {
        "podgroups": "pod_groups.POD_GROUPS",
        "workloads": "pod_groups.WORKLOADS",
    },
    ("storage.k8s.io", "v1"): {
        "csidrivers": "storage.CSI_DRIVERS",
        "csinodes": "storage.CSI_NODES",
        "csistoragecapacities": "storage.CSI_STORAGE_CAPACITIES",
        "storageclasses": "storage.STORAGE_CLASSES",
        "volumeattachments": "storage.ATTACHMENTS",
        "volumeattributesclasses": "storage.ATTRIBUTES_CLASSES",
    },
    ("storagemigration.k8s.io", "v1"): {"storageversionmigrations": "migrations.STORAGE_VERSION_MIGRATIONS"},
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
    "api_machinery.CUSTOM_RESOURCE_DEFINITIONS": (37, ("Name", "Created At")),
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
