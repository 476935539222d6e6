"""A session without a cluster: objects are put into it by hand, everything else is the real thing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.kind import Kind
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.history.journal import Journal
from kwatch.informer.clock import SystemClock
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.session.metrics import UsagePool
from kwatch.session.namespaces import Namespaces
from kwatch.session.ports import Watched
from kwatch.session.state import ConnectionPhase, SessionState

_VERBS = frozenset({"get", "list", "watch"})


def resource(name: str, kind: str, group: str = "", *short: str, namespaced: bool = True) -> Resource:
    gvr = GroupVersionResource(group, "v1", name)
    return Resource(gvr, kind, namespaced, kind.casefold(), short, verbs=_VERBS)


PODS = resource("pods", "Pod", "", "po")
NODES = resource("nodes", "Node", "", "no", namespaced=False)
NAMESPACES = resource("namespaces", "Namespace", "", "ns", namespaced=False)
DEPLOYMENTS = resource("deployments", "Deployment", "apps", "deploy")
EVENTS = resource("events", "Event", "", "ev")
SECRETS = resource("secrets", "Secret")
RESOURCES = (PODS, NODES, NAMESPACES, DEPLOYMENTS, EVENTS, SECRETS)


def make(kind: str, name: str, namespace: str = "shop", *, version: int = 1, **parts: Any) -> KubeObject:
    metadata: dict[str, Any] = {
        "name": name,
        "uid": f"uid-{kind}-{namespace}-{name}",
        "resourceVersion": str(version),
        "creationTimestamp": "2026-11-23T04:00:00Z",
        **parts.pop("metadata", {}),
    }
    if namespace:
        metadata["namespace"] = namespace
    api_version = "apps/v1" if kind == "Deployment" else "v1"
    return KubeObject.of({"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts})


def pod(
    name: str, namespace: str = "shop", *, phase: str = "Running", restarts: int = 0, version: int = 1, app: str = ""
) -> KubeObject:
    container = {"name": "main", "image": "web:1", "ready": phase == "Running", "restartCount": restarts}
    container["state"] = {"running": {}} if phase == "Running" else {"waiting": {"reason": phase}}
    return make(
        "Pod",
        name,
        namespace,
        version=version,
        metadata={"labels": {"app": app or name.partition("-")[0]}},
        spec={"nodeName": "node-1", "containers": [{"name": "main", "image": "web:1"}]},
        status={"phase": "Running" if phase == "Running" else "Pending", "containerStatuses": [container]},
    )


class FakeFeed:
    at = 1000.0
    """When what is put arrives, in seconds since the epoch."""

    def __init__(self, watched: Watched, journal: Journal, counter: Iterator[int], context: str = "demo") -> None:
        self.watched = watched
        self.resource = watched.resource
        self.kind: Kind = kind_for(watched.resource) or generic_kind(watched.resource)
        self.kind_version = 0
        self.indexer = self.objects = Indexer(indexers=indexers_for(watched.resource))
        self.status = InformerStatus(phase=Phase.WATCHING, synced_at=1.0, last_event_at=time.time())
        self.users = 0
        self.purposes: list[str] = []
        self.released_in: float | None = None
        self.keeps_history = True
        self._sink = journal.sink(context, str(watched.resource))
        self._counter = counter
        self._dirty: set[str] = set()

    @property
    def informer(self) -> FakeFeed:
        return self

    def put(self, *objects: KubeObject, listed: bool = False) -> None:
        """`listed`: they came with a list."""
        for obj in objects:
            old = self.indexer.get_by_key(obj.key)
            self.indexer.add(obj)
            kind = DeltaType.ADDED if old is None else DeltaType.UPDATED
            kind = DeltaType.REPLACED if listed else kind
            self._tell(Delta(kind, obj, next(self._counter), self.at), old, obj.key)

    def remove(self, key: str) -> None:
        old = self.indexer.get_by_key(key)
        assert old is not None
        self.indexer.delete(old)
        self._tell(Delta(DeltaType.DELETED, old, next(self._counter), self.at), old, key)

    def lose(self, since: float, until: float) -> None:
        """The connection, between two times."""
        self._sink.on_gap(since, until, "connection refused")

    def set_status(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)

    def drain(self) -> frozenset[str]:
        dirty, self._dirty = frozenset(self._dirty), set()
        return dirty

    def follow_list(self) -> None:
        pass

    def release(self) -> None:
        self.users -= 1

    def _tell(self, delta: Delta, old: Any, key: str) -> None:
        self._sink.on_delta(key, delta, old)
        self._dirty.add(key)


class FakeLog:
    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def batches(self) -> Iterator[list[str]]:
        return iter([[*self._lines]])

    def close(self) -> None:
        """Nothing runs."""


class FakeSession:
    """Connected from the start, unless told otherwise."""

    usages = UsagePool(lambda path: b"{}", SystemClock())  # nothing is measured
    background: Any = None  # nothing but what is looked at is watched
    container_ends: Any = None  # nothing is asked for
    waits_for = ""

    def __init__(
        self, resources: Iterable[Resource] = RESOURCES, context: str = "demo", journal: Journal | None = None
    ) -> None:
        server = f"https://{context}"
        self.state = SessionState(ConnectionPhase.CONNECTED, "", context, "shop", server, "v1.36.2")
        self.names: ResourceNames | None = ResourceNames(tuple(resources))
        self.journal = journal or Journal()
        self.feeds: dict[Watched, FakeFeed] = {}
        self.contexts = tuple(
            SimpleNamespace(name=name, cluster="c", user="u", namespace="shop", current=name == "demo")
            for name in ("demo", "prod")
        )
        self.log_lines: Mapping[str, list[str]] = {}
        self.log_requests: list[dict[str, Any]] = []
        self.log_error: Exception | None = None
        self.started = self.closed = False
        self._counter = iter(range(1, 1_000_000))
        self.namespaces = Namespaces(self)  # type: ignore[arg-type]

    @property
    def context(self) -> str:
        return self.state.context

    def feed(self, resource: Resource = PODS, namespace: str | None = "shop") -> FakeFeed:
        watched = Watched(resource, namespace if resource.namespaced else None)
        if watched not in self.feeds:
            self.feeds[watched] = FakeFeed(watched, self.journal, self._counter, self.context)
        return self.feeds[watched]

    def served_columns(self, resource: Resource) -> tuple[()]:
        return ()

    def informers(self) -> tuple[FakeFeed, ...]:
        return tuple(self.feeds.values())

    def retry_now(self) -> None:
        """There is nothing to try again."""

    def look_at(self, namespace: str | None) -> None:
        """There is no background."""

    def on_news(self, callback: Callable[[], object]) -> None:
        """The app looks often enough in tests."""

    def start(self) -> None:
        self.started = True

    def open(
        self,
        resource: Resource,
        namespace: str | None = None,
        *selectors: str | None,
        purpose: str = "a view",
        **why: Any,
    ) -> FakeFeed:
        feed = self.feed(resource, namespace)
        feed.users += 1
        feed.purposes.append(purpose)
        return feed

    def logs(self, namespace: str, pod: str, **how: Any) -> FakeLog:
        self.log_requests.append(how)
        if self.log_error is not None:
            raise self.log_error
        return FakeLog(self.log_lines.get(f"{namespace}/{pod}", []))

    def fetch(self, ask: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        try:
            answer = ask(None)
        except Exception as error:  # noqa: BLE001 - as the session does
            answer = error
        done(answer)

    def close(self, timeout: float = 1.0) -> tuple[str, ...]:
        self.closed = True
        self.journal.close()
        return ()
