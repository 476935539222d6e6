"""Labels and label selectors as kubectl prints them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from kwatch.catalog.column import NONE
from kwatch.catalog.shapes import LabelSelector, Requirement

_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)?")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`app=web,tier=front`, sorted; `<none>` when there are none."""
    return ",".join(sorted([f"{key}={value}" for key, value in labels.items()])) if labels else NONE


def selector_text(selector: LabelSelector | None) -> str:
    """`app=web,env in (a,b),!legacy`, sorted by key; empty when it selects everything or nothing.

    Raise ValueError for what a server takes for no selector.
    """
    if selector is None:
        return ""
    parts = []
    for key, value in (selector.match_labels or {}).items():
        _check(key, (value,))
        parts.append((key, f"{key}={value}"))
    parts += [(each.key, _requirement_text(each)) for each in selector.match_expressions or ()]
    return ",".join([part for _, part in sorted(parts, key=lambda part: part[0])])


def selector_or_none(selector: LabelSelector | None) -> str:
    """The selector, `<none>` when it is empty, `<error>` when it is none."""
    try:
        return selector_text(selector) or NONE
    except ValueError:
        return "<error>"


def _requirement_text(requirement: Requirement) -> str:
    _check(requirement.key, requirement.values or ())
    values = ",".join(sorted(requirement.values or ()))
    match requirement.operator, bool(requirement.values):
        case "In", True:
            return f"{requirement.key} in ({values})"
        case "NotIn", True:
            return f"{requirement.key} notin ({values})"
        case "Exists", False:
            return requirement.key
        case "DoesNotExist", False:
            return f"!{requirement.key}"
    raise ValueError(f"{requirement.operator!r} with {len(requirement.values or ())} values is no requirement")


def _check(key: str, values: Iterable[str]) -> None:
    """Raise ValueError unless these may be a label's key and values."""
    if not _is_key(key) or not all(map(_is_value, values)):
        raise ValueError(f"{key!r} or its values are no label's")


@lru_cache(maxsize=4096)
def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and _DOMAIN.fullmatch(prefix)):
        return False
    return bool(name) and _is_value(name)


@lru_cache(maxsize=4096)
def _is_value(value: str) -> bool:
    return len(value) <= 63 and _VALUE.fullmatch(value) is not None
