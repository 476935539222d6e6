"""Every thread of kwatch starts here, so that none dies unseen: what escapes is logged, counted and shown. And here the
process ends.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import NoReturn

log = logging.getLogger("kwatch.threads")

OnCrash = Callable[[BaseException], object]
Wait = Callable[[threading.Event, float], bool]

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
"""Seconds before crashed work starts again: doubled with each crash, short again once the work has held out."""
STEADY = 60.0
"""Seconds of work after which a crash counts as the first one again."""
KEPT = 20
"""Crashes that are remembered one by one."""
_LONGEST_REASON = 200
_PREFIX = "kwatch-"


@dataclass(frozen=True, slots=True)
class Crash:
    """An unexpected exception. `at` in seconds since the epoch, `work` as in `history` or `reflector pods`."""

    at: float
    work: str
    reason: str
    goes_on: bool
    """Whether the work starts again."""

    def __str__(self) -> str:
        return f"internal error in {self.work}: {self.reason}"


class Crashes:
    """All of this process. Thread-safe; snapshots are replaced whole."""

    def __init__(self) -> None:
        self.latest: tuple[Crash, ...] = ()
        """The last ones, newest last."""
        self.total = 0
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each kind of work crashed."""
        with self._lock:
            return dict(self._counts)

    @property
    def words(self) -> str:
        """`internal error in history`, `3 internal errors`; empty for none."""
        if self.total < 2:
            return f"internal error in {self.latest[-1].work}" if self.latest else ""
        return f"{self.total:,} internal errors"

    def add(self, crash: Crash) -> None:
        """Count it."""
        with self._lock:
            self.total += 1
            self._counts[crash.work] += 1
            self.latest = (*self.latest, crash)[-KEPT:]


CRASHES = Crashes()


def reason_of(error: BaseException) -> str:
    """`KeyError: 'x'`: its kind and its first line, for people."""
    text = " ".join(str(error).split())[:_LONGEST_REASON]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def report(name: str, error: BaseException, *, goes_on: bool = True) -> Crash:
    """Log an unexpected exception with its traceback, and count it."""
    crash = Crash(time.time(), name.removeprefix(_PREFIX), reason_of(error), goes_on)
    CRASHES.add(crash)
    where: tuple[type[BaseException], BaseException, TracebackType | None]
    where = (type(error), error, error.__traceback__)
    log.error("%s%s", crash, "; it goes on" if goes_on else "", exc_info=where)
    return crash


def guard(name: str, work: Callable[[], object], on_crash: OnCrash | None = None, *, goes_on: bool = True) -> bool:
    """Do a piece of work in this thread; False if it crashed, which is reported and passed to `on_crash`."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is: the thread must not end without a word
        report(name, error, goes_on=goes_on)
        if on_crash is not None:
            _call(name, on_crash, error)
        return False
    return True


class Thread(threading.Thread):
    """A daemon thread that does `work` once it is started; what escapes is reported and passed to `on_crash`.

    With `until` the work starts again after a crash, after a growing pause (waited for with `wait`), until that event
    is set: set it to end the thread. `on_crash` is called in the thread; if the system has no more threads, in the
    caller of `start`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        on_crash: OnCrash | None = None,
        *,
        until: threading.Event | None = None,
        wait: Wait = threading.Event.wait,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._on_crash = on_crash
        self._until = until
        self._wait = wait

    def start(self) -> None:
        """Begin; raise RuntimeError the second time."""
        if self.ident is not None:
            raise RuntimeError(f"{self.name} was started before")
        try:
            super().start()
        except RuntimeError as error:
            report(self.name, error, goes_on=False)
            if self._on_crash is not None:
                _call(self.name, self._on_crash, error)

    def run(self) -> None:
        """The thread itself."""
        try:
            self._do()
        finally:
            # A thread that is kept must not keep alive what it worked on.
            del self._work, self._on_crash

    def _do(self) -> None:
        until, pause = self._until, 0.0
        while True:
            began = time.monotonic()
            if guard(self.name, self._work, self._on_crash, goes_on=until is not None) or until is None:
                return
            held_out = time.monotonic() - began >= STEADY
            pause = FIRST_PAUSE if held_out or not pause else min(2 * pause, LONGEST_PAUSE)
            if until.is_set() or self._wait(until, pause):
                return


def spawn(
    name: str,
    work: Callable[[], object],
    on_crash: OnCrash | None = None,
    *,
    until: threading.Event | None = None,
    wait: Wait = threading.Event.wait,
) -> Thread:
    """A Thread, started."""
    thread = Thread(name, work, on_crash, until=until, wait=wait)
    thread.start()
    return thread


def _call(name: str, on_crash: OnCrash, error: BaseException) -> None:
    try:
        on_crash(error)
    except BaseException as raised:  # noqa: BLE001 - as above
        report(name, raised)


def report_threads_of_others() -> None:
    """Report what escapes from threads that a library started, instead of printing it."""

    def hook(escaped: threading.ExceptHookArgs) -> None:
        if escaped.exc_value is not None and not isinstance(escaped.exc_value, SystemExit):
            report(escaped.thread.name if escaped.thread is not None else "a thread", escaped.exc_value, goes_on=False)

    threading.excepthook = hook


def end_process(code: int) -> NoReturn:
    """End the process at once, when all is written and saved: what was registered with atexit runs, nothing else does.
    The interpreter would free every object first, 3 s for 100,000 pods; the system frees them all in a moment.
    """
    atexit._run_exitfuncs()
    os._exit(code)
