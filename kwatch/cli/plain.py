"""No screen: changes as text on stdout."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.cli.arguments import OutputArguments, SelectionArguments
from kwatch.cli.connecting import Clusters, limit_memory, quieten_collector
from kwatch.cli.running import select, stop_on_signals
from kwatch.cli.terminal import complain, write
from kwatch.informer.clock import Clock, SystemClock
from kwatch.output.formats import Format, order_by, printer_for
from kwatch.output.opening import TICK, Run, StreamError
from kwatch.output.printer import Masking
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session

if TYPE_CHECKING:
    from kwatch.session.open_sessions import Turns


def run_plain(
    clusters: Clusters, selection: SelectionArguments, output: OutputArguments, memory_limit: str | None
) -> int:
    """Stream until a signal (130 for Ctrl-C), an error (1), or until synced if that was asked (0); raise OSError when
    stdout takes nothing more.
    """
    limit_memory(memory_limit)
    if clusters.several:
        return _run_several(clusters, selection, output)
    clock = clusters.clock or SystemClock()
    stop = threading.Event()
    signalled = stop_on_signals(stop)
    session = _session(clusters, output)
    stream = Stream(
        Run(session, complain, clock, stop),
        _request(selection, output),
        printer_for(_format(selection, output), clock),
        write,
        begun=clusters.begun,
        over=clusters.over,
    )
    quieten_collector()
    session.start()
    try:
        stream.run()
    except StreamError as error:
        complain(str(error))
        return 1
    finally:
        session.close()
    return signalled() or int(stream.is_incomplete)


def _run_several(clusters: Clusters, selection: SelectionArguments, output: OutputArguments) -> int:
    """The same over several contexts; 1 if one of them could not be printed."""
    if output.format in ("yaml", "kyaml") and output.until_synced:
        raise ValueError(f"-o {output.format} prints one list, and these are several contexts; use -o json")
    from kwatch.session.open_sessions import Turns

    clock, stop, turn, turns = SystemClock(), threading.Event(), threading.Lock(), Turns(SystemClock())
    signalled = stop_on_signals(stop)
    printer = printer_for(replace(_format(selection, output), with_context=True), clock)
    sessions: list[Session] = []
    streams: dict[str, Stream] = {}
    for context in clusters.several:
        session = _session(clusters, output, context, turns)
        sessions.append(session)
        run = Run(session, partial(_complain_of, context), clock, stop)
        streams[context] = Stream(run, _request(selection, output), printer, write, turn=turn, context=context)
    quieten_collector()
    try:
        for session in sessions:
            session.start()
        is_whole = ContextStreams(streams, complain, clock, stop).run()
    finally:
        for session in sessions:
            session.close()
    return signalled() or int(not is_whole)


def _complain_of(context: str, sentence: str) -> None:
    complain(f"{context}: {sentence}")


def _session(
    clusters: Clusters, output: OutputArguments, context: str | None = None, turns: Turns | None = None
) -> Session:
    return Session(
        clusters.connect_to(context),
        cancel=clusters.cancel,
        clock=clusters.clock or SystemClock(),
        request_timeout=clusters.request_timeout(),
        columns=ColumnsFrom.SERVER_FIRST if output.format in (None, "wide") else ColumnsFrom.CATALOGUE,
        turn=turns.turn if turns is not None else None,
    )


def _request(selection: SelectionArguments, output: OutputArguments) -> StreamRequest:
    return StreamRequest(
        select(selection),
        watch_only=output.watch_only,
        until_synced=output.until_synced,
        order=order_by(output.sort_by, Masking(output.show_secrets)),
    )


def _format(selection: SelectionArguments, output: OutputArguments) -> Format:
    return Format(
        name=output.format,
        with_namespace=select(selection).has_several_namespaces,
        with_type="," in selection.resource,
        label_columns=output.label_columns,
        show_labels=output.show_labels,
        headers=not output.no_headers,
        show_secrets=output.show_secrets,
        show_managed_fields=output.show_managed_fields,
        sorted=output.sort_by is not None,
        single=selection.name is not None,
    )


class ContextStreams:
    """Each in a thread of its own; `run` waits in the main thread."""

    def __init__(
        self, streams: Mapping[str, Stream], complain: Callable[[str], None], clock: Clock, stop: threading.Event
    ) -> None:
        """`complain` is told why one ended, with its context; all are to end when `stop` is set."""
        self._streams = streams
        self._complain = complain
        self._clock = clock
        self._stop = stop
        self._over = threading.Event()
        self._running = set(streams)
        self._failed: set[str] = set()
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Whether everything was printed that was asked for; raise what nobody foresaw, and what stdout says."""
        for context, stream in self._streams.items():
            spawn(f"kwatch-stream {context}", self._body(context, stream), self._crashed)
        while self._running and self._error is None:
            self._clock.wait(self._over, TICK)
            self._over.clear()
        self._stop.set()
        if self._error is not None:
            raise self._error
        return not self._failed and not any(each.is_incomplete for each in self._streams.values())

    def _body(self, context: str, stream: Stream) -> Callable[[], None]:
        def run() -> None:
            try:
                stream.run()
            except StreamError as error:
                self._failed.add(context)
                self._complain(f"{context}: {error}")
            except (OSError, ValueError) as error:
                self._error = error
            self._running.discard(context)
            self._over.set()

        return run

    def _crashed(self, error: BaseException) -> None:
        self._error = error
        self._over.set()
