"""The values of a Secret as whoever wrote them typed them, for a screen that was asked to show them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any


def decoded(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree of a Secret with its data decoded; what is no text is told by its size, what is no base64 stays."""
    data = tree.get("data")
    if not isinstance(data, Mapping):
        return dict(tree)
    return {**tree, "data": {key: _decoded(value) for key, value in data.items()}}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(content):,} bytes that are no text)"
