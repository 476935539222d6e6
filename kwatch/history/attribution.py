"""Who changed it: each changed path attributed to the field manager whose managedFields entry moved.

The server keeps, for each manager, operation, subresource and version, which fields it set last, and when. Whoever
changes a field owns it afterwards and has its entry's time set to that moment. So the writer of a path is the owner
of the path whose entry moved between the two versions. Where that is nobody, or more than one, nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.fields_v1 import owns


@dataclass(frozen=True, slots=True)
class Writer:
    """A field manager and how it wrote. `time` is the server's, RFC 3339; unknown writers have no manager."""

    manager: str = ""
    operation: str = ""
    """`Apply` (server-side apply) or `Update` (everything else)."""
    subresource: str = ""
    time: str = ""

    @property
    def known(self) -> bool:
        """Whether the evidence names somebody."""
        return bool(self.manager)

    def __str__(self) -> str:
        return self.manager or "unknown"


UNKNOWN = Writer()

_Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    writer: Writer
    fields: Any


def attribute(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, changes: Sequence[Change]
) -> tuple[Writer, ...]:
    """The writer of each change, in their order; UNKNOWN where the evidence does not decide, and for deletions."""
    if new is None:
        return (UNKNOWN,) * len(changes)
    before, after = _entries(old), _entries(new)
    if old is None:
        return (_creator(new, after),) * len(changes)
    evidence = _Evidence(old, new, before, after)
    return tuple(evidence.writer_of(change) for change in changes)


def writers(attributed: Iterable[Writer]) -> tuple[Writer, ...]:
    """The distinct known writers, in order: for one line of a list."""
    return tuple(dict.fromkeys(writer for writer in attributed if writer.known))


class _Evidence:
    def __init__(
        self,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        before: Mapping[_Identity, _Entry],
        after: Mapping[_Identity, _Entry],
    ) -> None:
        self._old, self._new = old, new
        self._before, self._after = before, after
        self._timed = [name for name, entry in after.items() if _time(entry) != _time(before.get(name))]
        latest = max((entry.writer.time for entry in after.values()), default="")
        self._latest = [name for name, entry in after.items() if entry.writer.time == latest]

    def writer_of(self, change: Change) -> Writer:
        if change.new is ABSENT:
            return self._remover(change)
        owners = [name for name, entry in self._after.items() if owns(entry.fields, change.steps, self._new)]
        moved = [name for name in owners if name in self._timed]
        if len(moved) == 1:
            return self._after[moved[0]].writer
        if not self._timed and len(owners) == 1 and owners[0] in self._latest:
            # Times have whole seconds: a second write within one moves nothing, yet whoever changed it owns it alone.
            return self._after[owners[0]].writer
        return UNKNOWN

    def _remover(self, change: Change) -> Writer:
        """Nobody owns what is gone: it was the only manager that wrote, if only one did."""
        return self._after[self._timed[0]].writer if len(self._timed) == 1 else UNKNOWN


def _time(entry: _Entry | None) -> str | None:
    return entry.writer.time if entry is not None else None


def _creator(new: Mapping[str, Any], after: Mapping[_Identity, _Entry]) -> Writer:
    metadata = new.get("metadata")
    created = metadata.get("creationTimestamp") if isinstance(metadata, Mapping) else None
    first = [entry.writer for entry in after.values() if entry.writer.time == created and not entry.writer.subresource]
    return first[0] if len(first) == 1 else UNKNOWN


def _entries(obj: Mapping[str, Any] | None) -> dict[_Identity, _Entry]:
    metadata = obj.get("metadata") if obj is not None else None
    listed = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    result: dict[_Identity, _Entry] = {}
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, Mapping):
            continue
        manager, operation, subresource, version, time = (
            value if isinstance(value := entry.get(name), str) else ""
            for name in ("manager", "operation", "subresource", "apiVersion", "time")
        )
        if manager:
            result[manager, operation, subresource, version] = _Entry(
                Writer(manager, operation, subresource, time), entry.get("fieldsV1")
            )
    return result
