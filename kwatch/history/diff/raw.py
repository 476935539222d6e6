"""The comparison of two JSON texts: what is the same byte for byte is never parsed, which is nearly everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.compare import IGNORED, Difference, compare
from kwatch.history.diff.noise import is_noise
from kwatch.history.diff.path import Steps, path_text

_WORTH_SPLITTING = 300
"""Bytes of an object from which on it is faster to split it than to parse it."""
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_parse = msgspec.json.Decoder().decode


def diff_raw(old: bytes, new: bytes, *, noise: bool = False) -> tuple[Change, ...]:
    """What `diff` finds between the objects in two JSON texts; raise msgspec.DecodeError if one cannot be read."""
    changes = []
    for steps, before, after in _compare_objects(old, new, (), noise):
        quiet = is_noise(steps)
        if noise or not quiet:
            changes.append(Change(path_text(steps), before, after, steps, quiet))
    return tuple(changes)


def _compare_objects(old: Any, new: Any, steps: Steps, noise: bool) -> Iterator[Difference]:
    was, now = _split(old), _split(new)
    for name, value in now.items():
        if name in IGNORED and not steps:
            continue
        place = (*steps, name)
        before = was.get(name)
        if before == value or (not noise and is_noise(place)):
            continue
        if before is None:
            yield place, ABSENT, _parse(value)
        else:
            yield from _compare_values(before, value, place, noise)
    for name, value in was.items():
        if name not in now and not (name in IGNORED and not steps):
            yield (*steps, name), _parse(value), ABSENT


def _compare_values(old: msgspec.Raw, new: msgspec.Raw, steps: Steps, noise: bool) -> Iterator[Difference]:
    before, after = memoryview(old), memoryview(new)
    if len(before) >= _WORTH_SPLITTING and before[0] == after[0] == 0x7B:
        yield from _compare_objects(old, new, steps, noise)
    else:
        yield from compare(_parse(old), _parse(new), steps)
