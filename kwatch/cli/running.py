"""What commands without a screen share: what was selected, a session that connects, and what a signal does: an orderly
end, and an end at any price.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from kwatch.base.threads import spawn
from kwatch.cli.arguments import ConnectionArguments, SelectionArguments
from kwatch.cli.connecting import AskAhead, Clusters, configured_clusters
from kwatch.cli.terminal import complain
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, Selection
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session
from kwatch.view.freshness import enumerated

if TYPE_CHECKING:  # a list that is printed has no use for it
    from kwatch.history.journal import Journal


PATIENCE = 3.0
"""Seconds for an orderly end after a signal; then the process is ended, which may wait for a pipe that nobody reads."""


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


def one_cluster(clusters: Clusters) -> Clusters:
    """For what cannot go over several; raise ValueError with a sentence."""
    if clusters.several:
        raise ValueError(f"--context means {enumerated(clusters.several)} here; this command takes one context")
    return clusters


@contextmanager
def running(
    arguments: WithSelection,
    journal: Journal | None = None,
    columns: ColumnsFrom = ColumnsFrom.CATALOGUE,
    *,
    last_log_lines: int = 0,
    ahead: AskAhead | None = None,
) -> Iterator[tuple[Run, Callable[[], int]]]:
    """A session that connects, until the end or a signal; with what gives the signal's exit code. `ahead` asks beside
    discovery for what will be listed first.
    """
    clock, stop = SystemClock(), threading.Event()
    signalled = stop_on_signals(stop)
    clusters = one_cluster(configured_clusters(arguments.connection, arguments.selection.namespace, ahead))
    session = Session(
        clusters.connect_to(None),
        cancel=clusters.cancel,
        journal=journal,
        clock=clock,
        request_timeout=clusters.request_timeout(),
        columns=columns,
        last_log_lines=last_log_lines,
    )
    session.start()
    try:
        yield Run(session, complain, clock, stop), signalled
    finally:
        session.close()
