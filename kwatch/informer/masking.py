"""What must not be shown or written: the data of a Secret, and every copy of it in the rest of the object."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from kwatch.base.timestamp import certificate_expiry, time_or_none, timestamp
from kwatch.informer.json import encoded, parsed

SECRET = "Secret"
CONFIG_MAP = "ConfigMap"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_DATA = ("data", "stringData", "binaryData")
_SALT = os.urandom(16)
"""Of this process: equal values have equal masks in it, and no mask can be looked up in a table."""
_ANY_MASK = re.compile(r"\*\*\* \((\d+) bytes, [0-9a-f]{6}(?:, expires (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?\)")
MARK = re.compile(rb"(\*\*\* \(\d+ bytes, )([0-9a-f]{6})(?=[,)])")
"""The same in JSON: what comes before the mark that differs with the value, and the mark."""
_OPEN_FIELDS = frozenset({"kind", "apiVersion", "type", "immutable", *_DATA})
"""Fields in which no copy is looked for; data is masked in any case."""
_IDENTITY = frozenset(
    {"name", "namespace", "uid", "generateName", "resourceVersion", "generation", "selfLink", "ownerReferences"}
    | {"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}
)
"""Fields of metadata that identify the object."""
_ENUMERATIONS = frozenset({"apiVersion", "operation", "time", "fieldsType"})
"""Fields of an entry of managedFields that hold no user's text."""
CERTIFICATE = "tls.crt"
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MANIFEST = re.compile(r"""kind["']?\s*:\s*["']?Secret\b""")
_SIGNS = (b'\\"Secret\\', b"kind: Secret")
"""One of them is in the JSON of an object that has the manifest of a Secret in an annotation."""
_ORDINARY = frozenset({"true", "false", "null", "none", "default"})
_TELLING_LINE = 16
"""Characters that a line of a value has at least to be looked for by itself."""


def mask_secret(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with the values of a Secret masked, and what repeats them: in annotations, labels, managedFields. Of
    another object, the manifests of Secrets in its annotations.

    Masks of different values differ, so that a diff of masked versions still shows what changed. Other kinds come
    back as they are. Masking twice changes nothing; the argument is not changed.
    """
    if tree.get("kind") == SECRET:
        return mask_data_of(tree)
    items = tree.get("items")
    if tree.get("kind") in ("List", "SecretList") and isinstance(items, list):
        always = tree["kind"] == "SecretList"
        return {**tree, "items": [_mask_item(item, always) for item in items]}
    return mask_manifests(tree)


def holds_secrets(kind: str, raw: bytes) -> bool:
    """Whether the JSON of an object may have something to mask."""
    # One look is enough for nearly all: this is asked of whatever is read.
    return kind == SECRET or (b"Secret" in raw and any(sign in raw for sign in _SIGNS))


def mask_manifests(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object that is no Secret without the data of those whose manifests are in its annotations: of what it was
    applied with, of what it is a copy of. Raise msgspec.DecodeError as mask_data_of does.
    """
    metadata = tree.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(annotations, Mapping):
        return tree
    try:
        masked = {key: _without_manifests(value) for key, value in annotations.items()}
    except RecursionError:
        raise msgspec.DecodeError("nested too deep to be masked this deep in the stack") from None
    return tree if masked == annotations else {**tree, "metadata": {**tree["metadata"], "annotations": masked}}


def mask_data_of(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The same for a tree that is known to be a Secret, whatever it says of itself.

    Raise msgspec.DecodeError if it nests deeper than what is left of the caller's stack.
    """
    try:
        return _masked(tree)
    except RecursionError:
        raise msgspec.DecodeError("nested too deep to be masked this deep in the stack") from None


def _masked(tree: Mapping[str, Any]) -> dict[str, Any]:
    copies = _Copies(tree)
    masked: dict[str, Any] = {}
    for name, value in tree.items():
        if name in _DATA:
            masked[name] = _mask_data(value)
        elif name == "metadata" and isinstance(value, Mapping):
            masked[name] = {
                key: part if key in _IDENTITY else _mask_part(key, part, copies) for key, part in value.items()
            }
        else:
            masked[name] = value if name in _OPEN_FIELDS else copies.masked(value)
    return masked


def mask_json(raw: bytes, kind: str = SECRET) -> bytes:
    """The JSON of an object, masked; as it is if there is nothing to mask. Raise msgspec.DecodeError if it cannot be
    read.
    """
    if not holds_secrets(kind, raw):
        return raw
    tree = parsed(raw)
    masked = mask_data_of(tree) if kind == SECRET else mask_manifests(tree)
    return raw if masked is tree else encoded(masked)


def digested(raw: bytes, kind: str) -> bytes:
    """The JSON of a ConfigMap or Secret with a mask in the place of each value of its data: which of them changed can
    still be seen, what they were cannot be found out. A Secret is then as readers see it anyway. Raise
    msgspec.DecodeError.
    """
    if kind == SECRET:
        return mask_json(raw)
    tree = parsed(raw)
    metadata = tree.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict) and LAST_APPLIED in annotations:
        annotations[LAST_APPLIED] = mask(annotations[LAST_APPLIED])
    return encoded({name: _mask_data(value) if name in _DATA else value for name, value in tree.items()})


def in_one_form(steps: tuple[Any, ...], old: Any, new: Any) -> tuple[Any, Any]:
    """Two values that stand at the same place of an object: both masked where one of them is, in data. What a digest
    says of a value can so be compared with the value itself.
    """
    if len(steps) == 2 and steps[0] in _DATA and isinstance(old, str) and isinstance(new, str):
        is_old, is_new = is_masked(old), is_masked(new)
        if is_old is not is_new:
            return mask(old), mask(new)
    return old, new


def trees_in_one_form(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Two versions of an object, to be shown side by side: what is masked in one is so in both."""
    olds, news = dict(old), dict(new)
    for name in _DATA:
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            pairs = {key: in_one_form((name, key), before[key], after[key]) for key in before.keys() & after.keys()}
            olds[name] = {key: pairs[key][0] if key in pairs else value for key, value in before.items()}
            news[name] = {key: pairs[key][1] if key in pairs else value for key, value in after.items()}
    return olds, news


def mask(value: Any) -> str:
    """What stands in the place of a secret value: how long it is, and a mark that differs when the value does."""
    if is_masked(value):
        return str(value)
    text = value if isinstance(value, str) else encoded(value).decode()
    digest = hashlib.blake2s(text.encode("utf-8", "surrogatepass"), key=_SALT, digest_size=3).hexdigest()
    return f"*** ({_length(text)} bytes, {digest})"


def is_masked(value: Any) -> bool:
    """Whether a value is a mask."""
    return masked_length(value) is not None


def masked_expiry(value: str) -> float | None:
    """When the certificate that a mask stands for expires, in seconds since the epoch; None if it does not say."""
    found = _ANY_MASK.fullmatch(value)
    return time_or_none(found[2]) if found is not None and found[2] is not None else None


def masked_length(value: Any) -> int | None:
    """How many bytes a mask stands for; None for what is no mask."""
    found = _ANY_MASK.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) if found is not None else None


def without_marks(value: Any) -> Any:
    """A tree whose masks say no more than how long they are: `*** (5 bytes)`."""
    if isinstance(value, str):
        return _ANY_MASK.sub(r"*** (\1 bytes)", value)
    if isinstance(value, Mapping):
        return {key: without_marks(each) for key, each in value.items()}
    return [without_marks(each) for each in value] if isinstance(value, list) else value


def _length(text: str) -> int:
    if _is_base64(text):
        return len(text) // 4 * 3 - text[-2:].count("=")
    return len(text.encode("utf-8", "surrogatepass"))


def _is_base64(text: str) -> bool:
    return len(text) % 4 == 0 and _BASE64.fullmatch(text) is not None


def _without_manifests(value: Any) -> Any:
    """A text, or JSON in one, with the data of every Secret masked that is written down in it."""
    if isinstance(value, dict):
        masked = {key: _without_manifests(each) for key, each in value.items()}
        return mask_secret(masked) if value.get("kind") in (SECRET, "SecretList") else masked
    if isinstance(value, list):
        return [_without_manifests(each) for each in value]
    if not isinstance(value, str) or SECRET not in value:
        return value
    found = _json(value)
    if isinstance(found, dict | list):
        masked = _without_manifests(found)
        return value if masked == found else encoded(masked).decode()
    return mask(value) if _MANIFEST.search(value) and not is_masked(value) else value


def _mask_item(item: Any, always: bool) -> Any:
    if not isinstance(item, Mapping):
        return item
    return mask_data_of(item) if always else mask_secret(item)


def _mask_data(data: Any) -> Any:
    if data is None:
        return None
    return {key: _mask_value(key, value) for key, value in data.items()} if isinstance(data, Mapping) else mask(data)


def _mask_value(key: str, value: Any) -> str:
    """Of a certificate also when it expires, which is no secret and explains failures."""
    at = certificate_expiry(value) if key == CERTIFICATE and isinstance(value, str) else None
    return mask(value) if at is None else f"{mask(value)[:-1]}, expires {timestamp(at)})"


def _mask_part(name: str, part: Any, copies: _Copies) -> Any:
    """A field of metadata that may repeat what is secret."""
    if name == "annotations" and isinstance(part, Mapping):
        return {
            key: copies.applied(value) if key == LAST_APPLIED else copies.masked(value) for key, value in part.items()
        }
    if name == "managedFields" and isinstance(part, list):
        return [copies.entry(each) if isinstance(each, Mapping) else copies.masked(each) for each in part]
    return copies.masked(part)


class _Copies:
    """Knows a Secret's values, plain and in base64, and masks the texts in which they stand."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        metadata = tree.get("metadata")
        names = metadata if isinstance(metadata, Mapping) else {}
        # What is public anyway is no secret: a token's data hold its namespace, for example.
        public = {"", *_texts([names.get("name"), names.get("namespace"), tree.get("type")])}
        self._equal: set[str] = set()
        """Values too short or too ordinary to be looked for within a text."""
        self._within: set[str] = set()
        longest = max(_lengths({key: part for key, part in tree.items() if key not in _DATA}), default=0)
        for name in _DATA:
            for value in _texts(tree.get(name)):
                for form in _forms(value, longest) - public:
                    (self._within if _is_telling(form) else self._equal).add(form)

    def masked(self, value: Any) -> Any:
        """A value with every text masked that repeats something, or is the manifest of a Secret."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self.masked(each) for key, each in value.items()}
        return [self.masked(each) for each in value] if isinstance(value, list) else value

    def applied(self, value: Any) -> str:
        """What kubectl applied: a Secret, of which nothing is shown if it cannot be read."""
        found = _json(value)
        return encoded(self._inner(found)).decode() if isinstance(found, dict) else mask(value)

    def entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of managedFields: its keys are names, but those of items, which hold values."""
        return {key: value if key in _ENUMERATIONS else self._fields(value) for key, value in entry.items()}

    def _fields(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return self.masked(value)
        return {
            f"{key[:2]}{mask(key[2:])}" if key[:2] in ("v:", "k:") and self._is_copy(key[2:]) else key: self._fields(
                each
            )
            for key, each in value.items()
        }

    def _text(self, text: str) -> str:
        if is_masked(text):
            return text
        found = _json(text)
        if isinstance(found, dict | list):
            inner = self._inner(found)
            if inner != found:
                text = encoded(inner).decode()
        elif _MANIFEST.search(text):
            return mask(text)
        return mask(text) if self._is_copy(text) else text

    def _inner(self, value: Any) -> Any:
        """JSON in an annotation: an earlier state of the Secret, or a patch of it."""
        if isinstance(value, dict):
            return {key: _mask_data(each) if key in _DATA else self._inner(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._inner(each) for each in value]
        return self._text(value) if isinstance(value, str) else value

    def _is_copy(self, text: str) -> bool:
        return text in self._equal or any(each in text for each in self._within)


def _json(text: Any) -> Any:
    """What a text is as JSON; None if it is none."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if not is_masked(value):
            yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _lengths(value: Any) -> Iterator[int]:
    """How long the texts and names in a tree are."""
    if isinstance(value, str):
        yield len(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield len(key)
            yield from _lengths(each)
    elif isinstance(value, list):
        for each in value:
            yield from _lengths(each)


def _forms(value: str, longest: int) -> set[str]:
    """A value as it may stand in a text of at most so many characters: as it is, decoded or encoded, by its lines, and
    escaped in JSON. Most values are longer than every text beside them, and need no look at all.
    """
    plain = {value}
    if _is_base64(value):
        with suppress(ValueError):  # that of no text
            plain.add(binascii.a2b_base64(value).decode())
    parts = {part.strip() for each in plain for part in each.splitlines() if _TELLING_LINE <= len(part) <= longest + 2}
    parts |= {each.strip() for each in plain if len(each) <= longest + 2} | {
        each for each in plain if len(each) <= longest
    }
    encoded = {
        base64.b64encode(each.encode("utf-8", "surrogatepass")).decode() for each in plain if len(each) <= longest
    }
    escaped = {json.dumps(each, ensure_ascii=flag)[1:-1] for each in parts for flag in (True, False)}
    return parts | escaped | {each.rstrip("=") if len(each) > 8 else each for each in encoded}


def _is_telling(value: str) -> bool:
    """Whether a text that has it somewhere has it from the Secret."""
    if len(value) < 4 or value.casefold() in _ORDINARY:
        return False
    return not (value.isdecimal() and len(value) < 6)
