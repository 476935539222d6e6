"""What a path asks for: group, version, namespace, resource, name, subresource; and which verb that makes."""

from __future__ import annotations

from dataclasses import dataclass

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
