"""The comparison itself: maps by field, lists by what identifies their items, before position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.merge_keys import identities
from kwatch.history.diff.noise import is_noise
from kwatch.history.diff.path import ItemKey, SetItem, Steps, path_text

IGNORED = frozenset({"kind", "apiVersion"})
"""Items of built-in lists lack them and watched objects carry them: no change of the object."""
_SETS = frozenset({"finalizers", "accessModes", "verbs", "resources", "apiGroups", "policyTypes", "capabilities"})
"""Lists of scalars whose order means nothing."""
_LONGEST_ALIGNED = 400
"""Items of a list without identities that are aligned; longer ones are compared by position."""

Difference = tuple[Steps, Any, Any]


def diff(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, *, noise: bool = False) -> tuple[Change, ...]:
    """What differs, in the order of the new version's fields; `noise` adds what says nothing to people.

    Without an old or a new version the object itself was created or deleted: one change with an empty path.
    """
    if old is None or new is None:
        if old is new:
            return ()
        return (Change("", ABSENT if old is None else old, ABSENT if new is None else new),)
    found = _compare_maps(_fields(old), _fields(new), ())
    changes = (Change(path_text(steps), before, after, steps, is_noise(steps)) for steps, before, after in found)
    return tuple(change for change in changes if noise or not change.noise)


def _fields(obj: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in IGNORED}


def compare(old: Any, new: Any, steps: Steps) -> Iterator[Difference]:
    """What differs between two values that stand at `steps`."""
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_maps(old, new, steps)
    elif isinstance(old, list) and isinstance(new, list):
        if old != new or not _same_types(old, new):
            yield from _compare_lists(old, new, steps)
    elif type(old) is not type(new) or old != new:
        yield steps, old, new


def _same_types(old: Any, new: Any) -> bool:
    """Python finds True == 1 == 1.0; JSON does not."""
    return msgspec.json.encode(old, order="sorted") == msgspec.json.encode(new, order="sorted")


def _compare_maps(old: Mapping[str, Any], new: Mapping[str, Any], steps: Steps) -> Iterator[Difference]:
    for name, value in new.items():
        if name in old:
            yield from compare(old[name], value, (*steps, name))
        else:
            yield (*steps, name), ABSENT, value
    for name, value in old.items():
        if name not in new:
            yield (*steps, name), value, ABSENT


def _compare_lists(old: list[Any], new: list[Any], steps: Steps) -> Iterator[Difference]:
    name = next((step for step in reversed(steps) if isinstance(step, str)), "")
    found = identities(name, old, new)
    if found is not None:
        was = dict(zip(map(ItemKey, found[0]), old, strict=True))
        now = dict(zip(map(ItemKey, found[1]), new, strict=True))
        yield from _compare_items(was, now, steps)
    elif name in _SETS and _all_scalars(old) and _all_scalars(new):
        yield from _compare_items({SetItem(item): item for item in old}, {SetItem(item): item for item in new}, steps)
    else:
        yield from _compare_positions(old, new, steps)


def _all_scalars(items: list[Any]) -> bool:
    return all(not isinstance(item, dict | list) for item in items)


def _compare_items(
    old: Mapping[ItemKey, Any] | Mapping[SetItem, Any], new: Mapping[ItemKey, Any] | Mapping[SetItem, Any], steps: Steps
) -> Iterator[Difference]:
    was: dict[Any, Any] = dict(old)
    for item, value in new.items():
        if item in was:
            yield from compare(was.pop(item), value, (*steps, item))
        else:
            yield (*steps, item), ABSENT, value
    for item, value in was.items():
        yield (*steps, item), value, ABSENT


def _compare_positions(old: list[Any], new: list[Any], steps: Steps) -> Iterator[Difference]:
    """Align equal items, so that one inserted at the front does not change all that follow; pair the rest in order."""
    if max(len(old), len(new)) > _LONGEST_ALIGNED:
        blocks = [("replace", 0, len(old), 0, len(new))]
    else:
        was = [msgspec.json.encode(item, order="sorted") for item in old]
        now = [msgspec.json.encode(item, order="sorted") for item in new]
        blocks = list(SequenceMatcher(None, was, now, autojunk=False).get_opcodes())
    for mark, old_start, old_end, new_start, new_end in blocks:
        if mark == "equal":
            continue
        paired = min(old_end - old_start, new_end - new_start)
        for offset in range(paired):
            at = new_start + offset
            yield from compare(old[old_start + offset], new[at], (*steps, at))
        for at in range(new_start + paired, new_end):
            yield (*steps, at), ABSENT, new[at]
        for at in range(old_start + paired, old_end):
            yield (*steps, at), old[at], ABSENT
