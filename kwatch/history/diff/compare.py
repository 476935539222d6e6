"""The comparison itself: maps by field, lists by what identifies their items, before position."""

from __future__ import annotations

from collections.abc import Mapping
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
_SCALARS = (str, int, bool, float)
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
    found: list[Difference] = []
    _compare_maps(_fields(old), _fields(new), (), found)
    changes = (Change(path_text(steps), before, after, steps, is_noise(steps)) for steps, before, after in found)
    return tuple(change for change in changes if noise or not change.noise)


def _fields(obj: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in IGNORED}


def compare(old: Any, new: Any, steps: Steps, found: list[Difference]) -> None:
    """Append what differs between two values that stand at `steps`."""
    if isinstance(old, dict) and isinstance(new, dict):
        _compare_maps(old, new, steps, found)
    elif isinstance(old, list) and isinstance(new, list):
        _compare_lists(old, new, steps, found)
    elif type(old) is not type(new) or old != new:
        found.append((steps, old, new))


def _compare_maps(old: dict[str, Any], new: dict[str, Any], steps: Steps, found: list[Difference]) -> None:
    for name, value in new.items():
        before = old.get(name, ABSENT)
        if before is value:
            continue
        if type(value) in _SCALARS and type(before) is type(value):
            if before != value:
                found.append(((*steps, name), before, value))
        elif before is ABSENT:
            found.append(((*steps, name), ABSENT, value))
        else:
            compare(before, value, (*steps, name), found)
    for name, value in old.items():
        if name not in new:
            found.append(((*steps, name), value, ABSENT))


def _compare_lists(old: list[Any], new: list[Any], steps: Steps, found: list[Difference]) -> None:
    if len(old) == len(new) and msgspec.json.encode(old) == msgspec.json.encode(new):
        return
    name = list_name(steps)
    keys = identities(name, old, new)
    if keys is not None:
        was = dict(zip(map(ItemKey, keys[0]), old, strict=True))
        now = dict(zip(map(ItemKey, keys[1]), new, strict=True))
        _compare_items(was, now, steps, found)
    elif name in _SETS and _all_scalars(old) and _all_scalars(new):
        _compare_items({SetItem(item): item for item in old}, {SetItem(item): item for item in new}, steps, found)
    else:
        _compare_positions(old, new, steps, found)


def list_name(steps: Steps) -> str:
    """What a list is called by the nearest field above it."""
    return next((step for step in reversed(steps) if isinstance(step, str)), "")


def _all_scalars(items: list[Any]) -> bool:
    return all(not isinstance(item, dict | list) for item in items)


def _compare_items(old: dict[Any, Any], new: dict[Any, Any], steps: Steps, found: list[Difference]) -> None:
    for item, value in new.items():
        if item in old:
            compare(old.pop(item), value, (*steps, item), found)
        else:
            found.append(((*steps, item), ABSENT, value))
    for item, value in old.items():
        found.append(((*steps, item), value, ABSENT))


def _compare_positions(old: list[Any], new: list[Any], steps: Steps, found: list[Difference]) -> None:
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
            compare(old[old_start + offset], new[at], (*steps, at), found)
        for at in range(new_start + paired, new_end):
            found.append(((*steps, at), ABSENT, new[at]))
        for at in range(old_start + paired, old_end):
            found.append(((*steps, at), old[at], ABSENT))
