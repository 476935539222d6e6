"""Status conditions: their time of transition moves only when their status does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kwatch.simulator.scenario.timestamps import timestamp


def condition(
    kind: str, status: bool | str, at: float, reason: str = "", message: str = "", **more: Any
) -> dict[str, Any]:
    """One condition; `status` may be a word (`Unknown`)."""
    word = status if isinstance(status, str) else str(status)
    made: dict[str, Any] = {"type": kind, "status": word, **more, "lastTransitionTime": timestamp(at)}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def with_condition(conditions: Sequence[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions with one set: in its place when there is one of its type, at the end otherwise."""
    result = []
    found = False
    for old in conditions:
        if old["type"] == new["type"]:
            found = True
            if old["status"] == new["status"]:
                new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
            result.append(new)
        else:
            result.append(old)
    return result if found else [*result, new]


def find_condition(conditions: Sequence[dict[str, Any]], kind: str) -> dict[str, Any] | None:
    """The condition of a type."""
    return next((each for each in conditions if each["type"] == kind), None)


def is_true(conditions: Sequence[dict[str, Any]], kind: str) -> bool:
    """Whether the condition of a type is there and true."""
    found = find_condition(conditions, kind)
    return found is not None and found["status"] == "True"
