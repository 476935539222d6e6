"""What identifies an item of a list: Kubernetes' own merge keys, by the list's name. `key?` may be absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "containers": (("name",),),
    "initContainers": (("name",),),
    "ephemeralContainers": (("name",),),
    "containerStatuses": (("name",),),
    "initContainerStatuses": (("name",),),
    "ephemeralContainerStatuses": (("name",),),
    "env": (("name",),),
    "volumes": (("name",),),
    "volumeMounts": (("mountPath",),),
    "volumeDevices": (("devicePath",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol"), ("name",), ("port",)),
    "conditions": (("type",),),
    "addresses": (("type", "address"), ("ip",)),
    "ownerReferences": (("uid",),),
    "taints": (("key", "effect"),),
    "tolerations": (("key?", "operator", "effect?", "value?"),),
    "imagePullSecrets": (("name",),),
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "resourceClaims": (("name",),),
    "volumeClaimTemplates": (("metadata.name",),),
    "images": (("names",),),
    "subjects": (("kind", "namespace?", "name"),),
    "webhooks": (("name",),),
    "versions": (("name",),),
    "ingress": (("ip",), ("hostname",)),
    "metrics": (("type",),),
    "endpoints": (("targetRef.name",), ("addresses",)),
}
_ANY_LIST: tuple[tuple[str, ...], ...] = (("name",), ("type",), ("uid",), ("key",), ("id",))
"""Tried on lists nobody told us about, those of custom resources."""

_DEFAULTS = {"protocol": "TCP", "operator": "Equal"}
"""What the server fills in when a key field is absent; any other key field must be there, or reads as empty."""

Identity = tuple[tuple[str, Any], ...]


def identities(name: str, *lists: Sequence[Any]) -> tuple[tuple[Identity, ...], ...] | None:
    """The identity of each item of each list, by the first key that tells them all apart; None if none does.

    `name` is what the list's parent calls it.
    """
    for fields in _KEYS.get(name, _ANY_LIST):
        found = tuple(_identify(fields, items) for items in lists)
        if all(each is not None for each in found):
            return tuple(each for each in found if each is not None)
    return None


def same_item(name: str, old: Any, new: Any) -> Identity | None:
    """The identity of two items if they have the same by the list's first key; else None."""
    was = _identify(_KEYS.get(name, _ANY_LIST)[0], (old,))
    return was[0] if was is not None and was == _identify(_KEYS.get(name, _ANY_LIST)[0], (new,)) else None


def _identify(fields: tuple[str, ...], items: Sequence[Any]) -> tuple[Identity, ...] | None:
    result: list[Identity] = []
    for item in items:
        if not isinstance(item, dict):
            return None
        identity: list[tuple[str, Any]] = []
        for field in fields:
            name = field.removesuffix("?")
            value = _value(item, name)
            if value is not None:
                identity.append((name, value))
            elif name == field:
                return None
        result.append(tuple(identity))
    return tuple(result) if len(set(result)) == len(result) else None


def _value(item: dict[str, Any], field: str) -> str | int | float | bool | None:
    value: Any = item
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return _DEFAULTS.get(field)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str | int | float | bool) else None
