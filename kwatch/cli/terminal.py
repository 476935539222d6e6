"""The only writer to stdout and stderr: what a terminal would obey never reaches one, whoever made the text."""

from __future__ import annotations

import sys
from typing import TextIO

from kwatch.view.printable import printable, printable_lines


def write(text: str) -> None:
    """Text for stdout, as it is for a file or a pipe; made safe to print for a terminal."""
    _put(sys.stdout, printable_lines(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def complain(sentence: str) -> None:
    """One sentence on stderr."""
    _put(sys.stderr, f"kwatch: {printable(sentence)}\n")


def _put(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        # Half a surrogate pair, or a terminal of eight bits.
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
