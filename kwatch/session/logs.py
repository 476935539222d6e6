"""The logs of many containers as one, in the order of the nodes' clocks, while pods come, restart and go.

`MergedLogs` asks a `PodSource` (kwatch.session.log_pods has one for objects of any kind, selectors and filters) which
pods are meant, reads each container's log in a thread of its own (`log_reading`), reads on after restarts and broken
connections (`container_log`), and puts the lines in order. Lines that are being written are held back for HOLD_BACK at
most, until it is known that no older one comes from elsewhere; what was written before is in order however much it is.
Show lines through kwatch.view.log_lines.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Protocol

from kwatch.base.limits import MB
from kwatch.base.threads import reason_of, spawn
from kwatch.informer.clock import Clock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import meta_namespace_key
from kwatch.session.container_log import ContainerLog, LogWish
from kwatch.session.log_reading import LogReading, OpenLog
from kwatch.view.containers import runs_of
from kwatch.view.log_lines import LogLine, LogSource, Mark

HOLD_BACK = 0.15
"""Seconds."""
QUIET = 0.3
"""Seconds without a line after which what was written before has all come."""
OPENING = 1.0
"""Seconds in which a server begins to answer, unless the container is silent."""
SETTLING = 2.0
"""Seconds in which all pods become known, unless there are very many."""
BACKLOG = 50_000
"""Lines that are kept until they are taken."""
ROOM = 32 * MB
"""Bytes of lines that wait to be put in order, in all."""
LEAST_ROOM = MB // 4
_LOOK_EVERY = 0.25
_SHORTEST_STEP = 0.02
_SHARE = 10.0
"""How many times longer than a look at the pods took is waited until the next."""


class PodSource(Protocol):
    """Which pods are meant. Asked in one thread."""

    def look(self) -> Iterable[KubeObject] | None:
        """All of them as they are now; None if nothing changed since the last look."""

    @property
    def is_settled(self) -> bool:
        """Whether all that were there at first are known."""

    @property
    def is_final(self) -> bool:
        """Whether nothing will be written any more."""

    @property
    def trouble(self) -> str:
        """Why some are not known, or not there; empty while it is only a matter of time."""

    def release(self) -> None:
        """Nobody asks any more."""


class LogPlace(NamedTuple):
    """Where pods are, and how their logs are had; with its name where there are several."""

    open_log: OpenLog
    pods: PodSource
    context: str = ""


@dataclass(frozen=True, slots=True)
class LogsState:
    """How many containers there are; of these, how many are read, wait for their turn, have not started, are to be
    asked again, are over. `troubles`: whose log cannot be had, and why, whether or not it is tried again.
    """

    is_settled: bool = False
    containers: int = 0
    reading: int = 0
    waiting: int = 0
    not_started: int = 0
    broken: int = 0
    over: int = 0
    troubles: tuple[tuple[LogSource, str], ...] = ()
    trouble: str = ""
    """Why it is not known which pods are meant, or why all has ended."""
    dropped: int = 0
    """Lines that nobody took in time."""
    ended: bool = False
    """Whether nothing more will come."""

    @property
    def words(self) -> str:
        """`showing 50 of 213 containers, 2 not started`."""
        if self.trouble:
            return self.trouble
        if not self.containers:
            return "no pods yet" if self.is_settled else "looking for pods"
        counts = (
            (self.not_started, "not started"),
            (self.broken, "to be asked again"),
            (self.over if not self.ended else 0, "ended"),
            (len(self.troubles), "cannot be had"),
        )
        shown = self.containers - self.waiting
        many = f"{shown:,} of {self.containers:,}" if self.waiting else f"{self.containers:,}"
        noun = "container" if self.containers == 1 else "containers"
        return ", ".join([f"showing {many} {noun}", *(f"{count:,} {what}" for count, what in counts if count)])


class MergedLogs:
    """Begins at once, in a thread of its own. `take` never blocks, `close` returns at once."""

    def __init__(
        self,
        places: Sequence[LogPlace],
        wish: LogWish,
        clock: Clock,
        on_news: Callable[[], object] = lambda: None,
        *,
        drops: bool = True,
        backlog: int = BACKLOG,
    ) -> None:
        """`on_news` is called in that thread when there are lines, or `state` changed. `drops`: whether lines that are
        not taken make room for newer ones, and a gap says how many; else the servers wait.
        """
        self.state = LogsState()
        self._places = {each.context: each for each in places}
        self._wish = wish
        self._clock = clock
        self._on_news = on_news
        self._drops = drops
        self._backlog = backlog
        self._containers: dict[LogSource, ContainerLog] = {}
        self._known: dict[str, dict[str, KubeObject]] = {each.context: {} for each in places}
        """Each pod of each place as it was looked at last."""
        self._settled: set[str] = set()
        """Places of which all that was there at first is known."""
        self._began = clock.monotonic()
        self._next_look = 0.0
        self._lock = threading.Lock()
        self._lines: deque[LogLine] = deque()
        self._dropped: LogLine | None = None
        """The last line that nobody took, since the last time."""
        self._dropped_count = self._dropped_total = 0
        self._ready = threading.Event()
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread = spawn("kwatch-logs", self._run, self._crashed)

    def take(self, limit: int = 2000) -> list[LogLine]:
        """Lines that came since the last time, at most `limit`."""
        with self._lock:
            lines = self._lines
            taken = [lines.popleft() for _ in range(min(limit, len(lines)))]
            gone, self._dropped = self._dropped, None
            count, self._dropped_count = self._dropped_count, 0
            if not lines and not self.state.ended:
                self._ready.clear()
        if len(lines) < self._backlog:
            self._news.set()
        if gone is not None:
            noun = "line was" if count == 1 else "lines were"
            text = f"{count:,} {noun} dropped: more come than can be shown"
            taken.insert(0, LogLine(gone.at, gone.source, text, Mark.GAP))
        return taken

    def wait(self, seconds: float) -> bool:
        """Wait until there are lines or all has ended; False if neither in that time."""
        return self._clock.wait(self._ready, seconds)

    def close(self) -> None:
        """End everything; its threads end by themselves, within a second."""
        self._stop.set()
        self._news.set()
        for each in [*self._containers.values()]:
            reading = each.reading
            if reading is not None:
                reading.close()

    def join(self, timeout: float) -> bool:
        """Wait for the end of its thread after `close`; False if that takes longer."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._news.clear()
                self._step(self._clock.monotonic())
                if self.state.ended:
                    break
                is_held = any(each.reading is not None and each.reading.has_lines for each in self._containers.values())
                if not self._clock.wait(self._stop, _SHORTEST_STEP):
                    self._clock.wait(self._news, HOLD_BACK / 3 if is_held else _LOOK_EVERY)
        finally:
            for each in self._containers.values():
                if each.reading is not None:
                    each.reading.close()
            for place in self._places.values():
                place.pods.release()

    def _crashed(self, error: BaseException) -> None:
        self.state = LogsState(trouble=f"internal error: {reason_of(error)}", ended=True)
        self._ready.set()
        self._on_news()

    def _step(self, now: float) -> None:
        self._look_at_pods(now)
        for each in self._containers.values():
            if each.reading is not None and each.reading.is_over:
                each.on_over(each.reading, now)
        self._ask(now)
        lines = self._due(now)
        for source in [source for source, each in self._containers.items() if each.is_done and each.is_gone]:
            del self._containers[source]
        self._put(lines)
        self._tell(bool(lines))

    def _look_at_pods(self, now: float) -> None:
        if now >= self._next_look:
            changed = [place for place in self._places.values() if self._look_at_place(place)]
            if changed:  # of 100,000 pods a look takes its time
                self._next_look = now + _SHARE * (self._clock.monotonic() - now)
        for source, each in self._containers.items():
            if f"{source.namespace}/{source.pod}" not in self._known[source.context]:
                each.be_gone(now)

    def _look_at_place(self, place: LogPlace) -> bool:
        """Whether anything changed there."""
        joins = place.context in self._settled
        pods = place.pods.look()
        if place.pods.is_settled:
            self._settled.add(place.context)
        if pods is None:
            return False
        before = self._known[place.context]
        known = self._known[place.context] = {meta_namespace_key(pod): pod for pod in pods}
        for key, pod in known.items():
            if before.get(key) is not pod:
                self._look_at(place.context, pod, joins=joins)
        return True

    def _look_at(self, context: str, pod: KubeObject, *, joins: bool) -> None:
        for run in runs_of(pod):
            source = LogSource(pod.namespace, pod.name, run.container, context)
            known = self._containers.get(source)
            if known is not None:
                known.look(pod.uid, run)
            elif self._wish.wants(source) and (not self._wish.states or run.state in self._wish.states):
                self._containers[source] = ContainerLog(source, pod.uid, run, self._wish, joins=joins)

    def _ask(self, now: float) -> None:
        """Send what is due, as far as it may be sent at once."""
        free = self._wish.at_once - sum(each.reading is not None for each in self._containers.values())
        for each in self._containers.values():
            if free <= 0:
                return
            how = each.next_request(now)
            if how is not None:
                room = max(LEAST_ROOM, ROOM // min(self._wish.at_once, len(self._containers)))
                open_log = self._places[each.source.context].open_log
                each.reading = LogReading(
                    open_log, each.source, each.seen, self._clock, room, self._news.set, self._wish.until, **how
                )
                free -= 1

    def _due(self, now: float) -> list[LogLine]:
        """The lines that are in order now: no older ones will come, or they were held back for long enough."""
        if not self._drops and len(self._lines) >= self._backlog:
            return []
        if not self.state.is_settled and not self.state.trouble and now - self._began < SETTLING:
            return []  # older lines may come from pods that are not known yet
        found: list[tuple[int, LogLine]] = []
        until = self._until(now, [each.reading for each in self._containers.values() if each.reading is not None])
        for each in self._containers.values():
            if each.reading is not None and each.reading.opened:
                each.on_opened(now)
            if each.marks:
                found += [(each.at, mark) for mark in each.marks]
                each.marks.clear()
            if each.reading is not None and each.reading.has_lines:
                taken = each.reading.take(until)
                if taken:
                    each.at = taken[-1][0]
                    found += taken
        found.sort(key=itemgetter(0))
        return [line for _, line in found]

    def _until(self, now: float, readings: list[LogReading]) -> int | None:
        """The time up to which all is there; None: there is nothing more to wait for."""
        frontiers = [each.frontier for each in readings if each.is_reading]
        if not frontiers:
            return None
        held = max(each.latest_received_before(now - HOLD_BACK) for each in readings)
        until = max(min(frontiers), held)
        return min([until, *(each.frontier for each in readings if each.is_reading and self._catches_up(each, now))])

    def _catches_up(self, reading: LogReading, now: float) -> bool:
        """Whether it may still bring what was written long before."""
        if not self._wish.follows or reading.is_full:
            return True
        return not reading.is_live and now - reading.heard < (QUIET if reading.opened else OPENING)

    def _put(self, lines: list[LogLine]) -> None:
        if not lines:
            return
        with self._lock:
            self._lines.extend(lines)
            over = len(self._lines) - self._backlog
            if over > 0 and self._drops:
                for _ in range(over):
                    self._dropped = self._lines.popleft()
                self._dropped_count += over
                self._dropped_total += over
            self._ready.set()

    def _tell(self, are_lines: bool) -> None:
        state = self._state()
        if state == self.state and not are_lines:
            return
        self.state = state
        if state.ended:
            self._ready.set()
        self._on_news()

    def _state(self) -> LogsState:
        all_ = [*self._containers.values()]
        pods = [place.pods for place in self._places.values()]
        settled, troubles = all(each.is_settled for each in pods), [each.trouble for each in pods]
        not_done = [each for each in all_ if not each.is_done]
        idle = [each for each in not_done if each.reading is None and not each.has_ended]
        over = sum(each.is_done or (each.has_ended and each.reading is None) for each in all_)
        reading = len(all_) - over - len(idle)
        is_full = reading >= self._wish.at_once
        begun = [each for each in idle if each.run.begun]
        waiting = [each for each in begun if is_full and not each.has_begun]
        return LogsState(
            is_settled=settled,
            containers=len(all_),
            reading=reading,
            waiting=len(waiting),
            not_started=len(idle) - len(begun),
            broken=sum(not each.trouble for each in begun if each not in waiting),
            over=over,
            troubles=tuple((each.source, each.trouble) for each in all_ if each.trouble),
            trouble=troubles[0] if all(troubles) else "",
            dropped=self._dropped_total,
            ended=settled and not any(each.marks for each in all_) and self._is_over(not_done),
        )

    def _is_over(self, not_done: list[ContainerLog]) -> bool:
        if not self._wish.follows:
            return not not_done
        return all(each.has_ended and each.reading is None for each in not_done) and all(
            place.pods.is_final for place in self._places.values()
        )
