"""Owners by kind and name: `ReplicaSet/web-7d4b9c`, and `Deployment/web` behind it.

The owner of an owner is read from the names that Kubernetes gives: a replica set is called after its deployment and
the pod-template-hash that its pods carry as a label, a job of a cron job after it and the minute it was due.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from sys import intern

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import labels_of, metadata_of
from kwatch.informer.protocol import Object

_HASH_LABEL = "pod-template-hash"
_DUE_MINUTE = re.compile(r"-\d{8,10}\Z")


def owner_name_index(obj: Object) -> Sequence[str]:
    """`Kind/name` of every owner, then of their owners."""
    direct = tuple(_owners(obj))
    behind = (owner_behind(kind, name, obj) for kind, name in direct)
    return tuple([intern(f"{kind}/{name}") for kind, name in (*direct, *filter(None, behind))])


def _owners(obj: Object) -> Iterator[tuple[str, str]]:
    if isinstance(obj, KubeObject):
        yield from ((owner.kind, owner.name) for owner in obj.owners)
        return
    owners = metadata_of(obj).get("ownerReferences")
    for owner in owners if isinstance(owners, list | tuple) else ():
        if isinstance(owner, Mapping):
            yield str(owner.get("kind")), str(owner.get("name"))


def owner_behind(kind: str, name: str, obj: Object) -> tuple[str, str] | None:
    """Kind and name of what owns an object's owner, as far as names tell."""
    if kind == "ReplicaSet":
        suffix = f"-{labels_of(obj).get(_HASH_LABEL, '')}"
        return ("Deployment", name.removesuffix(suffix)) if len(suffix) > 1 and name.endswith(suffix) else None
    if kind == "Job" and (due := _DUE_MINUTE.search(name)):
        return "CronJob", name[: due.start()]
    return None
