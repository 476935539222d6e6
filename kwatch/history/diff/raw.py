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
    status: msgspec.Raw = _NOTHING


_split_typical = msgspec.json.Decoder(_Typical).decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_split_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_parse = msgspec.json.Decoder().decode
_METADATA_FIELDS = tuple(zip(_Metadata.__struct_fields__, _Metadata.__struct_encode_fields__, strict=True))


class Split:
    """The JSON text of an object with its parts found; raise msgspec.DecodeError if it cannot be read."""

    __slots__ = ("_raw", "_typical")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        try:
            self._typical: _Typical | None = _split_typical(raw)
        except msgspec.ValidationError:
            self._typical = None
            _split(raw)

    def __len__(self) -> int:
        return len(self._raw)

    def diff(self, new: Split) -> tuple[Change, ...]:
        """What differs from this in a newer version."""
        found: list[Difference] = []
        if self._typical is None or new._typical is None:
            _compare_fields(_split(self._raw), _split(new._raw), (), found)
        else:
            _compare_typical(self._typical, new._typical, found)
        if not found:
            return ()
        return tuple(
            Change(path_text(steps), before, after, steps) for steps, before, after in found if not is_noise(steps)
        )


def diff_raw(old: bytes, new: bytes) -> tuple[Change, ...]:
    """What differs between the objects in two JSON texts; raise msgspec.DecodeError if one cannot be read."""
    return Split(old).diff(Split(new))


def _compare_typical(old: _Typical, new: _Typical, found: list[Difference]) -> None:
    if old.metadata != new.metadata:
        for attribute, name in _METADATA_FIELDS:
            _compare_optional(
                getattr(old.metadata, attribute), getattr(new.metadata, attribute), ("metadata", name), found
            )
    if old.spec != new.spec:
        _compare_optional(old.spec, new.spec, ("spec",), found)
    if old.status != new.status:
        _compare_optional(old.status, new.status, ("status",), found)


def _compare_optional(old: msgspec.Raw, new: msgspec.Raw, steps: Steps, found: list[Difference]) -> None:
    """A field that need not be there."""
    if old == new:
        return
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
