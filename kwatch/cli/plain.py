"""No screen: changes as text on stdout."""

from __future__ import annotations

import threading

from kwatch.cli.arguments import OutputArguments, SelectionArguments
from kwatch.cli.connecting import Clusters, limit_memory, quieten_collector
from kwatch.cli.running import select, stop_on_signals
from kwatch.cli.terminal import complain, write
from kwatch.informer.clock import SystemClock
from kwatch.output.formats import Format, order_by, printer_for
from kwatch.output.opening import Run, StreamError
from kwatch.output.printer import Masking
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.columns import ColumnsFrom
from kwatch.session.session import Session


def run_plain(clusters: Clusters, selection: SelectionArguments, output: OutputArguments, memory_limit: str) -> int:
    """Stream until a signal (130 for Ctrl-C), an error (1), or until synced if that was asked (0); raise OSError when
    stdout takes nothing more.
    """
    limit_memory(memory_limit)
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
