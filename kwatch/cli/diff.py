"""`kwatch diff`: what differs between two moments of a recording, from a baseline, or between two contexts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from kwatch.cli.arguments import DiffArguments
from kwatch.cli.connecting import configured_clusters
from kwatch.cli.crash import is_foreseen
from kwatch.cli.running import one_cluster, running, select
from kwatch.cli.terminal import complain, write
from kwatch.output.diff import (
    Difference,
    State,
    baseline_states,
    diff_json,
    diff_text,
    differences,
    path_groups,
    path_json,
    path_text,
    recorded_states,
    wanted_state,
)
from kwatch.output.opening import Selection, StreamError
from kwatch.session.session import Session

ERROR = 2
"""Of diff, whose 1 says that something changed."""


class Signalled(Exception):
    """A signal came before there was an answer."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def diff(arguments: DiffArguments) -> int:
    try:
        changed = False
        for line in _diff_lines(_differences(arguments), arguments):
            changed = True
            write(line + "\n")
        return 1 if changed else 0
    except BrokenPipeError:
        raise
    except Signalled as signalled:
        return signalled.code
    except (StreamError, ValueError, OSError) as error:
        if not isinstance(error, StreamError) and not is_foreseen(error):
            raise
        complain(str(error))
        return ERROR


def _diff_lines(found: Iterable[Difference], arguments: DiffArguments) -> Iterable[str]:
    if arguments.by_path:
        by_path = path_json if arguments.json else path_text
        return chain.from_iterable(by_path(group) for group in path_groups(found))
    by_object = diff_json if arguments.json else diff_text
    return chain.from_iterable(by_object(difference) for difference in found)


def _differences(arguments: DiffArguments) -> Iterable[Difference]:
    selection = select(arguments.selection)
    if arguments.file is not None:
        return differences(*recorded_states(Path(arguments.file), selection, arguments.seconds, complain))
    if arguments.against is not None:
        return differences(*_two_contexts(arguments, arguments.against, selection))
    assert arguments.baseline is not None, "the parser wants one of them"
    with running(arguments) as (run, signalled):
        states = baseline_states(Path(arguments.baseline), run, selection)
        if run.stop.is_set():
            raise Signalled(signalled())  # half an answer would say that nothing changed
        return differences(*states)


def _two_contexts(arguments: DiffArguments, against: str, selection: Selection) -> tuple[State, State]:
    """Both are asked at once; without -n, in the namespace of the first."""
    connection = replace(arguments.connection, context=against)
    clusters = one_cluster(configured_clusters(connection, arguments.selection.namespace))
    with running(arguments) as (run, signalled):
        timeout = run.session.request_timeout
        other = Session(clusters.connect_to(None), cancel=clusters.cancel, clock=run.clock, request_timeout=timeout)
        other.start()
        try:
            before = wanted_state(run, selection)
            if not selection.namespace and not selection.all_namespaces:
                selection = replace(selection, namespace=run.session.state.namespace or None)
            after = wanted_state(replace(run, session=other), selection)
            if run.stop.is_set():
                raise Signalled(signalled())
            return before, after
        finally:
            other.close()
