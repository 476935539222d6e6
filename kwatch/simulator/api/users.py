"""Who asks, by bearer token, and what they may do."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from kwatch.simulator.api.request_info import RequestInfo
from kwatch.simulator.api.status import StatusError, unauthorized

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
    """Somebody with rights."""

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
    """The refusal of a request for somebody else."""
    message = f"the simulated cluster answers to its address and to localhost, not to {host!r}"
    return StatusError(403, "Forbidden", message, details={})


def forbidden(user: User, info: RequestInfo) -> StatusError:
    """The refusal of a request that is not allowed."""
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
