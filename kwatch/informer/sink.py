"""Sinks see every delta with its sequence and receipt, and the gaps; handlers see objects."""

from __future__ import annotations

from typing import Protocol

from kwatch.informer.delta import Delta
from kwatch.informer.kube_object import KubeObject


class Sink(Protocol):
    """Called in the informer's thread after the store changed, before handlers are told, so every method must be O(1).

    A sink hears every delta in the order of `sequence`, across keys too. One that raises harms nobody: it is counted in
    the informer's status.
    """

    def on_delta(self, delta: Delta[KubeObject], old: KubeObject | None) -> None:
        """`old` is what the store held before, None if nothing."""
        ...

    def on_gap(self, since: float, until: float, cause: str) -> None:
        """Nothing was watched between these moments (seconds since the epoch); called when watching resumed."""
        ...
