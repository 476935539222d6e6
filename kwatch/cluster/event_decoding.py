"""From the pieces of a watch's body to events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kwatch.cluster.framing import LineFramer, Oversize, ValueFramer
from kwatch.informer.decoding import type_in
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import WatchEvent
from kwatch.informer.unreadable import Unreadable

_EVENT_START = re.compile(rb'\{"type":"(?:ADDED|MODIFIED|DELETED|BOOKMARK|ERROR)","object":\{')


class EventDecoder:
    """Takes lines for events, as every server writes them; where one is not, it goes on by counting brackets."""

    def __init__(self, decode: Callable[[bytes], WatchEvent]) -> None:
        self._decode_event = decode
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
                events.append(_oversize(line))
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
        events.extend(_oversize(each) if isinstance(each, Oversize) else self._decode_event(each) for each in values)


def _oversize(line: Oversize) -> WatchEvent:
    """It is known by its beginning alone."""
    return WatchEvent(type_in(line), Unreadable(bytes(line), line.reason))
