"""The only writer to stdout and stderr. Control characters never reach a terminal, wherever the text comes from; a
stream that is closed or full, or a pipe that nobody reads, is a sentence.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TextIO

from kwatch.base.printable import printable, printable_lines

BROKEN_PIPE = 141
"""The exit code that a shell gives a program, such as kubectl, that SIGPIPE ended."""


class OutputError(OSError):
    """stdout takes nothing; the text is a sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.sentence = f"nothing can be written to stdout: {why}"

    def __str__(self) -> str:
        return self.sentence


class _Closed(io.TextIOBase):
    """In place of a stdout that was closed (`>&-`)."""

    was_needed = False

    def write(self, text: str) -> int:
        """Fail, as writing to a closed descriptor does."""
        if text:
            self.was_needed = True
            raise OSError(errno.EBADF, "it is closed")
        return 0

    def writable(self) -> bool:
        """True, so that the writer gets the error."""
        return True


def is_terminal() -> bool:
    """Whether what is written is read as it comes."""
    return sys.stdout.isatty()


def open_missing() -> None:
    """Before anything is opened: a descriptor that was closed would else become the next socket, or recording."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        with contextlib.suppress(OSError, AttributeError):  # older Pythons on Windows have no such thing
            os.set_blocking(descriptor, True)  # another process that shares it may have changed that
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - it lives as long as the process


def stderr_problem() -> str:
    """Why nothing can be written to stderr; empty if it can."""
    if sys.__stderr__ is None:
        return "stderr is closed"
    try:
        os.write(sys.__stderr__.fileno(), b"")
    except OSError as error:
        return f"nothing can be written to stderr: {error.strerror}"
    return ""


def complain(sentence: str) -> None:
    """One sentence on stderr, or on the terminal if stderr takes nothing."""
    line = f"kwatch: {printable(sentence)}\n"
    if (stderr_problem() and sys.stdout.isatty()) or not _tell(line, sys.stderr):
        _tell(line, sys.stdout)


def write(text: str, *, is_safe: bool = False) -> None:
    """Text for stdout, as it is for a file or a pipe; made safe to print for a terminal, unless it is, with colours.

    Raise BrokenPipeError when nobody reads it any more, else OutputError.
    """
    try:
        if text:
            _put(sys.stdout, printable_lines(text) if sys.stdout.isatty() and not is_safe else text)
        sys.stdout.flush()
    except OSError as error:
        _discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(error.strerror or str(error)) from error


def finish(code: int) -> int:
    """What is left is written; the exit code, which is another one if that cannot be."""
    try:
        if isinstance(sys.stdout, _Closed) and sys.stdout.was_needed and code == 0:
            raise OutputError("it is closed")
        write("")
    except BrokenPipeError:
        return BROKEN_PIPE
    except OutputError as error:
        complain(str(error))
        return code or 1
    return code


def _tell(line: str, stream: TextIO) -> bool:
    if stream is sys.stdout and not stream.isatty():
        return False  # that is for data
    try:
        _put(stream, line)
        stream.flush()
    except OSError:
        _discard(stream)
        return False
    return True


def _put(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        # Half a surrogate pair, or a terminal of eight bits.
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _discard(stream: TextIO) -> None:
    """The interpreter writes what is left when it ends, and would say that it cannot."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)
