"""A session without a cluster: objects are put into it by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kwatch.catalog.column import Column, Level
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.names import ResourceNames
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.session.state import ConnectionPhase, SessionState

_VERBS = frozenset({"get", "list", "watch"})
PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, "pod", ("po",), ("all",), _VERBS)
NODES = Resource(GroupVersionResource("", "v1", "nodes"), "Node", False, "node", ("no",), (), _VERBS)
DEPLOYMENTS = Resource(
    GroupVersionResource("apps", "v1", "deployments"), "Deployment", True, "deployment", ("deploy",), ("all",), _VERBS
)

_LEVELS = {"Running": Level.GOOD, "Pending": Level.PROGRESS, "CrashLoopBackOff": Level.BAD, "Completed": Level.DONE}


def _read(obj: KubeObject) -> Values:
    status = obj["status"]
    return (obj.name, status["ready"], status["phase"], status["restarts"], obj.creation_timestamp, obj.node)


POD_KIND = Kind(
    "pods",
    (
        Column("Name"),
        Column("Ready", level=lambda v: Level.BAD if v[0] != v[-1] else Level.NONE),
        Column("Status", level=lambda v: _LEVELS.get(v, Level.NONE)),
        Column("Restarts", right=True, level=lambda v: Level.WARNING if v > 3 else Level.NONE),
        Column("Age", depends_on_time=True),
        Column("Node", priority=1),
    ),
    _read,
)


def pod(
    name: str, namespace: str = "shop", *, phase: str = "Running", restarts: int = 0, version: int = 1
) -> KubeObject:
    ready = "1/1" if phase == "Running" else "0/1"
    return KubeObject.of(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"uid-{namespace}-{name}",
                "resourceVersion": str(version),
                "creationTimestamp": "2026-11-23T04:00:00Z",
                "labels": {"app": name.partition("-")[0]},
            },
            "spec": {"nodeName": f"node-{hash(name) % 5}"},
            "status": {"phase": phase, "ready": ready, "restarts": restarts},
        }
    )


class FakeSource:
    """A cache by hand."""

    def __init__(self) -> None:
        self.objects: dict[str, KubeObject] = {}

    def get_by_key(self, key: str) -> KubeObject | None:
        return self.objects.get(key)

    def list_keys(self) -> list[str]:
        return list(self.objects)


class FakeFeed:
    def __init__(self, resource: Resource, kind: Kind) -> None:
        self.resource = resource
        self.kind = kind
        self.kind_version = 0
        self.indexer = FakeSource()
        self.status = InformerStatus(phase=Phase.WATCHING, synced_at=1.0, last_event_at=1.0)
        self.released = False
        self._dirty: set[str] = set()

    def put(self, *objects: KubeObject) -> None:
        for obj in objects:
            self.indexer.objects[obj.key] = obj
            self._dirty.add(obj.key)

    def remove(self, key: str) -> None:
        del self.indexer.objects[key]
        self._dirty.add(key)

    def drain(self) -> frozenset[str]:
        dirty, self._dirty = frozenset(self._dirty), set()
        return dirty

    def release(self) -> None:
        self.released = True


class FakeSession:
    """Connected from the start."""

    def __init__(self, resources: Iterable[Resource] = (PODS, NODES, DEPLOYMENTS)) -> None:
        self.state = SessionState(ConnectionPhase.CONNECTED, "", "demo", "shop", "https://demo", "v1.36.2")
        self.names = ResourceNames(tuple(resources))
        self.journal = None
        self.feeds: dict[str, FakeFeed] = {}
        self.closed = False

    @classmethod
    def with_pods(cls, count: int) -> FakeSession:
        session = cls()
        phases = ["Running"] * 9 + ["Pending", "CrashLoopBackOff", "Completed"]
        apps = ("web", "cart", "checkout", "payments-api", "search-indexer")
        session.feed(PODS).put(
            *(
                pod(
                    f"{apps[i % 5]}-7d9f{i:04x}-x{i % 7}k2p",
                    ("shop", "platform-monitoring")[i % 2],
                    phase=phases[i % 12],
                    restarts=i % 6,
                )
                for i in range(count)
            )
        )
        return session

    def feed(self, resource: Resource) -> FakeFeed:
        if resource.name not in self.feeds:
            self.feeds[resource.name] = FakeFeed(resource, POD_KIND)
        return self.feeds[resource.name]

    def start(self) -> None:
        pass

    def open(self, resource: Resource, namespace: str | None = None, *selectors: Any) -> FakeFeed:
        feed = self.feed(resource)
        feed.released = False
        return feed

    def fetch(self, ask: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        done(ask(None))

    def close(self, timeout: float = 1.0) -> tuple[str, ...]:
        self.closed = True
        return ()
