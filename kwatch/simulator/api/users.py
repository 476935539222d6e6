"""What a request asks for, by its path; who sends it, by bearer token; and what they may do."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from kwatch.simulator.api.responses import StatusError, unauthorized

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
    namespace, parts = _namespace(parts)
    resource, name, subresource, *rest = [*parts, "", "", ""][: max(3, len(parts))]
    verb = "watch" if legacy_watch else _VERBS.get(method, method.lower())
    if not name:
        verb = {"get": "watch" if watch else "list", "delete": "deletecollection"}.get(verb, verb)
    elif watch and verb == "get" and not subresource:
        verb = "watch"
    return RequestInfo(path, verb, group, version, namespace, resource, name, subresource, tuple(rest))


def _namespace(parts: list[str]) -> tuple[str, list[str]]:
    """Take `namespaces/shop` off the front, unless the namespace itself is what is asked for."""
    if parts[0] != "namespaces" or len(parts) < 3 or parts[2] in _NAMESPACE_SUBRESOURCES:
        return "", parts
    return parts[1], parts[2:]


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
        resource = f"{named}.{info.group}" if info.group else named
        return (
            (not self.verbs or info.verb in self.verbs)
            and (not self.resources or resource in self.resources)
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
            raise unauthorized()
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


def is_own_host(host: str) -> bool:
    """Whether a Host header is how a simulator is reached: by an address, or by the name of this machine to itself.

    A web page whose name was made to lead to loopback (DNS rebinding) sends its own name.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name) is not None
    except ValueError:
        return False


def misdirected(host: str) -> StatusError:
    message = f"the simulated cluster answers to its address and to localhost, not to {host!r}"
    return StatusError(403, "Forbidden", message, details={})


def forbidden(user: User, info: RequestInfo) -> StatusError:
    if not info.resource:
        message = f'forbidden: User "{user.name}" cannot {info.verb} path "{info.path}"'
        return StatusError(403, "Forbidden", message, details={})
    group_resource = f"{info.resource}.{info.group}" if info.group else info.resource
    asked = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    place = f'in the namespace "{info.namespace}"' if info.namespace else "at the cluster scope"
    subject = f'{group_resource} "{info.name}"' if info.name else group_resource
    message = (
        f'{subject} is forbidden: User "{user.name}" cannot {info.verb} resource "{asked}" '
        f'in API group "{info.group}" {place}'
    )
    details = {"name": info.name, "group": info.group, "kind": info.resource}
    return StatusError(403, "Forbidden", message, details={key: value for key, value in details.items() if value})
