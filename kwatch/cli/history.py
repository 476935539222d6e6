"""`kwatch history`: the versions of objects, their timelines and rollouts, from a recording or live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from kwatch.cli.arguments import HistoryArguments
from kwatch.cli.connecting import limit_memory
from kwatch.cli.running import running, select
from kwatch.cli.terminal import complain, write
from kwatch.history.journal import Journal
from kwatch.output.history import (
    history_json,
    history_text,
    live_history,
    live_rollouts,
    recorded_history,
    recorded_rollouts,
    rollout_json,
    rollout_text,
)
from kwatch.output.opening import StreamError
from kwatch.output.timeline import live_timeline, recorded_timeline, timeline_json, timeline_text

E = TypeVar("E")


def history(arguments: HistoryArguments) -> int:
    try:
        return _history(arguments)
    except StreamError as error:
        complain(str(error))
        return 1


def _history(arguments: HistoryArguments) -> int:
    selection, follow = select(arguments.selection), arguments.follow
    lines_of_timeline = timeline_json if arguments.json else timeline_text
    lines_of_history = history_json if arguments.json else history_text
    lines_of_rollout = rollout_json if arguments.json else rollout_text
    if arguments.file is not None:
        path = Path(arguments.file)
        if arguments.revisions:
            _print(recorded_rollouts(path, selection, complain), lines_of_rollout)
        elif arguments.related:
            _print(recorded_timeline(path, selection, complain), lines_of_timeline)
        else:
            _print(recorded_history(path, selection, complain), lines_of_history)
        return 0
    limit_memory()
    with closing(Journal()) as journal, running(arguments, journal) as (run, signalled):
        if arguments.revisions:
            _print(live_rollouts(run, selection), lines_of_rollout)
        elif arguments.related:
            _print(live_timeline(run, journal, selection, follow), lines_of_timeline)
        else:
            _print(live_history(run, journal, selection, follow), lines_of_history)
    return signalled()


def _print(entries: Iterable[E], lines: Callable[[E], Iterable[str]]) -> None:
    for entry in entries:
        for line in lines(entry):
            write(line + "\n")
