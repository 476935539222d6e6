"""`kwatch wait`: until a filter is true of enough objects, in each context that is asked."""

from __future__ import annotations

from contextlib import closing

from kwatch.cli.arguments import WaitArguments
from kwatch.cli.connecting import asking_ahead
from kwatch.cli.running import Labelled, in_each, running, select
from kwatch.cli.terminal import complain, write
from kwatch.history.journal import Journal
from kwatch.output.opening import Run, StreamError
from kwatch.output.waiting import (
    Agreement,
    Ending,
    Outcome,
    Waiting,
    WaitRequest,
    outcome_json,
    outcome_text,
    read_filter,
)
from kwatch.query.syntax import QuerySyntaxError


def wait(arguments: WaitArguments) -> int:
    """Exit code 0 when it is true, in all contexts at once; 1 when it failed or took too long, 2 for wrong words."""
    try:
        filters = tuple(map(read_filter, arguments.filters))
        fail_on = read_filter(arguments.fail_on) if arguments.fail_on else None
    except ValueError as error:
        complain(str(error))
        return 2
    request = WaitRequest(select(arguments.selection), filters, fail_on, arguments.least)
    ahead = asking_ahead(arguments.selection)
    with closing(Journal()) as journal, running(arguments, journal, ahead=ahead) as (runs, signalled):
        agreement = Agreement([run.context for run in runs], arguments.stable, arguments.timeout, runs[0].clock)

        def outcome_of(run: Run) -> tuple[Outcome, list[str]]:
            waiting = Waiting(run, request, journal, agreement)
            outcome = waiting.wait()
            is_hindered = outcome.ending in (Ending.FAILED, Ending.LATE)
            return outcome, [*waiting.hindrances()] if is_hindered else []

        try:
            found = in_each(runs, outcome_of)
        except QuerySyntaxError as error:
            complain(str(error))
            return 2
        except StreamError as error:
            complain(str(error))
            return 1
    if signalled() and any(outcome.ending is Ending.STOPPED for outcome, _ in found.values()):
        return signalled()
    labelled = Labelled([run.context for run in runs], as_json=arguments.json)
    for context, (outcome, hindrances) in found.items():
        lines = [outcome_json(outcome, hindrances)] if arguments.json else [outcome_text(outcome), *hindrances]
        write("".join(f"{labelled.line(context, line)}\n" for line in lines))
    return int(len(found) < len(runs) or any(outcome.ending is not Ending.TRUE for outcome, _ in found.values()))
