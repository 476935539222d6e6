"""Who changed it: each changed path attributed to the field manager whose managedFields entry moved.

The server keeps, for each manager, operation, subresource and version, which fields it set last, and when. Whoever
changes a field owns it afterwards and has its entry's time set to that moment. So the writer of a path is the owner
of the path whose entry moved between the two versions. Where that is nobody, or more than one, nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.path import ItemKey, SetItem, Step, Steps, path_text


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
        """Whether the evidence names somebody."""
        return bool(self.manager)

    def __str__(self) -> str:
        return self.manager or "unknown"


UNKNOWN = Writer()

_Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    writer: Writer
    fields: Any


def attribute(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, changes: Sequence[Change]
) -> tuple[Writer, ...]:
    """The writer of each change, in their order; UNKNOWN where the evidence does not decide, and for deletions."""
    if new is None:
        return (UNKNOWN,) * len(changes)
    before, after = _entries(old), _entries(new)
    if old is None:
        return (_creator(new, after),) * len(changes)
    evidence = _Evidence(old, new, before, after)
    return tuple(evidence.writer_of(change) for change in changes)


def writers(attributed: Iterable[Writer]) -> tuple[Writer, ...]:
    """The distinct known writers, in order: for one line of a list."""
    return tuple(dict.fromkeys(writer for writer in attributed if writer.known))


class _Evidence:
    def __init__(
        self,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        before: Mapping[_Identity, _Entry],
        after: Mapping[_Identity, _Entry],
    ) -> None:
        self._old, self._new = old, new
        self._before, self._after = before, after
        self._timed = [name for name, entry in after.items() if _time(entry) != _time(before.get(name))]
        latest = max((entry.writer.time for entry in after.values()), default="")
        self._latest = [name for name, entry in after.items() if entry.writer.time == latest]

    def writer_of(self, change: Change) -> Writer:
        if change.new is ABSENT:
            return self._remover(change)
        owners = [name for name, entry in self._after.items() if owns(entry.fields, change.steps, self._new)]
        moved = [name for name in owners if name in self._timed]
        if len(moved) == 1:
            return self._after[moved[0]].writer
        if not self._timed and len(owners) == 1 and owners[0] in self._latest:
            # Times have whole seconds: a second write within one moves nothing, yet whoever changed it owns it alone.
            return self._after[owners[0]].writer
        return UNKNOWN

    def _remover(self, change: Change) -> Writer:
        """Nobody owns what is gone: it was the only manager that wrote, if only one did."""
        return self._after[self._timed[0]].writer if len(self._timed) == 1 else UNKNOWN


def _time(entry: _Entry | None) -> str | None:
    return entry.writer.time if entry is not None else None


def _creator(new: Mapping[str, Any], after: Mapping[_Identity, _Entry]) -> Writer:
    metadata = new.get("metadata")
    created = metadata.get("creationTimestamp") if isinstance(metadata, Mapping) else None
    first = [entry.writer for entry in after.values() if entry.writer.time == created and not entry.writer.subresource]
    return first[0] if len(first) == 1 else UNKNOWN


def _entries(obj: Mapping[str, Any] | None) -> dict[_Identity, _Entry]:
    metadata = obj.get("metadata") if obj is not None else None
    listed = metadata.get("managedFields") if isinstance(metadata, Mapping) else None
    result: dict[_Identity, _Entry] = {}
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, Mapping):
            continue
        manager, operation, subresource, version, time = (
            value if isinstance(value := entry.get(name), str) else ""
            for name in ("manager", "operation", "subresource", "apiVersion", "time")
        )
        if manager:
            result[manager, operation, subresource, version] = _Entry(
                Writer(manager, operation, subresource, time), entry.get("fieldsV1")
            )
    return result


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


SHORT = 3
"""Fields named on one line."""
_WEIGHT: dict[Step, int] = {"spec": 0, "metadata": 2}
"""What was asked for comes first, how it is labelled last."""


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


def _step(name: str) -> Step | None:
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
