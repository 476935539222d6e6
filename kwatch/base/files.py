"""Files: reading what others wrote, never blocking and never without a bound, and writing for their owner only.

What is written may stand where others put something first: in a shared /tmp, behind a link, a pipe.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LARGEST = 1 << 20
"""Bytes; settings, themes and the like are a thousandth of that."""
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """What is in a regular file; raise OSError, whose strerror is half a sentence, for all else, at once."""
    _check(path.stat().st_mode)  # before it is opened: that alone makes some devices act
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        _check(os.fstat(file.fileno()).st_mode)
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"is larger than {largest >> 10:,} KB")
    return content


def _check(mode: int) -> None:
    for is_kind, kind in _KINDS:
        if is_kind(mode):
            raise OSError(errno.EINVAL, f"is {kind} and no file")


def home() -> Path | None:
    """The user's own folder; None where neither HOME nor the system knows one: in a container, as any user at all."""
    named = Path(os.environ.get("HOME", ""))
    if named.is_absolute():
        return named
    try:
        return _home_of_user()
    except (KeyError, RuntimeError):
        return None


def expand(text: str | os.PathLike[str]) -> Path:
    """A path that somebody typed, `~` taken for the home folder where there is one; else as it stands."""
    path = Path(text)
    own = home() if path.parts[:1] == ("~",) else None
    if own is not None:
        return own.joinpath(*path.parts[1:])
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _home_of_user() -> Path | None:
    try:
        import pwd
    except ImportError:  # Windows
        return Path.home()
    found = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return found if found.is_absolute() else None


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
        _check_private(path, os.fstat(descriptor))
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, _MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def save_private(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a file that is ours alone, whole or not at all. Raise FileExistsError for one that is there already unless
    it may be overwritten, NotPrivate, or OSError.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(open_private(draft, os.O_WRONLY | os.O_EXCL), "w", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
            if not overwrite:
                os.close(open_private(path, os.O_WRONLY | os.O_EXCL))  # the name is ours from here on
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


def read_private(path: Path, largest: int) -> bytes:
    """What is in a file that is ours alone, as `open_private` writes it; raise OSError, NotPrivate among them."""
    flags = os.O_RDONLY | (_CAREFULLY & ~os.O_CREAT)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _refused(path, error) or error from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _check_private(path, found)
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and hasattr(os, "fchmod"):
            raise NotPrivate(path, "can be written by others")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"is larger than {largest >> 10:,} KB")
    return content


def _refused(path: Path, error: OSError) -> NotPrivate | None:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return NotPrivate(path, "is a link to another file", "name that file itself")
    if error.errno in (errno.ENXIO, errno.EISDIR):
        return NotPrivate(path, "is no regular file")
    return None


def _check_private(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotPrivate(path, "is no regular file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise NotPrivate(path, "belongs to somebody else", "choose another name")
    if found.st_nlink > 1:
        raise NotPrivate(path, "has a second name elsewhere", "choose another one")
