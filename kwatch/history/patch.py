"""One text written as changes of another: found by comparing and searching bytes, and applied by copying slices.

For versions of an object, of which nearly everything is the same. Applying takes a fifth of what unpacking with a
dictionary does. A patch is

    count    u8                   of the changes, at most MOST_CHANGES
    changes  u16 u16 u16 each     bytes of the base to keep, bytes to leave out, bytes to put in their place
    texts                         what is put in, one after the other

little-endian; what is left of the base is kept.
"""

from __future__ import annotations

from struct import Struct

MOST_CHANGES = 32
LONGEST = 0xFFFF
"""Bytes of a text that can be written so."""
_ANCHOR = 20
"""Bytes that must be the same for two places to be taken for the same..."""
_OFFSETS = (4, 12, 28, 60, 124, 252, 508)
"""...so far behind the first byte that differs."""
_NEAR = 1024
"""How far away in the base the same place is looked for."""
_STEP = 256
"""Bytes that are compared at a time to begin with."""
_changes = tuple(Struct(f"<{3 * count}H") for count in range(MOST_CHANGES + 1))


def make_patch(text: bytes, base: bytes) -> bytes | None:
    """What makes `text` of `base`; None if that is too much for a patch."""
    if len(text) > LONGEST or len(base) > LONGEST:
        return None
    shorter = min(len(text), len(base))
    at = start = _same(text, 0, base, 0, shorter)
    tail = _same_end(text, base, shorter - at)
    end, base_end = len(text) - tail, len(base) - tail
    numbers: list[int] = []
    texts: list[bytes] = []
    kept = 0
    while start < end or at < base_end:
        if len(texts) == MOST_CHANGES:
            return None
        after, base_after = _resume(text, start, end, base, at, base_end)
        numbers += (at - kept, base_after - at, after - start)
        texts.append(text[start:after])
        same = _same(text, after, base, base_after, min(end - after, base_end - base_after))
        start, at, kept = after + same, base_after + same, base_after
    return bytes((len(texts),)) + _changes[len(texts)].pack(*numbers) + b"".join(texts)


def apply_patch(patch: bytes, base: bytes, start: int = 0) -> bytes:
    """The text that a patch, which begins at `start`, makes of its base."""
    numbers = _changes[patch[start]]
    place, at = start + 1 + numbers.size, 0
    parts = []
    values = iter(numbers.unpack_from(patch, start + 1))
    for keep, skip, insert in zip(values, values, values, strict=True):
        parts.append(base[at : at + keep])
        parts.append(patch[place : place + insert])
        at += keep + skip
        place += insert
    parts.append(base[at:])
    return b"".join(parts)


def _same(text: bytes, start: int, base: bytes, at: int, most: int) -> int:
    """How many bytes from these places on are the same, at most `most`."""
    same, step = 0, _STEP
    while same < most:
        step = min(step, most - same)
        left, right = text[start + same : start + same + step], base[at + same : at + same + step]
        if left == right:
            same += step
            step *= 4
        elif step > _STEP:
            step = _STEP
        else:
            differing = int.from_bytes(left, "little") ^ int.from_bytes(right, "little")
            return same + ((differing & -differing).bit_length() - 1) // 8
    return same


def _same_end(text: bytes, base: bytes, most: int) -> int:
    """How many bytes at the end are the same, at most `most`."""
    same, step, end, base_end = 0, _STEP, len(text), len(base)
    while same < most:
        step = min(step, most - same)
        left = text[end - same - step : end - same]
        right = base[base_end - same - step : base_end - same]
        if left == right:
            same += step
            step *= 4
        elif step > _STEP:
            step = _STEP
        else:
            differing = int.from_bytes(left, "big") ^ int.from_bytes(right, "big")
            return same + ((differing & -differing).bit_length() - 1) // 8
    return same


def _resume(text: bytes, start: int, end: int, base: bytes, at: int, base_end: int) -> tuple[int, int]:
    """From where on both are the same again, for a while; their ends if that is not found."""
    for offset in _OFFSETS:
        after = start + offset
        if after + _ANCHOR > end:
            break
        place = base.find(text[after : after + _ANCHOR], at, min(base_end, at + offset + _NEAR))
        if place >= 0:
            while after > start and place > at and text[after - 1] == base[place - 1]:
                after -= 1
                place -= 1
            return after, place
    return end, base_end
