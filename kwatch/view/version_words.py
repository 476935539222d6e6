"""How a version is called wherever one is shown: its sign, its word, its time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kwatch.catalog.column import Level
from kwatch.informer.delta import DeltaType

if TYPE_CHECKING:
    from kwatch.history.version import Version

_TYPES = {
    DeltaType.ADDED: ("+", "added", Level.GOOD),
    DeltaType.UPDATED: ("~", "modified", Level.PROGRESS),
    DeltaType.DELETED: ("-", "deleted", Level.BAD),
    DeltaType.REPLACED: ("=", "listed", Level.NONE),
}


def type_of(version: Version) -> tuple[str, str, Level]:
    """Sign, word and level of what happened."""
    if version.departed:
        return "-", "left or deleted", Level.NONE
    if version.inferred:
        return "-", "missed deletion", Level.BAD
    return _TYPES.get(version.type, ("?", str(version.type).casefold(), Level.NONE))


def clock_time(at: float) -> str:
    """`14:02:10.25` in local time."""
    return time.strftime("%H:%M:%S", time.localtime(at)) + f".{int(at * 100) % 100:02d}"
