"""Where in an object something is: steps from the root, how they are written, and which of them are noise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NAMED_ALIKE = frozenset({"env", "conditions", "taints"})
"""Lists whose items are called the same wherever they occur: `conditions[Ready]`, `env[LOG_LEVEL]`."""

_NOISE_ANYWHERE = frozenset(
    (
        *("observedGeneration", "lastHeartbeatTime", "lastProbeTime"),
        *("lastTransitionTime", "lastUpdateTime", "lastProbedTime"),
    )
)
_NOISE_IN_METADATA = frozenset({"resourceVersion", "managedFields", "generation", "selfLink"})
_NOISE_IN_ANNOTATIONS = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "control-plane.alpha.kubernetes.io/leader",
        "endpoints.kubernetes.io/last-change-trigger-time",
    }
)
_NOISE_IN_SPEC = frozenset({"renewTime"})

Identity = tuple[tuple[str, Any], ...]
"""The key fields of a list's item with their values: `(("name", "web"),)`."""

_LISTS_BY_NAME = (
    *("containers", "initContainers", "ephemeralContainers"),
    *("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"),
    *("env", "volumes", "imagePullSecrets", "resourceClaims", "webhooks", "versions"),
)
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(_LISTS_BY_NAME, (("name",),)),
    "volumeMounts": (("mountPath",),),
    "volumeDevices": (("devicePath",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol"), ("name",), ("port",)),
    "conditions": (("type",),),
    "addresses": (("type", "address"), ("ip",)),
    "ownerReferences": (("uid",),),
    "taints": (("key", "effect"),),
    "tolerations": (("key?", "operator", "effect?", "value?"),),
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "volumeClaimTemplates": (("metadata.name",),),
    "images": (("names",),),
    "subjects": (("kind", "namespace?", "name"),),
    "ingress": (("ip",), ("hostname",)),
    "metrics": (("type",),),
    "endpoints": (("targetRef.name",), ("addresses",)),
}
"""What identifies an item of a list: Kubernetes' own merge keys, by the list's name. `key?` may be absent."""
_ANY_LIST: tuple[tuple[str, ...], ...] = (("name",), ("type",), ("uid",), ("key",), ("id",))
"""Tried on lists that are not known, those of custom resources."""
_DEFAULTS = {"protocol": "TCP", "operator": "Equal"}
"""What the server fills in when a key field is absent; any other key field must be there, or reads as empty."""


@dataclass(frozen=True, slots=True)
class ItemKey:
    """An item of a list, found by the fields that identify it: `(("name", "web"),)`."""

    fields: Identity

    def __str__(self) -> str:
        return "/".join(_scalar_text(value) for _, value in self.fields)


@dataclass(frozen=True, slots=True)
class SetItem:
    """An item of a list of scalars that is used as a set: found by being it."""

    value: Any

    def __str__(self) -> str:
        return _scalar_text(self.value)


Step = str | int | ItemKey | SetItem
"""A field's name, a position in a list, or an item by what identifies it."""
Steps = tuple[Step, ...]


def path_text(steps: Iterable[Step]) -> str:
    """`spec.template.spec.containers[web].image`; names that are no plain words stand in brackets too."""
    text = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{step}]"
    return text


def general_path(steps: Steps) -> str:
    """`spec.containers[].image` for `spec.containers[web].image`, so that equal changes of several objects have the
    same path; the items of some lists keep their names.
    """
    text = ""
    for at, step in enumerate(steps):
        if isinstance(step, int) or (isinstance(step, ItemKey) and not _is_named_alike(steps[:at])):
            text += "[]"
        else:
            part = path_text((step,))
            text += part if not text or part.startswith("[") else f".{part}"
    return text


def items_of(steps: Steps) -> tuple[str, ...]:
    """What `general_path` leaves out, but for positions: `("web",)`."""
    return tuple(
        str(step) for at, step in enumerate(steps) if isinstance(step, ItemKey) and not _is_named_alike(steps[:at])
    )


def list_name(steps: Steps) -> str:
    """What a list is called by the nearest field above it."""
    return next((step for step in reversed(steps) if isinstance(step, str)), "")


def is_noise(steps: Steps) -> bool:
    """Whether a change at this place says nothing to people: a version, a generation, a heartbeat, a time that follows
    another change.
    """
    if not steps:
        return False
    last = steps[-1]
    if last in _NOISE_ANYWHERE:
        return True
    first = steps[0]
    if first == "metadata" and len(steps) > 1:
        second = steps[1]
        if second in _NOISE_IN_METADATA:
            return True
        return second == "annotations" and len(steps) == 3 and last in _NOISE_IN_ANNOTATIONS
    return first == "spec" and len(steps) == 2 and last in _NOISE_IN_SPEC


def identities(name: str, *lists: Sequence[Any]) -> tuple[tuple[Identity, ...], ...] | None:
    """The identity of each item of each list, by the first key under which all items differ; None if there is none.

    `name` is what the list's parent calls it.
    """
    for fields in _KEYS.get(name, _ANY_LIST):
        found = tuple(_identify(fields, items) for items in lists)
        if all(each is not None for each in found):
            return tuple(each for each in found if each is not None)
    return None


def same_item(name: str, old: Any, new: Any) -> Identity | None:
    """The identity of two items if they have the same by the list's first key; else None."""
    fields = _KEYS.get(name, _ANY_LIST)[0]
    was = _identify(fields, (old,))
    return was[0] if was is not None and was == _identify(fields, (new,)) else None


def has_enforced_keys(name: str) -> bool:
    """Whether the server sees to it that the items of a list of this name have different keys."""
    return name in _KEYS


def key_value(item: Mapping[str, Any], field: str) -> str | int | float | bool | None:
    """The value of an item's key field, which may be a path; None if it has none."""
    value: Any = item
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return _DEFAULTS.get(field)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str | int | float | bool) else None


def _identify(fields: tuple[str, ...], items: Sequence[Any]) -> tuple[Identity, ...] | None:
    result: list[Identity] = []
    for item in items:
        if not isinstance(item, dict):
            return None
        identity: list[tuple[str, Any]] = []
        for field in fields:
            name = field.removesuffix("?")
            value = key_value(item, name)
            if value is not None:
                identity.append((name, value))
            elif name == field:
                return None
        result.append(tuple(identity))
    return tuple(result) if len(set(result)) == len(result) else None


def _is_named_alike(above: Steps) -> bool:
    return list_name(above) in _NAMED_ALIKE


def _scalar_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
