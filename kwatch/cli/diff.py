"""`kwatch diff`: what differs between two moments of a recording, from a baseline, or between two contexts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path

from kwatch.cli.arguments import DiffArguments
from kwatch.cli.connecting import configured_clusters
from kwatch.cli.crash import is_foreseen
from kwatch.cli.running import in_each, running, running_on, select
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
from kwatch.output.opening import Selection, StreamError, await_connection
from kwatch.session.open_sessions import chosen_contexts
from kwatch.view.freshness import enumerated

ERROR = 2
"""Of diff, whose 1 says that something changed."""


class Signalled(Exception):
    """A signal came before there was an answer."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def diff(arguments: DiffArguments) -> int:
    """Exit code 0: nothing differs, 1: something does, 2: an error, also of only one of several contexts."""
    try:
        states = _states(arguments)
        several = len(states.found) > 1 or states.are_missing
        found = (each for context, pair in states.found.items() for each in differences(*pair, context * several))
        changed = False
        for line in _diff_lines(found, arguments):
            changed = True
            write(line + "\n")
        return ERROR if states.are_missing else int(changed)
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


@dataclass(frozen=True, slots=True)
class _States:
    """What is compared, by context."""

    found: Mapping[str, tuple[State, State]]
    are_missing: bool = False
    """Whether of some nothing could be had, which was said."""


def _states(arguments: DiffArguments) -> _States:
    selection = select(arguments.selection)
    if arguments.file is not None:
        path, wanted = Path(arguments.file), arguments.connection.context
        return _States(recorded_states(path, selection, arguments.seconds, complain, wanted))
    if arguments.against is not None:
        return _of_contexts(arguments, arguments.against, selection)
    assert arguments.baseline is not None, "the parser wants one of them"
    with running(arguments) as (runs, signalled):
        baseline = Path(arguments.baseline)
        found = in_each(runs, lambda run: baseline_states(baseline, run, selection))
        if runs[0].stop.is_set():
            raise Signalled(signalled())  # half an answer would say that nothing changed
        return _States(found, len(found) < len(runs))


def _of_contexts(arguments: DiffArguments, against: str, selection: Selection) -> _States:
    """One with each of the others; without -n, in the namespace of the first. All are asked at once."""
    clusters = configured_clusters(arguments.connection, arguments.selection.namespace)
    ours: Sequence[str | None] = clusters.several or (arguments.connection.context,)
    named = chosen_contexts(against, [each.name for each in clusters.contexts()])
    if len(ours) > 1 and len(named) > 1:
        raise ValueError(
            f"{enumerated(clusters.several)} against {enumerated(named)}: one context is compared with several, not "
            "several with several; name one with --context or with --against"
        )
    theirs = [each for each in named if each not in ours]
    if not theirs:
        raise ValueError(f"{enumerated(named)} is compared with itself; name another context with --against")
    with running_on(clusters, contexts=(*ours, *theirs)) as (runs, signalled):
        first = runs[0]
        if not selection.namespace and not selection.all_namespaces and await_connection(first):
            selection = replace(selection, namespace=first.session.state.namespace or None)
        states = in_each(runs, lambda run: wanted_state(run, selection))
        if first.stop.is_set():
            raise Signalled(signalled())
    befores, afters = ([states.get(each or "") for each in side] for side in (ours, theirs))
    labels = [each or "" for each in (ours if len(ours) > 1 else theirs)]
    pairs = zip(labels, product(befores, afters), strict=True)  # one of the two is only one
    found = {label: (old, new) for label, (old, new) in pairs if old is not None and new is not None}
    return _States(found, len(states) < len(runs))
