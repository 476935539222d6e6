"""What the informer's thread does, from its start to its end."""

from __future__ import annotations

import logging

from kwatch.informer.clock import Clock
from kwatch.informer.delta_fifo import DeltaFIFO, next_sequence
from kwatch.informer.delta_processor import DeltaProcessor, Gap
from kwatch.informer.errors import QueueClosed
from kwatch.informer.handler_set import HandlerSet
from kwatch.informer.metrics import Histogram
from kwatch.informer.waiting import Signal

log = logging.getLogger("kwatch.informer")


class DeltaLoop:
    """Processes what the queue holds until it is closed, and between two batches takes in new handlers, tells of gaps
    and notices that the first list is in the cache: `synced` is set then.
    """

    def __init__(
        self,
        fifo: DeltaFIFO,
        processor: DeltaProcessor,
        handlers: HandlerSet,
        synced: Signal,
        clock: Clock,
        processing: Histogram,
    ) -> None:
        self._fifo = fifo
        self._processor = processor
        self._handlers = handlers
        self._synced = synced
        self._clock = clock
        self._processing = processing
        self.synced_at: float | None = None
        """Seconds since the epoch."""

    def run(self) -> None:
        """Go on until the queue is closed and empty."""
        try:
            while True:
                self._handlers.take_in()
                began = self._clock.monotonic()
                drained = self._fifo.drain(self._processor.process)
                self._look_for_sync()
                if drained:
                    self._processing.observe(self._clock.monotonic() - began)
                    continue
                self._processor.tell_gaps()
                # Looked for again after the queue was found empty: who arrives later wakes the wait.
                if not self._handlers.arriving and not self._processor.gaps:
                    self._fifo.wait()
        except QueueClosed:
            log.debug("the queue is closed")

    def note_gap(self, since: float, until: float, cause: str) -> None:
        """Have the sinks told that nothing was watched, before whatever is queued from now on; from any thread."""
        self._processor.gaps.append(Gap(next_sequence(), since, until, cause))
        self._fifo.wake()

    def _look_for_sync(self) -> None:
        if self.synced_at is None and self._fifo.has_synced():
            self.synced_at = self._clock.time()
            self._synced.set()
            self._handlers.look_for_sync()
