"""client-go's Reflector: keeps a store equal to a resource of a server by listing, watching, and listing again.

Its states and what may follow what are in `reflector_state`; here is what is done in each: EMPTY, LISTING and LISTED in
`_fill`, STREAMING in `streaming_list`, WATCHING in `watching`, the waits in `retries`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from kwatch.base.threads import report
from kwatch.informer.api_calls import MIN_WATCH_TIMEOUT, ApiCalls, OpenWatch
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import (
    ApiError,
    Closed,
    cause_of,
    is_expired,
    is_foreseen,
    is_oversize,
    is_too_large,
)
from kwatch.informer.event_writer import ObjectIntake
from kwatch.informer.metadata import KeyFunc, meta_namespace_key
from kwatch.informer.packing import ObjectPacker
from kwatch.informer.pager import PAGE_SIZE, Pager
from kwatch.informer.protocol import ListerWatcher, ListOptions, Object, ObjectList
from kwatch.informer.reflector_state import LIST, State
from kwatch.informer.reflector_store import ArrivingList, LastVersion, Store, reflector_store
from kwatch.informer.retries import Backoff, Delays, Retries
from kwatch.informer.status import ATTEMPT, ConnectionState, GapListener, InformerStatus, Quarantine, StatusRecorder
from kwatch.informer.streaming_list import StreamingList, StreamingUnavailable, check_consistency
from kwatch.informer.watching import Refresh, ResyncTimer, Watching

log = logging.getLogger("kwatch.informer.reflector")

_LOOK_EVERY = 100
"""Objects of a page after which it is looked whether there is room for more."""
_STREAM_EVERY = 4
"""Where neither lists nor watches are allowed, one of so many attempts is made with a streaming list."""


class Reflector:
    """Lists and watches in the thread that runs it.

    - `page_size`: objects a page, for every list; by default 500 where the server would not answer from its cache.
    - `backoff`: the delays between attempts.
    - `expected_type`: (apiVersion, kind); events of another type are dropped and counted.
    - `streaming`: whether to ask for streaming lists first, unless the ListerWatcher has `streaming = False`.
    - `min_watch_timeout`: watches last between that and twice that many seconds; less than 300 counts as 300.
    - `internal_error_retry`: seconds for which a watch that ends with an internal error is opened again without a list.
    - `should_resync`: asked when a resync is due.
    - `on_error` is called with what ends an attempt, `on_gap` with since when, until when and why nothing was watched.
    - `arriving`: is told of the first list while it comes; the store gets it when it is whole.
    - `verify`: after a streaming list, list the same version and compare; for debugging.
    """

    def __init__(
        self,
        lister_watcher: ListerWatcher,
        store: Store,
        *,
        resync_period: float = 0.0,
        page_size: int | None = None,
        clock: Clock | None = None,
        backoff: Delays | None = None,
        name: str = "reflector",
        key_func: KeyFunc = meta_namespace_key,
        expected_type: tuple[str, str] | None = None,
        streaming: bool = True,
        min_watch_timeout: float = MIN_WATCH_TIMEOUT,
        internal_error_retry: float = 0.0,
        bookmark_tick: float = 10.0,
        should_resync: Callable[[], bool] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_gap: GapListener | None = None,
        packer: ObjectPacker | None = None,
        recorder: StatusRecorder | None = None,
        quarantine: Quarantine | None = None,
        arriving: ArrivingList | None = None,
        verify: bool = False,
    ) -> None:
        self.name = name
        self._clock = clock = clock or SystemClock()
        self._recorder = recorder = recorder or StatusRecorder(clock)
        self.quarantine = quarantine or Quarantine(clock, recorder)
        self._page_size = page_size
        self._paginated = False
        self._key_func = key_func
        self._streaming_wanted = streaming and getattr(lister_watcher, "streaming", True) is not False
        self._should_resync = should_resync
        self._on_error = on_error
        self._arriving = arriving
        self._verify = verify
        self._relist_cause = ""
        outage, namespace = (getattr(lister_watcher, each, None) for each in ("outage", "namespace"))
        self._retries = Retries(backoff or Backoff(), clock, recorder, outage)
        self._calls = calls = ApiCalls(lister_watcher, clock, recorder, self._retries, min_watch_timeout)
        self._intake = intake = ObjectIntake(recorder, self.quarantine, packer, expected_type, namespace)
        self._store = reflector_store(store, self.quarantine)
        self._version = version = LastVersion()
        self._connection = connection = ConnectionState(clock, recorder, on_gap)
        self._streaming_list = StreamingList(calls, intake, version, key_func, bookmark_tick, arriving)
        resync = ResyncTimer(resync_period, self._resync, clock)
        self._watching = Watching(name, calls, intake, self._store, version, connection, resync, internal_error_retry)

    @property
    def last_sync_resource_version(self) -> str:
        """The version that the store has reached; empty before the first list."""
        return self._version.value

    @property
    def status(self) -> InformerStatus:
        return self._recorder.snapshot()

    def run(self, stop: threading.Event) -> None:
        """List and watch until `stop` is set, with a pause after every return of list_and_watch."""
        while not stop.is_set():
            error = self._attempt(stop)
            if not stop.is_set():
                self._retries.pause(stop, error)
        self._recorder.enter(State.STOPPED)

    def list_again(self) -> None:
        """The store is in doubt: end the watch and fetch the whole list; from any thread."""
        self._watching.break_off(RuntimeError("the cache was in doubt, so everything is listed again"))

    def refresh(self, cause: str) -> None:
        """The same objects are wanted in another form: fetch the whole list; from any thread."""
        self._watching.break_off(Refresh(cause))

    def list_and_watch(self, stop: threading.Event) -> None:
        """List, then watch for as long as that suffices; returns when a list is needed, or after `stop`.

        Raise what the list, or opening a watch, raised.
        """
        if stop.is_set():
            return
        try:
            with self._calls.until(stop):
                while True:
                    opened = self._fill(stop)
                    self._relist_cause = self._watching.run(stop, opened)
                    if not self._watching.refreshes or stop.is_set():
                        break
        except Closed:
            if not stop.is_set():
                raise

    def _attempt(self, stop: threading.Event) -> Exception | None:
        try:
            self.list_and_watch(stop)
        except Exception as error:  # noqa: BLE001 - a ListerWatcher may raise anything; recorded, reported, tried again
            if stop.is_set():
                return None
            self._relist_cause = cause_of(error)
            self._connection.lost(self._relist_cause)
            self._recorder.error(ATTEMPT, error)
            if is_foreseen(error):
                log.warning("%s: %s", self.name, error)
            else:
                report(f"reflector {self.name}", error)
            self._call_error_handler(error)
            return error
        return None

    def _call_error_handler(self, error: Exception) -> None:
        if self._on_error is None:
            return
        try:
            self._on_error(error)
        except Exception as raised:  # noqa: BLE001 - the user's handler; reported
            self._recorder.error("watch error handler", raised)
            report(f"watch error handler of {self.name}", raised)

    def _fill(self, stop: threading.Event) -> OpenWatch | None:
        """Bring the whole list into the store; returns the watch that goes on from it, if a stream brought it."""
        self._watching.begin()
        began = self._clock.monotonic()
        if self._version.value:
            self._recorder.relist(self._relist_cause or "asked")
        if self._streaming_wanted and self._may_stream():
            strange = self._intake.strange
            try:
                streamed = self._streaming_list.run(stop)
            except StreamingUnavailable as reason:
                if reason.lasting:
                    self._streaming_wanted = False
                    self._recorder.note(reason.lasting)
            else:
                if self._verify:
                    check_consistency(self._calls, streamed, self._key_func)
                self._measure(streamed.items, began)
                self._replace(ObjectList(streamed.items, streamed.resource_version), strange)
                return streamed.watch
        strange, began = self._intake.strange, self._clock.monotonic()
        listed = self._list(stop)
        self._replace(listed, strange, self._measure(listed.items, began))
        self._recorder.enter(State.LISTED)
        return None

    def _measure(self, items: Sequence[Object], began: float) -> float:
        """Record how long a list took; returns the seconds."""
        seconds = self._clock.monotonic() - began
        self._recorder.durations.lists.observe(seconds)
        self._recorder.durations.listed_items = len(items)
        return seconds

    def _may_stream(self) -> bool:
        """After a refusal only a list is worth a try, unless lists are refused; if both are, a stream is tried now and
        then.
        """
        recorder = self._recorder
        if not self._retries.refused or recorder.refused == (LIST,):
            return True
        return LIST in recorder.refused and recorder.retries % _STREAM_EVERY == 0

    def _list(self, stop: threading.Event) -> ObjectList:
        try:
            return self._list_at(self._version.for_list(), stop)
        except ApiError as error:
            unversioned = is_expired(error) or is_too_large(error) or is_oversize(error)
            if self._version.unavailable or not unversioned:
                raise
            self._recorder.error("list", error)
            self._version.unavailable = True
            return self._list_at(self._version.for_list(), stop)

    def _list_at(self, version: str, stop: threading.Event) -> ObjectList:
        self._recorder.enter(State.LISTING)
        self._recorder.received = 0
        page_size = self._page_size
        if page_size is None and (self._paginated or version in ("", "0")):
            page_size = PAGE_SIZE
        again = partial(self._retries.pause_for_page, stop)
        pager = Pager(self._list_page, page_size=page_size, again=again)
        listed, paginated = pager.list(ListOptions(resource_version=version))
        # A server that pages although it may answer from its cache has no cache: do not ask it for all at once.
        self._paginated = self._paginated or (paginated and version == "0")
        return listed

    def _list_page(self, options: ListOptions) -> ObjectList:
        page = self._calls.list(options)
        items = page.items or ()
        recorder = self._recorder
        if not options.continue_token:
            self._intake.begin_list()
        recorder.received = len(items) + (recorder.received if options.continue_token else 0)
        remaining = page.remaining_item_count
        recorder.expected = None if remaining is None else recorder.received + remaining
        recorder.last_event_at = self._clock.time()
        accepted = self._fitting(self._intake.of_list(items))
        if self._arriving is not None:
            if not options.continue_token:
                self._arriving.begin()
            self._arriving.append_page(accepted)
        return ObjectList(accepted, page.resource_version, page.continue_token, remaining)

    def _fitting(self, accepted: Sequence[Object]) -> Sequence[Object]:
        """Those of a page that there is room for. What has no key is left to the store, which says why."""
        room, arriving = self._recorder.room, self._arriving
        if not room.is_limited:
            return accepted
        fitting = []
        for number, obj in enumerate(accepted):
            if number % _LOOK_EVERY == 0:
                room.look()
            try:
                is_known = arriving is not None and self._key_func(obj) in arriving
            except Exception:  # noqa: BLE001 - the store asks the same function, and reports what it raises
                is_known = True
            if room.takes(is_known=is_known):
                fitting.append(obj)
        return fitting

    def _replace(self, listed: ObjectList, strange: int, seconds: float = 0.0) -> None:
        """Write a list that took so many seconds; `strange` is intake.strange from before it."""
        self._connection.regained()
        self._recorder.room.end_list()
        strange = self._intake.strange - strange
        self._watching.follows_part = bool(strange)
        if strange:
            what = "an item" if strange == 1 else f"{strange} items"
            self._recorder.error(
                "list", f"{what} of the list cannot be identified; nothing that it lacks is taken for gone"
            )
        if self._arriving is not None:
            self._arriving.complete()
        self._store.replace(listed.items, listed.resource_version, whole=not strange)
        self._version.listed(listed.resource_version)
        self._retries.replaced(seconds)
        self._recorder.expected = None

    def _resync(self) -> None:
        if self._should_resync is None or self._should_resync():
            self._store.resync()
