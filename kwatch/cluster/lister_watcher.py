"""The door to one resource of one server."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.base.limits import LARGEST_OBJECT, LONGEST_SKIPPED, MB
from kwatch.cluster import table
from kwatch.cluster.event_decoding import EventDecoder
from kwatch.cluster.framing import Oversize
from kwatch.cluster.pages import read_page
from kwatch.cluster.paths import Query, collection_path, list_query, object_path
from kwatch.cluster.transport.in_flight import CallScope
from kwatch.cluster.transport.request import JSON, Request
from kwatch.cluster.transport.transport import Transport
from kwatch.cluster.watch_stream import HttpWatchStream
from kwatch.informer.decoding import decode_list, decode_object, decode_watch_event
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ListOptions, Object, ObjectList, WatchEvent
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import SelectorSyntaxError, parse_field_selector
from kwatch.informer.unreadable import Unreadable

WATCH_MARGIN = 30.0
"""Seconds that a watch may be silent beyond its own timeoutSeconds before its connection is taken for dead."""
LONGEST_WATCH = 3600
"""What the server chooses at most where no timeoutSeconds is asked for."""
PROBE_TIMEOUT = 5.0


class HttpListerWatcher:
    """Lists and watches one resource. Safe to use from several threads; `close` ends everything at once."""

    accept = JSON
    extra_query: Query = ()

    def __init__(
        self,
        transport: Transport,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> None:
        self._transport = transport
        self._scope = CallScope(transport.scope)
        # Asked for with every event.
        self._kind, self._api_version = resource.kind, resource.api_version
        self.namespace = namespace if resource.namespaced else None
        """Where to look; None is everywhere."""
        self._path = collection_path(resource.gvr, self.namespace)
        self._selectors = (label_selector, field_selector)
        self.outage = transport.outage

    def list(self, options: ListOptions) -> ObjectList:
        """One page; raise ApiError, Closed."""
        query = list_query(options, *self._selectors, watch=False) + self.extra_query
        request = Request(self._path, query, self.accept, timeout=self._transport.timeout)
        what = f"The answer of {self._transport.settings.server} to {self._path}"
        body, raws = read_page(self._transport.open(request, self._scope).pieces(LONGEST_SKIPPED), what)
        items = None if raws is None else [_readable(raw) for raw in raws]
        return self._decode_list(body, items)

    def watch(self, options: ListOptions) -> HttpWatchStream:
        """An open watch, its headers in; raise ApiError, Closed."""
        query = list_query(options, *self._selectors, watch=True) + self.extra_query
        silence = (options.timeout_seconds or LONGEST_WATCH) + WATCH_MARGIN
        request = Request(
            self._path, query, self.accept, False, self._transport.timeout, silence=silence, longest=silence
        )
        answer = self._transport.open(request, self._scope)
        return HttpWatchStream(answer.stream(), EventDecoder(self._decode_event))

    def latest_version(self) -> str:
        """The server's version now, read consistently: a list of one object; raise ApiError, Closed."""
        return self.list(ListOptions(limit=1)).resource_version

    @property
    def selective(self) -> bool:
        """Whether there is a selector that an object may leave without being deleted: its name it keeps."""
        labels, fields = self._selectors
        try:
            keys = {each.key for each in parse_field_selector(fields or "").requirements}
        except SelectorSyntaxError:
            return True
        return bool(labels) or not keys <= {"metadata.name", "metadata.namespace"}

    @property
    def side_requests(self) -> int:
        """Redirects that were followed, and what was asked again with new credentials."""
        return self._scope.side_requests

    def probe(self) -> bytes:
        """Ask the server for a sign of life, within a few seconds; raise ApiError, Closed."""
        return self._transport.fetch(Request("/version", timeout=PROBE_TIMEOUT, largest=MB), self._scope)

    def close(self) -> None:
        """Abort every list and watch in flight; later ones raise Closed."""
        self._scope.close()

    def _decode_list(self, body: bytes, items: Sequence[Object | bytes] | None) -> ObjectList:
        return decode_list(body, kind=self._kind, api_version=self._api_version, items=items)

    def _decode_event(self, line: bytes) -> WatchEvent:
        return decode_watch_event(line, kind=self._kind, api_version=self._api_version)


class TableListerWatcher(HttpListerWatcher):
    """Asks for Tables, so that every object also carries the server's own cells (KubeObject.cells)."""

    accept = table.ACCEPT
    extra_query = (("includeObject", "Object"),)

    def _decode_list(self, body: bytes, items: Sequence[Object | bytes] | None) -> ObjectList:
        return table.decode_table_list(body, self._kind, self._api_version, items)

    def _decode_event(self, line: bytes) -> WatchEvent:
        return table.decode_table_event(line, self._kind, self._api_version)


def _readable(raw: bytes) -> Object | bytes:
    """What is but the beginning of an object is quarantined by the name that stands there."""
    return Unreadable(bytes(raw), raw.reason) if isinstance(raw, Oversize) else raw


def get_object(
    transport: Transport, scope: CallScope, resource: Resource, name: str, namespace: str | None
) -> KubeObject:
    """One object; raise ApiError, Closed."""
    request = Request(object_path(resource, name, namespace), timeout=transport.timeout, largest=LARGEST_OBJECT)
    body = transport.fetch(request, scope)
    decoded = decode_object(body, resource.kind, resource.api_version)
    if not isinstance(decoded, KubeObject):
        raise ApiError(0, "Malformed", f"The server's answer cannot be read: {decoded.reason}.")
    return decoded
