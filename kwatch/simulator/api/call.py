"""One request and everything its answer depends on: what it asks for, who sends it, and the cluster that answers."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from kwatch.simulator.api.listing import PATIENCE, RevisionClock
from kwatch.simulator.api.responses import StatusError, details, group_resource, object_not_found
from kwatch.simulator.api_types import APIType
from kwatch.simulator.collection import Collection
from kwatch.simulator.engine.autoscaling import Amount
from kwatch.simulator.faults import Faults
from kwatch.simulator.store import Store

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request to the API. `resource` is empty for a path that asks for none: discovery, health, version."""

    path: str
    verb: str
    """get, list, watch, create, update, patch, delete, deletecollection; the HTTP method in lower case elsewhere."""
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    rest: tuple[str, ...] = ()
    """What follows the subresource, as with proxy."""


def request_info(method: str, path: str, *, watch: bool = False) -> RequestInfo:
    """Read a path. `watch` is whether the query asks for a watch."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        group, version, parts = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return RequestInfo(path, method.lower())
    legacy_watch = parts[0] == "watch" and len(parts) > 1
    if legacy_watch:
        parts = parts[1:]
    namespace = ""
    # Unless the namespace itself is what is asked for.
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:
        namespace, parts = parts[1], parts[2:]
    resource, name, subresource, *rest = [*parts, "", "", ""][: max(3, len(parts))]
    verb = "watch" if legacy_watch else _VERBS.get(method, method.lower())
    if not name:
        verb = {"get": "watch" if watch else "list", "delete": "deletecollection"}.get(verb, verb)
    elif watch and verb == "get" and not subresource:
        verb = "watch"
    return RequestInfo(path, verb, group, version, namespace, resource, name, subresource, tuple(rest))


_PUBLIC = ("/healthz", "/livez", "/readyz", "/version")


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs on resources in namespaces; an empty tuple stands for all of them."""

    verbs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """`pods`, `pods/log`, `deployments.apps`."""
    namespaces: tuple[str, ...] = ()

    def allows(self, info: RequestInfo) -> bool:
        """Whether the rule covers a request."""
        named = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        return (
            (not self.verbs or info.verb in self.verbs)
            and (not self.resources or group_resource(info.group, named) in self.resources)
            and (not self.namespaces or info.namespace in self.namespaces)
        )


@dataclass(frozen=True, slots=True)
class User:
    name: str
    rules: tuple[Rule, ...] = ()

    def may(self, info: RequestInfo) -> bool:
        """Whether a request is allowed."""
        if not info.resource:
            return bool(self.rules) or info.path.startswith(_PUBLIC)
        return any(rule.allows(info) for rule in self.rules)


ADMIN = User("kubernetes-admin", (Rule(),))
ANONYMOUS = User("system:anonymous")


@dataclass(frozen=True, slots=True)
class Users:
    """Bearer token -> user. Without any token everybody is the administrator."""

    by_token: Mapping[str, User] = field(default_factory=dict)

    def authenticate(self, headers: Mapping[str, str]) -> User:
        """Who sends these headers; raise StatusError 401. An administrator may speak for others."""
        user = self._by_credentials(headers.get("Authorization", ""))
        impersonated = headers.get("Impersonate-User", "")
        if not impersonated or user.rules != ADMIN.rules:
            return user
        known = (other for other in self.by_token.values() if other.name == impersonated)
        return next(known, User(impersonated))

    def _by_credentials(self, authorization: str) -> User:
        if not self.by_token:
            return ADMIN
        if not authorization:
            return ANONYMOUS
        user = self.by_token.get(_token(authorization))
        if user is None:
            raise StatusError(401, "Unauthorized", "Unauthorized")
        return user


def _token(authorization: str) -> str:
    """Of a bearer, or the password of a login: kubectl sends no bearer token where there is no TLS."""
    scheme, _, sent = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return sent.strip()
    try:
        login = base64.b64decode(sent, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return login.partition(":")[2]


def forbidden(user: User, info: RequestInfo) -> StatusError:
    if not info.resource:
        message = f'forbidden: User "{user.name}" cannot {info.verb} path "{info.path}"'
        return StatusError(403, "Forbidden", message, {})
    resource = group_resource(info.group, info.resource)
    asked = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    place = f'in the namespace "{info.namespace}"' if info.namespace else "at the cluster scope"
    subject = f'{resource} "{info.name}"' if info.name else resource
    message = (
        f'{subject} is forbidden: User "{user.name}" cannot {info.verb} resource "{asked}" '
        f'in API group "{info.group}" {place}'
    )
    return StatusError(403, "Forbidden", message, details(name=info.name, group=info.group, kind=info.resource))


def check_host(host: str) -> None:
    """Raise StatusError 403 unless a Host header is how a simulator is reached: by an address, or by localhost.

    A web page whose name was made to lead to loopback (DNS rebinding) sends its own name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name != "localhost":
            ip_address(name)
    except ValueError:
        message = f"the simulated cluster answers to its address and to localhost, not to {host!r}"
        raise StatusError(403, "Forbidden", message, {}) from None


class LogsSource(Protocol):
    """The logs of containers; a scenario has them. Every line begins with an RFC 3339 time and a blank, as a container
    runtime writes it.
    """

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        """What the container has written so far; of the one before it if `previous`. Raises LookupError if that is
        not there.
        """
        ...

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines it writes from now on, until it ends."""
        ...


class PodTerminator(Protocol):
    """Terminates pods in their own time; a scenario does."""

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> dict[str, Any] | None:
        """Begin to stop a pod, in `grace` seconds or its own time; the pod as it is now, None if it is on no node."""
        ...


class UsageSource(Protocol):
    """How much pods and nodes use at the moment; a scenario knows."""

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        """Container -> what it uses; raise LookupError if there is no such pod."""
        ...

    def node_usage(self, name: str) -> Amount:
        """What a node uses; raise LookupError if there is no such node."""
        ...


@dataclass(slots=True)
class ClusterAPI:
    store: Store
    usage: UsageSource
    faults: Faults = field(default_factory=Faults)
    users: Users = field(default_factory=Users)
    logs: LogsSource | None = None
    pod_terminator: PodTerminator | None = None
    streaming_lists: bool = True
    """Whether watches may ask for the initial events, as servers do from 1.34 on."""
    second: float = 1.0
    """How long a second of timeoutSeconds and of bookmarks lasts; tests shorten it."""
    random: Random = field(default_factory=Random)
    revisions: RevisionClock = field(init=False)

    def __post_init__(self) -> None:
        self.revisions = RevisionClock(self.store, PATIENCE * self.second)


@dataclass(frozen=True, slots=True)
class Call:
    api: ClusterAPI
    request: web.Request
    info: RequestInfo
    api_type: APIType

    @property
    def query(self) -> dict[str, str]:
        """The query; of a repeated key, the first value."""
        return {key: self.request.query[key] for key in self.request.query}

    @property
    def key(self) -> str:
        return f"{self.info.namespace}/{self.info.name}" if self.info.namespace else self.info.name

    @property
    def collection(self) -> Collection:
        """The objects that are asked about, and their namesakes."""
        return self.api.store.collection(self.api_type.storage)

    def not_found(self) -> StatusError:
        return object_not_found(self.info.group, self.info.resource, self.info.name)

    def stored(self) -> dict[str, Any]:
        """The object the path names, as it is stored; raise StatusError 404."""
        found = self.collection.trees.get(self.key)
        if found is None:
            raise self.not_found()
        return found
