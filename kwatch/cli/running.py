"""What commands without a screen share: what was selected, a session of each context that connects, one question to all
of them at once, and what a signal does: an orderly end, and an end at any price.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from kwatch.base.printable import printable
from kwatch.base.threads import Thread, spawn
from kwatch.cli.arguments import ConnectionArguments, SelectionArguments
from kwatch.cli.connecting import AskAhead, Clusters, configured_clusters
from kwatch.cli.terminal import complain
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.waiting import join_all
from kwatch.output.opening import TICK, Run, Selection, StreamError
from kwatch.output.printer import json_text
from kwatch.session.columns import ColumnsFrom
from kwatch.session.open_sessions import Turns
from kwatch.session.session import Session

if TYPE_CHECKING:  # a list that is printed has no use for it
    from kwatch.history.journal import Journal


T = TypeVar("T")
PATIENCE = 3.0
"""Seconds for an orderly end after a signal; then the process is ended, which may wait for a pipe that nobody reads."""
UNTOLD = 3.0
"""Seconds after the first answer, until it is said which contexts all wait for."""


def stop_on_signals(stop: threading.Event) -> Callable[[], int]:
    """Set `stop` on SIGINT, SIGTERM and SIGHUP, and end the process if that was not enough, or was said twice.

    What is returned gives the exit code: 0, or the one that a shell gives for the signal.
    """
    codes = [0]

    def end(number: int, frame: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        codes.append(128 + number)
        stop.set()
        spawn("kwatch-ending", lambda: _end_late(128 + number))

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has not all of them
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):  # nohup
            signal.signal(number, end)
    return lambda: codes[-1]


def _end_late(code: int) -> None:
    time.sleep(PATIENCE)
    os._exit(code)


class WithSelection(Protocol):
    @property
    def connection(self) -> ConnectionArguments: ...

    @property
    def selection(self) -> SelectionArguments: ...


def select(selection: SelectionArguments) -> Selection:
    return Selection(**asdict(selection))


@contextmanager
def running(
    arguments: WithSelection,
    journal: Journal | None = None,
    columns: ColumnsFrom = ColumnsFrom.CATALOGUE,
    *,
    last_log_lines: int = 0,
    ahead: AskAhead | None = None,
) -> Iterator[tuple[Sequence[Run], Callable[[], int]]]:
    """What `running_on` gives for the contexts of the user's kubeconfig that are meant. `ahead` asks beside discovery
    for what will be listed first.
    """
    clusters = configured_clusters(arguments.connection, arguments.selection.namespace, ahead)
    with running_on(clusters, journal, columns, last_log_lines=last_log_lines) as found:
        yield found


@contextmanager
def running_on(
    clusters: Clusters,
    journal: Journal | None = None,
    columns: ColumnsFrom = ColumnsFrom.CATALOGUE,
    *,
    last_log_lines: int = 0,
    contexts: Sequence[str | None] = (),
) -> Iterator[tuple[Sequence[Run], Callable[[], int]]]:
    """A session of each context that was asked for, or of `contexts`, that connects until the end or a signal; and what
    gives the signal's exit code.
    """
    clock, stop = clusters.clock or SystemClock(), threading.Event()
    signalled, turns = stop_on_signals(stop), Turns(SystemClock())
    runs: list[Run] = []
    for context in contexts or clusters.several or (None,):
        session = Session(
            clusters.connect_to(context),
            cancel=clusters.cancel,
            journal=journal,
            clock=clock,
            request_timeout=clusters.request_timeout(),
            columns=columns,
            last_log_lines=last_log_lines,
            turn=turns.turn if context is not None else None,
        )
        say = complain if context is None else partial(_complain_of, context)
        runs.append(Run(session, say, clock, stop, context or ""))
    try:
        for run in runs:
            run.session.start()
        yield runs, signalled
    finally:
        closing = [Thread("kwatch-closing", run.session.close) for run in runs]
        for each in closing:
            each.start()
        join_all(closing, None)


def _complain_of(context: str, sentence: str) -> None:
    complain(f"{context}: {sentence}")


def in_each(runs: Sequence[Run], ask: Callable[[Run], T]) -> dict[str, T]:
    """What `ask` gives for each context, but for those where it raised StreamError: that was complained of. One alone
    is asked in this thread, and raises its own.

    Raise what nobody foresaw, or what stdout says, when all were told to stop.
    """
    if len(runs) == 1:
        return {runs[0].context: ask(runs[0])}
    asking = _Asking(runs, ask)
    asking.wait()
    return {run.context: asking.found[run.context] for run in runs if run.context in asking.found}


class _Asking(Generic[T]):
    def __init__(self, runs: Sequence[Run], ask: Callable[[Run], T]) -> None:
        self.found: dict[str, T] = {}
        self._runs = runs
        self._ask = ask
        self._left = {run.context for run in runs}
        self._over = threading.Event()
        self._error: BaseException | None = None

    def wait(self) -> None:
        """In the main thread, where signals arrive."""
        first = self._runs[0]
        for run in self._runs:
            spawn(f"kwatch-context {run.context}", self._body(run), self._crashed)
        late = _Late(first.clock)
        while self._left and self._error is None:
            first.clock.wait(self._over, TICK)
            self._over.clear()
            if self.found and late.has_come():
                for run in self._runs:
                    if run.context in self._left:
                        run.complain("no answer yet; it is waited for")
        if self._error is not None:
            first.stop.set()
            raise self._error

    def _body(self, run: Run) -> Callable[[], None]:
        def body() -> None:
            try:
                self.found[run.context] = self._ask(run)
            except StreamError as error:
                run.complain(str(error))
            except (OSError, ValueError) as error:
                self._error = error
            self._left.discard(run.context)
            self._over.set()

        return body

    def _crashed(self, error: BaseException) -> None:
        self._error = error
        self._over.set()


class _Late:
    """Once, UNTOLD seconds after the first look."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at: float | None = None

    def has_come(self) -> bool:
        now = self._clock.monotonic()
        self._at = now + UNTOLD if self._at is None else self._at
        if now < self._at:
            return False
        self._at = inf
        return True


class Labelled:
    """Lines that say of which context they are, where there are several: as a first column, or as a field of JSON."""

    def __init__(self, contexts: Iterable[str], *, as_json: bool = False) -> None:
        names = [printable(each) for each in contexts]
        self._width = max(map(len, names), default=0) if len(names) > 1 else 0
        self._as_json = as_json

    def line(self, context: str, line: str) -> str:
        if not self._width:
            return line
        if self._as_json:
            return json_text({"context": context, **json.loads(line)})
        return f"{printable(context):<{self._width}}  {line}".rstrip()
