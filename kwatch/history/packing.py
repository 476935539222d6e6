"""Versions packed at leisure: a keyframe on its own now and then, the others against the keyframe before them.

Against the keyframe and not against the version before, so that any version costs two unpackings and not a chain.
Where little changed, as a patch: applying it takes a fifth of what unpacking with a dictionary does. Else by zstd.
A patch writes one text as changes of another,

    count    u8                   of the changes, at most MOST_CHANGES
    changes  u16 u16 u16 each     bytes of the base to keep, bytes to leave out, bytes to put in their place
    texts                         what is put in, one after the other

little-endian; what is left of the base is kept.
"""

from __future__ import annotations

import sys
from struct import Struct

import msgspec

from kwatch.base.limits import LARGEST_WINDOW
from kwatch.informer.kube_object import Dictionary, KubeObject, is_packed, unpack

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

LEVEL = 1
KEYFRAME_INTERVAL = 64
"""Versions that may be packed against one keyframe."""
WORTHWHILE = 0.5
"""A version that takes more than this part of its keyframe's bytes becomes a keyframe itself."""
KEYFRAME_OVERHEAD = 80
_LONG_PATCH = 256
"""Bytes from which on zstd may do better."""
MOST_CHANGES = 32
LONGEST = 0xFFFF
"""Bytes of a text that can be written so."""
_ANCHOR = 20
"""Bytes that must be equal for two places to count as the same..."""
_OFFSETS = (4, 12, 28, 60, 124, 252, 508)
"""...so far behind the first byte that differs."""
_NEAR = 1024
"""How far away in the base the same place is looked for."""
_STEP = 256
"""Bytes that are compared at a time to begin with."""
_changes = tuple(Struct(f"<{3 * count}H") for count in range(MOST_CHANGES + 1))


class Keyframe(msgspec.Struct, frozen=True, gc=False):
    """A version packed on its own, with its kind's dictionary if there was one."""

    # A Struct because there are as many as versions, and the garbage collector need not look at any.
    packed: bytes
    dictionary: Dictionary | None

    @property
    def raw(self) -> bytes:
        packed = self.packed
        return unpack(packed, self.dictionary) if is_packed(packed) else packed

    def compressed(self) -> Keyframe:
        """Itself if it is packed already; else packed without a dictionary."""
        return self if is_packed(self.packed) else Keyframe(zstd.compress(self.packed, LEVEL), None)

    @property
    def size(self) -> int:
        return len(self.packed) + KEYFRAME_OVERHEAD


def keyframe_of(obj: KubeObject) -> Keyframe:
    """For a file: an object as the cache keeps it, which is packed already as a rule, but with secret values masked."""
    return (Keyframe(obj.raw, None) if obj.may_be_masked else Keyframe(*obj.stored)).compressed()


def pack_delta(raw: bytes, base: bytes) -> bytes:
    """`raw` packed against `base`."""
    return zstd.compress(raw, LEVEL, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def unpack_delta(packed: bytes, base: bytes) -> bytes:
    """The reverse of pack_delta."""
    return zstd.decompress(packed, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def unpack_foreign(packed: bytes, largest: int, base: bytes | None = None) -> bytes:
    """Unpack what came from a file; raise ZstdError if it is damaged, or more than `largest` bytes."""
    dictionary = None if base is None else zstd.ZstdDict(base, is_raw=True).as_prefix
    options = {int(zstd.DecompressionParameter.window_log_max): LARGEST_WINDOW}
    decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary, options=options)
    content = decompressor.decompress(packed, max_length=largest + 1)
    if len(content) > largest or not decompressor.eof or decompressor.unused_data:
        raise zstd.ZstdError("it is too large, or cut off")
    return content


def pack_version(raw: bytes, keyframe: bytes, distance: int) -> bytes:
    """`raw` packed against a keyframe `distance` versions before it, which is the first byte."""
    patch = make_patch(raw, keyframe)
    if patch is None or len(patch) > _LONG_PATCH:
        packed = pack_delta(raw, keyframe)
        patch = packed if patch is None or len(packed) < len(patch) else patch
    return bytes((distance,)) + patch


def distance_of(packed: bytes) -> int:
    """How many versions before it the keyframe is that it was packed against."""
    return packed[0]


def unpack_version(packed: bytes, keyframe: bytes) -> bytes:
    """What was packed against `keyframe`."""
    # The first byte of a patch is how many changes there are; that of a zstd frame is higher.
    return apply_patch(packed, keyframe, 1) if packed[1] <= MOST_CHANGES else unpack_delta(packed[1:], keyframe)


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
