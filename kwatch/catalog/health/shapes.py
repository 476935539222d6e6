"""Pieces that several rules read."""

from __future__ import annotations

from kwatch.base.timestamp import parse_time
from kwatch.catalog.shapes import Shape


class Condition(Shape, frozen=True):
    """A condition with when it came about."""

    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None
    last_update_time: str | None = None

    @property
    def changed(self) -> float | None:
        """When it became what it is."""
        return parse_time(self.last_transition_time)


Conditions = tuple[Condition, ...] | None


class Metadata(Shape, frozen=True):
    """What is read of the metadata."""

    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    finalizers: tuple[str, ...] | None = None

    @property
    def created(self) -> float | None:
        """When the object was created."""
        return parse_time(self.creation_timestamp)


class Judged(Shape, frozen=True):
    """The base of what rules read: any object may hang in its deletion."""

    metadata: Metadata = Metadata()


def find(conditions: Conditions, condition_type: str) -> Condition | None:
    """The first condition of a type."""
    return next((each for each in conditions or () if each.type == condition_type), None)


def find_status(conditions: Conditions, condition_type: str, status: str) -> Condition | None:
    """The first condition of a type, if it has that status."""
    found = find(conditions, condition_type)
    return found if found is not None and found.status == status else None
