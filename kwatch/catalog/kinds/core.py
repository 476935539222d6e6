"""Namespaces and what they hold beside workloads: config maps, secrets, service accounts, quotas and limit ranges."""

from __future__ import annotations

import msgspec

from kwatch.catalog.column import Level
from kwatch.catalog.kind import age, created_at, declare, name, number, text
from kwatch.catalog.shapes import Conditions, Nothing, Shape, WholeObject


class NamespaceStatus(Shape, frozen=True):
    phase: str = "Active"
    conditions: Conditions = None


class Namespace(WholeObject, frozen=True):
    status: NamespaceStatus = NamespaceStatus()


NAMESPACES = declare(
    "Namespace",
    Namespace,
    name(),
    text(
        "Status",
        lambda namespace: namespace.status.phase,
        levels={"Active": Level.GOOD, "Terminating": Level.PROGRESS},
        min_width=8,
    ),
    age(),
)


class ConfigMap(Shape, frozen=True):
    data: dict[str, msgspec.Raw] | None = None
    binary_data: dict[str, msgspec.Raw] | None = None


class Secret(Shape, frozen=True):
    """Never a value, only how many there are."""

    type: str = "Opaque"
    data: dict[str, msgspec.Raw] | None = None


CONFIG_MAPS = declare(
    "ConfigMap",
    ConfigMap,
    name(),
    number("Data", lambda one: len(one.data or ()) + len(one.binary_data or ()), server_type="string"),
    age(),
)

SECRETS = declare(
    "Secret",
    Secret,
    name(),
    text("Type", lambda secret: secret.type),
    number("Data", lambda secret: len(secret.data or ()), server_type="string"),
    age(),
)

SERVICE_ACCOUNTS = declare("ServiceAccount", Nothing, name(), age())


class QuotaStatus(Shape, frozen=True):
    hard: dict[str, str] | None = None
    used: dict[str, str] | None = None


class Quota(WholeObject, frozen=True):
    status: QuotaStatus = QuotaStatus()


def _usage(quota: Quota, *, limits: bool) -> str:
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
    text("Request", lambda quota: _usage(quota, limits=False), unique=True, max_width=120),
    text("Limit", lambda quota: _usage(quota, limits=True), unique=True, max_width=120),
    age(),
)

LIMIT_RANGES = declare("LimitRange", Nothing, name(), created_at())
