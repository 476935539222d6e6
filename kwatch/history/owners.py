"""What owns an object, and what owns that: as far as the journal knows, and then as far as names tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kwatch.history.store import JournalStore
from kwatch.informer.kube_object import KubeObject, OwnerReference

_DEEPEST = 8
"""Owners of owners that are followed; references may go round in circles."""

OwnerBehind = Callable[[str, str, KubeObject], "tuple[str, str] | None"]
"""Tells the kind and name of what owns an object's owner, given by kind and name, from how things are called."""


class Owner(NamedTuple):
    """Something that owns objects, or an object that nothing owns."""

    kind: str
    namespace: str
    """Empty for what has none."""
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Owners:
    """Of the objects of one context."""

    def __init__(self, store: JournalStore, context: str, behind: OwnerBehind | None = None) -> None:
        self._store = store
        self._context = context
        self._behind = behind

    def of(self, obj: KubeObject) -> tuple[Owner, ...]:
        """From the topmost down to the nearest; the controller counts where several own it."""
        found: list[Owner] = []
        while len(found) < _DEEPEST and (reference := _nearest(obj)) is not None:
            owner = self._journalled(reference, obj.namespace)
            if owner is None:
                found.append(Owner(reference.kind, obj.namespace, reference.name))
                found += self._by_name(reference, obj)
                break
            found.append(Owner(reference.kind, owner.namespace, owner.name))
            obj = owner
        found.reverse()
        return tuple(found)

    def _journalled(self, reference: OwnerReference, namespace: str) -> KubeObject | None:
        if not reference.uid:
            return None
        keys = [f"{namespace}/{reference.name}", reference.name] if namespace else [reference.name]
        with self._store.lock:
            streams = [each for each in self._store.streams.values() if each.context == self._context]
            found = (stream.histories.get(key) for stream in streams for key in keys)
            history = next((history for history in found if history is not None and history.uid == reference.uid), None)
            content = history.content(len(history.payloads) - 1) if history is not None else None
        return content.object if content is not None else None

    def _by_name(self, reference: OwnerReference, obj: KubeObject) -> list[Owner]:
        behind = self._behind(reference.kind, reference.name, obj) if self._behind is not None else None
        return [Owner(behind[0], obj.namespace, behind[1])] if behind is not None else []


def _nearest(obj: KubeObject) -> OwnerReference | None:
    owners = obj.owners
    return next((owner for owner in owners if owner.controller), owners[0] if owners else None)
