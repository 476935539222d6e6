"""One API server as one user: what kwatch.session asks of a cluster, and the logs of its containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kwatch.base.limits import LARGEST_OBJECT, LONGEST_LOG_LINE, MB
from kwatch.cluster import table
from kwatch.cluster.discovery import Discovered, Discovery
from kwatch.cluster.discovery_cache import DiscoveryCache
from kwatch.cluster.lister_watcher import AheadListerWatcher, HttpListerWatcher, get_object
from kwatch.cluster.settings import ConnectionSettings
from kwatch.cluster.transport.in_flight import CallScope, Outcome, beside
from kwatch.cluster.transport.request import JSON, Query, Request, collection_path, object_path
from kwatch.cluster.transport.transport import Transport, as_json, bounded
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import NotFound
from kwatch.informer.kube_object import KubeObject, ServerColumn, TableSample
from kwatch.informer.protocol import Form
from kwatch.informer.resource import GroupVersionResource, Resource, find_resource
from kwatch.informer.waiting import Signal

if TYPE_CHECKING:
    from kwatch.cluster.transport.answer import BodyStream


SAMPLE_TIMEOUT = 10.0
"""Seconds."""
PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)
Wanted = str | GroupVersionResource | Resource
"""A resource, or words for one that the server is asked about."""


class ListedAhead(NamedTuple):
    """What was listed before discovery said that it is served."""

    gvr: GroupVersionResource
    kind: str
    namespaced: bool
    namespace: str | None
    label_selector: str | None
    field_selector: str | None


class ApiServer:
    """Every method may block and raises ApiError, or Closed after `close`. Safe to use from several threads."""

    def __init__(
        self, settings: ConnectionSettings, clock: Clock | None = None, cache_folder: Path | None = None
    ) -> None:
        """`cache_folder`: where to keep what discovery answered; None is nowhere."""
        self._settings = settings
        self._transport = Transport(settings, clock or SystemClock())
        self._discovery = Discovery(self._transport, DiscoveryCache(cache_folder, settings.server))
        self._discovered: Discovered | None = None
        self._version_ahead: list[Outcome[str]] = []
        self._lists_ahead: dict[ListedAhead, AheadListerWatcher] = {}
        self._samples_ahead: dict[tuple[GroupVersionResource, str | None], Outcome[TableSample]] = {}

    @property
    def context(self) -> str:
        """The kubeconfig context's name, or `in-cluster`."""
        return self._settings.context

    @property
    def namespace(self) -> str:
        """The context's default namespace."""
        return self._settings.namespace

    @property
    def server(self) -> str:
        """The server's URL."""
        return self._settings.server

    @property
    def waits_for(self) -> str:
        """What must end before the server is asked anything: a login command, for people; empty for nothing."""
        return self._transport.waits_for

    def ask_ahead(
        self,
        resources: Iterable[Resource],
        namespace: str | None,
        label_selector: str | None,
        field_selector: str | None,
        *,
        columns: bool,
    ) -> None:
        """Send what will be asked right after discovery, so that it goes beside it: the version, and of resources that
        are assumed to be served their streaming lists and, with `columns`, how the server prints them.

        Who asks for one of these next gets that answer, whatever it is; what discovery does not confirm is let go of.
        Returns at once.
        """
        self._version_ahead.append(beside("kwatch-version", self._ask_version))
        for resource in resources:
            where = namespace if resource.namespaced else None
            if columns:
                self._samples_ahead[resource.gvr, where] = beside(
                    f"kwatch-columns {resource}", partial(self._ask_sample, resource, where)
                )
            asked = ListedAhead(resource.gvr, resource.kind, resource.namespaced, where, label_selector, field_selector)
            self._lists_ahead[asked] = AheadListerWatcher(
                self._transport, resource, where, label_selector, field_selector
            )

    def version(self) -> str:
        """gitVersion of GET /version."""
        ahead = self._version_ahead.pop() if self._version_ahead else None
        return (ahead.wait(None) or "") if ahead is not None else self._ask_version()

    def _ask_version(self) -> str:
        request = Request("/version", accept=JSON, timeout=self._transport.timeout, largest=MB)
        answer = as_json(self._transport.fetch(request, self._transport.scope))
        return str(answer.get("gitVersion", "")) if isinstance(answer, dict) else ""

    @property
    def discovery(self) -> Discovered:
        """What the server offers, as last asked; the first look asks it."""
        return self._discovered or self.discover()

    def remembered(self) -> tuple[Resource, ...]:
        """What it offered when an earlier run asked; empty if nothing is kept. Asks nobody."""
        return self._discovery.remembered().resources

    def discover(self) -> Discovered:
        """Ask the server what it offers, afresh."""
        is_first, self._discovered = self._discovered is None, self._discovery.ask()
        served = {(each.gvr, each.kind, each.namespaced) for each in self._discovered if each.preferred and is_first}
        for asked, ahead in self._lists_ahead.items():
            if (asked.gvr, asked.kind, asked.namespaced) not in served:
                ahead.let_go()
        return self._discovered

    def resource(self, wanted: Wanted) -> Resource:
        """A resource by `pods`, `deployments.apps`, `widgets.v1.example.com` or coordinates; raise NotFound."""
        if isinstance(wanted, Resource):
            return wanted
        try:
            return find_resource(self.discovery.resources, wanted)
        except NotFound:
            # It may have come since the server was asked.
            return find_resource(self.discover().resources, wanted)

    def lister_watcher(
        self,
        resource: Wanted,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> HttpListerWatcher:
        """The door to one resource; None is all namespaces."""
        found = self.resource(resource)
        where = namespace if found.namespaced else None
        asked = ListedAhead(found.gvr, found.kind, found.namespaced, where, label_selector, field_selector)
        ahead = self._lists_ahead.get(asked)
        if ahead is not None and form is Form.OBJECTS and ahead.claim():
            return ahead
        if ahead is not None and form is Form.TABLE:
            ahead.let_go()
        return HttpListerWatcher(self._transport, found, namespace, label_selector, field_selector, form)

    def get(self, resource: Wanted, name: str, namespace: str | None = None) -> KubeObject:
        """One object."""
        return get_object(self._transport, self._transport.scope, self.resource(resource), name, namespace)

    def table_columns(self, resource: Wanted, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        """The columns the server itself prints for the resource; none if it prints no tables."""
        return self._table(self.resource(resource), namespace, "None", self._transport.timeout).columns

    def table_sample(self, resource: Wanted, namespace: str | None = None) -> TableSample:
        """The same with one object and its cells, within a few seconds: nobody depends on it."""
        found = self.resource(resource)
        ahead = self._samples_ahead.pop((found.gvr, namespace if found.namespaced else None), None)
        sample = ahead.wait(None) if ahead is not None else None
        return sample if sample is not None else self._ask_sample(found, namespace)

    def _ask_sample(self, resource: Resource, namespace: str | None) -> TableSample:
        timeout = min(SAMPLE_TIMEOUT, self._transport.timeout or SAMPLE_TIMEOUT)
        return self._table(resource, namespace, "Object", timeout)

    def logs(
        self,
        namespace: str,
        pod: str,
        *,
        container: str | None = None,
        follow: bool = False,
        previous: bool = False,
        tail_lines: int | None = None,
        since_seconds: int | None = None,
        since_time: str | None = None,
        timestamps: bool = False,
        cancel: Signal | None = None,
    ) -> HttpLogStream:
        """A container's log, opened; raise Closed if `cancel` is set meanwhile."""
        flags = {"follow": follow, "previous": previous, "timestamps": timestamps}
        numbers = {"tailLines": tail_lines, "sinceSeconds": since_seconds, "sinceTime": since_time}
        query: Query = (
            *((("container", container),) if container else ()),
            *((name, "true") for name, wanted in flags.items() if wanted),
            *((name, str(number)) for name, number in numbers.items() if number is not None),
        )
        path, timeout = object_path(PODS, pod, namespace) + "/log", self._transport.timeout
        # A followed log may be silent for ever.
        request = Request(path, query, "*/*", False, timeout, silence=None if follow else timeout)
        scope = self._transport.scope
        if cancel is not None:
            scope = CallScope(scope)
            cancel.on_set(scope.close)
        return HttpLogStream(self._transport.open(request, scope).stream())

    def get_raw(self, path: str) -> bytes:
        """The JSON of GET `path`, e.g. metrics.k8s.io, as it came; a query may follow the path."""
        request = Request(path, accept=JSON, timeout=self._transport.timeout)
        return bounded(self._transport.fetch(request, self._transport.scope))

    def _table(self, resource: Resource, namespace: str | None, include: str, timeout: float | None) -> TableSample:
        path = collection_path(resource.gvr, namespace if resource.namespaced else None)
        request = Request(
            path, (("limit", "1"), ("includeObject", include)), table.ACCEPT, timeout=timeout, largest=LARGEST_OBJECT
        )
        body = self._transport.fetch(request, self._transport.scope)
        return table.decode_sample(body, resource.kind, resource.api_version)

    def close(self) -> None:
        """Abort everything in flight, from any thread; later calls raise Closed."""
        self._transport.close()
        for ahead in self._lists_ahead.values():
            ahead.let_go()


PATIENCE = 5.0


class HttpLogStream:
    """Lines as they come; ends with the container's output, or when closed."""

    def __init__(self, body: BodyStream) -> None:
        self._body = body

    def __iter__(self) -> Iterator[str]:
        """Yield lines without their newline; raise ApiError when the connection breaks, Closed when closed here."""
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[str]]:
        """The lines of each network read, perhaps none. Of a line beyond LONGEST_LOG_LINE the end is not kept, but how
        long it was is said.
        """
        line = _Line()
        while (pieces := self._body.read(PATIENCE)) is not None:
            first, *others = b"".join(pieces).split(b"\n")
            line.add(first)
            lines = []
            for each in others:
                lines.append(line.text())
                line.add(each)
            yield lines
        if line.size:
            yield [line.text()]

    def close(self) -> None:
        """End it from any thread, at once."""
        self._body.close()


class _Line:
    """One line as it comes, in pieces."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        room = LONGEST_LOG_LINE - self.size
        if piece and room > 0:
            self._pieces.append(piece[:room])
        self.size += len(piece)

    def text(self) -> str:
        """All of it; what comes next is another line."""
        line, size = b"".join(self._pieces), self.size
        self._pieces, self.size = [], 0
        text = line.removesuffix(b"\r").decode("utf-8", "replace")
        return text if size <= LONGEST_LOG_LINE else f"{text}… ({size - LONGEST_LOG_LINE:,} bytes more)"
