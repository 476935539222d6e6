"""By which values the objects of a resource can be found without looking at each of them.

Some indexes read only what every KubeObject knows and are always kept (`indexers_for`); the others decode more of the
object, and are added to a cache when a filter or a facet first asks for them (`indexers_on_demand`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import intern
from typing import Any, TypeVar

from kwatch.catalog.jsonpath import JSONPath
from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import kind_for
from kwatch.catalog.shapes import AnnotatedMetadata, ObjectReference, Shape, read_shape
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
from kwatch.informer.kube_object import KubeObject, OwnerReference
from kwatch.informer.metadata import labels_of, metadata_of, namespace_of
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource

S = TypeVar("S")

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
    """The indexes that are always kept."""
    indexers: dict[str, IndexFunc] = {
        LABEL_INDEX: label_index,
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
    """The indexes that a cache of the resource can be given when they are first asked for."""
    indexers: dict[str, IndexFunc] = {
        ANNOTATION_KEY_INDEX: annotation_key_index,
        # For `label:app`. Otherwise the index of labels knows: another of all keys takes 40 MB for 100,000 pods.
        LABEL_KEY_INDEX: label_key_index,
        OWNER_NAME_INDEX: owner_name_index,
        OWNER_BY_NAME_INDEX: owner_by_name_index,
    }
    kind = kind_for(resource)
    if kind is not None and any(column.title == "Status" for column in kind.columns):
        indexers[STATUS_INDEX] = column_index(kind, "Status")
    if (resource.group, resource.name) in _WITH_PODS:
        indexers[IMAGE_INDEX] = image_index
        indexers[SERVICE_ACCOUNT_INDEX] = service_account_index
        indexers[CONFIG_MAP_INDEX] = config_map_index
        indexers[SECRET_INDEX] = secret_index
        indexers[CLAIM_INDEX] = claim_index
    return indexers


_latest: dict[type, tuple[KubeObject, object]] = {}


def read_partially(obj: Object, shape: type[S]) -> S:
    """Decode what `shape` asks for; an index that needs what does not fit raises, and has no values."""
    source = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
    known = _latest.get(shape)
    # Indexers call every function for one object before the next; a race between two indexers only costs a decode.
    if known is not None and known[0] is source:
        return known[1]  # type: ignore[return-value]
    result = read_shape(source, shape)
    _latest[shape] = (source, result)
    return result


class _Named(Shape, frozen=True):
    """A config map, a secret or a claim, by the name that its place has for it."""

    name: str = ""
    secret_name: str = ""
    claim_name: str = ""


class _Source(Shape, frozen=True):
    """Where a volume, a part of one, an environment or a variable comes from: one of these."""

    config_map: _Named | None = None
    secret: _Named | None = None
    persistent_volume_claim: _Named | None = None
    projected: _Projected | None = None
    config_map_ref: _Named | None = None
    secret_ref: _Named | None = None
    config_map_key_ref: _Named | None = None
    secret_key_ref: _Named | None = None


class _Projected(Shape, frozen=True):
    sources: tuple[_Source, ...] | None = None


class _Variable(Shape, frozen=True):
    value_from: _Source | None = None


class _Container(Shape, frozen=True):
    image: str = ""
    env: tuple[_Variable, ...] | None = None
    env_from: tuple[_Source, ...] | None = None


class _PodSpec(Shape, frozen=True):
    containers: tuple[_Container, ...] | None = None
    init_containers: tuple[_Container, ...] | None = None
    volumes: tuple[_Source, ...] | None = None
    image_pull_secrets: tuple[_Named, ...] | None = None
    service_account_name: str = ""


class _Template(Shape, frozen=True):
    spec: _PodSpec = _PodSpec()


class _Job(Shape, frozen=True):
    template: _Template | None = None


class _JobTemplate(Shape, frozen=True):
    spec: _Job = _Job()


class _Spec(_PodSpec, frozen=True):
    template: _Template | None = None
    job_template: _JobTemplate | None = None


class _Object(Shape, frozen=True):
    spec: _Spec = _Spec()
    template: _Template | None = None


def _pod_spec(obj: Object) -> _PodSpec:
    """The pod's own spec, or that of the template inside a workload, a cron job or a pod template."""
    shaped = read_partially(obj, _Object)
    job_template = shaped.spec.job_template
    template = (job_template.spec.template if job_template else None) or shaped.spec.template or shaped.template
    return template.spec if template else shaped.spec


def _containers(spec: _PodSpec) -> Iterator[_Container]:
    yield from spec.init_containers or ()
    yield from spec.containers or ()


def _in_namespace(obj: Object, names: Iterable[str]) -> Sequence[str]:
    namespace = namespace_of(obj)
    return tuple(dict.fromkeys([intern(f"{namespace}/{name}") for name in names if name]))


def image_index(obj: Object) -> Sequence[str]:
    """The images as written, each once."""
    return tuple({intern(container.image): None for container in _containers(_pod_spec(obj)) if container.image})


def service_account_index(obj: Object) -> Sequence[str]:
    """The service account, as `namespace/name`."""
    return _in_namespace(obj, (_pod_spec(obj).service_account_name,))


def config_map_index(obj: Object) -> Sequence[str]:
    """Config maps in volumes and environments, as `namespace/name`."""
    sources = _sources(_pod_spec(obj))
    used = (named for each in sources for named in (each.config_map, each.config_map_ref, each.config_map_key_ref))
    return _in_namespace(obj, (named.name for named in used if named))


def secret_index(obj: Object) -> Sequence[str]:
    """Secrets in volumes and environments, and those that pull images, as `namespace/name`."""
    spec = _pod_spec(obj)
    used = (named for each in _sources(spec) for named in (each.secret, each.secret_ref, each.secret_key_ref))
    named = [*(spec.image_pull_secrets or ()), *filter(None, used)]
    return _in_namespace(obj, (each.secret_name or each.name for each in named))


def claim_index(obj: Object) -> Sequence[str]:
    """Persistent volume claims that are mounted, as `namespace/name`."""
    claims = (volume.persistent_volume_claim for volume in _pod_spec(obj).volumes or ())
    return _in_namespace(obj, (claim.claim_name for claim in claims if claim))


def _sources(spec: _PodSpec) -> Iterator[_Source]:
    """What the volumes, environments and variables of a pod come from."""
    for volume in spec.volumes or ():
        yield volume
        yield from (volume.projected.sources if volume.projected else None) or ()
    for container in _containers(spec):
        yield from container.env_from or ()
        yield from (variable.value_from for variable in container.env or () if variable.value_from)


class _Annotated(Shape, frozen=True):
    metadata: AnnotatedMetadata = AnnotatedMetadata()


def annotation_key_index(obj: Object) -> Sequence[str]:
    return tuple(read_partially(obj, _Annotated).metadata.annotations or ())


class _Event(Shape, frozen=True):
    involved_object: ObjectReference | None = None
    regarding: ObjectReference | None = None


def _reference(obj: Object) -> ObjectReference:
    event = read_partially(obj, _Event)
    return event.involved_object or event.regarding or ObjectReference()


def involved_object_index(obj: Object) -> Sequence[str]:
    """`Pod/shop/web-1`, `Node//node-1`: kind, namespace and name, which are known even where no uid is."""
    about = _reference(obj)
    return (f"{about.kind}/{about.namespace}/{about.name}",) if about.name else ()


def involved_uid_index(obj: Object) -> Sequence[str]:
    about = _reference(obj)
    return (about.uid,) if about.uid else ()


_HASH_LABEL = "pod-template-hash"
_DUE_MINUTE = re.compile(r"-\d{8,10}\Z")
NAMED_AFTER_OWNER = {"ReplicaSet": "Deployment", "Job": "CronJob"}
"""Kinds of owners whose names tell who owns them, and of what kind that is.

Who owns an owner is known for certain where owners are watched. Where they are not, it is read from the names that
Kubernetes gives: a replica set is called after its deployment and the pod-template-hash that its pods carry as a
label, a job of a cron job after it and the minute it was due.
"""


def owner_name_index(obj: Object) -> Sequence[str]:
    """`Kind/name` of every owner that the object names."""
    return tuple([intern(f"{owner.kind}/{owner.name}") for owner in owners_of(obj)])


def owner_by_name_index(obj: Object) -> Sequence[str]:
    """`Kind/name` of what owns those, as far as their names tell."""
    behind = [owner_behind(owner.kind, owner.name, obj) for owner in owners_of(obj)]
    return tuple([intern(f"{kind}/{name}") for kind, name in filter(None, behind)])


def owners_of(obj: Object) -> Iterator[OwnerReference]:
    """Those that the object names."""
    if isinstance(obj, KubeObject):
        yield from obj.owners
        return
    owners = metadata_of(obj).get("ownerReferences")
    for owner in owners if isinstance(owners, list | tuple) else ():
        if isinstance(owner, Mapping):
            version, kind, name, uid = (str(owner.get(part) or "") for part in ("apiVersion", "kind", "name", "uid"))
            yield OwnerReference(version, kind, name, uid)


def owner_behind(kind: str, name: str, obj: Object) -> tuple[str, str] | None:
    """Kind and name of what owns an object's owner, as far as the owner's name tells."""
    if kind == "ReplicaSet":
        suffix = f"-{labels_of(obj).get(_HASH_LABEL, '')}"
        return ("Deployment", name.removesuffix(suffix)) if len(suffix) > 1 and name.endswith(suffix) else None
    if kind == "Job" and (due := _DUE_MINUTE.search(name)):
        return "CronJob", name[: due.start()]
    return None


def column_index(kind: Kind, title: str) -> IndexFunc:
    """The text of a column that does not depend on the time; raise KeyError if there is none of that title."""
    place = kind.column_index(title)
    column = kind.columns[place]

    def index(obj: Object) -> Sequence[str]:
        source = obj if isinstance(obj, KubeObject) else KubeObject.of(obj)
        text = column.text(kind.read(source)[place], 0)
        return (text,) if text else ()

    return index


def path_index(path: JSONPath) -> IndexFunc:
    return lambda obj: texts_at(path, obj)


def texts_at(path: JSONPath, obj: Object) -> Sequence[str]:
    """Each distinct value at a path as text; null is no value, a list or mapping only tells that it is there."""
    found = path.find(obj.tree() if isinstance(obj, KubeObject) else obj)
    return tuple(dict.fromkeys([_text(value) for value in found if value is not None]))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{...}"
    return "[...]" if isinstance(value, list) else str(value)
