"""What a recording must not hold is masked: the data of Secrets, and paths of the user's choice
(`spec.containers[*].env[*].value`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import MARK, mask, mask_secret

_MASKED = frozenset({"secrets", "configmaps"})
"""Of config maps those that were watched without their data."""
_MOST_NUMBERS = 100_000


class Redaction:
    """Masks the data of Secrets always, and beside it what is at the given paths. Of a masked value is written how long
    it is and, by a number, which other ones are the same; nothing that is made of the value itself.

    A path may begin with a resource and a colon (`secrets:data`); `[*]` stands for every item of a list or every field,
    `[name]` for one. Raise ValueError for a path that cannot be parsed.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = tuple(paths)
        self._patterns = tuple(map(_parse, self.paths))
        self._numbers: dict[bytes, bytes] = {}
        """The mark of a mask -> how it is written."""

    def redact(self, resource: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
        """An object of a resource (`pods`, `deployments.apps`) with masks; the argument is not changed."""
        result: Any = mask_secret({**tree, "kind": "Secret"} if resource == "secrets" else tree)
        for of, steps in self._patterns:
            if of in ("", resource):
                result = _masked(result, steps)
        redacted: Mapping[str, Any] = result
        return redacted

    def redact_object(self, resource: str, obj: KubeObject) -> KubeObject:
        """The same for an object; of one that cannot be parsed only its identity is left."""
        may_match = resource in _MASKED or any(of in ("", resource) for of, _ in self._patterns)
        if not may_match and not obj.may_be_masked:
            return obj
        try:
            raw = msgspec.json.encode(dict(self.redact(resource, obj.tree())))
            raw = MARK.sub(lambda found: b"%s%s" % (found[1], self._number(found[2])), raw)
        except (msgspec.DecodeError, RecursionError):
            identity = {"name": obj.name, "namespace": obj.namespace, "uid": obj.uid}
            raw = msgspec.json.encode({"metadata": {**identity, "resourceVersion": obj.resource_version}})
        redacted = KubeObject(raw, obj.kind, obj.api_version)
        redacted.cells = obj.cells
        return redacted

    def _number(self, mark: bytes) -> bytes:
        if len(self._numbers) >= _MOST_NUMBERS:
            self._numbers.clear()
        return self._numbers.setdefault(mark, b"%06x" % (len(self._numbers) + 1))


def _parse(text: str) -> tuple[str, tuple[str, ...]]:
    """`pods:spec.a[x]` -> ("pods", ("spec", "a", "x")); an empty resource means every one."""
    resource, colon, path = text.partition(":")
    if not colon:
        resource, path = "", text
    parts = path.replace("[", ".[").strip(".").split(".")
    steps = tuple(step.strip("[]") for step in _joined(parts))
    if not all(steps):
        raise ValueError(f"{text!r} is no path; write it like spec.containers[*].env[*].value")
    return resource, steps


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
        return [_masked(item, rest) if _is_named(item, at, step) else item for at, item in enumerate(value)]
    return value


def _is_named(item: Any, at: int, step: str) -> bool:
    return step in ("*", str(at)) or (isinstance(item, Mapping) and item.get("name") == step)
