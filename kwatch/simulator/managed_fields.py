"""metadata.managedFields: which manager set which fields when, kept as the server keeps it for updates.

Sets of fields are written as FieldsV1: nested maps whose keys are `f:name`, `k:{"name":"web"}` for an item of a keyed
list, `v:"x"` for an item of a set, and `.` for the thing itself. No function here changes its arguments, and results
may share parts with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.simulator.api_types import SCHEMA

FieldSet = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldSchema:
    list_keys: Mapping[str, tuple[tuple[str, ...], ...]]
    """The fields that identify an item of a list, by the list's name; other lists are owned as a whole."""
    sets: frozenset[str]
    """Lists of which every value is owned on its own."""
    atomic: frozenset[str]
    """Maps that are owned as a whole."""
    without_self: frozenset[str]
    """Parts that exist whether somebody sets them or not, so that nobody owns them as such."""

    def fields_of(self, value: Any, name: str = "") -> FieldSet:
        """Every field of a value, whose parent calls it `name`; an empty set is one field: the value as a whole."""
        children = self._children(value, name)
        if not children:
            return {}
        result: FieldSet = {} if name in self.without_self else {".": {}}
        for key, (child_name, child) in children.items():
            result[key] = self.fields_of(child, child_name)
        return result

    def compare(self, old: Any, new: Any, name: str = "") -> tuple[FieldSet, FieldSet]:
        """The fields that are new or have another value, and those that are gone, of two values that have parts."""
        before, after = self._children(old, name) or {}, self._children(new, name) or {}
        changed: FieldSet = {}
        removed: FieldSet = {}
        for key, (child_name, child) in after.items():
            if key not in before:
                changed[key] = self.fields_of(child, child_name)
            elif before[key][1] != child:
                self._compare_child(key, before[key][1], child, child_name, changed, removed)
        for key, (child_name, child) in before.items():
            if key not in after:
                removed[key] = self.fields_of(child, child_name)
        return changed, removed

    def _compare_child(self, key: str, old: Any, new: Any, name: str, changed: FieldSet, removed: FieldSet) -> None:
        if self._children(old, name) and self._children(new, name):
            inner_changed, inner_removed = self.compare(old, new, name)
        else:
            inner_changed, inner_removed = {}, self.fields_of(old, name)
            changed[key] = self.fields_of(new, name)
        if inner_changed:
            changed[key] = inner_changed
        if inner_removed:
            removed[key] = inner_removed

    def _children(self, value: Any, name: str) -> dict[str, tuple[str, Any]] | None:
        """The parts that can be owned one by one, as key -> (name, part); None if the value is owned as a whole."""
        if isinstance(value, dict):
            return None if name in self.atomic else {f"f:{key}": (key, child) for key, child in value.items()}
        if not isinstance(value, list):
            return None
        if name in self.sets:
            return {f"v:{msgspec.json.encode(item).decode()}": ("", item) for item in value}
        for keys in self.list_keys.get(name, ()):
            if all(isinstance(item, dict) and keys[0] in item for item in value):
                return {_item_key(item, keys): ("item", item) for item in value}
        return None


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    result = dict(one)
    for key, inner in other.items():
        result[key] = union(result[key], inner) if result.get(key) else inner
    return result


def subtract(one: FieldSet, other: FieldSet) -> FieldSet:
    """The fields in the first and not in the second; parts that become empty vanish."""
    result: FieldSet = {}
    for key, inner in one.items():
        if key not in other:
            result[key] = inner
        elif inner and other[key]:
            rest = subtract(inner, other[key])
            if rest:
                result[key] = rest
    return result


def _item_key(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    identity = {key: item[key] for key in keys if key in item}
    return f"k:{msgspec.json.encode(identity).decode()}"


BUILTIN_FIELDS = FieldSchema(
    {name: tuple(map(tuple, keys)) for name, keys in SCHEMA["list_keys"].items()},
    *(frozenset(SCHEMA[section]) for section in ("sets", "atomic", "without_self")),
)
CUSTOM_FIELDS = FieldSchema(
    {"ownerReferences": (("uid",),)}, frozenset({"finalizers"}), frozenset(), frozenset({"", "metadata"})
)
"""Without markers in its definition, a custom object's lists are owned as a whole."""


_UNMANAGED = frozenset(SCHEMA["unmanaged"])


def on_create(
    obj: Mapping[str, Any], manager: str, subresource: str, time: str, schema: FieldSchema = BUILTIN_FIELDS
) -> list[dict[str, Any]]:
    """The entries of a new object: one, with everything in it."""
    fields = schema.fields_of(_managed_part(obj))
    return [entry_of(manager, time, obj["apiVersion"], fields, subresource)] if fields else []


def on_update(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    manager: str,
    subresource: str,
    time: str,
    schema: FieldSchema = BUILTIN_FIELDS,
) -> list[dict[str, Any]]:
    """The entries after an update: what changed is the manager's from now on, no matter who owned it before.

    Its entry carries the time and stands last; an entry that lost its last field is gone.
    """
    changed, removed = schema.compare(_managed_part(old), _managed_part(new))
    entries: list[dict[str, Any]] = old["metadata"].get("managedFields", [])
    own: FieldSet = {}
    others = []
    for entry in entries:
        fields = subtract(entry["fieldsV1"], removed) if removed else entry["fieldsV1"]
        if _is_of(entry, manager, subresource):
            own = fields
            continue
        rest = subtract(fields, changed) if changed else fields
        if rest:
            others.append(entry if rest == entry["fieldsV1"] else {**entry, "fieldsV1": rest})
    own = union(own, changed)
    return [*others, entry_of(manager, time, new["apiVersion"], own, subresource)] if own else others


def _managed_part(obj: Mapping[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = {}
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _UNMANAGED}
    if metadata:
        part["metadata"] = metadata
    part.update((key, value) for key, value in obj.items() if key not in ("apiVersion", "kind", "metadata"))
    return part


def _is_of(entry: Mapping[str, Any], manager: str, subresource: str) -> bool:
    identity = (entry["manager"], entry["operation"], entry.get("subresource", ""))
    return identity == (manager, "Update", subresource)


def entry_of(manager: str, time: str, api_version: str, fields: FieldSet, subresource: str = "") -> dict[str, Any]:
    entry = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": api_version,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return {**entry, "subresource": subresource} if subresource else entry
