"""Namespaces that do not go away, aggregated APIs that are down, certificates that nobody approves."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, after, sentence
from kwatch.catalog.health.conditions import DELETING_AFTER
from kwatch.catalog.health.shapes import Conditions, Judged, find
from kwatch.catalog.shapes import Shape

UNAPPROVED_AFTER = 300.0


class Status(Shape, frozen=True):
    """What is read of the status."""

    conditions: Conditions = None


class ClusterObject(Judged, frozen=True):
    """What is read of all of these."""

    status: Status = Status()


_HOLDING = ("NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining", "NamespaceContentRemaining")


def find_namespace_problems(namespace: ClusterObject) -> Iterator[Problem]:
    """A deletion that hangs, and on what."""
    deleted = parse_time(namespace.metadata.deletion_timestamp)
    if deleted is None:
        return
    held = (find(namespace.status.conditions, each) for each in _HOLDING)
    messages = (condition.message for condition in held if condition is not None and condition.status == "True")
    reason = sentence("being deleted for too long", next(messages, None))
    yield Problem(reason, since=deleted + DELETING_AFTER)


def find_api_service_problems(api_service: ClusterObject) -> Iterator[Problem]:
    """An aggregated API that does not answer."""
    available = find(api_service.status.conditions, "Available")
    if available is not None and available.status != "True":
        yield Problem(sentence("does not answer", available.message or available.reason))


def find_signing_request_problems(request: ClusterObject) -> Iterator[Problem]:
    """One that failed, or that waits for approval."""
    conditions = request.status.conditions or ()
    failure = next((each for each in conditions if each.type == "Failed"), None)
    if failure is not None:
        yield Problem(sentence("failed", failure.message or failure.reason))
    elif not conditions:
        since = after(request.metadata.created, UNAPPROVED_AFTER)
        yield Problem("waits for approval", Level.WARNING, since=since)
