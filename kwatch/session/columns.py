"""Which columns a resource shows: the catalogue's, the CRD's printer columns, or the server's own Table cells.

The last two are learnt from the server in the reflector's thread, before it lists or watches; so a screen never waits
for them, and a CRD that changes its columns (which closes its watches) shows the new ones without a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from kwatch.catalog.kind import Kind
from kwatch.catalog.printer_columns import (
    kind_from_printer_columns,
    printer_columns_from_server,
    printer_columns_of_definition,
)
from kwatch.catalog.registry import generic_kind
from kwatch.catalog.server_cells import kind_from_server_cells
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import (
    Closing,
    ListerWatcher,
    ListOptions,
    ObjectList,
    Probing,
    Versioned,
    WatchStream,
)
from kwatch.informer.refusals import is_too_many_requests, is_unreachable
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.ports import Cluster, ServerColumn
from kwatch.session.watched import Watched

log = logging.getLogger("kwatch.session.columns")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fetch a resource, and how its objects then look."""

    kind: Kind
    cells: bool
    """Whether the objects must come in Table rows, with the server's cells."""


class ServerColumnsListerWatcher:
    """Asks for the server's columns before every list and watch, tells who shows them, and delegates."""

    def __init__(self, cluster: Cluster, watched: Watched, on_kind: Callable[[Kind], None]) -> None:
        self._cluster = cluster
        self._watched = watched
        self._on_kind = on_kind
        self._columns: tuple[ServerColumn, ...] | None = None
        self._plan = Plan(generic_kind(watched.resource), cells=False)
        where = (watched.namespace, watched.label_selector, watched.field_selector)
        self._plain = cluster.lister_watcher(watched.resource, *where)
        self._table = cluster.table_lister_watcher(watched.resource, *where)
        self.side_requests = 0
        self.namespace = watched.namespace
        self.outage = getattr(self._plain, "outage", None)

    def list(self, options: ListOptions) -> ObjectList:
        """One page, with cells if the columns cannot be computed here."""
        return self._delegate(options.continue_token is None).list(options)

    def watch(self, options: ListOptions) -> WatchStream:
        """A watch, with cells if the columns cannot be computed here."""
        columns = self._columns
        upstream = self._delegate(True)
        if self._plan.cells and options.resource_version and columns not in (None, self._columns):
            raise ApiError(
                410, "Expired", "The server's columns have changed, so that it must print every object anew."
            )
        return upstream.watch(options)

    def close(self) -> None:
        """Abort what is in flight."""
        for each in (self._plain, self._table):
            if isinstance(each, Closing):
                each.close()

    def probe(self) -> object:
        """Ask the server for a sign of life on another connection."""
        return self._plain.probe() if isinstance(self._plain, Probing) else None

    @property
    def selective(self) -> bool:
        """Whether there is a selector that an object may leave without being deleted."""
        return getattr(self._plain, "selective", False) is True

    def latest_version(self) -> str:
        """How far the server is; empty if that cannot be asked."""
        return self._plain.latest_version() if isinstance(self._plain, Versioned) else ""

    def _delegate(self, look: bool) -> ListerWatcher:
        if look:
            self._look()
        return self._table if self._plan.cells else self._plain

    def _look(self) -> None:
        """Learn the columns; raise ApiError where whatever else is asked now would not be answered either."""
        self.side_requests += 1
        try:
            columns = self._cluster.table_columns(self._watched.resource, self._watched.namespace)
        except ApiError as error:
            if is_unreachable(error) or is_too_many_requests(error):
                raise
            # Not knowing the columns is no reason to show no objects; the list itself will report what is wrong.
            log.info("%s: the server's columns are unknown: %s", self._watched.resource, error.message)
            return
        if not columns or columns == self._columns:
            return
        self._columns = columns
        self._plan = plan_for(self._watched, columns, self._definition)
        self._on_kind(self._plan.kind)

    def _definition(self) -> KubeObject | None:
        resource = self._watched.resource
        self.side_requests += 1
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
