"""metadata.managedFields: which manager set which fields when, kept as the server keeps it for updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kwatch.simulator.field_set import BUILTIN_FIELDS, FieldSchema, FieldSet, subtract, union

_UNMANAGED = frozenset(
    {
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "managedFields",
    }
)


def on_create(
    obj: Mapping[str, Any], manager: str, subresource: str, time: str, schema: FieldSchema = BUILTIN_FIELDS
) -> list[dict[str, Any]]:
    """The entries of a new object: one, with everything in it."""
    fields = schema.fields_of(_managed_part(obj))
    return [_entry(obj, manager, subresource, time, fields)] if fields else []


def on_update(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    manager: str,
    subresource: str,
    time: str,
    schema: FieldSchema = BUILTIN_FIELDS,
) -> list[dict[str, Any]]:
    """The entries after an update: what changed is the manager's from now on, whosoever it was before.

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
    return [*others, _entry(new, manager, subresource, time, own)] if own else others


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


def _entry(obj: Mapping[str, Any], manager: str, subresource: str, time: str, fields: FieldSet) -> dict[str, Any]:
    entry = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": obj["apiVersion"],
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    if subresource:
        entry["subresource"] = subresource
    return entry
