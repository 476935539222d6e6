"""Which command runs, and what a user is told when it cannot."""

from __future__ import annotations

from kwatch.base.threads import report_threads_of_others
from kwatch.cli.arguments import (
    Arguments,
    CompletionArguments,
    DemoArguments,
    InfoArguments,
    LoggedArguments,
    ReplayArguments,
    WatchArguments,
)
from kwatch.cli.crash import is_foreseen
from kwatch.cli.terminal import BROKEN_PIPE, complain


def dispatch(arguments: Arguments) -> int:
    """Run a command; whatever the user can mend is one sentence and exit code 1. What nobody foresaw is raised."""
    report_threads_of_others()
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return BROKEN_PIPE
    except (ValueError, OSError) as error:
        if not is_foreseen(error):
            raise
        complain(str(error))
        return 1


def _run(arguments: Arguments) -> int:
    if isinstance(arguments, CompletionArguments):
        from kwatch.cli.completion import completion

        return completion(arguments)
    from kwatch.cli.logs import set_up_logging

    with_log = arguments.watch if isinstance(arguments, DemoArguments | ReplayArguments) else arguments
    log = set_up_logging(with_log.log)
    try:
        return _run_logged(arguments)
    finally:
        if log is not None and log.problem:
            complain(log.problem)


def _run_logged(arguments: LoggedArguments) -> int:
    if isinstance(arguments, InfoArguments):
        from kwatch.cli.info import info

        return info(arguments)
    if isinstance(arguments, DemoArguments):
        from kwatch.cli.demo import demo

        return demo(arguments)
    if isinstance(arguments, WatchArguments):
        from kwatch.cli.watch import watch

        return watch(arguments)
    from kwatch.cli.recordings import run_recording

    return run_recording(arguments)
