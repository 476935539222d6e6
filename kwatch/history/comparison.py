"""What one version changed against the one before, and who did it: a row of an object's history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kwatch.base.timestamp import parse_timestamp
from kwatch.history.attribution import UNKNOWN, Writer, attribute, writers
from kwatch.history.diff.change import ABSENT, Change, changed_paths
from kwatch.history.diff.compare import diff
from kwatch.history.event_words import event_words
from kwatch.history.stream import EVENTS
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject

CREATED, FIRST_SEEN, MADE_ROOM = "created", "first seen", "changed; how it was before had to make room"
JUST = 60.0
"""Seconds old by the server's clock, which may not be ours, up to which what is added was created just now."""


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
    beginning: str = ""
    """What is known of how it began, where there is no version before: CREATED, FIRST_SEEN or MADE_ROOM."""

    @property
    def writers(self) -> tuple[Writer, ...]:
        """Everybody known to have changed something, each once; whoever made what was only found did not do it then."""
        return () if self.beginning in (FIRST_SEEN, MADE_ROOM) else writers(self.who)

    def words(self, limit: int = 3) -> str:
        """The changes on one line: `status.phase Pending -> Running, 2 more`."""
        if self.version.deleted:
            return self.version.ending
        if self.event and (self.previous is None or not self.changes):
            return self.event
        if self.previous is None:
            return self.beginning
        if not self.changes:
            return "only versions and heartbeats" if self.noise else "nothing"
        return changed_paths(self.changes, limit)


def compare_versions(
    version: Version, previous: Version | None, object_of: Callable[[Version], KubeObject], *, is_first: bool = True
) -> Comparison:
    """Compare a version with another; raise KeyError if one of them had to make room. `is_first`: where there is no
    other, there never was one.
    """
    if version.deleted:
        return Comparison(version, previous, (Change("", object_of(version), ABSENT),), (UNKNOWN,))
    obj = object_of(version)
    new = obj.tree()
    old = object_of(previous).tree() if previous is not None else None
    found = diff(old, new, noise=True)
    changes = tuple(change for change in found if not change.noise)
    noise = tuple(change for change in found if change.noise)
    event = event_words(new) if version.resource in EVENTS else ""
    beginning = "" if previous is not None else _beginning(version, obj) if is_first else MADE_ROOM
    return Comparison(version, previous, changes, attribute(old, new, changes), noise, event, beginning)


def _beginning(version: Version, obj: KubeObject) -> str:
    """What a list finds was there before, and so was what only came into a selection."""
    if version.type is not DeltaType.ADDED:
        return FIRST_SEEN
    try:
        age = version.at - parse_timestamp(obj.creation_timestamp)
    except (ValueError, OverflowError):
        return CREATED
    return CREATED if age <= JUST else FIRST_SEEN
