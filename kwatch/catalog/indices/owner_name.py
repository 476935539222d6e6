"""Owners by kind and name: `ReplicaSet/web-7d4b9c`, and `Deployment/web` behind it as far as names tell.

Who owns an owner is known for certain where that is watched; where it is not, it is read from the names that Kubernetes
gives: a replica set is called after its deployment and the pod-template-hash that its pods carry as a label, a job of
a cron job after it and the minute it was due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from sys import intern

from kwatch.informer.kube_object import KubeObject, OwnerReference
from kwatch.informer.metadata import labels_of, metadata_of
from kwatch.informer.protocol import Object

_HASH_LABEL = "pod-template-hash"
_DUE_MINUTE = re.compile(r"-\d{8,10}\Z")
TOLD_BY_NAME = {"ReplicaSet": "Deployment", "Job": "CronJob"}
"""Kinds of owners whose names tell who owns them, and of what kind that is."""


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
    """Kind and name of what owns an object's owner, as far as names tell."""
    if kind == "ReplicaSet":
        suffix = f"-{labels_of(obj).get(_HASH_LABEL, '')}"
        return ("Deployment", name.removesuffix(suffix)) if len(suffix) > 1 and name.endswith(suffix) else None
    if kind == "Job" and (due := _DUE_MINUTE.search(name)):
        return "CronJob", name[: due.start()]
    return None
