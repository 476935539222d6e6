"""What the server offers: resources with their names, kinds, scope and verbs.

`Discovery` asks in two requests, side by side, for all groups, versions and resources at once (aggregated discovery,
since 1.26), and only whether anything changed where the last answer is kept. A server that does not know this form
answers in the older one, and is asked for each version.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from kwatch.base.limits import LARGEST_DISCOVERY, MOST_RESOURCES
from kwatch.base.threads import Thread, report
from kwatch.cluster.discovery_cache import DiscoveryCache, Document
from kwatch.cluster.transport.in_flight import beside
from kwatch.cluster.transport.request import JSON, Request, version_path
from kwatch.cluster.transport.transport import NOT_MODIFIED, Transport
from kwatch.informer.decoding import UNDECODABLE, error_from_answer, first_words, why_undecodable
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.waiting import join_all

T = TypeVar("T")

ACCEPT = (
    ",".join(
        f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")
    )
    + ",application/json"
)
STALE = "Stale"
PARALLEL = 8


@dataclass(frozen=True, slots=True)
class Discovered:
    """Every resource of every served version, without subresources; preferred versions first."""

    resources: tuple[Resource, ...] = ()
    failed_groups: dict[str, str] = field(default_factory=dict)
    """`group/version` -> why its resources are unknown."""

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)


@dataclass(frozen=True, slots=True)
class GroupVersion:
    """One version of one group, and whether the group prefers it."""

    group: str
    version: str
    preferred: bool

    def __str__(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


Found = dict[GroupVersion, list[Resource]]


Aggregated = tuple[Found, dict[str, str]]
"""Resources by version, and the versions that are unknown."""


class Discovery:
    """Of one server. Safe to use from several threads."""

    def __init__(self, transport: Transport, cache: DiscoveryCache) -> None:
        self._transport = transport
        self._cache = cache
        self._last: dict[str, tuple[str, Aggregated]] = {}
        """Path -> what it answered last, and the ETag of that."""

    def ask(self) -> Discovered:
        """Every resource, and the versions that fail. Raise ApiError if nothing can be learnt, Closed."""
        found: Found = {}
        failed: dict[str, str] = {}
        missing: list[GroupVersion] = []
        absent: list[ApiError] = []
        core = beside("kwatch-discovery", lambda: self._fetch("/api"))
        groups = beside("kwatch-discovery", lambda: self._fetch("/apis"))
        for answer, read_versions in ((core, read_core_versions), (groups, read_group_versions)):
            try:
                aggregated = answer.wait(None)
            except ApiError as error:
                # Some servers have only one of the two.
                if error.status != 404 or absent:
                    raise
                absent.append(error)
                continue
            if isinstance(aggregated, bytes):
                missing += read_versions(aggregated)
            elif aggregated is not None:
                found |= aggregated[0]
                failed |= aggregated[1]
        _discover_each(self._transport, missing, found, failed)
        return in_order(found, failed)

    def _fetch(self, path: str) -> Aggregated | bytes:
        """What is aggregated there, or the body in the older form."""
        last = self._last.get(path) or self._kept(path)
        body, etag = _fetch(self._transport, path, ACCEPT, last[0] if last is not None else "")
        if body is None:
            assert last is not None
            self._last[path] = last
            return last[1]
        aggregated = read_aggregated(body)
        if aggregated is None:
            return body
        self._last[path] = etag, aggregated
        self._cache.keep(path, ACCEPT, Document(etag, body))
        return aggregated

    def remembered(self) -> Discovered:
        """What an earlier run was told, without asking anybody: it may be old."""
        found: Found = {}
        for path in ("/api", "/apis"):
            kept = self._kept(path)
            found |= kept[1][0] if kept is not None else {}
        return in_order(found, {})

    def _kept(self, path: str) -> tuple[str, Aggregated] | None:
        """From an earlier run."""
        document = self._cache.find(path, ACCEPT)
        aggregated = read_aggregated(document.body) if document is not None else None
        return (document.etag, aggregated) if document is not None and aggregated is not None else None


def in_order(resources: Mapping[GroupVersion, list[Resource]], failed: Mapping[str, str]) -> Discovered:
    """Core first, then the groups in the server's order; within that, preferred versions before the others."""
    by_preference = sorted(resources.items(), key=lambda item: not item[0].preferred)
    found = [each for _, of_version in by_preference for each in of_version]
    if len(found) > MOST_RESOURCES:
        failed = {**failed, "*": f"it offers {len(found):,} resources; those after {MOST_RESOURCES:,} are left out"}
    return Discovered(tuple(found[:MOST_RESOURCES]), dict(failed))


def _fetch(transport: Transport, path: str, accept: str, etag: str = "") -> tuple[bytes | None, str]:
    """The body, None if it is still the one of that ETag; and the ETag of it, if it has one."""
    request = Request(path, accept=accept, timeout=transport.timeout, largest=LARGEST_DISCOVERY, etag=etag)
    answer = transport.open(request, transport.scope)
    body = answer.read()
    return (None if answer.status == NOT_MODIFIED else body), answer.headers.get("ETag", "")


def _discover_each(transport: Transport, versions: list[GroupVersion], found: Found, failed: dict[str, str]) -> None:
    """Ask for each version, some at a time, in daemon threads: a server that hangs must not hold up the exit."""
    answers: dict[GroupVersion, list[Resource] | ApiError | Closed] = {}
    waiting = iter(versions)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                version = next(waiting, None)
            if version is None:
                return
            try:
                body, _ = _fetch(transport, version_path(version.group, version.version), JSON)
                answers[version] = read_resources(body or b"", version)
            except (ApiError, Closed) as error:
                answers[version] = error
            except Exception as error:  # noqa: BLE001 - reported; one version says nothing of the others
                answers[version] = _unread(report("kwatch-discovery", error).reason)

    threads = [Thread("kwatch-discovery", work) for _ in range(min(PARALLEL, len(versions)))]
    for each in threads:
        each.start()
    join_all(threads, None)
    for version in versions:
        answer = answers.get(version, _unread("no thread could be started"))
        if isinstance(answer, Closed):
            raise answer
        if isinstance(answer, ApiError):
            failed[str(version)] = answer.message
        else:
            found[version] = answer


def _unread(reason: str) -> ApiError:
    return ApiError(0, "Discovery", f"What it offers could not be read: {reason}.")


class _Served(msgspec.Struct, gc=False, rename="camel"):
    """What both forms say of a resource."""

    verbs: list[str] | None = None
    short_names: list[str] | None = None
    categories: list[str] | None = None

    def as_resource(self, version: GroupVersion, name: str, kind: str, singular: str, namespaced: bool) -> Resource:
        return Resource(
            gvr=GroupVersionResource(version.group, version.version, name),
            kind=kind,
            namespaced=namespaced,
            singular=singular or kind.lower(),
            short_names=tuple(self.short_names or ()),
            categories=tuple(self.categories or ()),
            verbs=frozenset(self.verbs or ()),
            preferred=version.preferred,
        )


class _ResponseKind(msgspec.Struct, gc=False):
    kind: str = ""
    group: str | None = None
    version: str | None = None


class _AggregatedResource(_Served, gc=False, rename="camel", kw_only=True):
    resource: str
    response_kind: _ResponseKind | None = None
    scope: str = ""
    singular_resource: str = ""


class _AggregatedVersion(msgspec.Struct, gc=False):
    version: str
    resources: list[_AggregatedResource] | None = None
    freshness: str = ""


class _Metadata(msgspec.Struct, gc=False):
    name: str = ""


class _AggregatedGroup(msgspec.Struct, gc=False):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    versions: list[_AggregatedVersion] | None = None


class _AggregatedGroups(msgspec.Struct, gc=False):
    items: list[_AggregatedGroup] | None
    kind: str = ""


_decode_aggregated = msgspec.json.Decoder(_AggregatedGroups).decode


def read_aggregated(body: bytes) -> Aggregated | None:
    """None if the server answered in the older form."""
    try:
        groups = _decode_aggregated(body)
    except UNDECODABLE:
        return None
    if groups.kind != "APIGroupDiscoveryList":
        return None
    found: Found = {}
    failed: dict[str, str] = {}
    for group in groups.items or ():
        for position, version in enumerate(group.versions or ()):
            key = GroupVersion(group.metadata.name, version.version, preferred=position == 0)
            if version.freshness == STALE:
                failed[str(key)] = "the server behind this API does not answer"
            found[key] = [_aggregated(key, each) for each in version.resources or () if "/" not in each.resource]
    return found, failed


def _aggregated(version: GroupVersion, found: _AggregatedResource) -> Resource:
    kind = found.response_kind.kind if found.response_kind else ""
    return found.as_resource(version, found.resource, kind, found.singular_resource, found.scope == "Namespaced")


class _OlderVersion(msgspec.Struct, gc=False):
    version: str = ""


class _OlderGroup(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    versions: list[_OlderVersion] | None = None
    preferred_version: _OlderVersion | None = None


class _OlderGroups(msgspec.Struct, gc=False):
    groups: list[_OlderGroup] | None


class _OlderVersions(msgspec.Struct, gc=False):
    versions: list[str] | None


class _OlderResource(_Served, gc=False, rename="camel", kw_only=True):
    name: str
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""


class _OlderResources(msgspec.Struct, gc=False):
    resources: list[_OlderResource] | None


def read_core_versions(body: bytes) -> list[GroupVersion]:
    """The versions of the core group, from /api in the older form."""
    versions = _decode_older(body, _OlderVersions).versions or []
    return [GroupVersion("", version, preferred=position == 0) for position, version in enumerate(versions)]


def read_group_versions(body: bytes) -> list[GroupVersion]:
    """The versions of all other groups, from /apis in the older form."""
    found: list[GroupVersion] = []
    for group in _decode_older(body, _OlderGroups).groups or ():
        versions = [each.version for each in group.versions or ()]
        preferred = group.preferred_version.version if group.preferred_version else next(iter(versions), "")
        found += [GroupVersion(group.name, version, version == preferred) for version in versions]
    return found


def read_resources(body: bytes, version: GroupVersion) -> list[Resource]:
    """The resources of one version in the older form, without subresources."""
    found = _decode_older(body, _OlderResources).resources or ()
    return [
        each.as_resource(version, each.name, each.kind, each.singular_name, each.namespaced)
        for each in found
        if "/" not in each.name
    ]


def _decode_older(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except UNDECODABLE as error:
        said = error_from_answer(body, "list")
        if not said.status:
            words = f"{first_words(body)} ({why_undecodable(error)})"
            said = ApiError(0, "Malformed", f"The server's list of what it offers cannot be read: {words}.")
        raise said from error
