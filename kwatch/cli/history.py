"""`kwatch history`: the versions of objects, their timelines and rollouts, from a recording or live."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from kwatch.cli.arguments import HistoryArguments
from kwatch.cli.connecting import limit_memory
from kwatch.cli.running import Labelled, in_each, running, select
from kwatch.cli.terminal import complain, write
from kwatch.history.journal import Journal
from kwatch.history.rollouts import Rollout
from kwatch.output.history import (
    Entry,
    RecordedObject,
    history_json,
    history_text,
    live_history,
    live_rollouts,
    moment_of,
    recorded_history,
    recorded_objects,
    recorded_rollouts,
    rollout_json,
    rollout_text,
)
from kwatch.output.opening import Run, StreamError
from kwatch.output.timeline import (
    RenderedEntry,
    live_timeline,
    recorded_timeline,
    timeline_json,
    timeline_text,
)

E = TypeVar("E")


def history(arguments: HistoryArguments) -> int:
    try:
        if arguments.revisions:
            return _history(arguments, _rollouts(arguments), rollout_json if arguments.json else rollout_text)
        if arguments.related:
            return _history(arguments, _timeline(arguments), timeline_json if arguments.json else timeline_text)
        return _history(arguments, _versions(arguments), history_json if arguments.json else history_text)
    except StreamError as error:
        complain(str(error))
        return 1


@dataclass(frozen=True, slots=True)
class _Told(Generic[E]):
    """How one of the three is had: from a context of a recording, and from a cluster with a journal; and its time."""

    recorded: Callable[[RecordedObject], Iterable[E]]
    live: Callable[[Run, Journal], Iterable[E]]
    at: Callable[[E], float]


def _rollouts(arguments: HistoryArguments) -> _Told[Rollout]:
    selection = select(arguments.selection)
    return _Told(recorded_rollouts, lambda run, journal: live_rollouts(run, selection), lambda each: each.at or 0.0)


def _timeline(arguments: HistoryArguments) -> _Told[RenderedEntry]:
    selection, follow = select(arguments.selection), arguments.follow
    return _Told(
        recorded_timeline,
        lambda run, journal: live_timeline(run, journal, selection, follow),
        lambda each: each.entry.at,
    )


def _versions(arguments: HistoryArguments) -> _Told[Entry]:
    selection, follow = select(arguments.selection), arguments.follow
    return _Told(recorded_history, lambda run, journal: live_history(run, journal, selection, follow), moment_of)


def _history(arguments: HistoryArguments, told: _Told[E], lines: Callable[[E], Iterable[str]]) -> int:
    if arguments.file is not None:
        with recorded_objects(
            Path(arguments.file), select(arguments.selection), complain, arguments.connection.context
        ) as objects:
            labelled = Labelled([each.context for each in objects], as_json=arguments.json)
            found = {each.context: [*told.recorded(each)] for each in objects}
            _print(_merged(found, told.at), lines, labelled)
        return 0
    limit_memory()
    with closing(Journal()) as journal, running(arguments, journal) as (runs, signalled):
        labelled = Labelled([run.context for run in runs], as_json=arguments.json)
        turn = threading.Lock()

        def entries(run: Run) -> list[E]:
            """What is to be merged with that of others; what may go on for ever is printed as it comes."""
            if len(runs) > 1 and not arguments.follow:
                return [*told.live(run, journal)]
            for entry in told.live(run, journal):
                with turn:
                    _print([(run.context, entry)], lines, labelled)
            return []

        live = in_each(runs, entries)
        _print(_merged(live, told.at), lines, labelled)
    return signalled() or int(len(live) < len(runs))


def _merged(found: Mapping[str, Sequence[E]], at: Callable[[E], float]) -> Iterable[tuple[str, E]]:
    """By time, where there are several contexts; one alone is in order."""
    pairs = [(context, entry) for context, entries in found.items() for entry in entries]
    return pairs if len(found) < 2 else sorted(pairs, key=lambda pair: at(pair[1]))


def _print(entries: Iterable[tuple[str, E]], lines: Callable[[E], Iterable[str]], labelled: Labelled) -> None:
    for context, entry in entries:
        for line in lines(entry):
            write(labelled.line(context, line) + "\n")
