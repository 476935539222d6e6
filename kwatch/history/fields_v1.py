"""FieldsV1, the sets of fields in metadata.managedFields: does a manager own what stands at a path?

A set is nested maps whose keys are `f:name` for a field, `k:{"name":"web"}` for an item of a keyed list, `v:"x"` for
an item of a set, `i:0` for a position, and `.` for the thing itself. An empty map owns everything below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kwatch.history.diff.path import ItemKey, SetItem, Step, Steps

_DEFAULTS = {"protocol": "TCP"}


def owns(fields: Any, steps: Steps, tree: Any) -> bool:
    """Whether the set has the part of `tree` at `steps`: the part itself, something around it, or something in it."""
    if not isinstance(fields, Mapping):
        return False
    if not steps or not fields:
        # Arrived at the part, with something of it in the set; or inside of a part that is owned as a whole.
        return True
    step, rest = steps[0], steps[1:]
    child = child_at(tree, step)
    return any(owns(below, rest, child) for below in _below(fields, step, child))


def child_at(tree: Any, step: Step) -> Any:
    """What stands at one step below `tree`; None if nothing does."""
    if isinstance(step, str):
        return tree.get(step) if isinstance(tree, Mapping) else None
    if not isinstance(tree, list):
        return None
    if isinstance(step, int):
        return tree[step] if step < len(tree) else None
    if isinstance(step, SetItem):
        return step.value if step.value in tree else None
    return next((item for item in tree if _has(item, step.fields)), None)


def _below(fields: Mapping[str, Any], step: Step, child: Any) -> Iterator[Any]:
    if isinstance(step, str):
        if f"f:{step}" in fields:
            yield fields[f"f:{step}"]
        return
    for name, below in fields.items():
        kind, _, text = name.partition(":")
        if kind == "i" and isinstance(step, int) and text == str(step):
            yield below
        elif kind in ("k", "v"):
            try:
                wanted = msgspec.json.decode(text.encode())
            except msgspec.DecodeError:
                continue
            if _means(kind, wanted, step, child):
                yield below


def _means(kind: str, wanted: Any, step: Step, child: Any) -> bool:
    if kind == "v":
        return bool(wanted == (step.value if isinstance(step, SetItem) else child))
    return isinstance(wanted, dict) and _has(_item(step, child), wanted.items())


def _item(step: Step, child: Any) -> Any:
    """The item itself; where it is gone, what is known of it."""
    return dict(step.fields) if child is None and isinstance(step, ItemKey) else child


def _has(item: Any, fields: Any) -> bool:
    return isinstance(item, Mapping) and all(_value(item, name) == value for name, value in fields)


def _value(item: Mapping[str, Any], name: str) -> Any:
    value: Any = item
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        return ",".join(map(str, value))
    return _DEFAULTS.get(name) if value is None else value
