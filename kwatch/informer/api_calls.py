"""The reflector's side of a ListerWatcher: counts what is asked, interrupts it from another thread, and looks whether
a silent watch is dead or the server was set back.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from kwatch.base.threads import spawn
from kwatch.informer.clock import Clock
from kwatch.informer.errors import ApiError, Closed, HistoryWentBack, is_refused, is_transient, is_unsent
from kwatch.informer.metadata import compare_resource_versions
from kwatch.informer.protocol import (
    BatchedWatchStream,
    Closing,
    ListerWatcher,
    ListOptions,
    ObjectList,
    Probing,
    Versioned,
    WatchEvent,
    WatchStream,
)
from kwatch.informer.reflector_state import LIST, WATCH
from kwatch.informer.retries import MOST_REQUESTS, Retries
from kwatch.informer.status import StatusRecorder
from kwatch.informer.waiting import Signal

log = logging.getLogger("kwatch.informer.reflector")

Events = Sequence[WatchEvent]
MIN_WATCH_TIMEOUT = 300.0
"""Seconds."""


def watch_timeout(least: float) -> int:
    """A timeoutSeconds at random in [least, 2 * least], so that the watches of many clients do not end together."""
    least = max(least, MIN_WATCH_TIMEOUT)
    return int(random.uniform(least, 2 * least))


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
        """How many of its events and bookmarks could be understood, as counted by the reader."""

    def batches(self) -> Iterator[Events]:
        """Events from where the last reader stopped. An empty batch only says that time has passed."""
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
        """From any thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            self._stream.close()
        except Exception:
            # The rest must be stopped all the same.
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
        # Half an event shows that the connection lives, too.
        received = getattr(self._stream, "bytes_received", 0)
        if spoke or received > self._bytes:
            self.spoke_at = self._clock.monotonic()
        self._bytes = received


class ApiCalls:
    """Lists and opens watches for one reflector, in its thread; `interrupt` comes from any.

    Watches last between `min_watch_timeout` and twice that many seconds.
    """

    def __init__(
        self,
        lister_watcher: ListerWatcher,
        clock: Clock,
        recorder: StatusRecorder,
        retries: Retries,
        min_watch_timeout: float = MIN_WATCH_TIMEOUT,
    ) -> None:
        self.clock = clock
        self.recorder = recorder
        self.retries = retries
        self.lister_watcher = lister_watcher
        self._min_watch_timeout = min_watch_timeout
        self._stop = threading.Event()
        self._asking = False
        self._interrupted = False
        self._watch: OpenWatch | None = None
        self._side_requests: dict[str, int] = {}
        """How many further requests the last request of a verb took."""
        self._next_page: str | None = None
        """The continue token of the last page, if it brought something."""

    def until(self, stop: threading.Event) -> AbstractContextManager[None]:
        """A context in which `stop` interrupts what is asked, also while it waits for its turn."""
        self._stop = stop
        self._interrupted = False
        return interrupting(stop, self.interrupt)

    def list(self, options: ListOptions) -> ObjectList:
        """One page; raise what the ListerWatcher raises, Closed after an interruption."""
        self.recorder.lists += 1
        goes_on = options.continue_token is not None and options.continue_token == self._next_page
        self._next_page = None
        # Room for two: the next page does not wait for its turn, and counts only if it brings nothing.
        with self._request(LIST, room=0 if goes_on else 2):
            page = self.lister_watcher.list(options)
        if goes_on and not page.items:
            self.retries.count(1)
        self._next_page = page.continue_token if page.items else None
        return page

    def watch(self, options: ListOptions) -> OpenWatch:
        """An open watch; raise what the ListerWatcher raises, Closed after an interruption."""
        self.recorder.watches += 1
        with self._request(WATCH):
            options = replace(options, timeout_seconds=watch_timeout(self._min_watch_timeout))
            opened = OpenWatch(self.lister_watcher.watch(options), self.clock)
            self._watch = opened
        if self._interrupted:
            opened.close()
            raise Closed("interrupted")
        return opened

    def latest_version(self) -> str | None:
        """The server's version now, None if it cannot be asked; raise what the ListerWatcher raises."""
        if not isinstance(self.lister_watcher, Versioned):
            return None
        with self._request(LIST):
            return self.lister_watcher.latest_version()

    def interrupt(self) -> None:
        """End the request under way, and refuse more."""
        self._interrupted = True
        watch = self._watch
        if watch is not None:
            watch.close()
        # A request that waits for its headers can only be ended by closing the ListerWatcher.
        if self._asking and isinstance(self.lister_watcher, Closing):
            self.lister_watcher.close()

    @contextmanager
    def _request(self, verb: str, *, room: int = 1) -> Iterator[None]:
        """The context of a request, entered when there is room for so many; with 0 at once."""
        in_turn = room > 0
        side_requests_before: int | None = getattr(self.lister_watcher, "side_requests", None)
        if in_turn:
            # As many as it took last time.
            self.retries.acquire(self._stop, min(MOST_REQUESTS, room + self._side_requests.get(verb, 0)))
        self._asking = True
        try:
            if self._interrupted or self._stop.is_set():
                raise Closed("interrupted")
            yield
        except Exception as error:
            if not isinstance(error, Closed):
                self.retries.outcome(error)
                if is_unsent(error) and in_turn:
                    self.retries.uncount()
                elif not in_turn and not is_transient(error):
                    # Otherwise the page is asked for again, and that is counted.
                    self.retries.count(1)
            if is_refused(error):
                self.recorder.answered(verb, refused=True)
            raise
        else:
            self.retries.outcome()
            self.recorder.answered(verb, refused=False)
        finally:
            self._asking = False
            if side_requests_before is not None:
                more = getattr(self.lister_watcher, "side_requests", 0) - side_requests_before
                self.retries.count(more)
                self._side_requests[verb] = min(more, MOST_REQUESTS - 1)


QUIET_AFTER = 75.0
"""Seconds without a byte; a bookmark comes about once a minute."""
REOPEN_AFTER = 150.0
"""Seconds without a byte, on a server that answers otherwise, after which the watch is opened again: that costs one
request, and something between here and the server may have forgotten this connection.
"""
ASK_EVERY = 30.0
"""Seconds between two probes while it stays quiet."""


class QuietCheck:
    """After a long silence probes the server on another connection, and writes the result into the status."""

    def __init__(self, calls: ApiCalls) -> None:
        self._lister_watcher = calls.lister_watcher
        self._clock = calls.clock
        self._recorder = calls.recorder
        self._asked_at = float("-inf")
        self._unanswered_since: float | None = None
        self._ahead = self._time_ahead

    def look(self, opened: OpenWatch) -> bool:
        """Called while nothing comes; whether to reopen the watch. May take as long as the ListerWatcher's probe."""
        # While a machine sleeps, the connections of others end; intervals do not count that, the time of day does.
        slept = max(0.0, self._time_ahead - self._ahead)
        silence = opened.silence + slept
        if silence < QUIET_AFTER:
            self.reset()
            return False
        now = self._clock.monotonic()
        if isinstance(self._lister_watcher, Probing) and now - self._asked_at >= ASK_EVERY:
            self._asked_at = now
            self._ask(self._lister_watcher)
        if self._unanswered_since is None:
            answer = ", server answers" if isinstance(self._lister_watcher, Probing) else ""
            self._recorder.quiet = f"quiet {silence:.0f} s{answer}"
        else:
            clock = time.strftime("%H:%M", time.localtime(self._unanswered_since))
            self._recorder.quiet = f"no answer since {clock}"
        return silence >= REOPEN_AFTER and self._unanswered_since is None

    def reset(self) -> None:
        self._recorder.quiet = ""
        self._unanswered_since = None
        self._ahead = self._time_ahead

    @property
    def _time_ahead(self) -> float:
        return self._clock.time() - self._clock.monotonic()

    def _ask(self, lister_watcher: Probing) -> None:
        try:
            lister_watcher.probe()
            self._unanswered_since = None
        except (ApiError, Closed, OSError) as error:
            if self._unanswered_since is None:
                self._unanswered_since = self._clock.time()
            self._recorder.error("probe", error)


class HistoryCheck:
    """Asks once for each watch that is opened again: a request every five to ten minutes, or after a lost connection;
    not where watches come and go so fast that there is no room for it.

    client-go has no such check: after a restore of etcd its caches silently stay as they were. Some servers, though,
    give all lists the same version: they are believed once, and again only if they went back further, or were ahead in
    between.
    """

    def __init__(self, calls: ApiCalls) -> None:
        self._calls = calls
        self._recorder = calls.recorder
        self._retries = calls.retries
        self._believed = ""
        """The server's version when it was last found to have gone back."""

    def look(self, ours: str) -> HistoryWentBack | None:
        """What is wrong, None if the server is where it should be or cannot say; raise Closed."""
        if self._retries.busy:
            return None
        try:
            theirs = self._calls.latest_version()
            if theirs is None:
                return None
            if compare_resource_versions(theirs, ours) >= 0:
                self._believed = ""
            elif not self._believed or compare_resource_versions(theirs, self._believed) < 0:
                self._believed = theirs
                return HistoryWentBack(ours, theirs)
            else:
                self._recorder.note(
                    "the versions of the server's lists stand still: whether it was set back is not known"
                )
        except ValueError:
            return None  # versions that are no numbers cannot be compared
        except (ApiError, OSError) as error:
            if not is_refused(error):
                self._recorder.error("history check", error)
        return None


_LOOK_EVERY = 0.05


@contextmanager
def interrupting(stop: threading.Event, interrupt: Callable[[], None]) -> Iterator[None]:
    """While the context is open, call `interrupt` once `stop` is set.

    A Signal calls by itself; any other event needs a thread, which looks twenty times a second because it must also
    notice that the context has ended.
    """
    finished = threading.Event()

    def look() -> None:
        while not stop.wait(_LOOK_EVERY):
            if finished.is_set():
                return
        interrupt()

    if isinstance(stop, Signal):
        stop.on_set(interrupt)
    else:
        spawn("kwatch-stop-watch", look, until=finished)
    try:
        yield
    finally:
        finished.set()
        if isinstance(stop, Signal):
            stop.forget(interrupt)
