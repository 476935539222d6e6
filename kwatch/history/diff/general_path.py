"""A path without what names one object's own parts, so that equal changes of several objects have the same path."""

from __future__ import annotations

from kwatch.history.diff.compare import list_name
from kwatch.history.diff.path import ItemKey, Steps, path_text

_TELLING_LISTS = frozenset({"env", "conditions", "taints"})
"""Lists whose items are called the same wherever they occur: `conditions[Ready]`, `env[LOG_LEVEL]`."""


def general_path(steps: Steps) -> str:
    """`spec.containers[].image` for `spec.containers[web].image`; the items of some lists keep their names."""
    text = ""
    for at, step in enumerate(steps):
        if isinstance(step, int) or (isinstance(step, ItemKey) and not _tells(steps[:at])):
            text += "[]"
        else:
            part = path_text((step,))
            text += part if not text or part.startswith("[") else f".{part}"
    return text


def items_of(steps: Steps) -> tuple[str, ...]:
    """What `general_path` leaves out, but for positions: `("web",)`."""
    return tuple(str(step) for at, step in enumerate(steps) if isinstance(step, ItemKey) and not _tells(steps[:at]))


def _tells(above: Steps) -> bool:
    return list_name(above) in _TELLING_LISTS
