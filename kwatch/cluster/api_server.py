"""One API server as one user: what kwatch.session asks of a cluster, and the logs of its containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kwatch.base.limits import LARGEST_OBJECT, LONGEST_LOG_LINE, MB
from kwatch.cluster import table
from kwatch.cluster.discovery import Discovered, discover
from kwatch.cluster.lister_watcher import HttpListerWatcher, get_object
from kwatch.cluster.settings import ConnectionSettings
from kwatch.cluster.transport.in_flight import CallScope
from kwatch.cluster.transport.request import JSON, Query, Request, collection_path, object_path
from kwatch.cluster.transport.status_error import as_json
from kwatch.cluster.transport.transport import Transport
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


class ApiServer:
    """Every method may block and raises ApiError, or Closed after `close`. Safe to use from several threads."""

    def __init__(self, settings: ConnectionSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._transport = Transport(settings, clock or SystemClock())
        self._discovered: Discovered | None = None

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

    def version(self) -> str:
        """gitVersion of GET /version."""
        request = Request("/version", accept=JSON, timeout=self._transport.timeout, largest=MB)
        answer = as_json(self._transport.fetch(request, self._transport.scope))
        return str(answer.get("gitVersion", "")) if isinstance(answer, dict) else ""

    @property
    def discovery(self) -> Discovered:
        """What the server offers, as last asked; the first look asks it."""
        return self._discovered or self.discover()

    def discover(self) -> Discovered:
        """Ask the server what it offers, afresh."""
        self._discovered = discover(self._transport)
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
        return HttpListerWatcher(self._transport, found, namespace, label_selector, field_selector, form)

    def get(self, resource: Wanted, name: str, namespace: str | None = None) -> KubeObject:
        """One object."""
        return get_object(self._transport, self._transport.scope, self.resource(resource), name, namespace)

    def table_columns(self, resource: Wanted, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        """The columns the server itself prints for the resource; none if it prints no tables."""
        return self._table(self.resource(resource), namespace, "None", self._transport.timeout).columns

    def table_sample(self, resource: Wanted, namespace: str | None = None) -> TableSample:
        """The same with one object and its cells, within a few seconds: nobody depends on it."""
        timeout = min(SAMPLE_TIMEOUT, self._transport.timeout or SAMPLE_TIMEOUT)
        return self._table(self.resource(resource), namespace, "Object", timeout)

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
        timestamps: bool = False,
        cancel: Signal | None = None,
    ) -> HttpLogStream:
        """A container's log, opened; raise Closed if `cancel` is set meanwhile."""
        flags = {"follow": follow, "previous": previous, "timestamps": timestamps}
        numbers = {"tailLines": tail_lines, "sinceSeconds": since_seconds}
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

    def get_raw(self, path: str) -> Any:
        """The decoded JSON of GET `path`, e.g. metrics.k8s.io; a query may follow the path."""
        request = Request(path, accept=JSON, timeout=self._transport.timeout)
        return as_json(self._transport.fetch(request, self._transport.scope))

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


PATIENCE = 5.0


class HttpLogStream:
    """Lines as they come; ends with the container's output, or when closed."""

    def __init__(self, body: BodyStream) -> None:
        self._body = body

    def __iter__(self) -> Iterator[str]:
        """Yield lines without their newline; raise ApiError when the connection breaks, Closed when closed here."""
        tail: list[bytes] = []
        size = 0
        while (pieces := self._body.read(PATIENCE)) is not None:
            for piece in pieces:
                *lines, rest = piece.split(b"\n")
                for line in lines:
                    yield _text(b"".join((*tail, line)))
                    tail.clear()
                    size = 0
                tail.append(rest)
                size += len(rest)
                if size > LONGEST_LOG_LINE:
                    yield _text(b"".join(tail))
                    tail.clear()
                    size = 0
        if size:
            yield _text(b"".join(tail))

    def close(self) -> None:
        """End it from any thread, at once."""
        self._body.close()


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
