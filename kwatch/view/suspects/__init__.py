"""What may have caused a failure: what changed before it, ranked, each with its reason in words.

`failure` says what fails, since when, and what the server itself says of it. `aspect` says what a change touches.
`ranking` brings the two together: how well a change fits the failure, how near in time it was, and how closely the
changed object is related. `gathering` finds the `surroundings`, what is related in the caches or was; `reading` the
`evidence`, what of it changed, in the journal and in the objects; `well` how long all was well after that; `grouping`
does so for many that fail, by their cause. Everything is deterministic.
"""

from kwatch.view.suspects.evidence import Evidence, clocks_apart
from kwatch.view.suspects.failure import FailingObject, Failure, FailureKind, Statement, failure_of
from kwatch.view.suspects.gathering import surroundings_of
from kwatch.view.suspects.grouping import CauseGroup, group_by_cause
from kwatch.view.suspects.ranking import Found, Suspect, rank
from kwatch.view.suspects.reading import suspects_of
from kwatch.view.suspects.surroundings import FormerObjects, Surroundings

__all__ = [
    "CauseGroup",
    "Evidence",
    "FailingObject",
    "Failure",
    "FailureKind",
    "FormerObjects",
    "Found",
    "Statement",
    "Surroundings",
    "Suspect",
    "clocks_apart",
    "failure_of",
    "group_by_cause",
    "rank",
    "surroundings_of",
    "suspects_of",
]
