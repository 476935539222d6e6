"""client-go's SharedInformerFactory: one informer for each resource, shared by all who ask; and the metrics of each."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, Self, TypeVar, overload

from kwatch.informer.clock import Clock
from kwatch.informer.delta_fifo import Transform
from kwatch.informer.errors import NotFound
from kwatch.informer.index import NAMESPACE_INDEX, namespace_index
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.lister import Lister
from kwatch.informer.metrics import Metric, MetricRow, Sample, metrics_of
from kwatch.informer.protocol import ListerWatcher, ListOptions
from kwatch.informer.resource import (
    GroupVersionResource,
    InformerKey,
    Resource,
    assume_by_path,
    assume_resource,
    find_by_path,
    find_resource,
)
from kwatch.informer.resources import BUILTIN_RESOURCES
from kwatch.informer.selectors import parse_field_selector, parse_label_selector
from kwatch.informer.shared_informer import STOP_TIMEOUT, SharedInformer
from kwatch.informer.typed_informer import TypedInformer
from kwatch.informer.waiting import CacheSync, StopReport, wait_for

_DIGITS = 15
"""Of a resource version a float holds the last so many exactly."""
_STORE_VERSION = "The 15 least significant digits of the resource version of the store."
_LAST_VERSION = "The 15 least significant digits of the last resource version seen by the reflectors"
_PROCESSING = "Time taken to process events after popping from the queue."
_SHORT_WATCHES = "Total number of short API watches done by the reflectors"
_WATCHED_OBJECTS = "Number of items in the last watch of the reflectors"
_LIST_DURATION = "How long a list takes to return and decode for the reflectors"
_WATCH_DURATION = "How long an API watch lasts for the reflectors"


log = logging.getLogger("kwatch.informer")

T = TypeVar("T")
Wanted = str | GroupVersionResource | Resource
"""A resource, or words for one."""


class Discovery(Protocol):
    """What a server offers."""

    @property
    def resources(self) -> Sequence[Resource]:
        """Of every version; the preferred ones first."""


class Client(Protocol):
    """What a factory needs of a server: a kwatch.cluster.ApiServer, or a fake.

    What the server offers is learnt from a `discovery` or a `discover()`. Where there is neither, every resource is
    taken to exist, in `v1` unless another version is named, and to be namespaced.
    """

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListerWatcher: ...


TweakListOptions = Callable[[ListOptions], ListOptions]


class SharedInformerFactory:
    """Informers of one server, shared by all who ask for the same.

    - `default_resync`: seconds after which handlers get every object again; 0 for never.
    - `namespace`: where to look, unless for_resource says otherwise; None for everywhere.
    - `tweak_list_options`: from empty options to those with the selectors for every resource, unless for_resource has
      selectors of its own; nothing else of them is used.
    - `transform`: of every informer, unless it sets its own before the start.
    - `name`: of this factory among others in metrics.

    `for_resource("deployments.apps")` and `factory.apps.v1.deployments.informer` are the same informer. As a context
    manager it starts its informers, also those that are asked for meanwhile, and at the end shuts down.
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
        name: str = "",
    ) -> None:
        self.name = name
        self._client = client
        self._default_resync = default_resync
        self._namespace = namespace
        self._tweak = tweak_list_options
        self._transform = transform
        self._clock = clock
        self._lock = threading.Lock()
        self._resources: Sequence[Resource] | None = None
        self._informers: dict[InformerKey, SharedInformer] = {}
        self._entered = self._stopped = False

    @overload
    def for_resource(
        self,
        resource: Wanted,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> SharedInformer: ...

    @overload
    def for_resource(
        self,
        resource: Wanted,
        *,
        type: type[T],
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> TypedInformer[T]: ...

    def for_resource(
        self,
        resource: Wanted,
        *,
        type: type[T] | None = None,  # noqa: A002
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> SharedInformer | TypedInformer[T]:
        """The informer of a resource: `pods`, `deployments.apps`, `widgets.v1.example.com`, coordinates or a Resource.

        Namespace and selectors are the factory's unless given; an empty text is all namespaces, or no selector. The
        same resource with others is another informer, with a cache and a watch of its own. With `type`, a msgspec
        Struct, handlers and lister get objects of that type, decoded on read (see TypedInformer).

        For words the server is asked once what it offers, and again for what was not among it; a Resource, and
        coordinates that every server has, need no request. Raise NotFound if it is not offered, ApiError if the server
        cannot be asked, SelectorSyntaxError, and RuntimeError after the shutdown.
        """
        found = resource if isinstance(resource, Resource) else self._find(resource)
        key = self._key(found, namespace, label_selector, field_selector)
        with self._lock:
            informer = self._informers.get(key)
            if informer is None:
                if self._stopped:
                    raise RuntimeError("the factory was shut down")
                informer = self._informers[key] = self._make(found, key)
                if self._entered:
                    informer.start()
        return informer if type is None else TypedInformer(informer, type)

    @property
    def informers(self) -> Mapping[InformerKey, SharedInformer]:
        with self._lock:
            return MappingProxyType({**self._informers})

    def __getattr__(self, group: str) -> ResourcePath:
        if group.startswith("_"):
            raise AttributeError(group)
        return ResourcePath(self, group)

    def start(self) -> None:
        """Start the informers that are not running yet; raise RuntimeError after the shutdown."""
        with self._lock:
            if self._stopped:
                raise RuntimeError("the factory was shut down")
            informers = [*self._informers.values()]
        for informer in informers:
            informer.start()

    def wait_for_cache_sync(self, timeout: float | None = None, *, stop: threading.Event | None = None) -> CacheSync:
        """Wait until every started informer has synced or stopped, `timeout` seconds for all together are over, or
        `stop` is set; whether each has synced.
        """
        started = {key: informer for key, informer in self.informers.items() if informer.started}
        waited = wait_for({str(key): informer.settled for key, informer in started.items()}, timeout, stop=stop)
        result = CacheSync()
        for key, informer in started.items():
            result[key.gvr] = informer.synced.is_set() and result.get(key.gvr, True)
        result.unfinished = tuple(key for key, informer in started.items() if not informer.synced.is_set())
        if result.unfinished:
            result.reason = waited.reason or "stopped"
        return result

    def shutdown(self, timeout: float | None = None) -> StopReport:
        """Stop every informer and wait for all threads, `timeout` seconds (by default one) for all together; the names
        of those that outlive this, which can only be those in which a callback of the user still runs.
        """
        with self._lock:
            self._stopped = True
            informers = [*self._informers.values()]
        for informer in informers:
            informer.cancel()
        deadline = time.monotonic() + (STOP_TIMEOUT if timeout is None else timeout)
        reports = [informer.stop(max(0.0, deadline - time.monotonic())) for informer in informers]
        return StopReport((name for report in reports for name in report), sum(report.dropped for report in reports))

    def metrics(self) -> list[Metric]:
        """informer_* and reflector_* of client-go, for a kwatch.informer.metrics.MetricsRegistry. The label `name` is
        the factory's, and the informer's namespace and selectors.
        """
        found = []
        for key, informer in self.informers.items():
            name = ", ".join(filter(None, (self.name, key.namespace, key.label_selector, key.field_selector)))
            found += informer_metrics(informer, name, key.gvr)
        return found

    def __enter__(self) -> Self:
        self._entered = True
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if alive := self.shutdown():
            log.warning("a handler still runs after the shutdown: %s", ", ".join(alive))

    def find(self, group: str, version: str, name: str) -> Resource:
        """A resource by the words of a path, `core`, `v1`, `pods`; raise NotFound, ApiError."""
        try:
            return find_by_path(BUILTIN_RESOURCES.values(), group, version, name)
        except NotFound:
            return self._search(
                lambda offered: find_by_path(offered, group, version, name),
                lambda: assume_by_path(group, version, name),
            )

    def _find(self, wanted: str | GroupVersionResource) -> Resource:
        if isinstance(wanted, GroupVersionResource) and wanted in BUILTIN_RESOURCES:
            return BUILTIN_RESOURCES[wanted]
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

    def _key(self, resource: Resource, namespace: str | None, labels: str | None, fields: str | None) -> InformerKey:
        options = ListOptions() if self._tweak is None else self._tweak(ListOptions())
        if labels:
            parse_label_selector(labels)
        if fields:
            parse_field_selector(fields)
        return InformerKey(
            resource.gvr,
            ((self._namespace if namespace is None else namespace) or "") if resource.namespaced else "",
            (options.label_selector if labels is None else labels) or "",
            (options.field_selector if fields is None else fields) or "",
        )

    def _make(self, resource: Resource, key: InformerKey) -> SharedInformer:
        return SharedInformer(
            self._client.lister_watcher(
                resource, key.namespace or None, key.label_selector or None, key.field_selector or None
            ),
            resync_period=self._default_resync,
            indexers={NAMESPACE_INDEX: namespace_index},
            transform=self._transform,
            clock=self._clock,
            expected_type=(resource.api_version, resource.kind) if resource.kind else None,
            name=str(key),
        )


class ResourcePath:
    """`factory.core.v1.pods`, and the ways to it: `factory.core`, `factory.core.v1`. Of a group such as
    networking.k8s.io the first label suffices.
    """

    def __init__(self, factory: SharedInformerFactory, *words: str) -> None:
        self._factory = factory
        self._words = words

    def __getattr__(self, word: str) -> ResourcePath:
        if word.startswith("_") or len(self._words) == 3:
            raise AttributeError(f"there is no {word} in {'.'.join(self._words)}")
        return ResourcePath(self._factory, *self._words, word)

    @property
    def informer(self) -> SharedInformer:
        """Raise NotFound, ApiError."""
        group, version, name = self._words
        return self._factory.for_resource(self._factory.find(group, version, name))

    @property
    def lister(self) -> Lister[KubeObject]:
        return self.informer.lister


def informer_metrics(informer: SharedInformer, name: str, gvr: GroupVersionResource) -> list[Metric]:
    """informer_* and reflector_* of one informer; `name` distinguishes it from others of the same resource."""
    labels = {"name": name, "group": gvr.group, "version": gvr.version, "resource": gvr.resource}
    status, took = informer.status, informer.durations
    cached, seen = _last_digits(informer.indexer.resource_version), _last_digits(informer.last_sync_resource_version)
    of_informer: tuple[MetricRow, ...] = (
        ("queued_items", "gauge", "Number of items in the FIFO.", float(status.queue_depth)),
        ("processing_latency_seconds", "histogram", _PROCESSING, took.processing.snapshot()),
        ("store_resource_version", "gauge", _STORE_VERSION, cached),
    )
    of_reflector: tuple[MetricRow, ...] = (
        ("lists_total", "counter", "Total number of API lists done by the reflectors", float(status.lists)),
        ("watches_total", "counter", "Total number of API watches done by the reflectors", float(status.watches)),
        ("short_watches_total", "counter", _SHORT_WATCHES, float(took.short_watches)),
        ("listed_items", "gauge", "Number of items in the last list of the reflectors", float(took.listed_items)),
        (
            "watched_objects",
            "gauge",
            "Number of items in the last watch of the reflectors",
            float(took.watched_objects),
        ),
        ("last_resource_version", "gauge", _LAST_VERSION, seen),
        ("list_duration_seconds", "histogram", _LIST_DURATION, took.lists.snapshot()),
        ("watch_duration_seconds", "histogram", _WATCH_DURATION, took.watches.snapshot()),
    )
    pending = tuple(Sample(labels | {"handler": each.name}, float(each.backlog)) for each in informer.registrations)
    return [
        *metrics_of("informer_", labels, of_informer),
        Metric("informer_pending_notifications", "gauge", "Number of notifications that wait for a handler.", pending),
        *metrics_of("reflector_", {"name": name, "resource_type": gvr.group_resource}, of_reflector),
    ]


def _last_digits(version: str) -> float:
    return float(version[-_DIGITS:]) if version.isascii() and version.isdecimal() else 0.0
