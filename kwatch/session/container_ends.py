"""Notices containers that end badly, and asks for their last lines while the node still has them.

A sink of the informers of pods, which only remembers what to look at; all else is done in threads of its own. It asks
for little: so many at once, so many a second, so many of one owner. What is more than that is left out, and counted.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from kwatch.base.limits import LAST_LINES, size_text
from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.base.timestamp import time_or_none
from kwatch.history.last_lines import ASKED, ContainerEnd, LastLines
from kwatch.informer.clock import Clock
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.waiting import Signal
from kwatch.view.freshness import enumerated

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.session.ports import LogStream
    from kwatch.view.report import Log


log = logging.getLogger("kwatch.session.container_ends")

OpenLog = Callable[..., "LogStream"]
"""As Session.logs."""

AT_ONCE = 4
"""Requests at once."""
BURST = 30
RATE = 1.0
"""Requests a second, after the first BURST."""
MOST_WAITING = 60
MOST_OF_OWNER = 10
"""How many wait at most, in all and of one owner: one broken rollout takes no place from others."""
MOST_SEEN = 20_000
"""Pods that are to be looked at."""
GATHER = 0.2
"""Seconds from the first change to the look: a pod that changes several times is looked at once."""
LARGEST = 4 << 20
"""Characters that are read of a log at most: tailLines bounds the lines, and not how long they are."""
SLACK = 2.0
"""Seconds by which the time of a line may lie beyond those of its container, which are in whole seconds."""
CROWDED = "left out: too many containers ended at once"


class _Terminated(msgspec.Struct, rename="camel"):
    exit_code: int = 0
    signal: int = 0
    reason: str | None = None
    started_at: str | None = None
    finished_at: str | None = None


class _Waiting(msgspec.Struct):
    reason: str | None = None


class _State(msgspec.Struct):
    terminated: _Terminated | None = None
    waiting: _Waiting | None = None


class _Status(msgspec.Struct, rename="camel"):
    name: str = ""
    state: _State | None = None
    last_state: _State | None = None


class _PodStatus(msgspec.Struct, rename="camel"):
    init_container_statuses: list[_Status] | None = None
    container_statuses: list[_Status] | None = None
    ephemeral_container_statuses: list[_Status] | None = None


class _Metadata(msgspec.Struct, rename="camel"):
    deletion_timestamp: str | None = None


class _Pod(msgspec.Struct):
    metadata: _Metadata
    status: _PodStatus | None = None


def ends_of(pod: KubeObject) -> Iterator[tuple[ContainerEnd, bool]]:
    """Each end of a container that the pod's status tells and that was a bad one; with it whether the container has run
    since, so that its log is the previous one. Of a pod that is being deleted none: it was told to end.
    """
    try:
        read = pod.read(_Pod)
    except msgspec.DecodeError:
        return
    status = read.status
    if status is None or read.metadata.deletion_timestamp is not None:
        return
    groups = (status.init_container_statuses, status.container_statuses, status.ephemeral_container_statuses)
    for each in (each for group in groups for each in group or ()):
        waits = each.state.waiting if each.state is not None else None
        loops = waits is not None and waits.reason == "CrashLoopBackOff"
        for state, previous in ((each.last_state, True), (each.state, False)):
            ended = state.terminated if state is not None else None
            finished = time_or_none(ended.finished_at) if ended is not None else None
            if ended is None or finished is None or not (ended.exit_code or ended.signal or loops):
                continue
            end = ContainerEnd(
                pod.uid, pod.key, each.name, time_or_none(ended.started_at), finished, _words(ended), finished
            )
            yield end, previous


def _words(ended: _Terminated) -> str:
    code = f"signal {ended.signal}" if ended.signal and not ended.exit_code else f"exit {ended.exit_code}"
    return code if ended.reason in (None, "", "Error", "Completed") else printable(f"{ended.reason}, {code}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pod to be looked at; `old` is how it was before, None if it is new."""

    pod: KubeObject
    old: KubeObject | None
    at: float


@dataclass(frozen=True, slots=True)
class _Job:
    end: ContainerEnd
    previous: bool
    owner: str


class ContainerEnds:
    """Add it to the sinks of informers of pods. Thread-safe; its threads begin with the first bad end."""

    def __init__(
        self,
        context: Callable[[], str],
        open_log: OpenLog,
        kept: LastLines,
        clock: Clock,
        *,
        lines: int = LAST_LINES,
        on_news: Callable[[], object] = lambda: None,
    ) -> None:
        """`on_news` is called, in any thread, when something else can be said of an end."""
        self.denied: frozenset[str] = frozenset()
        """The namespaces in which logs may not be read: nothing is asked for there any more."""
        self._context = context
        self._open_log = open_log
        self._kept = kept
        self._clock = clock
        self._lines = lines
        self._on_news = on_news
        self._lock = threading.Lock()
        """Held while a thread begins or ends, and while any of these change."""
        self._seen: dict[str, _Seen] = {}
        self._looks = False
        self._waiting: deque[_Job] = deque()
        self._owners: Counter[str] = Counter()
        self._readers = 0
        self._tokens, self._counted_at = float(BURST), clock.monotonic()
        self._stop = Signal()

    @property
    def words(self) -> str:
        """How much is kept, of how many nothing is, and where nothing may be read."""
        kept = self._kept
        words = f"last lines: of {kept.with_lines:,} containers that ended badly, {size_text(kept.bytes)}"
        if kept.left_out:
            words += f"; of {kept.left_out:,} left out, too many ended at once"
        return f"{words}; logs may not be read in {enumerated(sorted(self.denied))}" if self.denied else words

    def on_delta(self, key: str, delta: Delta[KubeObject], old: KubeObject | None) -> None:
        """Remember a pod with a container that ended; what a list shows for the first time ended before it came."""
        obj = delta.object
        if not isinstance(obj, KubeObject) or delta.type is DeltaType.DELETED or delta.type is DeltaType.SYNC:
            return
        if (old is None and delta.type is DeltaType.REPLACED) or not obj.status_holds(b'"terminated"'):
            return
        with self._lock:
            before = self._seen.get(key)
            if before is None and len(self._seen) >= MOST_SEEN:
                self._kept.left_out += 1
                return
            self._seen[key] = _Seen(obj, before.old if before is not None else old, delta.received_at)
            begins = not self._looks and not self._stop.is_set()
            self._looks = self._looks or begins
        if begins:
            spawn("kwatch-container-ends", self._look, self._look_failed)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """What ended meanwhile is found in the list that follows."""

    def ask(self, pod: KubeObject) -> None:
        """Somebody looks at a pod: what its status tells is asked for, also if it ended before it was watched."""
        for end, previous in ends_of(pod):
            known = self._kept.get(self._context(), end.id)
            if known is None or known.missing == CROWDED:
                self._want(_Job(known or end, previous, ""))
        self._begin_readers()

    @property
    def stopped(self) -> Signal:
        return self._stop

    def close(self) -> None:
        """End its threads, and the requests that are under way. Idempotent."""
        self._stop.set()

    def _look(self) -> None:
        while not self._clock.wait(self._stop, GATHER):
            with self._lock:
                seen, self._seen = self._seen, {}
                if not seen:
                    self._looks = False
                    return
            for each in seen.values():
                self._take(each)
            self._begin_readers()

    def _look_failed(self, error: BaseException) -> None:
        with self._lock:
            self._looks = False

    def _take(self, seen: _Seen) -> None:
        before = {end.id for end, _ in ends_of(seen.old)} if seen.old is not None else frozenset()
        owners = seen.pod.owners
        owner = owners[0].uid if owners else seen.pod.uid
        for end, previous in ends_of(seen.pod):
            if end.id not in before and self._kept.get(self._context(), end.id) is None:
                self._want(_Job(replace(end, at=seen.at, seen=True), previous, owner))

    def _want(self, job: _Job) -> None:
        """`owner` is empty for what somebody looks at, which comes first."""
        end, namespace = job.end, job.end.key.partition("/")[0]
        with self._lock:
            if namespace in self.denied:
                missing = "its log may not be read"
            elif job.owner and (len(self._waiting) >= MOST_WAITING or self._owners[job.owner] >= MOST_OF_OWNER):
                missing = CROWDED
                self._kept.left_out += 1
            else:
                missing = ASKED
                self._owners[job.owner] += 1
                (self._waiting.append if job.owner else self._waiting.appendleft)(job)
        self._say(replace(end, missing=missing))

    def _say(self, end: ContainerEnd) -> None:
        self._kept.put(self._context(), end)
        self._on_news()

    def _begin_readers(self) -> None:
        with self._lock:
            more = 0 if self._stop.is_set() else min(AT_ONCE - self._readers, len(self._waiting))
            self._readers += more
        for _ in range(more):
            spawn("kwatch-last-lines", self._read_all, self._read_failed)

    def _read_all(self) -> None:
        """Until nothing waits."""
        while True:
            with self._lock:
                job = self._waiting.popleft() if self._waiting and not self._stop.is_set() else None
                if job is None:
                    self._readers -= 1
                    return
                self._owners[job.owner] -= 1
                if not self._owners[job.owner]:
                    del self._owners[job.owner]
            try:
                self._read(job)
            except Exception as error:
                self._say(replace(job.end, missing=f"internal error: {reason_of(error)}"))
                raise

    def _read_failed(self, error: BaseException) -> None:
        with self._lock:
            self._readers -= 1

    def _read(self, job: _Job) -> None:
        """What was the present log when it was noticed may be the previous one by now, and the other way round."""
        end, missing, wrote_nothing = job.end, "", False
        namespace, _, name = end.key.partition("/")
        for previous in (job.previous, not job.previous):
            if namespace in self.denied or self._wait_for_turn():
                missing = missing or "its log may not be read"
                break
            try:
                lines = self._tail(namespace, name, end.container, previous)
            except ApiError as error:
                missing = missing or printable(error.message)
                if error.status == 403:
                    self._deny(namespace, error.message)
                continue
            except Closed:
                return
            if lines and _fits(lines, end):
                self._say(end.with_lines(lines))
                return
            # An empty log may be that of the next run, which has only begun.
            wrote_nothing = wrote_nothing or not lines
            missing = missing or "it ran again before they could be read"
        self._say(end.with_lines(()) if wrote_nothing else replace(end, missing=missing))

    def _deny(self, namespace: str, message: str) -> None:
        with self._lock:
            known, self.denied = namespace in self.denied, self.denied | {namespace}
        if not known:
            log.info("what containers in %s wrote last is not asked for any more: %s", namespace, message)

    def _tail(self, namespace: str, name: str, container: str, previous: bool) -> list[str]:
        stream = self._open_log(
            namespace,
            name,
            container=container,
            previous=previous,
            tail_lines=self._lines,
            timestamps=True,
            cancel=self._stop,
        )
        try:
            kept: deque[str] = deque(maxlen=self._lines)
            size = 0
            for line in stream:
                kept.append(line)
                size += len(line)
                if size > LARGEST:
                    kept.append(f"… the rest is left out: it is longer than {LARGEST >> 20} MB")
                    break
            return [*kept]
        finally:
            stream.close()

    def _wait_for_turn(self) -> bool:
        """Return when the next request may be sent; True if none is to be sent any more."""
        while not self._stop.is_set():
            with self._lock:
                now = self._clock.monotonic()
                self._tokens = min(float(BURST), self._tokens + (now - self._counted_at) * RATE)
                self._counted_at = now
                if self._tokens >= 1:
                    self._tokens -= 1
                    return False
                wait = (1 - self._tokens) / RATE
            self._clock.wait(self._stop, wait)
        return True


def _fits(lines: list[str], end: ContainerEnd) -> bool:
    """Whether they can be of this run: no line was written before it began or after it ended."""
    times = [at for at in (time_or_none(line.partition(" ")[0]) for line in lines) if at is not None]
    if not times:
        return True
    began = end.started_at if end.started_at is not None else times[0]
    return began - SLACK <= times[0] and times[-1] <= end.finished_at + SLACK


MOST_ENDS = 3
"""Ends of one pod whose lines are told in a report."""


def logs_of(
    pod: KubeObject, journal: Journal, context: str, ends: ContainerEnds | None, clock: Clock, patience: float = 5.0
) -> Iterator[Log]:
    """What its containers that ended badly wrote last, for a report; what is still asked for is waited for."""
    from kwatch.view.report import Log  # no start needs it

    if ends is not None:
        ends.ask(pod)
    deadline = clock.monotonic() + patience
    while (found := journal.last_lines.of(context, pod.uid)) and clock.monotonic() < deadline and ends is not None:
        if not any(each.missing == ASKED for each in found) or clock.wait(ends.stopped, GATHER):
            break
    for end in found[-MOST_ENDS:]:
        lines = end.lines or ((f"({end.missing})",) if end.missing else ())
        yield Log(f"{pod.key}, container {end.container}: {end.words}", lines)
