"""A Kubernetes Event in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def event_words(event: Mapping[str, Any]) -> str:
    """`BackOff: Back-off restarting failed container`; of either API group."""
    reason, message = _text(event, "reason"), _text(event, "message") or _text(event, "note")
    return ": ".join(part for part in (reason, " ".join(message.split())) if part)


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""
