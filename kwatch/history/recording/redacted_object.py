"""An object as it may be written into a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kwatch.history.redacted_paths import Redaction
from kwatch.informer.kube_object import KubeObject


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
