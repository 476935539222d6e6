"""Paths of the user's choice that must not be written: `spec.containers[*].env[*].value`, `secrets:data`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.redaction import mask, mask_secret


def redacted_object(redaction: Redaction, resource: str, obj: KubeObject) -> KubeObject:
    """The object without what must not be written; of one that cannot be parsed only who it is."""
    if not redaction.concerns(resource) and not obj.may_be_masked:
        return obj
    try:
        tree: Mapping[str, Any] = redaction.redact(resource, obj.tree())
        raw = msgspec.json.encode(dict(tree))
    except (msgspec.DecodeError, RecursionError):
        metadata = {
            "name": obj.name,
            "namespace": obj.namespace,
            "uid": obj.uid,
            "resourceVersion": obj.resource_version,
        }
        raw = msgspec.json.encode({"metadata": metadata})
    redacted = KubeObject(raw, obj.kind, obj.api_version)
    redacted.cells = obj.cells
    return redacted


@dataclass(frozen=True, slots=True)
class _Pattern:
    resource: str
    """Empty for every resource."""
    steps: tuple[str, ...]


class Redaction:
    """Masks the data of Secrets always, and beside it what is at the given paths.

    A path may begin with a resource and a colon; `[*]` stands for every item of a list or every field, `[name]` for
    one. Raise ValueError for a path that is none.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = tuple(paths)
        self._patterns = tuple(map(_parse, self.paths))

    def concerns(self, resource: str) -> bool:
        """Whether objects of a resource (`pods`, `deployments.apps`) may hold something to mask."""
        return resource == "secrets" or any(pattern.resource in ("", resource) for pattern in self._patterns)

    def redact(self, resource: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
        """The object without what must not be written; the argument is not changed."""
        result: Any = mask_secret({**tree, "kind": "Secret"} if resource == "secrets" else tree)
        for pattern in self._patterns:
            if pattern.resource in ("", resource):
                result = _masked(result, pattern.steps)
        redacted: Mapping[str, Any] = result
        return redacted


def _parse(text: str) -> _Pattern:
    resource, colon, path = text.partition(":")
    if not colon:
        resource, path = "", text
    steps = tuple(path.replace("[", ".[").strip(".").split("."))
    steps = tuple(step.strip("[]") for step in _joined(steps))
    if not all(steps):
        raise ValueError(f"{text!r} is no path; write it like spec.containers[*].env[*].value")
    return _Pattern(resource, steps)


def _joined(parts: Iterable[str]) -> Iterable[str]:
    """Put names in brackets that hold dots together again: `annotations[example.com/token]`."""
    waiting = ""
    for part in parts:
        waiting = f"{waiting}.{part}" if waiting else part
        if not waiting.startswith("[") or waiting.endswith("]"):
            yield waiting
            waiting = ""
    if waiting:
        yield ""


def _masked(value: Any, steps: tuple[str, ...]) -> Any:
    if not steps:
        return mask(value)
    step, rest = steps[0], steps[1:]
    if isinstance(value, Mapping):
        return {name: _masked(child, rest) if step in ("*", name) else child for name, child in value.items()}
    if isinstance(value, list):
        return [
            _masked(item, rest) if step == "*" or _is_named(item, at, step) else item for at, item in enumerate(value)
        ]
    return value


def _is_named(item: Any, at: int, step: str) -> bool:
    return step in ("*", str(at)) or (isinstance(item, Mapping) and item.get("name") == step)
