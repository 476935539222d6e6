"""The reflector's side of a ListerWatcher: counts what is asked, and can interrupt it from another thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kwatch.informer.clock import Clock
from kwatch.informer.errors import Closed, is_refused, is_transient, is_unsent
from kwatch.informer.protocol import (
    BatchedWatchStream,
    Closing,
    ListerWatcher,
    ListOptions,
    ObjectList,
    Versioned,
    WatchEvent,
    WatchStream,
)
from kwatch.informer.retries import MOST_REQUESTS, Retries
from kwatch.informer.status import LIST, WATCH, StatusRecorder

log = logging.getLogger("kwatch.informer.reflector")

Events = Sequence[WatchEvent]


class OpenWatch:
    """A watch that is open: its events in batches, its age, and closing it exactly once."""

    def __init__(self, stream: WatchStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._closed = False
        self._kept: Events = ()
        self.batched = isinstance(stream, BatchedWatchStream)
        self._batches = stream.batches() if isinstance(stream, BatchedWatchStream) else ([event] for event in stream)
        self.opened_at = clock.monotonic()
        self.spoke_at = self.opened_at
        """When the last byte came, as far as can be told."""
        self._bytes = 0
        self.understood = 0
        """How many of its events and bookmarks whoever reads it could understand."""

    def batches(self) -> Iterator[Events]:
        """What comes, from where the last reader left off. An empty batch only says that time has passed."""
        if self._kept:
            kept, self._kept = self._kept, ()
            yield kept
        for events in self._batches:
            self._listen(bool(events))
            yield events

    def keep(self, events: Events) -> None:
        """Give these to the next reader first."""
        self._kept = events

    def close(self) -> None:
        """End it, from any thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            self._stream.close()
        except Exception:
            # It must not keep whoever stops from stopping the rest.
            log.exception("a watch could not be closed")

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return self._clock.monotonic() - self.opened_at

    @property
    def silence(self) -> float:
        """Seconds since the last byte."""
        return self._clock.monotonic() - self.spoke_at

    def _listen(self, spoke: bool) -> None:
        # Half an event is a sign of life too.
        received = getattr(self._stream, "bytes_received", 0)
        if spoke or received > self._bytes:
            self.spoke_at = self._clock.monotonic()
        self._bytes = received


class Upstream:
    """Lists and opens watches for one reflector, in its thread; `interrupt` comes from any."""

    def __init__(self, lister_watcher: ListerWatcher, clock: Clock, recorder: StatusRecorder, retries: Retries) -> None:
        self._lister_watcher = lister_watcher
        self._clock = clock
        self._recorder = recorder
        self._retries = retries
        self._stop = threading.Event()
        self._asking = False
        self._interrupted = False
        self._watch: OpenWatch | None = None
        self._beside: dict[str, int] = {}
        """How many requests the last one of a verb took beyond itself."""
        self._next_page: str | None = None
        """Where the list goes on, if its last page brought something."""

    def begin(self, stop: threading.Event) -> None:
        """Forget an interruption of before; `stop` ends the waiting for a turn."""
        self._stop = stop
        self._interrupted = False

    def list(self, options: ListOptions) -> ObjectList:
        """One page; raise what the ListerWatcher raises, Closed after an interruption."""
        self._recorder.lists += 1
        goes_on = options.continue_token is not None and options.continue_token == self._next_page
        self._next_page = None
        # One more than this page: the next one does not wait for its turn, and counts if it brings nothing.
        with self._asked(LIST, room=0 if goes_on else 2):
            page = self._lister_watcher.list(options)
        if goes_on and not page.items:
            self._retries.asked(1)
        self._next_page = page.continue_token if page.items else None
        return page

    def watch(self, options: ListOptions) -> OpenWatch:
        """An open watch; raise what the ListerWatcher raises, Closed after an interruption."""
        self._recorder.watches += 1
        with self._asked(WATCH):
            opened = OpenWatch(self._lister_watcher.watch(options), self._clock)
            self._watch = opened
        if self._interrupted:
            opened.close()
            raise Closed("interrupted")
        return opened

    def latest_version(self) -> str | None:
        """How far the server is now, if that can be asked; raise what the ListerWatcher raises."""
        if not isinstance(self._lister_watcher, Versioned):
            return None
        with self._asked(LIST):
            return self._lister_watcher.latest_version()

    def interrupt(self) -> None:
        """End what is under way, and refuse what comes."""
        self._interrupted = True
        watch = self._watch
        if watch is not None:
            watch.close()
        # A request that waits for its headers can only be ended by closing the door.
        if self._asking and isinstance(self._lister_watcher, Closing):
            self._lister_watcher.close()

    @contextmanager
    def _asked(self, verb: str, *, room: int = 1) -> Iterator[None]:
        """A request, made when there is room for so many; with 0 at once."""
        in_turn = room > 0
        beside: int | None = getattr(self._lister_watcher, "side_requests", None)
        if in_turn:
            # As many as it took last time.
            self._retries.ask(self._stop, min(MOST_REQUESTS, room + self._beside.get(verb, 0)))
        self._asking = True
        try:
            if self._interrupted or self._stop.is_set():
                raise Closed("interrupted")
            yield
        except Exception as error:
            if not isinstance(error, Closed):
                self._retries.answered(error)
                if is_unsent(error) and in_turn:
                    self._retries.unasked()
                elif not in_turn and not is_transient(error):
                    # Otherwise the page is asked for again, and that is counted.
                    self._retries.asked(1)
            if is_refused(error):
                self._recorder.answered(verb, refused=True)
            raise
        else:
            self._retries.answered()
            self._recorder.answered(verb, refused=False)
        finally:
            self._asking = False
            if beside is not None:
                more = getattr(self._lister_watcher, "side_requests", 0) - beside
                self._retries.asked(more)
                self._beside[verb] = min(more, MOST_REQUESTS - 1)
