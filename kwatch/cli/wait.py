"""`kwatch wait`: exit code 0 when it is true, 1 when it failed or took too long, 2 for words that do not fit."""

from __future__ import annotations

import threading
from contextlib import closing

from kwatch.cli.arguments import WaitArguments
from kwatch.cli.connecting import configured_clusters
from kwatch.cli.plain import select, stop_on_signals
from kwatch.cli.terminal import complain, write
from kwatch.history.journal import Journal
from kwatch.informer.clock import SystemClock
from kwatch.output.opening import Run, StreamError
from kwatch.output.waiting import Ending, Waiting, WaitRequest, outcome_json, outcome_text, read_filter
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.session import Session


def wait(arguments: WaitArguments) -> int:
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
