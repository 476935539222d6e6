"""Who changed it: each changed path attributed to the field manager whose managedFields entry moved.

The server keeps, for each manager, operation, subresource and version, which fields it set last, and when. A manager
that changes a field owns it afterwards, and its entry gets the time of the change. So the writer of a path is the
owner of the path whose entry moved between the two versions. If none or several did, the writer is UNKNOWN.

The fields are a FieldsV1 set: nested maps whose keys are `f:name` for a field, `k:{"name":"web"}` for an item of a
keyed list, `v:"x"` for an item of a set, `i:0` for a position, and `.` for the thing itself. An empty map owns
everything below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.path import ItemKey, SetItem, Step, Steps, key_value, path_text

SHORT = 3
"""Fields of a set that are named on one line."""
_WEIGHT: dict[Step, int] = {"spec": 0, "metadata": 2}
"""The desired state in a set is named first, labels last."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A field manager and how it wrote. `time` is the server's, RFC 3339; unknown writers have no manager."""

    manager: str = ""
    operation: str = ""
    """`Apply` (server-side apply) or `Update` (everything else)."""
    subresource: str = ""
    time: str = ""

    @property
    def known(self) -> bool:
        return bool(self.manager)

    def __str__(self) -> str:
        return self.manager or "unknown"


UNKNOWN = Writer()


@dataclass(frozen=True, slots=True, eq=False)
class ManagedFields:
    """An entry of metadata.managedFields; `fields` is its FieldsV1 set, which may be anything."""

    writer: Writer
    fields: Any


_Managed = dict[tuple[str, str, str, str], ManagedFields]
"""By manager, operation, subresource and apiVersion."""


def attribute(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, changes: Sequence[Change]
) -> tuple[Writer, ...]:
    """The writer of each change, in their order; UNKNOWN where the evidence does not decide, and for deletions."""
    if new is None:
        return (UNKNOWN,) * len(changes)
    after = managed_fields(new)
    if old is None:
        return (creator(new),) * len(changes)
    evidence = _Evidence(new, managed_fields(old), after)
    return tuple(evidence.writer_of(change) for change in changes)


def writers(attributed: Iterable[Writer]) -> tuple[Writer, ...]:
    """The distinct known writers, in order: for one line of a list."""
    return tuple(dict.fromkeys(writer for writer in attributed if writer.known))


def managed_fields(obj: Mapping[str, Any]) -> _Managed:
    """The entries of an object that name a manager."""
    metadata = obj.get("metadata")
    listed = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    result: _Managed = {}
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, Mapping):
            continue
        manager, operation, subresource, version, time = (
            value if isinstance(value := entry.get(name), str) else ""
            for name in ("manager", "operation", "subresource", "apiVersion", "time")
        )
        if manager:
            writer = Writer(manager, operation, subresource, time)
            result[manager, operation, subresource, version] = ManagedFields(writer, entry.get("fieldsV1"))
    return result


class _Evidence:
    """The entries of a new version, and which of them moved."""

    def __init__(self, new: Mapping[str, Any], before: _Managed, after: _Managed) -> None:
        self._new = new
        self._entries = after.values()
        times = {name: entry.writer.time for name, entry in before.items()}
        self._moved = [entry for name, entry in after.items() if entry.writer.time != times.get(name)]
        self._latest = max((entry.writer.time for entry in after.values()), default="")

    def writer_of(self, change: Change) -> Writer:
        if change.new is ABSENT:
            # What is gone has no owner: it was the only manager that wrote, if only one did.
            return self._moved[0].writer if len(self._moved) == 1 else UNKNOWN
        owners = [entry for entry in self._entries if owns(entry.fields, change.steps, self._new)]
        moved = [entry for entry in owners if entry in self._moved]
        if len(moved) == 1:
            return moved[0].writer
        if not self._moved and len(owners) == 1 and owners[0].writer.time == self._latest:
            # Times have whole seconds: a second write within one moves nothing, yet its writer is the only owner.
            return owners[0].writer
        return UNKNOWN


def creator(obj: Mapping[str, Any]) -> Writer:
    """Who wrote when it was created, if only one did."""
    metadata = obj.get("metadata")
    created = metadata.get("creationTimestamp") if isinstance(metadata, Mapping) else None
    entries = managed_fields(obj).values()
    first = [entry.writer for entry in entries if entry.writer.time == created and not entry.writer.subresource]
    return first[0] if len(first) == 1 else UNKNOWN


def last_writer(obj: Mapping[str, Any]) -> Writer:
    """Who wrote the desired state last."""
    known = [entry.writer for entry in managed_fields(obj).values() if not entry.writer.subresource]
    return max(known, key=lambda writer: writer.time, default=UNKNOWN)


def owns(fields: Any, steps: Steps, tree: Any) -> bool:
    """Whether a set has the part of `tree` at `steps`: the part itself, something around it, or something in it."""
    if not isinstance(fields, Mapping):
        return False
    if not steps or not fields:
        # Arrived at the part, with something of it in the set; or inside of a part that is owned as a whole.
        return True
    step, rest = steps[0], steps[1:]
    child = _child_at(tree, step)
    return any(owns(below, rest, child) for below in _below(fields, step, child))


def _child_at(tree: Any, step: Step) -> Any:
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
        if _is_meant(_step(name), step, child):
            yield below


def _is_meant(owned: Step | None, step: Step, child: Any) -> bool:
    """Whether the step in a set leads to an item of a list, which stands at `step`."""
    if isinstance(owned, ItemKey):
        # Of an item that is gone only the key is known.
        return _has(dict(step.fields) if child is None and isinstance(step, ItemKey) else child, owned.fields)
    if isinstance(owned, SetItem):
        return bool(owned.value == (step.value if isinstance(step, SetItem) else child))
    return isinstance(owned, int) and owned == step


def _has(item: Any, fields: Iterable[tuple[str, Any]]) -> bool:
    return isinstance(item, Mapping) and all(key_value(item, name) == value for name, value in fields)


def field_set_words(fields: Any, most: int = SHORT) -> str:
    """`spec.replicas, spec.template, 4 more`: what lies deeper than three steps is one with its neighbours."""
    found = sorted(field_set_paths(fields), key=lambda steps: _WEIGHT.get(steps[0], 1))
    paths = list(dict.fromkeys(path_text(steps[:3]) for steps in found))
    if not paths:
        return "nothing that is known"
    text = ", ".join(paths[:most])
    return f"{text}, {len(paths) - most} more" if len(paths) > most else text


def field_set_paths(fields: Any) -> Iterator[Steps]:
    """Every field in a set, as steps."""
    waiting: list[tuple[Steps, Any]] = [((), fields)]
    while waiting:
        steps, below = waiting.pop()
        children = [
            ((*steps, step), child)
            for name, child in (below.items() if isinstance(below, Mapping) else ())
            if (step := _step(name)) is not None
        ]
        if not children and steps:
            yield steps
        waiting.extend(reversed(children))


@lru_cache(maxsize=2000)
def _step(name: str) -> Step | None:
    """What a key of a set leads to; None for `.` and what is not understood. The same keys occur in every version."""
    kind, colon, text = name.partition(":")
    if not colon:
        return None
    if kind == "f":
        return text
    try:
        value = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        return None
    if kind == "k" and isinstance(value, dict):
        return ItemKey(tuple(value.items()))
    if kind == "i" and isinstance(value, int):
        return value
    return SetItem(value) if kind == "v" else None
