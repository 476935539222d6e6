"""One informer for each resource, shared by everybody who asks for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kwatch.informer.clock import Clock
from kwatch.informer.delta_fifo import Transform
from kwatch.informer.errors import NotFound
from kwatch.informer.index_functions import NAMESPACE_INDEX, namespace_index
from kwatch.informer.lister import Lister
from kwatch.informer.protocol import ListerWatcher, ListOptions
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.resource_names import assume_by_path, assume_resource, find_by_path, find_resource
from kwatch.informer.shared_informer import STOP_TIMEOUT, SharedInformer
from kwatch.informer.stop_report import StopReport


class Discovery(Protocol):
    """What a server offers."""

    @property
    def resources(self) -> Sequence[Resource]:
        """Every resource of every version; the preferred ones first."""
        ...


class Client(Protocol):
    """What a factory needs of a server: a kwatch.cluster.Cluster, or a fake.

    What the server offers is learnt from a `discovery` or a `discover()`. Where there is neither, every resource is
    taken to exist, in `v1` unless another version is named, and to be namespaced.
    """

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListerWatcher:
        """The door to one resource."""
        ...


TweakListOptions = Callable[[ListOptions], ListOptions]


class SharedInformerFactory:
    """Informers of one server, all or one namespace.

    - `default_resync`: seconds after which handlers hear every object again; 0 for never.
    - `tweak_list_options`: from empty options to those with the selectors for every resource; nothing else of them is
      used.
    - `transform`: of every informer, unless it sets its own before the start.

    `for_resource("deployments.apps")` and `factory.apps.v1.deployments.informer` are the same informer.
    """

    def __init__(
        self,
        client: Client,
        *,
        default_resync: float = 0.0,
        namespace: str | None = None,
        tweak_list_options: TweakListOptions | None = None,
        transform: Transform | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._default_resync = default_resync
        self._namespace = namespace
        self._tweak = tweak_list_options
        self._transform = transform
        self._clock = clock
        self._lock = threading.Lock()
        self._resources: Sequence[Resource] | None = None
        self._informers: dict[GroupVersionResource, SharedInformer] = {}
        self._stopped = False

    def for_resource(self, resource: str | GroupVersionResource | Resource) -> SharedInformer:
        """The informer of a resource: `pods`, `deployments.apps`, `widgets.v1.example.com` or coordinates.

        The server is asked once what it offers, and again for what was not among it; raise NotFound if it still is
        not, ApiError if the server cannot be asked.
        """
        found = resource if isinstance(resource, Resource) else self._find(resource)
        with self._lock:
            informer = self._informers.get(found.gvr)
            if informer is None:
                informer = self._informers[found.gvr] = self._make(found)
            return informer

    def __getattr__(self, group: str) -> GroupPath:
        if group.startswith("_"):
            raise AttributeError(group)
        return GroupPath(self, group)

    def start(self) -> None:
        """Start the informers that were asked for and are not running."""
        with self._lock:
            if self._stopped:
                raise RuntimeError("the factory was shut down")
            informers = [*self._informers.values()]
        for informer in informers:
            informer.start()

    def wait_for_cache_sync(self, timeout: float | None = None) -> dict[GroupVersionResource, bool]:
        """Wait for every started informer, `timeout` seconds for all together; whether each has synced."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            started = {gvr: informer for gvr, informer in self._informers.items() if informer.started}
        return {
            gvr: informer.wait_for_sync(None if deadline is None else max(0.0, deadline - time.monotonic()))
            for gvr, informer in started.items()
        }

    def shutdown(self, timeout: float | None = None) -> StopReport:
        """Stop every informer and wait for all threads; the names of those that outlive this."""
        with self._lock:
            self._stopped = True
            informers = [*self._informers.values()]
        for informer in informers:
            informer.cancel()
        deadline = time.monotonic() + (STOP_TIMEOUT if timeout is None else timeout)
        reports = [informer.stop(max(0.0, deadline - time.monotonic())) for informer in informers]
        return StopReport((name for report in reports for name in report), sum(report.dropped for report in reports))

    def find(self, group: str, version: str, name: str) -> Resource:
        """A resource by the words of a path, `core`, `v1`, `pods`; raise NotFound, ApiError."""
        return self._search(
            lambda offered: find_by_path(offered, group, version, name), lambda: assume_by_path(group, version, name)
        )

    def _find(self, wanted: str | GroupVersionResource) -> Resource:
        return self._search(lambda offered: find_resource(offered, wanted), lambda: assume_resource(wanted))

    def _search(self, find: Callable[[Sequence[Resource]], Resource], assume: Callable[[], Resource]) -> Resource:
        offered = self._resources or self._offered()
        if offered is None:
            return assume()
        try:
            return find(offered)
        except NotFound:
            # It may have come since the server was asked.
            if not hasattr(self._client, "discover"):
                raise
            self._resources = self._client.discover().resources
            return find(self._resources)

    def _offered(self) -> Sequence[Resource] | None:
        """What the server offers, asked once; None if it cannot be asked."""
        discovery: Discovery | None = getattr(self._client, "discovery", None)
        if discovery is None and hasattr(self._client, "discover"):
            discovery = self._client.discover()
        if discovery is not None:
            self._resources = discovery.resources
        return self._resources

    def _make(self, resource: Resource) -> SharedInformer:
        options = ListOptions()
        if self._tweak is not None:
            options = self._tweak(options)
        return SharedInformer(
            self._client.lister_watcher(
                resource,
                self._namespace if resource.namespaced else None,
                options.label_selector,
                options.field_selector,
            ),
            resync_period=self._default_resync,
            indexers={NAMESPACE_INDEX: namespace_index},
            transform=self._transform,
            clock=self._clock,
            expected_type=(resource.api_version, resource.kind) if resource.kind else None,
            name=str(resource),
        )


@dataclass(frozen=True, slots=True)
class ResourcePath:
    """`factory.core.v1.pods`."""

    factory: SharedInformerFactory
    group: str
    version: str
    name: str

    @property
    def informer(self) -> SharedInformer:
        """The informer, made when it is first asked for; raise NotFound, ApiError."""
        return self.factory.for_resource(self.factory.find(self.group, self.version, self.name))

    @property
    def lister(self) -> Lister:
        """Its lister."""
        return self.informer.lister


class VersionPath:
    """`factory.core.v1`."""

    def __init__(self, factory: SharedInformerFactory, group: str, version: str) -> None:
        self._factory = factory
        self._group = group
        self._version = version

    def __getattr__(self, name: str) -> ResourcePath:
        return ResourcePath(self._factory, self._group, self._version, name)


class GroupPath:
    """`factory.core`, `factory.apps`, `factory.networking` (the first label of networking.k8s.io suffices)."""

    def __init__(self, factory: SharedInformerFactory, group: str) -> None:
        self._factory = factory
        self._group = group

    def __getattr__(self, version: str) -> VersionPath:
        return VersionPath(self._factory, self._group, version)
