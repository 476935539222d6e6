"""Sets of an object's fields as managedFields writes them (FieldsV1): nested maps whose keys are `f:name`,
`k:{"name":"web"}` for an item of a keyed list, `v:"x"` for an item of a set, and `.` for the thing itself.

No function here changes its arguments, and results may share parts with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

FieldSet = dict[str, Any]

_LIST_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "containers": (("name",),),
    "initContainers": (("name",),),
    "ephemeralContainers": (("name",),),
    "env": (("name",),),
    "volumes": (("name",),),
    "imagePullSecrets": (("name",),),
    "secrets": (("name",),),
    "volumeMounts": (("mountPath",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol")),
    "conditions": (("type",),),
    "addresses": (("type",),),
    "ownerReferences": (("uid",),),
    "podIPs": (("ip",),),
    "hostIPs": (("ip",),),
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
}
"""The fields that identify an item of a list, by the list's name; other lists are owned as a whole."""

_SETS = frozenset({"finalizers"})
_ATOMIC = frozenset(
    {
        "selector",
        "nodeSelector",
        "labelSelector",
        "involvedObject",
        "claimRef",
        "configMapKeyRef",
        "secretKeyRef",
        "fieldRef",
        "resourceFieldRef",
        "scaleTargetRef",
        "targetRef",
        "roleRef",
    }
)
_WITHOUT_SELF = frozenset({"", "metadata", "spec", "status", "template", "jobTemplate", "strategy", "updateStrategy"})
"""Parts that exist whether somebody sets them or not, so that nobody owns them as such."""


def fields_of(value: Any, name: str = "") -> FieldSet:
    """Every field of a value; an empty set is one field: the value as a whole. `name` is what its parent calls it."""
    children = _children(value, name)
    if not children:
        return {}
    result: FieldSet = {} if name in _WITHOUT_SELF else {".": {}}
    for key, (child_name, child) in children.items():
        result[key] = fields_of(child, child_name)
    return result


def compare(old: Any, new: Any, name: str = "") -> tuple[FieldSet, FieldSet]:
    """The fields that are new or have another value, and those that are gone. The values differ and are no leaves."""
    before, after = _children(old, name) or {}, _children(new, name) or {}
    changed: FieldSet = {}
    removed: FieldSet = {}
    for key, (child_name, child) in after.items():
        if key not in before:
            changed[key] = fields_of(child, child_name)
            continue
        previous = before[key][1]
        if previous == child:
            continue
        if _children(previous, child_name) and _children(child, child_name):
            inner_changed, inner_removed = compare(previous, child, child_name)
            if inner_changed:
                changed[key] = inner_changed
            if inner_removed:
                removed[key] = inner_removed
        else:
            changed[key] = fields_of(child, child_name)
            gone = fields_of(previous, child_name)
            if gone:
                removed[key] = gone
    for key, (child_name, child) in before.items():
        if key not in after:
            removed[key] = fields_of(child, child_name)
    return changed, removed


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """The fields in either."""
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


def _children(value: Any, name: str) -> dict[str, tuple[str, Any]] | None:
    """The parts that can be owned one by one, as key -> (name, part); None if the value is owned as a whole."""
    if isinstance(value, Mapping):
        return None if name in _ATOMIC else {f"f:{key}": (key, child) for key, child in value.items()}
    if not isinstance(value, list):
        return None
    if name in _SETS:
        return {f"v:{msgspec.json.encode(item).decode()}": ("", item) for item in value}
    for keys in _LIST_KEYS.get(name, ()):
        if all(isinstance(item, Mapping) and keys[0] in item for item in value):
            return {_item_key(item, keys): ("item", item) for item in value}
    return None


def _item_key(item: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    identity = {key: item[key] for key in keys if key in item}
    return f"k:{msgspec.json.encode(identity).decode()}"
