"""The command line: arguments -> what to run. The only place that knows every part, and wires them.

The way through: `kuberc_words` puts in what a kuberc prefers, `parser` makes Arguments (`arguments`) of the words, with
the `flags` that commands share and what `kubectl_words` understands of kubectl's; a Tab asks `live_names` what may
stand at the cursor (`candidates`), and `manual` writes the parsers as a page; `run`, here, gives them to the module
of the command, called like it: `watch` (then `screen`, `plain` for a stream, or `hook` for `--on`), `demo`, `replay`,
`record`, `history`, `diff`, `report`, `wait`, `logs`, `serve`, `info`, `completion`. `connecting` is how a cluster is
reached, `running` is what commands without a screen share. Whatever is printed goes through `terminal`; kwatch's
own log is `log_file`, and a mistake of kwatch itself becomes a report in `crash`. Exit codes: 0, 1 for an error, 2 for
words that do not fit (diff says 1 if something changed, and 2 for any error), 130 and 143 for a signal, 141 for a pipe
that nobody reads.

Imports are inside the functions here, in `screen` and in `connecting`, so that a start imports only what its command
needs: `kwatch --help` nothing slow, and the frame of the screen is drawn before the machinery of a session is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kwatch.cli.parser import Arguments, LoggedArguments


ON_WINDOWS = "kwatch needs a terminal as Linux and macOS have it; on Windows run it in WSL"


def run(words: Sequence[str]) -> int:
    """Run `kwatch WORDS...` and return its exit code."""
    from kwatch.cli.terminal import complain, finish, open_missing

    if sys.platform == "win32" and not {"-h", "--help", "--version"} & {*words}:
        complain(ON_WINDOWS)
        return 1
    open_missing()
    try:
        code = _run(words)
    except KeyboardInterrupt:
        code = 130
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is: no traceback for the user, and never 0
        from kwatch.cli.crash import tell_of

        complain(tell_of(error))
        code = 2 if words[:1] == ["diff"] else 1
    return finish(code)


def _run(words: Sequence[str]) -> int:
    if words[:1] == ["__complete"]:
        from kwatch.cli.live_names import complete

        return complete(words[1:])
    from kwatch.cli.arguments import UsageError
    from kwatch.cli.kuberc_words import preferred
    from kwatch.cli.parser import parse
    from kwatch.cli.terminal import BROKEN_PIPE, complain

    try:
        arguments = parse(*preferred(words, complain))
    except UsageError as error:
        complain(str(error))
        return 2
    except BrokenPipeError:
        return BROKEN_PIPE
    except OSError as error:  # help that cannot be printed
        complain(str(error))
        return 1
    except SystemExit as end:  # --help, --version
        return end.code if isinstance(end.code, int) else 0
    return _dispatch(arguments)


def _dispatch(arguments: Arguments) -> int:
    """What the user can mend is one sentence and exit code 1; anything else is raised."""
    from kwatch.base.threads import report_threads_of_others
    from kwatch.cli.crash import is_foreseen
    from kwatch.cli.terminal import BROKEN_PIPE, complain

    report_threads_of_others()
    try:
        return _run_command(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return BROKEN_PIPE
    except (ValueError, OSError) as error:
        if not is_foreseen(error):
            raise
        complain(str(error))
        return 1


def _run_command(arguments: Arguments) -> int:
    from kwatch.cli.arguments import CompletionArguments, DemoArguments, ManArguments, ReplayArguments

    if isinstance(arguments, CompletionArguments):
        from kwatch.cli.completion import completion

        return completion(arguments)
    from kwatch.cli.config_files import ConfigArguments

    if isinstance(arguments, ConfigArguments):
        from kwatch.cli.config_files import config

        return config(arguments)
    from kwatch.cli.import_k9s import ImportArguments

    if isinstance(arguments, ImportArguments):
        from kwatch.cli.import_k9s import import_settings

        return import_settings(arguments)
    if isinstance(arguments, ManArguments):
        from kwatch.cli.manual import man

        return man(arguments)
    from kwatch.base.allocator import share_one_arena
    from kwatch.cli.log_file import set_up_logging
    from kwatch.cli.terminal import complain

    share_one_arena()
    with_log = arguments.watch if isinstance(arguments, DemoArguments | ReplayArguments) else arguments
    log = set_up_logging(with_log.log)
    try:
        return _run_logged(arguments)
    finally:
        if log is not None and log.problem:
            complain(log.problem)


def _run_logged(arguments: LoggedArguments) -> int:
    from kwatch.cli.arguments import (
        DemoArguments,
        DiffArguments,
        HistoryArguments,
        InfoArguments,
        RecordArguments,
        ReplayArguments,
        ReportArguments,
        WaitArguments,
        WatchArguments,
    )

    if isinstance(arguments, InfoArguments):
        from kwatch.cli.info import info

        return info(arguments)
    if isinstance(arguments, DemoArguments):
        from kwatch.cli.demo import demo

        return demo(arguments)
    if isinstance(arguments, WatchArguments):
        from kwatch.cli.watch import watch

        return watch(arguments)
    if isinstance(arguments, ReplayArguments):
        from kwatch.cli.replay import replay

        return replay(arguments)
    if isinstance(arguments, WaitArguments):
        from kwatch.cli.wait import wait

        return wait(arguments)
    if isinstance(arguments, RecordArguments):
        from kwatch.cli.record import record

        return record(arguments)
    if isinstance(arguments, HistoryArguments):
        from kwatch.cli.history import history

        return history(arguments)
    if isinstance(arguments, DiffArguments):
        from kwatch.cli.diff import diff

        return diff(arguments)
    if isinstance(arguments, ReportArguments):
        from kwatch.cli.report import report

        return report(arguments)
    from kwatch.cli.serve import ServeArguments, serve

    if isinstance(arguments, ServeArguments):
        return serve(arguments)
    from kwatch.cli.logs import logs

    return logs(arguments)
