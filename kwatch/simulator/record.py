"""One revision of one object, as bytes, and the changes that lead from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kwatch.simulator.api_types import APIType
from kwatch.simulator.field_labels import field_labels

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Record:
    """An object at one revision, encoded once.

    `raw` is how a list shows it: objects of built-in types without kind and apiVersion. `fields` are the values of
    the type's field labels, in their order.
    """

    api_type: APIType
    key: str
    revision: int
    raw: bytes
    labels: Mapping[str, str]
    fields: tuple[str, ...]

    @property
    def namespace(self) -> str:
        """Empty for cluster-scoped objects."""
        return self.key.rpartition("/")[0]

    @property
    def whole(self) -> bytes:
        """How a get or a watch shows it: with kind and apiVersion."""
        return self.raw if self.api_type.custom else type_prefix(self.api_type) + self.raw[1:]

    def tree(self) -> dict[str, Any]:
        """The object decoded afresh, with kind and apiVersion."""
        decoded: dict[str, Any] = msgspec.json.decode(self.whole)
        return decoded

    def at(self, revision: int) -> Record:
        """The same content under another resourceVersion: how a deletion or a departure is told."""
        tree = self.tree()
        tree["metadata"]["resourceVersion"] = str(revision)
        return replace(self, revision=revision, raw=_raw(self.api_type, tree))

    @classmethod
    def of(cls, api_type: APIType, key: str, revision: int, tree: dict[str, Any]) -> Record:
        """Encode an object."""
        labels = tree["metadata"].get("labels") or {}
        fields = tuple(label.read(tree) for label in field_labels(api_type))
        return cls(api_type, key, revision, _raw(api_type, tree), labels, fields)


class Change:
    """What one write did to one object. `previous` is None for ADDED; a DELETED one shows the last content under
    the revision of the deletion.
    """

    __slots__ = ("_departure", "_encoded", "previous", "record", "type")

    def __init__(self, change_type: str, record: Record, previous: Record | None) -> None:
        self.type = change_type
        self.record = record
        self.previous = previous
        self._encoded: dict[object, bytes] = {}
        self._departure: Record | None = None

    @property
    def revision(self) -> int:
        """When it happened."""
        return self.record.revision

    def departure(self) -> Record:
        """What a watch shows whose selector matched before and no longer does: the previous content, this revision."""
        if self._departure is None:
            assert self.previous is not None
            self._departure = self.previous.at(self.revision)
        return self._departure

    def encoded(self, form: object, encode: Callable[[], bytes]) -> bytes:
        """The bytes of this change in some form, made once however many watches want them."""
        found = self._encoded.get(form)
        if found is None:
            found = self._encoded[form] = encode()
        return found


def type_prefix(api_type: APIType) -> bytes:
    """`{"kind":"Pod","apiVersion":"v1",`: how every object of a built-in type begins."""
    return f'{{"kind":"{api_type.kind}","apiVersion":"{api_type.api_version}",'.encode()


def _raw(api_type: APIType, tree: dict[str, Any]) -> bytes:
    if api_type.custom:
        return _encode(tree, order="sorted")
    return _encode({key: value for key, value in tree.items() if key not in ("kind", "apiVersion")})
