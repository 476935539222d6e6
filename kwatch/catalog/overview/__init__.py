"""What `kubectl describe` says of an object, of itself and of what is around it: sections of labelled facts.

`describe` finds the description of a kind in the file of its family; any other object is described by its fields and
conditions. `describe_related` says what it is because others are there: a node's pods, a claim's users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kwatch.catalog.overview import cluster, network, pods, workloads
from kwatch.catalog.overview.facts import Fact, Section, condition_facts, metadata_facts, nested_facts, sections, words
from kwatch.catalog.overview.related import Others, describe_related
from kwatch.catalog.tree import Tree
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

__all__ = ["Fact", "Others", "Section", "describe", "describe_related"]


_RBAC = "rbac.authorization.k8s.io"
_DESCRIPTIONS: dict[tuple[str, str], Callable[[Tree], tuple[Section, ...]]] = {
    ("", "configmaps"): cluster.describe_config_map,
    ("", "events"): cluster.describe_event,
    ("", "limitranges"): cluster.describe_limit_range,
    ("", "nodes"): cluster.describe_node,
    ("", "persistentvolumeclaims"): cluster.describe_claim,
    ("", "persistentvolumes"): cluster.describe_volume,
    ("", "pods"): pods.describe_pod,
    ("", "podtemplates"): workloads.describe_pod_template,
    ("", "replicationcontrollers"): workloads.describe_workload,
    ("", "resourcequotas"): cluster.describe_quota,
    ("", "secrets"): cluster.describe_secret,
    ("", "serviceaccounts"): cluster.describe_service_account,
    ("", "services"): network.describe_service,
    ("apps", "daemonsets"): workloads.describe_workload,
    ("apps", "deployments"): workloads.describe_workload,
    ("apps", "replicasets"): workloads.describe_workload,
    ("apps", "statefulsets"): workloads.describe_workload,
    ("autoscaling", "horizontalpodautoscalers"): cluster.describe_autoscaler,
    ("batch", "cronjobs"): workloads.describe_cron_job,
    ("batch", "jobs"): workloads.describe_job,
    ("discovery.k8s.io", "endpointslices"): network.describe_endpoint_slice,
    ("events.k8s.io", "events"): cluster.describe_event,
    ("networking.k8s.io", "ingresses"): network.describe_ingress,
    ("networking.k8s.io", "networkpolicies"): network.describe_network_policy,
    (_RBAC, "clusterrolebindings"): cluster.describe_binding,
    (_RBAC, "clusterroles"): cluster.describe_role,
    (_RBAC, "rolebindings"): cluster.describe_binding,
    (_RBAC, "roles"): cluster.describe_role,
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
