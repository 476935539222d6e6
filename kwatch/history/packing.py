"""Versions packed at leisure: a keyframe on its own now and then, the others against the keyframe before them.

Against the keyframe and not against the version before, so that any version costs two unpackings and not a chain.
"""

from __future__ import annotations

import sys

from kwatch.informer.packing import Dictionary, is_packed, unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 1
KEYFRAME_INTERVAL = 64
"""Versions that may be packed against one keyframe."""
WORTHWHILE = 0.5
"""A version that takes more than this part of its keyframe's bytes becomes a keyframe itself."""
KEYFRAME_OVERHEAD = 120


class Keyframe:
    """A version packed on its own, with its kind's dictionary if there was one."""

    __slots__ = ("_dictionary", "_packed")

    def __init__(self, packed: bytes, dictionary: Dictionary | None) -> None:
        self._packed = packed
        self._dictionary = dictionary

    @property
    def raw(self) -> bytes:
        """The JSON."""
        packed = self._packed
        return unpack(packed, self._dictionary) if is_packed(packed) else packed

    @property
    def packed_size(self) -> int:
        """Bytes of the packed JSON."""
        return len(self._packed)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self._packed) + KEYFRAME_OVERHEAD


def keyframe_of(raw: bytes, stored: bytes, dictionary: Dictionary | None) -> Keyframe:
    """A keyframe from an object's JSON and from how the cache keeps it, which is used if it is packed."""
    if is_packed(stored):
        return Keyframe(stored, dictionary)
    return Keyframe(zstd.compress(raw, LEVEL), None)


def pack_delta(raw: bytes, base: bytes) -> bytes:
    """`raw` packed against `base`."""
    return zstd.compress(raw, LEVEL, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def unpack_delta(packed: bytes, base: bytes) -> bytes:
    """What was packed against `base`."""
    return zstd.decompress(packed, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)
