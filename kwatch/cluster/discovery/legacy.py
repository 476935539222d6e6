"""Discovery in the older form: the groups first, then one request for every version."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from kwatch.cluster.discovery.model import GroupVersion
from kwatch.informer.decoding import UNDECODABLE, error_from_answer, first_words, why_undecodable
from kwatch.informer.errors import ApiError
from kwatch.informer.resource import GroupVersionResource, Resource

T = TypeVar("T")


class _GroupVersion(msgspec.Struct, gc=False):
    version: str = ""


class _Group(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    versions: list[_GroupVersion] | None = None
    preferred_version: _GroupVersion | None = None


class _Groups(msgspec.Struct, gc=False):
    groups: list[_Group] | None


class _Versions(msgspec.Struct, gc=False):
    versions: list[str] | None


class _Resource(msgspec.Struct, gc=False, rename="camel"):
    name: str
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""
    verbs: list[str] | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None


class _Resources(msgspec.Struct, gc=False):
    resources: list[_Resource] | None


def read_core_versions(body: bytes) -> list[GroupVersion]:
    """The versions of the core group, from /api."""
    versions = _decode(body, _Versions).versions or []
    return [GroupVersion("", version, preferred=position == 0) for position, version in enumerate(versions)]


def read_group_versions(body: bytes) -> list[GroupVersion]:
    """The versions of all other groups, from /apis."""
    found: list[GroupVersion] = []
    for group in _decode(body, _Groups).groups or ():
        versions = [each.version for each in group.versions or ()]
        preferred = group.preferred_version.version if group.preferred_version else next(iter(versions), "")
        found += [GroupVersion(group.name, version, version == preferred) for version in versions]
    return found


def read_resources(body: bytes, version: GroupVersion) -> list[Resource]:
    """The resources of one version, without subresources."""
    found = _decode(body, _Resources).resources or ()
    return [_resource(version, each) for each in found if "/" not in each.name]


def _resource(version: GroupVersion, found: _Resource) -> Resource:
    return Resource(
        gvr=GroupVersionResource(version.group, version.version, found.name),
        kind=found.kind,
        namespaced=found.namespaced,
        singular=found.singular_name or found.kind.lower(),
        short_names=tuple(found.short_names or ()),
        categories=tuple(found.categories or ()),
        verbs=frozenset(found.verbs or ()),
        preferred=version.preferred,
    )


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except UNDECODABLE as error:
        said = error_from_answer(body, "list")
        if not said.status:
            words = f"{first_words(body)} ({why_undecodable(error)})"
            said = ApiError(0, "Malformed", f"The server's list of what it offers cannot be read: {words}.")
        raise said from error
