"""Moments as Kubernetes writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(at: float) -> str:
    """Seconds since the epoch -> `2026-11-23T03:49:44.123456Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
