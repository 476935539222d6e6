"""What is wrong with an object, in words: crash loops, images that cannot be pulled, claims that nobody binds.

An Assessment is made once a version of an object, and holds at any time: what turns into a problem, or ceases to be
one, only because time passes says when.
"""

from __future__ import annotations

from kwatch.catalog.health.assessment import HEALTHY, Assessment, Problem
from kwatch.catalog.health.rules import assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

__all__ = ["HEALTHY", "Assessment", "Problem", "assess", "judge"]


def judge(resource: Resource, obj: KubeObject, now: float) -> str | None:
    """What is wrong with the object at a moment (seconds since the epoch), or None."""
    problem = assess(resource, obj).at(now)
    return None if problem is None else problem.reason
