"""The comparison itself: maps by field, lists by what identifies their items, before position.

`diff` compares trees. `Split` compares JSON texts, for indexes over many versions, and so without noise: what is the
same byte for byte is never parsed, which is nearly everything. It finds what `diff` finds; but in lists whose keys the
server enforces it does not ask whether another item has the same key. `side_by_side` compares lines of text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.path import (
    ItemKey,
    SetItem,
    Steps,
    has_enforced_keys,
    identities,
    is_noise,
    list_name,
    path_text,
    same_item,
)
from kwatch.informer.masking import in_one_form

_LONGEST_EXACT = 4000
"""Lines up to which every line counts; beyond, frequent ones are no anchors, which keeps it fast."""


IGNORED = frozenset({"kind", "apiVersion"})
"""Items of built-in lists lack them and watched objects carry them: they are no change."""
_SETS = frozenset({"finalizers", "accessModes", "verbs", "resources", "apiGroups", "policyTypes", "capabilities"})
"""Lists of scalars whose order means nothing."""
_SCALARS = (str, int, bool, float)
_LONGEST_ALIGNED = 400
"""Items of a list without identities that are aligned; longer ones are compared by position."""

_OBJECT, _LIST = b"{"[0], b"["[0]
_WORTH_SPLITTING = 200
"""Bytes from which on it is faster to split an object than to parse it."""
_NOTHING = msgspec.Raw()

Difference = tuple[Steps, Any, Any]
"""Where, the old value and the new one."""


def diff(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, *, noise: bool = False) -> tuple[Change, ...]:
    """What differs, in the order of the new version's fields; `noise` adds what says nothing to people.

    Without an old or a new version the object itself was created or deleted: one change with an empty path.
    """
    if old is None or new is None:
        if old is new:
            return ()
        return (Change("", ABSENT if old is None else old, ABSENT if new is None else new),)
    found: list[Difference] = []
    _compare_maps(_fields(old), _fields(new), (), found)
    changes = (Change(path_text(steps), before, after, steps, is_noise(steps)) for steps, before, after in _real(found))
    return tuple(change for change in changes if noise or not change.noise)


_ASSIGNED = frozenset({"clusterIP", "clusterIPs", "nodeName"})
"""Fields of a spec that a cluster fills in by itself."""
_TOLD = ("kubectl.kubernetes.io/", "deployment.kubernetes.io/")
"""Annotations that repeat or count what the rest says."""


def as_wanted(tree: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, without what a cluster says of it or assigns by itself: how objects of two clusters, or two
    objects of one, are compared.
    """
    wanted = {name: value for name, value in tree.items() if name not in ("status", *IGNORED)}
    metadata = wanted.get("metadata")
    if isinstance(metadata, Mapping):
        kept = {name: metadata[name] for name in ("name", "namespace", "labels", "finalizers") if name in metadata}
        annotations = metadata.get("annotations")
        if isinstance(annotations, Mapping):
            told = {key: value for key, value in annotations.items() if not key.startswith(_TOLD)}
            kept |= {"annotations": told} if told else {}
        wanted["metadata"] = kept
    spec = wanted.get("spec")
    if isinstance(spec, Mapping):
        wanted["spec"] = {name: value for name, value in spec.items() if name not in _ASSIGNED}
    return wanted


def _fields(obj: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in IGNORED}


def _compare(old: Any, new: Any, steps: Steps, found: list[Difference]) -> None:
    """Append what differs between two values that stand at `steps`."""
    if isinstance(old, dict) and isinstance(new, dict):
        _compare_maps(old, new, steps, found)
    elif isinstance(old, list) and isinstance(new, list):
        _compare_lists(old, new, steps, found)
    elif type(old) is not type(new) or old != new:
        found.append((steps, old, new))


def _compare_maps(old: dict[str, Any], new: dict[str, Any], steps: Steps, found: list[Difference]) -> None:
    for name, value in new.items():
        before = old.get(name, ABSENT)
        if before is value:
            continue
        if type(value) in _SCALARS and type(before) is type(value):
            if before != value:
                found.append(((*steps, name), before, value))
        elif before is ABSENT:
            found.append(((*steps, name), ABSENT, value))
        else:
            _compare(before, value, (*steps, name), found)
    for name, value in old.items():
        if name not in new:
            found.append(((*steps, name), value, ABSENT))


def _compare_lists(old: list[Any], new: list[Any], steps: Steps, found: list[Difference]) -> None:
    if len(old) == len(new) and msgspec.json.encode(old) == msgspec.json.encode(new):
        return
    name = list_name(steps)
    keys = identities(name, old, new)
    if keys is not None:
        was = dict(zip(map(ItemKey, keys[0]), old, strict=True))
        now = dict(zip(map(ItemKey, keys[1]), new, strict=True))
        _compare_items(was, now, steps, found)
    elif name in _SETS and _all_scalars(old) and _all_scalars(new):
        _compare_items({SetItem(item): item for item in old}, {SetItem(item): item for item in new}, steps, found)
    else:
        _compare_positions(old, new, steps, found)


def _all_scalars(items: list[Any]) -> bool:
    return all(not isinstance(item, dict | list) for item in items)


def _compare_items(old: dict[Any, Any], new: dict[Any, Any], steps: Steps, found: list[Difference]) -> None:
    for item, value in new.items():
        if item in old:
            _compare(old.pop(item), value, (*steps, item), found)
        else:
            found.append(((*steps, item), ABSENT, value))
    for item, value in old.items():
        found.append(((*steps, item), value, ABSENT))


def _compare_positions(old: list[Any], new: list[Any], steps: Steps, found: list[Difference]) -> None:
    """Align equal items, so that one inserted at the front does not change all that follow; pair the rest in order."""
    if max(len(old), len(new)) > _LONGEST_ALIGNED:
        blocks = [("replace", 0, len(old), 0, len(new))]
    else:
        was = [msgspec.json.encode(item, order="sorted") for item in old]
        now = [msgspec.json.encode(item, order="sorted") for item in new]
        blocks = list(SequenceMatcher(None, was, now, autojunk=False).get_opcodes())
    for mark, old_start, old_end, new_start, new_end in blocks:
        if mark == "equal":
            continue
        paired = min(old_end - old_start, new_end - new_start)
        for offset in range(paired):
            at = new_start + offset
            _compare(old[old_start + offset], new[at], (*steps, at), found)
        for at in range(new_start + paired, new_end):
            found.append(((*steps, at), ABSENT, new[at]))
        for at in range(old_start + paired, old_end):
            found.append(((*steps, at), old[at], ABSENT))


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
            Change(path_text(steps), before, after, steps)
            for steps, before, after in _real(found)
            if not is_noise(steps)
        )


def _real(found: list[Difference]) -> Iterator[Difference]:
    """A value and its mask are no difference; two that are different are told in the same form."""
    for steps, old, new in found:
        before, after = in_one_form(steps, old, new)
        if (before is old and after is new) or before != after:
            yield steps, before, after


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
        _compare_raw_lists(old, new, steps, found)
    else:
        _compare(_parse(old), _parse(new), steps, found)


def _compare_raw_lists(old: msgspec.Raw, new: msgspec.Raw, steps: Steps, found: list[Difference]) -> None:
    """Where the server enforces the keys of a list, items that are the same text are not parsed: which key identifies
    an item does not depend on them.
    """
    name = list_name(steps)
    was, now = _split_list(old), _split_list(new)
    if len(was) == len(now) and has_enforced_keys(name):
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
                _compare(before, after, (*steps, item), found)
            return
    _compare(_parse(old), _parse(new), steps, found)


class Row(NamedTuple):
    """A line on the left, on the right or on both; `mark` is ` ` same, `~` changed, `+` only right, `-` only left."""

    left: str
    right: str
    mark: str


def side_by_side(old: str, new: str) -> tuple[Row, ...]:
    """The rows of both texts, aligned; lines that replace each other share a row."""
    return tuple(_rows(old.splitlines(), new.splitlines()))


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    yield from (Row(line, line, " ") for line in old[:start])
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    exact = max(len(was), len(now)) <= _LONGEST_EXACT
    for mark, i1, i2, j1, j2 in SequenceMatcher(None, was, now, autojunk=not exact).get_opcodes():
        if mark == "equal":
            yield from (Row(line, line, " ") for line in was[i1:i2])
        else:
            yield from _replaced(was[i1:i2], now[j1:j2])
    yield from (Row(line, line, " ") for line in old[len(old) - end :])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        count += 1
    return count


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Lines of the same field share a row, the others follow each other, in the order of both sides."""
    right = 0
    for line in old:
        field = _field(line)
        partner = next((at for at in range(right, len(new)) if _field(new[at]) == field), None) if field else None
        if partner is None:
            yield Row(line, "", "-")
            continue
        yield from (Row("", each, "+") for each in new[right:partner])
        yield Row(line, new[partner], "~")
        right = partner + 1
    yield from (Row("", each, "+") for each in new[right:])


def _field(line: str) -> str:
    """The indentation and name of `    image: web:1.4`; empty if the line names no field."""
    name, colon, _ = line.partition(":")
    return name if colon else ""
