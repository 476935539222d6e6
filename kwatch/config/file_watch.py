"""Notices that files were saved, by looking at them from time to time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_Stamp = tuple[int, int] | None


class FileWatch:
    """Cheap enough to ask every second."""

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        self._stamps: dict[Path, _Stamp] = {}
        self.watch(*paths)

    def watch(self, *paths: Path) -> None:
        """Watch exactly these from now on, as they are now; a missing file may appear."""
        self._stamps = {path: self._stamps.get(path, _stamp(path)) for path in paths}

    def saved(self) -> tuple[Path, ...]:
        """The files that changed since the last time."""
        found = []
        for path, before in self._stamps.items():
            now = _stamp(path)
            if now != before:
                self._stamps[path] = now
                found.append(path)
        return tuple(found)


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
