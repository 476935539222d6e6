"""What is wrong with rows, judged once a version and only for those that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from textual.cache import LRUCache

from kwatch.catalog.health import Assessment, Problem, assess
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.keys import resource_finder
from kwatch.query.row import Row

KEPT = 1000


class Healths:
    """Of one resource, or with `others` of several."""

    def __init__(self, resource: Resource, others: Sequence[Resource] = ()) -> None:
        self._resource_of = resource_finder((resource, *others))
        self._known: LRUCache[str, tuple[Row, Assessment]] = LRUCache(KEPT)

    def of(self, row: Row, now: float) -> Problem | None:
        """The worst problem at a moment, None for a healthy object."""
        known = self._known.get(row.key)
        if known is None or known[0] is not row:
            known = self._known[row.key] = (row, assess(self._resource_of(row.key), cast("KubeObject", row.obj)))
        return known[1].at(now)
