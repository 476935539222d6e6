"""The comparison of two JSON texts: what is the same byte for byte is never parsed, which is nearly everything.

For indices over many versions, and so without noise. It finds what `diff` finds, but where an item of a list has the
same merge key at the same position in both versions, it does not ask whether another item has it too.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.compare import IGNORED, Difference, compare, list_name
from kwatch.history.diff.merge_keys import same_item
from kwatch.history.diff.noise import is_noise
from kwatch.history.diff.path import ItemKey, Steps, path_text

_OBJECT, _LIST = b"{"[0], b"["[0]
_WORTH_SPLITTING = 200
"""Bytes from which on it is faster to split an object than to parse it."""
_NOTHING = msgspec.Raw()


class _Metadata(msgspec.Struct, gc=False, rename="camel"):
    """The fields of metadata that can change and are no noise."""

    labels: msgspec.Raw = _NOTHING
    annotations: msgspec.Raw = _NOTHING
    finalizers: msgspec.Raw = _NOTHING
    owner_references: msgspec.Raw = _NOTHING
    deletion_timestamp: msgspec.Raw = _NOTHING
    deletion_grace_period_seconds: msgspec.Raw = _NOTHING


class _Typical(msgspec.Struct, gc=False, rename="camel", forbid_unknown_fields=True):
    """An object with a spec and a status, split in one pass."""

    metadata: _Metadata
    kind: msgspec.Raw = _NOTHING
    api_version: msgspec.Raw = _NOTHING
    spec: msgspec.Raw = _NOTHING
    status: dict[str, msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_split_typical = msgspec.json.Decoder(_Typical).decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_split_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_parse = msgspec.json.Decoder().decode
_METADATA_FIELDS = tuple(zip(_Metadata.__struct_fields__, _Metadata.__struct_encode_fields__, strict=True))


def diff_raw(old: bytes, new: bytes) -> tuple[Change, ...]:
    """What differs between the objects in two JSON texts; raise msgspec.DecodeError if one cannot be read."""
    found: list[Difference] = []
    try:
        was, now = _split_typical(old), _split_typical(new)
    except msgspec.ValidationError:
        _compare_fields(_split(old), _split(new), (), found)
    else:
        for attribute, name in _METADATA_FIELDS:
            _compare_optional(getattr(was.metadata, attribute), getattr(now.metadata, attribute), name, found)
        if was.spec != now.spec:
            _compare_optional(was.spec, now.spec, "", found)
        if was.status is msgspec.UNSET or now.status is msgspec.UNSET:
            _compare_fields(_only_status(was.status), _only_status(now.status), (), found)
        else:
            _compare_fields(was.status, now.status, ("status",), found)
    return tuple(
        Change(path_text(steps), before, after, steps) for steps, before, after in found if not is_noise(steps)
    )


def _only_status(status: dict[str, msgspec.Raw] | msgspec.UnsetType) -> dict[str, msgspec.Raw]:
    return {} if status is msgspec.UNSET else {"status": msgspec.Raw(msgspec.json.encode(status))}


def _compare_optional(old: msgspec.Raw, new: msgspec.Raw, name: str, found: list[Difference]) -> None:
    """A field of metadata, or with no name the spec."""
    if old == new:
        return
    steps: Steps = ("metadata", name) if name else ("spec",)
    if old is _NOTHING:
        found.append((steps, ABSENT, _parse(new)))
    elif new is _NOTHING:
        found.append((steps, _parse(old), ABSENT))
    else:
        _compare_values(old, new, steps, found)


def _compare_fields(
    old: dict[str, msgspec.Raw], new: dict[str, msgspec.Raw], steps: Steps, found: list[Difference]
) -> None:
    for name, value in new.items():
        before = old.get(name)
        if before == value or (not steps and name in IGNORED):
            continue
        place = (*steps, name)
        if is_noise(place):
            continue
        if before is None:
            found.append((place, ABSENT, _parse(value)))
        else:
            _compare_values(before, value, place, found)
    for name, value in old.items():
        if name not in new and (steps or name not in IGNORED):
            found.append(((*steps, name), _parse(value), ABSENT))


def _compare_values(old: msgspec.Raw, new: msgspec.Raw, steps: Steps, found: list[Difference]) -> None:
    before, after = memoryview(old), memoryview(new)
    if before[0] == after[0] == _OBJECT and len(before) >= _WORTH_SPLITTING:
        _compare_fields(_split(old), _split(new), steps, found)
    elif before[0] == after[0] == _LIST and len(before) >= _WORTH_SPLITTING:
        _compare_lists(old, new, steps, found)
    else:
        compare(_parse(old), _parse(new), steps, found)


def _compare_lists(old: msgspec.Raw, new: msgspec.Raw, steps: Steps, found: list[Difference]) -> None:
    was, now = _split_list(old), _split_list(new)
    if len(was) == len(now):
        name = list_name(steps)
        pairs: list[tuple[ItemKey, Any, Any]] = []
        for left, right in zip(was, now, strict=True):
            if left == right:
                continue
            before, after = _parse(left), _parse(right)
            identity = same_item(name, before, after)
            if identity is None:
                break
            pairs.append((ItemKey(identity), before, after))
        else:
            for item, before, after in pairs:
                compare(before, after, (*steps, item), found)
            return
    compare(_parse(old), _parse(new), steps, found)
