"""`kwatch record`: what informers see, into a file."""

from __future__ import annotations

from pathlib import Path

from kwatch.cli.arguments import RecordArguments
from kwatch.cli.running import running, select
from kwatch.cli.terminal import complain
from kwatch.history.recording.redaction import Redaction
from kwatch.output import recording
from kwatch.output.opening import StreamError
from kwatch.session.columns import ColumnsFrom


def record(arguments: RecordArguments) -> int:
    try:
        return _record(arguments)
    except StreamError as error:
        complain(str(error))
        return 1


def _record(arguments: RecordArguments) -> int:
    redaction = Redaction(arguments.redact)
    # What the server alone can print is recorded with the objects.
    with running(arguments, columns=ColumnsFrom.SERVER_FIRST) as (run, signalled):
        ended = recording.record(
            run,
            select(arguments.selection),
            Path(arguments.file),
            redaction,
            max_bytes=arguments.max_bytes,
            seconds=arguments.seconds,
        )
    if ended is None:
        return signalled()
    if ended:
        complain(ended)
    return 1 if ended and arguments.max_bytes is None else 0
