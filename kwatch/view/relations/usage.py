"""What pods and the templates of workloads use, and who uses a config map, a secret, a claim or a service account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kwatch.catalog.indices import CLAIM_INDEX, CONFIG_MAP_INDEX, SECRET_INDEX, SERVICE_ACCOUNT_INDEX
from kwatch.catalog.indices.pod_references import (
    claim_index,
    config_map_index,
    secret_index,
    service_account_index,
)
from kwatch.informer.index import IndexFunc
from kwatch.view.relations.finders import by_index
from kwatch.view.relations.relation import Around, Relation

_USERS = ("pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch")
_USED = (
    ("serviceaccounts", service_account_index, "runs as"),
    ("configmaps", config_map_index, "uses"),
    ("secrets", secret_index, "uses"),
    ("persistentvolumeclaims", claim_index, "mounts"),
)
_INDEX_OF = {
    "configmaps": CONFIG_MAP_INDEX,
    "secrets": SECRET_INDEX,
    "serviceaccounts": SERVICE_ACCOUNT_INDEX,
    "persistentvolumeclaims": CLAIM_INDEX,
}


def used(around: Around) -> Iterator[Relation | None]:
    """What the pod, or the pods of the workload, cannot do without."""
    for resource, index, title in _USED:
        for reference in _references(index, around):
            yield around.one(title, resource, reference.rpartition("/")[2])


def users(around: Around) -> Iterator[Relation | None]:
    """Pods and workloads that refer to the object."""
    index = _INDEX_OF[around.resource.name]
    title = "mounted by" if index == CLAIM_INDEX else "used by"
    for resource in _USERS:
        yield around.ask(title, resource, by_index(index, around.obj.key), index=index)


def _references(index: IndexFunc, around: Around) -> Sequence[str]:
    try:
        return index(around.obj)
    except TypeError:
        # A field that the index needs is of another type: what it refers to is unknown.
        return ()
