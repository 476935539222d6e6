"""Config maps, secrets and service accounts."""

from __future__ import annotations

import msgspec

from kwatch.catalog.declaration import age, declare, name, number, text
from kwatch.catalog.shapes import Nothing, Shape


class ConfigMap(Shape, frozen=True):
    """What is read of a config map."""

    data: dict[str, msgspec.Raw] | None = None
    binary_data: dict[str, msgspec.Raw] | None = None


class Secret(Shape, frozen=True):
    """What is read of a secret: never a value, only how many there are."""

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
