"""What one version changed against the one before, and who did it: a row of an object's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kwatch.history.attribution import UNKNOWN, Writer, attribute, writers
from kwatch.history.diff.change import ABSENT, Change, changed_paths
from kwatch.history.diff.compare import diff
from kwatch.history.event_words import event_words
from kwatch.history.stream import EVENTS
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes of a version with the writer of each, in one order; noise is counted, and kept apart."""

    version: Version
    previous: Version | None
    """None if it is the first, or the one before had to make room."""
    changes: tuple[Change, ...]
    who: tuple[Writer, ...]
    noise: tuple[Change, ...] = ()
    event: str = ""
    """If it is an Event: its reason and message."""

    @property
    def writers(self) -> tuple[Writer, ...]:
        """Everybody known to have changed something, each once."""
        return writers(self.who)

    def words(self, limit: int = 3) -> str:
        """The changes on one line: `status.phase Pending -> Running, 2 more`."""
        if self.version.departed:
            return "left the selection"
        if self.version.deleted:
            return "deleted while nobody watched" if self.version.inferred else "deleted"
        if self.event and (self.previous is None or not self.changes):
            return self.event
        if self.previous is None:
            return "created" if self.version.type == "Added" else "first seen"
        if not self.changes:
            return "only versions and heartbeats" if self.noise else "nothing"
        return changed_paths(self.changes, limit)


def compare_versions(
    version: Version, previous: Version | None, object_of: Callable[[Version], KubeObject]
) -> Comparison:
    """Compare a version with another; raise KeyError if one of them had to make room."""
    if version.deleted:
        return Comparison(version, previous, (Change("", object_of(version), ABSENT),), (UNKNOWN,))
    new = object_of(version).tree()
    old = object_of(previous).tree() if previous is not None else None
    found = diff(old, new, noise=True)
    changes = tuple(change for change in found if not change.noise)
    noise = tuple(change for change in found if change.noise)
    event = event_words(new) if version.resource in EVENTS else ""
    return Comparison(version, previous, changes, attribute(old, new, changes), noise, event)
