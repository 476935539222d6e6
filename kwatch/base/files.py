"""Reading files that others wrote: never blocking, never without a bound; the home folder."""

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
