"""Arguments -> what to run; the only place that knows every part, and wires them."""

from __future__ import annotations

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    """Run `kwatch WORDS...` and return its exit code: 0, 1 for an error, 2 for words that do not fit."""
    from kwatch.cli.terminal import complain, finish, open_missing

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
        code = 2 if words[:1] == ["diff"] else 1  # whose 1 says that something changed
    return finish(code)


def _run(words: Sequence[str]) -> int:
    from kwatch.cli.parser import parse
    from kwatch.cli.terminal import BROKEN_PIPE, complain
    from kwatch.cli.usage_error import UsageError

    try:
        arguments = parse(words)
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
    from kwatch.cli.dispatch import dispatch

    return dispatch(arguments)
