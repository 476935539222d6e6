"""An open watch over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kwatch.cluster.event_decoding import EventDecoder
from kwatch.informer.protocol import WatchEvent

if TYPE_CHECKING:
    from kwatch.cluster.transport.streaming import BodyStream

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
            events = self._decoder.feed(pieces)
            if events or not pieces:
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
