"""No screen: changes as text on stdout."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from kwatch.cli.arguments import OutputArguments, SelectionArguments
from kwatch.cli.connecting import Clusters, limit_memory, quieten_collector
from kwatch.cli.running import in_each, running_on, select
from kwatch.cli.terminal import complain, write
from kwatch.informer.clock import SystemClock
from kwatch.output.formats import Format, order_by, printer_for
from kwatch.output.opening import Run, StreamError
from kwatch.output.printer import Masking
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.columns import ColumnsFrom


def run_plain(
    clusters: Clusters, selection: SelectionArguments, output: OutputArguments, memory_limit: str | None
) -> int:
    """Stream until a signal (130 for Ctrl-C), an error (1), or until synced if that was asked (0); raise OSError when
    stdout takes nothing more. 1 also if one of several contexts could not be printed.
    """
    if clusters.several and output.format in ("yaml", "kyaml") and output.until_synced:
        raise ValueError(f"-o {output.format} prints one list, and these are several contexts; use -o json")
    limit_memory(memory_limit)
    clock, turn = clusters.clock or SystemClock(), threading.Lock()
    printer = printer_for(replace(_format(selection, output), with_context=bool(clusters.several)), clock)
    request = _request(selection, output)
    columns = ColumnsFrom.SERVER_FIRST if output.format in (None, "wide") else ColumnsFrom.CATALOGUE
    quieten_collector()
    with running_on(clusters, columns=columns) as (runs, signalled):
        beginning = _Beginning([run.context for run in runs], clusters.begun)

        def stream(run: Run) -> bool:
            begun = partial(beginning.over, run.context)
            printed = Stream(run, request, printer, write, begun=begun, over=clusters.over, turn=turn)
            try:
                printed.run()
            finally:
                begun()
            return not printed.is_incomplete

        try:
            whole = in_each(runs, stream)
        except StreamError as error:
            complain(str(error))
            return 1
    return signalled() or int(len(whole) < len(runs) or not all(whole.values()))


class _Beginning:
    """Calls `begun` once, when of all contexts what was there at first was printed, or never will be. Thread-safe."""

    def __init__(self, contexts: Iterable[str], begun: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._missing = {*contexts}
        self._begun = begun

    def over(self, context: str) -> None:
        with self._lock:
            is_last = self._missing == {context}
            self._missing.discard(context)
        if is_last:
            self._begun()


def _request(selection: SelectionArguments, output: OutputArguments) -> StreamRequest:
    return StreamRequest(
        select(selection),
        watch_only=output.watch_only,
        until_synced=output.until_synced,
        ignore_not_found=output.ignore_not_found,
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
