"""Which columns a resource shows: the catalogue's, the CRD's printer columns, or the server's own Table cells.

What the catalogue does not know is learnt from the server in the reflector's thread, before it lists or watches; so a
screen never waits for it, and a CRD that changes its columns (which closes its watches) shows the new ones without a
restart. Of what it knows the server's columns are asked for once, beside the list: where they are others, they win.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from math import inf

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.catalog.server_columns import (
    kind_as_served,
    kind_from_printer_columns,
    kind_from_server_cells,
    printer_columns_from_server,
    printer_columns_of_definition,
)
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed, is_broken_connection, is_too_many_requests, is_unreachable
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import (
    Closing,
    Form,
    ListerWatcher,
    ListOptions,
    ObjectList,
    Probing,
    Versioned,
    WatchStream,
)
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.ports import Cluster, ServerColumn, TableSample, Watched

log = logging.getLogger("kwatch.session.columns")

CLOSELY = 10.0
"""Seconds."""


class ColumnsFrom(Enum):
    """Who says which columns a kind shows that the catalogue knows."""

    CATALOGUE = auto()
    """The server is not asked: for output without columns."""
    SERVER = auto()
    """The server, beside the first list; the catalogue until it has answered."""
    SERVER_FIRST = auto()
    """The server, before the first list: for what is printed once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fetch a resource, and how its objects then look."""

    kind: Kind
    cells: bool
    """Whether the objects must come in Table rows, with the server's cells."""


class TableSamples:
    """What the server says of its columns, asked once for each resource; where that is refused, once a namespace.

    Thread-safe.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: dict[Resource, TableSample] = {}
        self._refused: set[tuple[Resource, str | None]] = set()

    def known(self, resource: Resource) -> tuple[ServerColumn, ...]:
        """The columns as far as they are known; the server is not asked."""
        return self._known.get(resource, TableSample()).columns

    def of(self, resource: Resource, namespace: str | None, *, first: bool = False) -> TableSample:
        """Without columns where the server has none. May block; raise Closed.

        `first`: raise ApiError where whatever is asked next would not be answered either.
        """
        known = self._known.get(resource)
        if known is not None or (resource, namespace) in self._refused:
            return known or TableSample()
        try:
            sample = self._cluster.table_sample(resource, namespace)
        except ApiError as error:
            if first and (is_unreachable(error) or is_too_many_requests(error)):
                raise
            # Not knowing them is no reason to show no objects: the catalogue's will do.
            log.info("%s: the server's columns are unknown: %s", resource, error.message)
            if 400 <= error.status < 500 and not is_too_many_requests(error):
                self._refused.add((resource, namespace))
            return TableSample()
        self._known[resource] = replace(sample, total=None)
        return sample


def columns_to_keep(resource: Resource, columns: Sequence[ServerColumn]) -> tuple[ServerColumn, ...]:
    """What a recording has to say of a resource's columns, so that it looks the same without its server."""
    known = kind_for(resource)
    as_ever = known is not None and kind_as_served(known, columns).kind is known
    return () if as_ever else tuple(columns)


class _EitherListerWatcher:
    """Lists and watches objects as such, or in Table rows with the server's cells, as it is planned at the moment."""

    def __init__(self, cluster: Cluster, watched: Watched, plan: Plan) -> None:
        self._cluster = cluster
        self._watched = watched
        self._plan = plan
        self._where = (watched.namespace, watched.label_selector, watched.field_selector)
        self._plain = cluster.lister_watcher(watched.resource, *self._where)
        self._table: ListerWatcher | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._questions = 0
        self.namespace = watched.namespace
        self.outage = getattr(self._plain, "outage", None)
        self.streaming = getattr(self._plain, "streaming", True)

    @property
    def side_requests(self) -> int:
        """What was asked about columns, and what the lists and watches took beyond one request each."""
        return self._questions + sum(getattr(each, "side_requests", 0) for each in (self._plain, self._table))

    def list(self, options: ListOptions) -> ObjectList:
        return self._delegate().list(options)

    def watch(self, options: ListOptions) -> WatchStream:
        return self._delegate().watch(options)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            both: tuple[object, ...] = (self._plain, self._table)
        for each in both:
            if isinstance(each, Closing):
                each.close()

    def probe(self) -> object:
        return self._plain.probe() if isinstance(self._plain, Probing) else None

    @property
    def selective(self) -> bool:
        """Whether there is a selector that an object may leave without being deleted."""
        return getattr(self._plain, "selective", False) is True

    def latest_version(self) -> str:
        return self._plain.latest_version() if isinstance(self._plain, Versioned) else ""

    def _delegate(self) -> ListerWatcher:
        """The one that is planned; most resources never need the other."""
        if not self._plan.cells:
            return self._plain
        with self._lock:
            if self._closed:
                raise Closed("closed while asking")
            if self._table is None:
                self._table = self._cluster.lister_watcher(self._watched.resource, *self._where, Form.TABLE)
            return self._table


class KnownColumnsListerWatcher(_EitherListerWatcher):
    """For kinds that the catalogue knows: what it computes, in the server's columns once they are known.

    `first`: they are asked for before anything else. `total`: how many objects the server had when it was asked.
    """

    def __init__(
        self,
        cluster: Cluster,
        watched: Watched,
        kind: Kind,
        samples: TableSamples,
        on_kind: Callable[[Kind], None],
        *,
        first: bool,
    ) -> None:
        super().__init__(cluster, watched, Plan(kind, cells=False))
        self._samples = samples
        self._on_kind = on_kind
        self._first = first
        self._began = False
        self.total: int | None = None

    def learn(self) -> bool:
        """Ask for the columns; whether what was listed meanwhile lacks cells. May block; raise Closed, and ApiError
        where they are asked for first and nobody answers.
        """
        sample = self._samples.of(self._watched.resource, self._watched.namespace, first=self._first)
        self._first, self.total = False, sample.total
        served = kind_as_served(self._plan.kind, sample.columns, sample.object)
        with self._lock:
            unchanged, self._plan = served.kind is self._plan.kind, Plan(served.kind, served.cells)
            lacking = served.cells and self._began
        if not unchanged:
            self._on_kind(served.kind)
        return lacking

    def _delegate(self) -> ListerWatcher:
        if self._first:
            self.learn()
            self._questions += 1
        with self._lock:
            self._began = self._began or not self._plan.cells
        return super()._delegate()


class ServerColumnsListerWatcher(_EitherListerWatcher):
    """For kinds that only the server knows: asks for its columns before lists and watches, and calls `on_kind`.

    Not before those that follow one another closely: a type whose columns change ends its watches, but one that had
    just begun ended for another reason.
    """

    def __init__(
        self, cluster: Cluster, watched: Watched, on_kind: Callable[[Kind], None], clock: Clock | None = None
    ) -> None:
        super().__init__(cluster, watched, Plan(generic_kind(watched.resource), cells=False))
        self._clock = clock or SystemClock()
        self._asked_at = -inf
        self._on_kind = on_kind
        self._columns: tuple[ServerColumn, ...] | None = None

    def list(self, options: ListOptions) -> ObjectList:
        if options.continue_token is None:
            self._look()
        return super().list(options)

    def watch(self, options: ListOptions) -> WatchStream:
        columns = self._columns
        self._look()
        if self._plan.cells and options.resource_version and columns not in (None, self._columns):
            raise ApiError(
                410, "Expired", "The server's columns have changed, so that it must print every object again."
            )
        return super().watch(options)

    def _look(self) -> None:
        """Learn the columns; raise ApiError where whatever else is asked now would not be answered either."""
        last, self._asked_at = self._asked_at, self._clock.monotonic()
        if self._asked_at - last < CLOSELY:
            return
        try:
            columns = self._cluster.table_columns(self._watched.resource, self._watched.namespace)
        except ApiError as error:
            if is_broken_connection(error) or is_too_many_requests(error):
                self._asked_at = -inf
                raise
            self._questions += 1
            # Not knowing the columns is no reason to show no objects; the list itself will report what is wrong.
            log.info("%s: the server's columns are unknown: %s", self._watched.resource, error.message)
            return
        self._questions += 1
        if not columns or columns == self._columns:
            return
        self._columns = columns
        self._plan = plan_for(self._watched, columns, self._definition)
        self._on_kind(self._plan.kind)

    def _definition(self) -> KubeObject | None:
        resource = self._watched.resource
        self._questions += 1
        try:
            return self._cluster.get(_DEFINITIONS, f"{resource.name}.{resource.group}")
        except ApiError as error:
            log.info("%s: its definition is unknown: %s", resource, error.message)
            return None


_DEFINITIONS = Resource(
    GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions"), "CustomResourceDefinition", False
)


def plan_for(watched: Watched, columns: tuple[ServerColumn, ...], definition: Callable[[], KubeObject | None]) -> Plan:
    """Compute cells here where every column says its JSONPath, or the CRD does if asked; else take the server's."""
    printer_columns = printer_columns_from_server(columns)
    if printer_columns is None and "." in watched.resource.group:
        # A column with a description keeps its path to itself.
        defined = definition()
        if defined is not None:
            printer_columns = printer_columns_of_definition(defined, watched.resource.version, columns)
    if printer_columns is not None:
        return Plan(kind_from_printer_columns(watched.resource, printer_columns), cells=False)
    return Plan(kind_from_server_cells(watched.resource, columns), cells=True)
