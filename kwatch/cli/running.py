"""What every command without a screen begins with: what was selected, and a session that connects, until the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from kwatch.cli.arguments import ConnectionArguments, SelectionArguments
from kwatch.cli.connecting import configured_clusters
from kwatch.cli.signals import stop_on_signals
from kwatch.cli.terminal import complain
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, Selection
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session

if TYPE_CHECKING:  # a list that is printed has no use for it
    from kwatch.history.journal import Journal


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
) -> Iterator[tuple[Run, Callable[[], int]]]:
    """A session that connects, until the end or a signal; with what gives the signal's exit code."""
    clock, stop = SystemClock(), threading.Event()
    signalled = stop_on_signals(stop)
    clusters = configured_clusters(arguments.connection, arguments.selection.namespace)
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
