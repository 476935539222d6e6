"""What any object may say of itself in its conditions, and deletions that do not end: the rule of all other kinds."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, after, sentence
from kwatch.catalog.health.shapes import Conditions, Judged
from kwatch.catalog.shapes import Shape

UNMET_AFTER = 60.0
DELETING_AFTER = 300.0

_WANTED = frozenset({"Ready", "Available", "Healthy", "Established", "NamesAccepted", "Synced", "Reconciled"})
_UNWANTED = frozenset({"Degraded", "Stalled", "Failed", "Failure", "Error", "Dangling"})


class Status(Shape, frozen=True):
    """What is read of the status."""

    conditions: Conditions = None


class Conditioned(Judged, frozen=True):
    """What is read of any object."""

    status: Status | None = None


def find_problems(obj: Conditioned) -> Iterator[Problem]:
    """Conditions that should hold and do not, or the other way round."""
    for condition in (obj.status.conditions if obj.status else None) or ():
        unmet = condition.type in _WANTED and condition.status == "False"
        if unmet or (condition.type in _UNWANTED and condition.status == "True"):
            word = f"not {condition.type}" if unmet else condition.type
            reason = sentence(word, condition.reason, condition.message)
            yield Problem(reason, Level.WARNING, since=after(condition.changed, UNMET_AFTER))


def find_stuck_deletion(obj: Judged) -> Iterator[Problem]:
    """Finalizers keep it."""
    deleted = parse_time(obj.metadata.deletion_timestamp)
    if deleted is not None:
        keepers = ", ".join(obj.metadata.finalizers or ())
        reason = sentence("being deleted for too long", f"waits for {keepers}" if keepers else None)
        yield Problem(reason, since=deleted + DELETING_AFTER)
