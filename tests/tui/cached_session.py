"""A session over real caches with the catalogue's kinds and indices: what is in them is put there by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from textual.pilot import Pilot

from kwatch.catalog.indices import indexers_for
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.config.settings import Settings
from kwatch.informer.clock import SystemClock
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.session.metrics import UsagePool
from kwatch.session.ports import Watched
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.app import KwatchApp
from kwatch.tui.location import StartView
from tests.query.cluster import NOW, FakeClock

_VERBS = frozenset({"get", "list", "watch"})


def resource(name: str, kind: str, *, group: str = "", namespaced: bool = True, short: str = "") -> Resource:
    shorts = (short,) if short else ()
    gvr = GroupVersionResource(group, "v1", name)
    return Resource(gvr, kind, namespaced, kind.lower(), shorts, verbs=_VERBS)


PODS = resource("pods", "Pod", short="po")
RESOURCES = (
    PODS,
    resource("nodes", "Node", namespaced=False, short="no"),
    resource("services", "Service", short="svc"),
    resource("events", "Event"),
    resource("secrets", "Secret"),
    resource("configmaps", "ConfigMap", short="cm"),
    resource("persistentvolumeclaims", "PersistentVolumeClaim", short="pvc"),
    resource("deployments", "Deployment", group="apps", short="deploy"),
    resource("replicasets", "ReplicaSet", group="apps", short="rs"),
    resource("statefulsets", "StatefulSet", group="apps", short="sts"),
)


class CachedFeed:
    """One view's share of a cache."""

    def __init__(self, watched: Watched, indexer: Indexer) -> None:
        self.watched = watched
        self.resource = watched.resource
        self.kind = kind_for(watched.resource) or generic_kind(watched.resource)
        self.kind_version = 0
        self.indexer = self.objects = indexer
        self.status = InformerStatus(
            phase=Phase.WATCHING, synced_at=1.0, last_event_at=1.0, objects=len(indexer.list_keys())
        )
        self.dirty: set[str] = set(indexer.list_keys())
        self.released = False

    def drain(self) -> frozenset[str]:
        dirty, self.dirty = frozenset(self.dirty), set()
        return dirty

    def follow_list(self) -> None:
        pass

    def release(self) -> None:
        self.released = True


class CachedSession:
    """Connected from the start; every view of a resource shares one cache, whatever its namespace."""

    usages = UsagePool(lambda path: b"{}", SystemClock())  # nothing is measured
    background: Any = None  # nothing but what is looked at is watched

    def __init__(self, *objects: KubeObject) -> None:
        self.state = SessionState(ConnectionPhase.CONNECTED, "", "demo", "shop", "https://demo", "v1.36.2")
        self.context = "demo"
        self.names = ResourceNames(RESOURCES)
        self.contexts = ()
        self.journal = None
        self.feeds: list[CachedFeed] = []
        self._caches = {each: Indexer(indexers=indexers_for(each)) for each in RESOURCES}
        self.put(*objects)

    def put(self, *objects: KubeObject) -> None:
        for obj in objects:
            self._caches[_resource_of(obj)].add(obj)
            self._touch(obj)

    def remove(self, obj: KubeObject) -> None:
        self._caches[_resource_of(obj)].delete(obj)
        self._touch(obj)

    def cache(self, resource: Resource) -> Indexer:
        return self._caches[resource]

    def look_at(self, namespace: str | None) -> None:
        """There is no background."""

    def on_news(self, callback: Callable[[], object]) -> None:
        pass

    def start(self) -> None:
        pass

    def served_columns(self, resource: Resource) -> tuple[()]:
        return ()

    def informers(self) -> tuple[Any, ...]:
        return ()

    def open(self, resource: Resource, namespace: str | None = None, *selectors: Any, **why: Any) -> CachedFeed:
        self.feeds.append(CachedFeed(Watched(resource, namespace), self._caches[resource]))
        return self.feeds[-1]

    def open_feeds(self) -> set[str]:
        return {str(feed.resource) for feed in self.feeds if not feed.released}

    def fetch(self, ask: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        done(ask(None))

    def close(self, timeout: float = 1.0) -> tuple[str, ...]:
        return ()

    def _touch(self, obj: KubeObject) -> None:
        for feed in self.feeds:
            if feed.resource == _resource_of(obj):
                feed.dirty.add(obj.key)


def _resource_of(obj: KubeObject) -> Resource:
    return next(each for each in RESOURCES if (each.kind, each.api_version) == (obj.kind, obj.api_version))


def app_of(session: CachedSession, place: str = "pods") -> KwatchApp:
    start = StartView(resource=place, all_namespaces=True)
    return KwatchApp(lambda context: cast("Any", session), start, Settings(), clock=FakeClock(NOW))


def lines(app: KwatchApp) -> list[str]:
    """What is on the screen, line by line, without the spaces at the ends."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def until(pilot: Pilot[int], seen: Callable[[], bool], what: str = "") -> None:
    """Let the app go on until something is so."""
    app = cast("KwatchApp", pilot.app)
    for _ in range(200):
        if seen():
            return
        cast("FakeClock", app.clock).now += 0.05
        await pilot.pause(0.02)
    raise AssertionError(f"never seen: {what}\n" + "\n".join(lines(app)))


def texts(found: Iterable[str], part: str) -> list[str]:
    return [line for line in found if part in line]
