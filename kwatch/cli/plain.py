"""No screen: changes as text on stdout, `--on FILTER`, `kwatch wait`, and `kwatch info`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from queue import Empty, Queue
from typing import TYPE_CHECKING

from kwatch import __version__
from kwatch.base.limits import LIMIT
from kwatch.base.printable import printable
from kwatch.base.quantity import parse_size
from kwatch.base.threads import spawn
from kwatch.base.timestamp import rfc3339
from kwatch.cli.arguments import (
    ConnectionArguments,
    InfoArguments,
    OutputArguments,
    SelectionArguments,
    WaitArguments,
    WatchArguments,
)
from kwatch.cli.connecting import Clusters, configured_clusters, connector, quieten_collector
from kwatch.cli.terminal import complain, is_terminal, write
from kwatch.config.locations import settings_folder
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.output.formats import Format, order_by, printer_for
from kwatch.output.opening import Run, Selection, StreamError, await_connection
from kwatch.output.printer import Masking
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session

if TYPE_CHECKING:
    from kwatch.session.hooks import Hook

MOST_TOLD = 10_000
"""Onsets that wait to be printed; then the hooks wait."""
_TICK = 0.1
PATIENCE = 3.0
"""Seconds for an orderly end after a signal; then the process is ended, which may wait for a pipe that nobody reads."""


def run_plain(clusters: Clusters, selection: SelectionArguments, output: OutputArguments, memory_limit: str) -> int:
    """Stream until a signal (130 for Ctrl-C), an error (1), or until synced if that was asked (0); raise OSError when
    stdout takes nothing more.
    """
    LIMIT.bytes = parse_size(memory_limit)
    clock = clusters.clock or SystemClock()
    stop = threading.Event()
    signalled = stop_on_signals(stop)
    session = Session(
        clusters.connect_to(None),
        cancel=clusters.cancel,
        clock=clock,
        request_timeout=clusters.request_timeout(),
        columns=ColumnsFrom.SERVER_FIRST if output.format in (None, "wide") else ColumnsFrom.CATALOGUE,
    )
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


def wait(arguments: WaitArguments) -> int:
    """Exit code 0 when it is true, 1 when it failed or took too long, 2 for words that do not fit."""
    from kwatch.history.journal import Journal
    from kwatch.output.waiting import Ending, Waiting, WaitRequest, outcome_json, outcome_text, read_filter
    from kwatch.query.syntax import QuerySyntaxError

    try:
        filters = tuple(map(read_filter, arguments.filters))
        fail_on = read_filter(arguments.fail_on) if arguments.fail_on else None
    except ValueError as error:
        complain(str(error))
        return 2
    clusters = configured_clusters(arguments.connection, arguments.selection.namespace)
    clock, stop = SystemClock(), threading.Event()
    signalled = stop_on_signals(stop)
    with closing(Journal()) as journal:
        session = Session(
            clusters.connect_to(None),
            cancel=clusters.cancel,
            journal=journal,
            clock=clock,
            request_timeout=clusters.request_timeout(),
        )
        session.start()
        request = WaitRequest(
            select(arguments.selection), filters, fail_on, arguments.least, arguments.stable, arguments.timeout
        )
        waiting = Waiting(Run(session, complain, clock, stop), request, journal)
        try:
            outcome = waiting.wait()
            is_true = outcome.ending is Ending.TRUE
            hindrances = [] if is_true or outcome.ending is Ending.STOPPED else [*waiting.hindrances()]
        except QuerySyntaxError as error:
            complain(str(error))
            return 2
        except StreamError as error:
            complain(str(error))
            return 1
        finally:
            session.close()
    if outcome.ending is Ending.STOPPED:
        return signalled()
    if arguments.json:
        write(outcome_json(outcome, hindrances) + "\n")
    else:
        write("".join(f"{line}\n" for line in (outcome_text(outcome), *hindrances)))
    return 0 if is_true else 1


def run_hook(clusters: Clusters, arguments: WatchArguments) -> int:
    """`--on FILTER`: act, and print a line for each onset, until a signal; 1 for an error, 2 for wrong words."""
    from kwatch.output.printer import json_text
    from kwatch.session.hook_actions import notification
    from kwatch.session.hooks import Hooks, Onset

    try:
        hook = _hook(arguments)
    except ValueError as error:
        complain(str(error))
        return 2
    clock, stop, told = clusters.clock or SystemClock(), threading.Event(), Queue[Onset](MOST_TOLD)
    signalled = stop_on_signals(stop)
    session = Session(
        clusters.connect_to(None), cancel=clusters.cancel, clock=clock, request_timeout=clusters.request_timeout()
    )
    session.start()
    try:
        await_connection(Run(session, complain, clock, stop))
        hooks = Hooks(lambda: session, clock, [hook], on_onset=told.put, on_failure=complain)
        said = ""
        try:
            while not stop.is_set():
                with suppress(Empty):
                    onset = told.get(timeout=_TICK)
                    as_json = arguments.output.format == "json"
                    write(f"{json_text(onset.payload) if as_json else f'{rfc3339(onset.at)} {onset.text}'}\n")
                    if hook.notifies and is_terminal():
                        write(notification(onset.text, os.environ), is_safe=True)
                trouble = hooks.states[0].trouble
                if trouble and trouble != said:
                    complain(trouble)
                    if not session.informers():
                        return 1
                said = trouble
        finally:
            hooks.close()
    except StreamError as error:
        complain(str(error))
        return 1
    finally:
        session.close()
    return signalled()


def _hook(arguments: WatchArguments) -> Hook:
    """Raise ValueError, which a QuerySyntaxError is."""
    from kwatch.output.waiting import read_filter
    from kwatch.session.hooks import Hook, command_of

    asked, chosen = arguments.hook, select(arguments.selection)
    command = command_of(asked.command, is_for_shell=asked.shell)
    return Hook(
        read_filter(asked.on),
        chosen.resource,
        None if chosen.all_namespaces else chosen.namespace or "",
        chosen.label_selector,
        chosen.fields(),
        command,
        asked.webhook,
        asked.notifies,
        asked.existing,
    )


def _request(selection: SelectionArguments, output: OutputArguments) -> StreamRequest:
    return StreamRequest(
        select(selection),
        watch_only=output.watch_only,
        until_synced=output.until_synced,
        order=order_by(output.sort_by, Masking(output.show_secrets)),
    )


def select(selection: SelectionArguments) -> Selection:
    return Selection(**asdict(selection))


def _format(selection: SelectionArguments, output: OutputArguments) -> Format:
    return Format(
        name=output.format,
        with_namespace=selection.all_namespaces,
        with_type="," in selection.resource,
        label_columns=output.label_columns,
        show_labels=output.show_labels,
        headers=not output.no_headers,
        show_secrets=output.show_secrets,
        show_managed_fields=output.show_managed_fields,
        sorted=output.sort_by is not None,
        single=selection.name is not None,
    )


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


PACKAGES = ("textual", "kubernetes", "msgspec", "aiohttp", "PyYAML")


def info(arguments: InfoArguments) -> int:
    """Print it; 1 if the server cannot be reached."""
    for line in _local(arguments.connection):
        _print(line)
    try:
        for line in _server(arguments.connection):
            _print(line)
    except (ApiError, ValueError) as error:
        _print(f"server      cannot be reached: {error}")
        return 1
    return 0


def _print(line: str) -> None:
    write(printable(line) + "\n")


def _local(arguments: ConnectionArguments) -> Iterator[str]:
    yield f"kwatch      {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    versions = (f"{name} {_version(name)}" for name in PACKAGES)
    yield f"packages    {', '.join(versions)}"
    yield f"settings    {settings_folder() or 'nowhere: there is no home folder; set HOME or KWATCH_CONFIG'}"
    yield from _contexts(arguments)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _contexts(arguments: ConnectionArguments) -> Iterator[str]:
    import kwatch.cluster

    try:
        entries = kwatch.cluster.contexts(arguments.kubeconfig)
    except (ValueError, OSError) as error:
        yield f"contexts    {error}"
        return
    if not entries:
        yield "contexts    none"
    for number, entry in enumerate(entries):
        mark = "*" if entry.current else " "
        yield f"{'contexts' if number == 0 else '':<11}{mark}{entry.name}  (cluster {entry.cluster}, user {entry.user})"


def _server(arguments: ConnectionArguments) -> Iterator[str]:
    cluster = connector(arguments)()
    try:
        version, discovery = cluster.version(), cluster.discover()
        yield f"context     {cluster.context}, namespace {cluster.namespace}"
        yield f"server      {cluster.server}, {version}"
        watchable = [resource for resource in discovery.resources if resource.watchable]
        groups = sorted({resource.gvr.api_version for resource in watchable})
        yield f"resources   {len(watchable)} can be watched, in {', '.join(groups)}"
        for group, why in sorted(discovery.failed_groups.items()):
            yield f"missing     {group}: {why}"
    finally:
        cluster.close()
