"""A FieldsV1 set in words: which fields a manager set, shortened to what fits a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kwatch.history.diff.path import ItemKey, SetItem, Step, Steps, path_text

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
