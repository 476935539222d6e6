"""`kwatch wait`: until a filter is true of enough objects."""

from __future__ import annotations

from contextlib import closing

from kwatch.cli.arguments import WaitArguments
from kwatch.cli.connecting import asking_ahead
from kwatch.cli.running import running, select
from kwatch.cli.terminal import complain, write
from kwatch.history.journal import Journal
from kwatch.output.opening import StreamError
from kwatch.output.waiting import Ending, Waiting, WaitRequest, outcome_json, outcome_text, read_filter
from kwatch.query.syntax import QuerySyntaxError


def wait(arguments: WaitArguments) -> int:
    """Exit code 0 when it is true, 1 when it failed or took too long, 2 for words that do not fit."""
    try:
        filters = tuple(map(read_filter, arguments.filters))
        fail_on = read_filter(arguments.fail_on) if arguments.fail_on else None
    except ValueError as error:
        complain(str(error))
        return 2
    request = WaitRequest(
        select(arguments.selection), filters, fail_on, arguments.least, arguments.stable, arguments.timeout
    )
    ahead = asking_ahead(arguments.selection)
    with closing(Journal()) as journal, running(arguments, journal, ahead=ahead) as (run, signalled):
        waiting = Waiting(run, request, journal)
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
    if outcome.ending is Ending.STOPPED:
        return signalled()
    if arguments.json:
        write(outcome_json(outcome, hindrances) + "\n")
    else:
        write("".join(f"{line}\n" for line in (outcome_text(outcome), *hindrances)))
    return 0 if is_true else 1
