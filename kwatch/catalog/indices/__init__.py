"""By which values the objects of a resource can be found without looking at each of them.

Some indices read only what every KubeObject knows and are always kept (`indexers_for`); the others decode more of the
object, and are added to a cache when a filter or a facet first asks for them (`indexers_on_demand`).
"""

from __future__ import annotations

from kwatch.catalog.indices.columns import status_index
from kwatch.catalog.indices.involved_object import involved_object_index, involved_uid_index
from kwatch.catalog.indices.metadata import annotation_key_index
from kwatch.catalog.indices.owner_name import owner_by_name_index, owner_name_index
from kwatch.catalog.indices.pod_references import (
    claim_index,
    config_map_index,
    image_index,
    secret_index,
    service_account_index,
)
from kwatch.catalog.registry import kind_for
from kwatch.informer.index import (
    LABEL_INDEX,
    NAMESPACE_INDEX,
    NODE_INDEX,
    OWNER_INDEX,
    IndexFunc,
    label_index,
    label_key_index,
    namespace_index,
    node_index,
    owner_index,
)
from kwatch.informer.resource import Resource

LABEL_KEY_INDEX = "label-key"
OWNER_NAME_INDEX = "owner-name"
OWNER_BY_NAME_INDEX = "owner-by-name"
ANNOTATION_KEY_INDEX = "annotation-key"
STATUS_INDEX = "status"
IMAGE_INDEX = "image"
SERVICE_ACCOUNT_INDEX = "service-account"
CONFIG_MAP_INDEX = "config-map"
SECRET_INDEX = "secret"
CLAIM_INDEX = "claim"
INVOLVED_OBJECT_INDEX = "involved-object"
INVOLVED_UID_INDEX = "involved-uid"

_WITH_PODS = frozenset(
    {
        ("", "pods"),
        ("", "podtemplates"),
        ("", "replicationcontrollers"),
        ("apps", "deployments"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("apps", "replicasets"),
        ("batch", "jobs"),
        ("batch", "cronjobs"),
    }
)
_EVENTS = frozenset({("", "events"), ("events.k8s.io", "events")})


def indexers_for(resource: Resource) -> dict[str, IndexFunc]:
    """The indices that are always kept."""
    indexers: dict[str, IndexFunc] = {
        LABEL_INDEX: label_index,
        LABEL_KEY_INDEX: label_key_index,
        OWNER_INDEX: owner_index,
    }
    if resource.namespaced:
        indexers[NAMESPACE_INDEX] = namespace_index
    if (resource.group, resource.name) == ("", "pods"):
        indexers[NODE_INDEX] = node_index
    if (resource.group, resource.name) in _EVENTS:
        indexers[INVOLVED_OBJECT_INDEX] = involved_object_index
        indexers[INVOLVED_UID_INDEX] = involved_uid_index
    return indexers


def indexers_on_demand(resource: Resource) -> dict[str, IndexFunc]:
    """The indices that a cache of the resource can be given when they are first asked for."""
    indexers: dict[str, IndexFunc] = {
        ANNOTATION_KEY_INDEX: annotation_key_index,
        OWNER_NAME_INDEX: owner_name_index,
        OWNER_BY_NAME_INDEX: owner_by_name_index,
    }
    kind = kind_for(resource)
    if kind is not None and any(column.title == "Status" for column in kind.columns):
        indexers[STATUS_INDEX] = status_index(kind)
    if (resource.group, resource.name) in _WITH_PODS:
        indexers[IMAGE_INDEX] = image_index
        indexers[SERVICE_ACCOUNT_INDEX] = service_account_index
        indexers[CONFIG_MAP_INDEX] = config_map_index
        indexers[SECRET_INDEX] = secret_index
        indexers[CLAIM_INDEX] = claim_index
    return indexers
