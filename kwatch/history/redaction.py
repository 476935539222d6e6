"""What must not be shown or written: the data of Secrets, and paths of the user's choice."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_DATA = ("data", "stringData")
_SALT = secrets.token_bytes(16)
"""Of this process: equal values have equal masks in it, and no mask can be looked up in a table."""


def mask_secret(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with the values of a Secret masked, in its last applied configuration too.

    Masks of different values differ, so that a diff of masked versions still shows what changed. Other kinds, and
    what is not a Secret's data (managedFields hold names only), come back as they are. The argument is not changed.
    """
    if tree.get("kind") == "Secret":
        return _mask_object(tree)
    items = tree.get("items")
    if tree.get("kind") in ("List", "SecretList") and isinstance(items, list):
        secret = tree["kind"] == "SecretList"
        return {**tree, "items": [_mask_item(item, secret) for item in items]}
    return tree


def mask(value: Any) -> str:
    """What stands in the place of a secret value: how long it is, and a mark that differs when the value does."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    digest = hashlib.blake2s(text.encode("utf-8", "surrogatepass"), key=_SALT, digest_size=3).hexdigest()
    return f"*** ({_length(text)} bytes, {digest})"


def is_masked(value: Any) -> bool:
    """Whether a value is a mask."""
    return isinstance(value, str) and value.startswith("*** (")


def _length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return len(text.encode("utf-8", "surrogatepass"))


def _mask_item(item: Any, secret: bool) -> Any:
    if not isinstance(item, Mapping):
        return item
    return _mask_object(item) if secret else mask_secret(item)


def _mask_object(tree: Mapping[str, Any]) -> dict[str, Any]:
    masked = dict(tree)
    for name in _DATA:
        if name in masked:
            masked[name] = _mask_data(masked[name])
    metadata = masked.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if isinstance(metadata, Mapping) and isinstance(annotations, Mapping) and LAST_APPLIED in annotations:
        applied = _mask_applied(annotations[LAST_APPLIED])
        masked["metadata"] = {**metadata, "annotations": {**annotations, LAST_APPLIED: applied}}
    return masked


def _mask_data(data: Any) -> Any:
    if data is None:
        return None
    if not isinstance(data, Mapping):
        return mask(data)
    return {name: value if is_masked(value) else mask(value) for name, value in data.items()}


def _mask_applied(text: Any) -> str:
    try:
        applied = msgspec.json.decode(text)
    except (msgspec.DecodeError, TypeError, RecursionError):
        return mask(text)
    if not isinstance(applied, dict):
        return mask(text)
    return msgspec.json.encode(_mask_object(applied)).decode()
