"""Where a resource lives on the server."""

from __future__ import annotations

from urllib.parse import quote

from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource

Query = tuple[tuple[str, str], ...]


def version_path(group: str, version: str) -> str:
    """`/api/v1`, `/apis/apps/v1`."""
    return f"/apis/{quote(group, safe='')}/{quote(version, safe='')}" if group else f"/api/{quote(version, safe='')}"


def collection_path(gvr: GroupVersionResource, namespace: str | None) -> str:
    """The path of a list or watch."""
    middle = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{version_path(gvr.group, gvr.version)}{middle}/{quote(gvr.resource, safe='')}"


def object_path(resource: Resource, name: str, namespace: str | None) -> str:
    """The path of one object."""
    return f"{collection_path(resource.gvr, namespace if resource.namespaced else None)}/{quote(name, safe='')}"


def list_query(options: ListOptions, label_selector: str | None, field_selector: str | None, watch: bool) -> Query:
    """The parameters of a list or watch; the options' selectors go before those of the lister-watcher."""
    pairs: list[tuple[str, str | int | bool | None]] = [
        ("watch", True if watch else None),
        ("resourceVersion", options.resource_version or None),
        ("resourceVersionMatch", options.resource_version_match),
        ("limit", options.limit),
        ("continue", options.continue_token),
        ("labelSelector", options.label_selector or label_selector or None),
        ("fieldSelector", options.field_selector or field_selector or None),
        ("timeoutSeconds", options.timeout_seconds),
        ("allowWatchBookmarks", options.allow_watch_bookmarks or None),
        ("sendInitialEvents", options.send_initial_events),
    ]
    return tuple((name, _spelled(value)) for name, value in pairs if value is not None)


def _spelled(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
