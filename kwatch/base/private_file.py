"""Files for their owner only, in places where others may have put something first: a shared /tmp, a link, a pipe."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_CAREFULLY = (
    os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody reads would wait for ever
    | getattr(os, "O_BINARY", 0)
)
_MODE = stat.S_IRUSR | stat.S_IWUSR


class NotPrivate(OSError):
    """What is there is not to be written into: the text is a sentence, `strerror` says no more than why."""

    def __init__(self, path: Path, what: str, advice: str = "") -> None:
        super().__init__(f"{path} {what}{advice and f'; {advice}'}.")
        self.strerror = f"it {what}"


def open_private(path: Path, flags: int) -> int:
    """A file descriptor of a file that is ours alone, created with mode 0600 or brought to it.

    `flags` are os.open's for writing, O_CREAT understood; not O_TRUNC, which would come before any look. Raise
    NotPrivate for a link, for what is no regular file and for what belongs to somebody else; OSError for the rest.
    """
    try:
        descriptor = os.open(path, flags | _CAREFULLY, _MODE)
    except OSError as error:
        raise _refused(path, error) or error from None
    try:
        _check(path, os.fstat(descriptor))
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, _MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _refused(path: Path, error: OSError) -> NotPrivate | None:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return NotPrivate(path, "is a link to another file", "name that file itself")
    if error.errno in (errno.ENXIO, errno.EISDIR):
        return NotPrivate(path, "is no regular file")
    return None


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotPrivate(path, "is no regular file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise NotPrivate(path, "belongs to somebody else", "choose another name")
    if found.st_nlink > 1:
        raise NotPrivate(path, "has a second name elsewhere", "choose another one")
