"""Discovery in two requests: the server sends all groups, versions and resources at once (since 1.26)."""

from __future__ import annotations

import msgspec

from kwatch.cluster.discovery.model import GroupVersion
from kwatch.informer.decoding import UNDECODABLE
from kwatch.informer.resource import GroupVersionResource, Resource

ACCEPT = (
    ",".join(
        f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
    )
    + ",application/json"
)
STALE = "Stale"


class _ResponseKind(msgspec.Struct, gc=False):
    kind: str = ""
    group: str | None = None
    version: str | None = None


class _Resource(msgspec.Struct, gc=False, rename="camel"):
    resource: str
    response_kind: _ResponseKind | None = None
    scope: str = ""
    singular_resource: str = ""
    verbs: list[str] | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None


class _Version(msgspec.Struct, gc=False):
    version: str
    resources: list[_Resource] | None = None
    freshness: str = ""


class _Metadata(msgspec.Struct, gc=False):
    name: str = ""


class _Group(msgspec.Struct, gc=False):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    versions: list[_Version] | None = None


class _GroupList(msgspec.Struct, gc=False):
    items: list[_Group] | None
    kind: str = ""


_decode = msgspec.json.Decoder(_GroupList).decode


def read_aggregated(body: bytes) -> tuple[dict[GroupVersion, list[Resource]], dict[str, str]] | None:
    """Resources by version, and the versions that are unknown; None if the server answered in the older form."""
    try:
        groups = _decode(body)
    except UNDECODABLE:
        return None
    if groups.kind != "APIGroupDiscoveryList":
        return None
    found: dict[GroupVersion, list[Resource]] = {}
    failed: dict[str, str] = {}
    for group in groups.items or ():
        for position, version in enumerate(group.versions or ()):
            key = GroupVersion(group.metadata.name, version.version, preferred=position == 0)
            if version.freshness == STALE:
                failed[str(key)] = "the server behind this API does not answer"
            found[key] = [_resource(key, each) for each in version.resources or () if "/" not in each.resource]
    return found, failed


def _resource(version: GroupVersion, found: _Resource) -> Resource:
    kind = found.response_kind.kind if found.response_kind else ""
    return Resource(
        gvr=GroupVersionResource(version.group, version.version, found.resource),
        kind=kind,
        namespaced=found.scope == "Namespaced",
        singular=found.singular_resource or kind.lower(),
        short_names=tuple(found.short_names or ()),
        categories=tuple(found.categories or ()),
        verbs=frozenset(found.verbs or ()),
        preferred=version.preferred,
    )
