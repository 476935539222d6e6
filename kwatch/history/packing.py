"""Versions packed at leisure: a keyframe on its own now and then, the others against the keyframe before them.

Against the keyframe and not against the version before, so that any version costs two unpackings and not a chain.
As a patch where little changed, which is faster to apply than zstd is to set up; else by zstd.
"""

from __future__ import annotations

import sys

import msgspec

from kwatch.base.limits import LARGEST_WINDOW
from kwatch.history.patch import MOST_CHANGES, apply_patch, make_patch
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


class Keyframe(msgspec.Struct, frozen=True, gc=False):
    """A version packed on its own, with its kind's dictionary if there was one."""

    # A Struct because there are as many as versions, and the garbage collector need not look at any.
    packed: bytes
    dictionary: Dictionary | None

    @property
    def raw(self) -> bytes:
        """The JSON."""
        packed = self.packed
        return unpack(packed, self.dictionary) if is_packed(packed) else packed

    def compressed(self) -> Keyframe:
        """Itself if it is packed already; else packed without a dictionary."""
        return self if is_packed(self.packed) else Keyframe(zstd.compress(self.packed, LEVEL), None)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.packed) + KEYFRAME_OVERHEAD


def keyframe_of(obj: KubeObject) -> Keyframe:
    """An object as the cache keeps it, which is packed already as a rule; but what is secret masked, for a file."""
    return (Keyframe(obj.raw, None) if obj.may_be_masked else Keyframe(*obj.stored)).compressed()


def pack_delta(raw: bytes, base: bytes) -> bytes:
    """`raw` packed against `base`."""
    return zstd.compress(raw, LEVEL, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def unpack_delta(packed: bytes, base: bytes) -> bytes:
    """What was packed against `base`."""
    return zstd.decompress(packed, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def unpack_foreign(packed: bytes, largest: int, base: bytes | None = None) -> bytes:
    """What somebody else packed, perhaps against `base`; raise ZstdError if it is damaged, or more than `largest`."""
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
