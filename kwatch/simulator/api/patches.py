"""How a patch changes an object: JSON Merge Patch (RFC 7386), and Kubernetes' strategic merge, which knows lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kwatch.simulator.field_set import BUILTIN_FIELDS

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"

Tree = dict[str, Any]
Patch = Callable[[Tree, Tree], Tree]

_DIRECTIVE = "$patch"


def merge_patch(target: Tree, patch: Tree) -> Tree:
    """The target with the patch applied; null removes. Neither is changed, and the result shares parts with both."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merge_patch(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result


def strategic_merge_patch(target: Tree, patch: Tree) -> Tree:
    """Like merge_patch, but items of keyed lists (containers by name) are merged or, by `$patch: delete`, removed."""
    if patch.get(_DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    result = dict(target)
    for key, value in patch.items():
        if key.startswith("$"):
            continue  # the order of list items, and keys to retain, do not matter to what is stored here
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = strategic_merge_patch(inner if isinstance(inner, dict) else {}, value)
        elif isinstance(value, list):
            result[key] = _merged_list(key, result.get(key), value)
        else:
            result[key] = value
    return result


def _merged_list(name: str, target: Any, patch: list[Any]) -> list[Any]:
    keys = next((keys for keys in BUILTIN_FIELDS.list_keys.get(name, ()) if _all_have(patch, keys[0])), None)
    if keys is None or not isinstance(target, list) or not _all_have(target, keys[0]):
        return [item for item in patch if not (isinstance(item, dict) and _DIRECTIVE in item)]
    merged = {item[keys[0]]: item for item in target}
    for item in patch:
        identity = item[keys[0]]
        if item.get(_DIRECTIVE) == "delete":
            merged.pop(identity, None)
        else:
            merged[identity] = strategic_merge_patch(merged.get(identity, {}), item)
    return list(merged.values())


def _all_have(items: list[Any], key: str) -> bool:
    return all(isinstance(item, dict) and key in item for item in items)


PATCHES: dict[str, Patch] = {MERGE: merge_patch, STRATEGIC: strategic_merge_patch}
"""By the media type of the patch."""
