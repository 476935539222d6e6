"""Labels and label selectors as kubectl prints them."""

from __future__ import annotations

from collections.abc import Mapping

from kwatch.catalog.shapes import LabelSelector, Requirement

NONE = "<none>"


def labels_text(labels: Mapping[str, str] | None) -> str:
    """`app=web,tier=front`, sorted; `<none>` when there are none."""
    return ",".join(sorted([f"{key}={value}" for key, value in labels.items()])) if labels else NONE


def selector_text(selector: LabelSelector | None) -> str:
    """`app=web,env in (a,b),!legacy`, sorted by key; empty when it selects everything or nothing; raise ValueError."""
    if selector is None:
        return ""
    parts = [(key, f"{key}={value}") for key, value in (selector.match_labels or {}).items()]
    parts += [(each.key, _requirement_text(each)) for each in selector.match_expressions or ()]
    return ",".join([part for _, part in sorted(parts, key=lambda part: part[0])])


def selector_or_none(selector: LabelSelector | None) -> str:
    """The selector, `<none>` when it is empty, `<error>` when it is none."""
    try:
        return selector_text(selector) or NONE
    except ValueError:
        return "<error>"


def _requirement_text(requirement: Requirement) -> str:
    values = ",".join(sorted(requirement.values or ()))
    match requirement.operator:
        case "In":
            return f"{requirement.key} in ({values})"
        case "NotIn":
            return f"{requirement.key} notin ({values})"
        case "Exists":
            return requirement.key
        case "DoesNotExist":
            return f"!{requirement.key}"
    raise ValueError(f"{requirement.operator!r} is not a valid label selector operator")
