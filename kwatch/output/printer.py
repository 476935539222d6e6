"""What every output format is made of: the changes it prints, the texts that all share, the masking of Secrets."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kwatch.base.printable import is_unsafe
from kwatch.catalog.go_text import go_text
from kwatch.catalog.kind import Kind
from kwatch.history.coverage import Gap
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta, DeltaType
from kwatch.informer.json import encoded
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import SECRET
from kwatch.informer.protocol import ADDED, DELETED, MODIFIED, Object
from kwatch.informer.resource import Resource


class Printer(ABC):
    """Turns changes into text; knows no threads and no files. Every format is one."""

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """What was there at first, in the order to print it; `final` if nothing will follow."""
        return "".join(map(self.change, changes))

    def is_one(self, final: bool) -> bool:
        """Whether what was there at first is one text, a table or a List; else it is one change after the other."""
        return False

    @abstractmethod
    def change(self, change: ObjectChange) -> str: ...

    def gap(self, gap: Gap) -> str:
        """A time in which nothing was watched; empty where the format has no place for it."""
        return ""


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object appeared (ADDED), changed (MODIFIED) or went (DELETED, with its last known state)."""

    type: str
    resource: Resource
    kind: Kind
    object: KubeObject
    old: KubeObject | None
    at: float
    """When it was received, in seconds since the epoch."""
    context: str = ""
    """Where, if several are printed."""


def change_of(resource: Resource, kind: Kind, delta: Delta, old: Object | None) -> ObjectChange | None:
    """What to print for a delta; None where nothing happened: a resync, a relist that found the same version."""
    thing = delta.object
    if isinstance(thing, DeletedFinalStateUnknown):
        thing = thing.object if thing.object is not None else old  # type: ignore[assignment]
    if not isinstance(thing, KubeObject):
        return None
    before = old if isinstance(old, KubeObject) else None
    if delta.type is DeltaType.DELETED:
        return ObjectChange(DELETED, resource, kind, thing, before, delta.received_at)
    if delta.type is DeltaType.SYNC:
        return None
    if before is None:
        return ObjectChange(ADDED, resource, kind, thing, None, delta.received_at)
    if before.resource_version == thing.resource_version:
        return None
    return ObjectChange(MODIFIED, resource, kind, thing, before, delta.received_at)


def type_prefix(resource: Resource) -> str:
    """`pod`, `deployment.apps`: how kubectl names the type of one object."""
    singular = resource.singular or resource.kind.casefold()
    return f"{singular}.{resource.group}" if resource.group else singular


def value_text(value: Any) -> str:
    """Strings as they are, numbers as Go writes them, lists and objects as compact JSON."""
    return "null" if value is None else go_text(value)


def json_text(value: Any) -> str:
    """One line of JSON in which a terminal finds nothing to obey: that is escaped, and reads back as it was."""
    text = encoded(value).decode()
    return text if text.isprintable() else _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if is_unsafe(found[0]) else found[0]


_UNSAFE = re.compile(r"[^ -~]")


class Masking:
    """`show` prints everything as it is (--show-secrets)."""

    def __init__(self, show: bool = False) -> None:
        self._show = show

    def tree(self, thing: KubeObject) -> dict[str, Any]:
        """The object as fresh dicts, masked."""
        return thing.tree(show_secrets=self._show)

    def labels(self, thing: KubeObject) -> Mapping[str, str]:
        """Its labels; of a Secret some may repeat its data."""
        if not self._show or thing.kind != SECRET or not thing.labels:
            return thing.labels
        labels: Mapping[str, str] = self.tree(thing)["metadata"]["labels"]
        return labels
