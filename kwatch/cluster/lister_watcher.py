"""Lists and watches one resource of one server: pages and open watches over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.base.limits import LARGEST_OBJECT, LONGEST_SKIPPED, MB
from kwatch.cluster import table
from kwatch.cluster.framing import LineFramer, Oversize, ValueFramer, read_page
from kwatch.cluster.transport.in_flight import CallScope, Outcome, beside
from kwatch.cluster.transport.request import JSON, Query, Request, collection_path, list_query, object_path
from kwatch.cluster.transport.transport import Transport
from kwatch.informer.api_calls import MIN_WATCH_TIMEOUT, watch_timeout
from kwatch.informer.decoding import decode_list, decode_object, decode_watch_event, digest_of, type_in
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject, Unreadable
from kwatch.informer.protocol import Form, ListOptions, Object, ObjectList, WatchEvent
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import SelectorSyntaxError, parse_field_selector
from kwatch.informer.streaming_list import streaming_options

if TYPE_CHECKING:
    from kwatch.cluster.transport.answer import BodyStream


WATCH_MARGIN = 30.0
"""Seconds that a watch may be silent beyond its own timeoutSeconds before its connection is taken for dead."""
LONGEST_WATCH = 3600
"""What the server chooses at most where no timeoutSeconds is asked for."""
PROBE_TIMEOUT = 5.0


_ACCEPT = {
    Form.OBJECTS: (JSON, JSON),
    # The metadata alone would do, but for what says whether the data changed: no server sends a digest of it.
    Form.DIGEST: (JSON, JSON),
    Form.TABLE: (table.ACCEPT, table.ACCEPT),
    Form.METADATA: tuple(
        f"application/json;as=PartialObjectMetadata{each};g=meta.k8s.io;v=v1,application/json" for each in ("List", "")
    ),
}
"""For a list, and for a watch. An aggregated API server that knows no other form sends whole objects."""


class HttpListerWatcher:
    """Lists and watches one resource. Safe to use from several threads; `close` ends everything at once."""

    def __init__(
        self,
        transport: Transport,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> None:
        self._transport = transport
        self._scope = CallScope(transport.scope)
        self._is_table, self._is_digest = form is Form.TABLE, form is Form.DIGEST
        # Asked for with every event.
        self._kind, self._api_version = resource.kind, resource.api_version
        if form is Form.METADATA:
            self._kind, self._api_version = "PartialObjectMetadata", "meta.k8s.io/v1"
        self._accept, self._accept_in_watch = _ACCEPT[form]
        # Where a server offers drop=metadata.managedFields (half of a pod), or shard ranges, they would go in here.
        self._form_query: Query = (("includeObject", "Object"),) if self._is_table else ()
        self.namespace = namespace if resource.namespaced else None
        """Where to look; None is everywhere."""
        self._path = collection_path(resource.gvr, self.namespace)
        self._selectors = (label_selector, field_selector)
        self.outage = transport.outage

    def list(self, options: ListOptions) -> ObjectList:
        """One page; raise ApiError, Closed."""
        query = list_query(options, *self._selectors, watch=False) + self._form_query
        request = Request(self._path, query, self._accept, timeout=self._transport.timeout)
        what = f"The answer of {self._transport.settings.server} to {self._path}"
        body, raws = read_page(self._transport.open(request, self._scope).pieces(LONGEST_SKIPPED), what)
        items = None if raws is None else [_readable(raw) for raw in raws]
        return self._decode_list(body, items)

    def watch(self, options: ListOptions) -> HttpWatchStream:
        """An open watch, its headers in; raise ApiError, Closed."""
        query = list_query(options, *self._selectors, watch=True) + self._form_query
        silence = (options.timeout_seconds or LONGEST_WATCH) + WATCH_MARGIN
        # A server compresses streaming lists from 1.37 on, and what is watched after them; other watches never.
        compressed = bool(options.send_initial_events)
        timeout = self._transport.timeout
        request = Request(
            self._path, query, self._accept_in_watch, compressed, timeout, silence=silence, longest=silence
        )
        answer = self._transport.open(request, self._scope)
        return HttpWatchStream(answer.stream(), EventDecoder(self._decode_event, self._oversize))

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
        if self._is_table:
            return table.decode_table_list(body, self._kind, self._api_version, items)
        page = decode_list(body, kind=self._kind, api_version=self._api_version, items=items)
        return replace(page, items=[*map(digest_of, page.items)]) if self._is_digest else page

    def _decode_event(self, line: bytes) -> WatchEvent:
        if self._is_table:
            return table.decode_table_event(line, self._kind, self._api_version)
        event = decode_watch_event(line, kind=self._kind, api_version=self._api_version)
        return _digest_in(event) if self._is_digest else event

    def _oversize(self, line: Oversize) -> WatchEvent:
        event = _oversize(line)
        return _digest_in(event) if self._is_digest else event


class AheadListerWatcher(HttpListerWatcher):
    """Sends its first watch, a streaming list, before anybody asks for it: beside discovery, which says whether there
    is such a resource at all.

    Who then lists so gets that answer, whatever it is, as if it had been sent for just now.
    """

    def __init__(
        self,
        transport: Transport,
        resource: Resource,
        namespace: str | None,
        label_selector: str | None,
        field_selector: str | None,
    ) -> None:
        super().__init__(transport, resource, namespace, label_selector, field_selector)
        self._claims = [True]
        self._pending: list[Outcome[HttpWatchStream]] = [beside(f"kwatch-ahead {resource}", self._ask)]

    def claim(self) -> bool:
        """Whether it is for the one who asks: the first."""
        return bool(self._claims) and self._claims.pop()

    def watch(self, options: ListOptions) -> HttpWatchStream:
        """The one that is under way, if it is the same."""
        ahead = self._take() if replace(options, timeout_seconds=None) == _STREAMING else None
        opened = ahead.wait(None) if ahead is not None else None
        return opened if opened is not None else super().watch(options)

    def let_go(self) -> None:
        """Of what nobody has asked for."""
        ahead = self._take()
        if ahead is not None:
            ahead.discard(HttpWatchStream.close)

    def close(self) -> None:
        """Abort everything, what nobody has asked for too."""
        self.let_go()
        super().close()

    def _ask(self) -> HttpWatchStream:
        return super().watch(replace(_STREAMING, timeout_seconds=watch_timeout(MIN_WATCH_TIMEOUT)))

    def _take(self) -> Outcome[HttpWatchStream] | None:
        try:
            return self._pending.pop()
        except IndexError:
            return None


_STREAMING = streaming_options(ListOptions())


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


_EVENT_START = re.compile(rb'\{"type":"(?:ADDED|MODIFIED|DELETED|BOOKMARK|ERROR)","object":\{')


def _oversize(line: Oversize) -> WatchEvent:
    """It is known by its beginning alone."""
    return WatchEvent(type_in(line), Unreadable(bytes(line), line.reason))


def _digest_in(event: WatchEvent) -> WatchEvent:
    return WatchEvent(event.type, digest_of(event.object))


class EventDecoder:
    """Takes lines for events, as every server writes them; where one is not, it goes on by counting brackets."""

    def __init__(
        self, decode: Callable[[bytes], WatchEvent], oversize: Callable[[Oversize], WatchEvent] = _oversize
    ) -> None:
        """`oversize` makes the event of a line that is too long."""
        self._decode_event = decode
        self._oversize = oversize
        self._lines = LineFramer()
        self._values: ValueFramer | None = None

    def feed(self, pieces: Iterable[bytes]) -> list[WatchEvent]:
        """The events that are complete now."""
        lines = self._lines.feed(pieces)
        lines += self._lines.complete_values()
        return self._decode(lines)

    def end(self) -> list[WatchEvent]:
        """What the end of the body completed; raise ApiError if it cut an event in two."""
        tail = self._lines.take_tail()
        events = self._decode([tail]) if tail.strip() else []
        if self._values is not None and self._values.pending:
            raise ApiError(0, "ConnectionLost", "The watch broke off in the middle of an event.")
        return events

    def _decode(self, lines: list[bytes]) -> list[WatchEvent]:
        events: list[WatchEvent] = []
        for line in lines:
            if type(line) is Oversize:
                events.append(self._oversize(line))
                self._values = None
                continue
            if self._values is not None:
                self._continue(self._values, line, events)
                continue
            event = self._decode_event(line)
            obj = event.object
            # By identity: to ask a Mapping for its abstract class costs more.
            if type(obj) is Unreadable and obj.malformed:
                self._reframe(line, event, events)
            else:
                events.append(event)
        return events

    def _reframe(self, line: bytes, event: WatchEvent, events: list[WatchEvent]) -> None:
        """A line that is no JSON: several values, the beginning of one, or indeed none."""
        framer = ValueFramer()
        values = framer.feed(line)
        if not framer.pending and len(values) < 2:
            events.append(event)
            return
        self._take(values, events)
        if framer.pending:
            self._values = framer

    def _continue(self, framer: ValueFramer, line: bytes, events: list[WatchEvent]) -> None:
        if framer.pending and _EVENT_START.match(line):
            raise ApiError(0, "Malformed", "The watch brought half an event, and then the next one.")
        self._take(framer.feed(line), events)
        if not framer.pending:
            self._values = None

    def _take(self, values: list[bytes], events: list[WatchEvent]) -> None:
        events.extend(
            self._oversize(each) if isinstance(each, Oversize) else self._decode_event(each) for each in values
        )


PATIENCE = 5.0
"""Seconds without a byte after which an empty batch is given, so that the reflector can look at the clock."""


class HttpWatchStream:
    """Events as they come; see kwatch.informer.protocol.BatchedWatchStream."""

    def __init__(self, body: BodyStream, decoder: EventDecoder) -> None:
        self._body = body
        self._decoder = decoder

    @property
    def bytes_received(self) -> int:
        """Bytes of the body so far, as they came over the wire."""
        return self._body.bytes_received

    def batches(self) -> Iterator[Sequence[WatchEvent]]:
        """The events of one network read at a time; an empty batch when nothing came for some seconds."""
        while (pieces := self._body.read(PATIENCE)) is not None:
            events, is_silent = self._decoder.feed(pieces), not pieces
            del pieces  # it may hold what is not to be kept, and the next read may take long
            if events or is_silent:
                yield events
        last = self._decoder.end()
        if last:
            yield last

    def __iter__(self) -> Iterator[WatchEvent]:
        for batch in self.batches():
            yield from batch

    def close(self) -> None:
        """End it from any thread, at once."""
        self._body.close()
