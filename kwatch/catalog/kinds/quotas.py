"""What a namespace may use: resource quotas and limit ranges."""

from __future__ import annotations

from kwatch.catalog.declaration import age, created_at, declare, name, text
from kwatch.catalog.shapes import Nothing, Shape


class QuotaStatus(Shape, frozen=True):
    """What is read of the status: quantities by resource."""

    hard: dict[str, str] | None = None
    used: dict[str, str] | None = None


class Quota(Shape, frozen=True):
    """What is read of a quota."""

    status: QuotaStatus = QuotaStatus()


def usage(quota: Quota, *, limits: bool) -> str:
    """`pods: 6/50, services: 1/9` of the resources that are, or are not, limits."""
    used = quota.status.used or {}
    hard = sorted((quota.status.hard or {}).items())
    return ", ".join(
        [f"{name}: {used.get(name, '0')}/{most}" for name, most in hard if name.startswith("limits.") is limits]
    )


RESOURCE_QUOTAS = declare(
    "ResourceQuota",
    Quota,
    name(),
    text("Request", lambda quota: usage(quota, limits=False), unique=True, max_width=120),
    text("Limit", lambda quota: usage(quota, limits=True), unique=True, max_width=120),
    age(),
)

LIMIT_RANGES = declare("LimitRange", Nothing, name(), created_at())
