"""kwatch's own log: a file when asked for, else nowhere, never the screen."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from types import TracebackType

from kwatch.base.private_file import open_private
from kwatch.cli.arguments import LogArguments
from kwatch.view.printable import printable, printable_lines

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def set_up_logging(arguments: LogArguments) -> None:
    """Raise OSError when the file cannot be written. It is for its owner only: it names what a cluster holds.

    What libraries warn of goes the same way: they quote what a server sent, and would else write it to stderr.
    """
    root = logging.getLogger()
    if arguments.file is None:
        root.addHandler(logging.NullHandler())
        return
    descriptor = open_private(Path(arguments.file), os.O_WRONLY | os.O_APPEND)
    handler = logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(PrintableFormatter())
    root.addHandler(handler)
    logging.getLogger("kwatch").setLevel(arguments.level.upper())


class PrintableFormatter(logging.Formatter):
    """A record is one line, and nothing in it is obeyed by the terminal in which the file is read; a traceback follows
    line by line.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s [%(threadName)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback if there is one: made anew, whoever else has made one of it."""
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        """The line."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - as logging names it
        """The traceback: what an error says may come from a cluster too."""
        return printable_lines(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as logging names it
        """Where it was logged."""
        return printable_lines(super().formatStack(stack_info))
