"""kwatch's own log: a file when asked for, else nowhere, never the screen."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from types import TracebackType

from kwatch.base.files import NotPrivate, open_private
from kwatch.base.printable import printable, printable_lines
from kwatch.base.threads import reason_of
from kwatch.cli.arguments import LogArguments

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def set_up_logging(arguments: LogArguments) -> LogFile | None:
    """Raise OSError when the file cannot be written. It is for its owner only: it names what a cluster holds.

    What libraries warn of goes the same way: they quote what a server sent, and would else write it to stderr.
    """
    root = logging.getLogger()
    if arguments.file is None:
        root.addHandler(logging.NullHandler())
        return None
    try:
        handler = LogFile(Path(arguments.file))
    except NotPrivate:
        raise  # whose text is a sentence
    except OSError as error:
        raise OSError(f"the log {arguments.file} cannot be written: {error.strerror}") from error
    root.addHandler(handler)
    logging.getLogger("kwatch").setLevel(arguments.level.upper())
    return handler


class LogFile(logging.Handler):
    """Every record is written at once. One that cannot be is counted: the library's own handlers print a traceback on
    stderr then, which is the screen. Thread-safe, as handlers are.
    """

    def __init__(self, path: Path) -> None:
        """Raise OSError."""
        super().__init__()
        self._path = path
        self._descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
        self._lost = 0
        self._reason = ""
        self.setFormatter(PrintableFormatter())

    @property
    def problem(self) -> str:
        """What is missing in the file, and why, in a sentence; empty if nothing is."""
        if not self._lost:
            return ""
        records = "a record is" if self._lost == 1 else f"{self._lost:,} records are"
        return f"{records} missing in the log {self._path}: {self._reason}"

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; never raise."""
        try:
            data = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._descriptor, data) :]
        except Exception as error:  # noqa: BLE001 - a full disk, or arguments that do not fit the text of a record
            self._lost += 1
            self._reason = getattr(error, "strerror", None) or reason_of(error)

    def close(self) -> None:
        super().close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class PrintableFormatter(logging.Formatter):
    """A record is one line, and nothing in it is obeyed by the terminal in which the file is read; a traceback follows
    line by line.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s [%(threadName)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback if there is one: not the text that another handler may have cached."""
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        return printable(super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - as logging names it
        """The traceback: what an error says may come from a cluster too."""
        return printable_lines(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as logging names it
        return printable_lines(super().formatStack(stack_info))
