"""Which description fits which resource; any other object is told by its fields and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kwatch.catalog.overview.common import condition_facts, metadata_facts, nested_facts, words
from kwatch.catalog.overview.configuration import (
    describe_binding,
    describe_config_map,
    describe_role,
    describe_secret,
    describe_service_account,
)
from kwatch.catalog.overview.events import describe_event
from kwatch.catalog.overview.facts import Fact, Section, sections
from kwatch.catalog.overview.network import (
    describe_endpoint_slice,
    describe_ingress,
    describe_network_policy,
    describe_service,
)
from kwatch.catalog.overview.nodes import describe_node
from kwatch.catalog.overview.pods import describe_pod
from kwatch.catalog.overview.policy import describe_autoscaler, describe_limit_range, describe_quota
from kwatch.catalog.overview.storage import describe_claim, describe_volume
from kwatch.catalog.overview.workloads import (
    describe_cron_job,
    describe_job,
    describe_pod_template,
    describe_workload,
)
from kwatch.catalog.tree import Tree
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

_RBAC = "rbac.authorization.k8s.io"
_DESCRIPTIONS: dict[tuple[str, str], Callable[[Tree], tuple[Section, ...]]] = {
    ("", "configmaps"): describe_config_map,
    ("", "events"): describe_event,
    ("", "limitranges"): describe_limit_range,
    ("", "nodes"): describe_node,
    ("", "persistentvolumeclaims"): describe_claim,
    ("", "persistentvolumes"): describe_volume,
    ("", "pods"): describe_pod,
    ("", "podtemplates"): describe_pod_template,
    ("", "replicationcontrollers"): describe_workload,
    ("", "resourcequotas"): describe_quota,
    ("", "secrets"): describe_secret,
    ("", "serviceaccounts"): describe_service_account,
    ("", "services"): describe_service,
    ("apps", "daemonsets"): describe_workload,
    ("apps", "deployments"): describe_workload,
    ("apps", "replicasets"): describe_workload,
    ("apps", "statefulsets"): describe_workload,
    ("autoscaling", "horizontalpodautoscalers"): describe_autoscaler,
    ("batch", "cronjobs"): describe_cron_job,
    ("batch", "jobs"): describe_job,
    ("discovery.k8s.io", "endpointslices"): describe_endpoint_slice,
    ("events.k8s.io", "events"): describe_event,
    ("networking.k8s.io", "ingresses"): describe_ingress,
    ("networking.k8s.io", "networkpolicies"): describe_network_policy,
    (_RBAC, "clusterrolebindings"): describe_binding,
    (_RBAC, "clusterroles"): describe_role,
    (_RBAC, "rolebindings"): describe_binding,
    (_RBAC, "roles"): describe_role,
}
_NOT_FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")


def describe(resource: Resource, obj: KubeObject) -> tuple[Section, ...]:
    """The sections, first the object's own. An object that cannot be read has none; odd fields are left out."""
    try:
        tree: dict[str, Any] = obj.tree()
    except (ValueError, RecursionError):
        return ()
    # A kind in the bytes may be absent (list items) but never wrong: the resource knows it.
    description = _DESCRIPTIONS.get((resource.group, resource.name), _describe_any)
    return description(Tree(tree | {"kind": resource.kind}))


def _describe_any(obj: Tree) -> tuple[Section, ...]:
    """Metadata and conditions, and everything else: the fields of the first two levels, the deeper ones in short."""
    return sections(
        (words(obj["kind"].text("Object")), (*metadata_facts(obj), *_flat_facts(obj, *_NOT_FIELDS))),
        ("Spec", _flat_facts(obj["spec"])),
        *_parts(obj["spec"], ""),
        ("Status", _flat_facts(obj["status"], "conditions")),
        *_parts(obj["status"], "Status "),
        ("Conditions", condition_facts(obj)),
        *_parts(obj, "", *_NOT_FIELDS),
    )


def _flat_facts(place: Tree, *skipped: str) -> Iterator[Fact | None]:
    """What is no object of its own."""
    return nested_facts(place, *skipped, *[key for key, _ in _objects(place)])


def _parts(place: Tree, prefix: str, *skipped: str) -> list[tuple[str, Iterator[Fact | None]]]:
    """A section for each object."""
    return [(f"{prefix}{words(key)}", nested_facts(part)) for key, part in _objects(place) if key not in skipped]


def _objects(place: Tree) -> Iterator[tuple[str, Tree]]:
    return ((key, part) for key, part in place.entries() if isinstance(part.value, dict))
