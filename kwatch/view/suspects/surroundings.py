"""What is known around an object that fails."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kwatch.history.coverage import Scope
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class RelatedObject:
    """`obj` None: it is named, or it was there, and is not. `was`: how it was when it was related, if it is not now."""

    relation: str
    resource: Resource
    key: str
    obj: KubeObject | None
    closeness: float
    was: KubeObject | None = None

    @property
    def states(self) -> tuple[KubeObject, ...]:
        """As it is, and as it was."""
        return tuple(each for each in (self.obj, self.was) if each is not None)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an object when it is asked."""

    subject: RelatedObject
    failing: RelatedObject
    """What is looked at: the object itself, or a pod of it that fails."""
    objects: tuple[RelatedObject, ...]
    events: tuple[KubeObject, ...]
    workload: RelatedObject | None
    kept: tuple[KubeObject, ...]
    """What keeps the templates of the workload."""
    pods: tuple[KubeObject, ...]
    """The pods of the workload."""
    jobs: tuple[KubeObject, ...]
    """The jobs of a cron job."""
    unknown: tuple[str, ...]
    """Resources whose answer is not there, with why: not listed yet, or refused."""
    asked: AbstractSet[tuple[Resource, Scope]] = frozenset()
    """What answered."""
