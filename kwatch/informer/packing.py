"""Objects packed at rest: zstd with a dictionary learnt from the first objects of a kind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from kwatch.informer.fresh_objects import FRESH

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from kwatch.informer.kube_object import KubeObject

Dictionary = zstd.ZstdDict

SAMPLES = 200
"""How many objects the dictionary is learnt from."""
SAMPLE_BYTES = 4 << 20
"""Or how many bytes, if the objects are large."""
DICTIONARY_SIZE = 32 << 10
LEVEL = 1
_WHOLE_FRAME: Final = zstd.ZstdCompressor.FLUSH_FRAME
_MAGIC = 0x28
"""The first byte of a zstd frame. JSON never begins with it."""


def is_packed(stored: bytes) -> bool:
    """Whether these bytes are a zstd frame and not JSON."""
    return stored[0] == _MAGIC


def unpack(stored: bytes, dictionary: Dictionary | None) -> bytes:
    """The JSON in a zstd frame."""
    return zstd.decompress(stored, zstd_dict=dictionary)


class ObjectPacker:
    """Packs the objects of one resource, in one thread. The first ones stay as they are until the dictionary exists."""

    def __init__(self, samples: int = SAMPLES) -> None:
        self._samples = samples
        self._waiting: list[KubeObject] = []
        self._waiting_bytes = 0
        self._dictionary: Dictionary | None = None
        self._compressor: zstd.ZstdCompressor | None = None

    def pack(self, obj: KubeObject) -> int:
        """Pack one object, or keep it as a sample; how many bytes its JSON takes now."""
        compressor = self._compressor
        if compressor is None:
            self._learn(obj)
        elif not is_packed(raw := obj._stored):
            packed = compressor.compress(raw, _WHOLE_FRAME)
            obj.keep(packed, self._dictionary)
            FRESH.add(obj, len(raw))
            return len(packed)
        return obj.stored_size

    def _learn(self, obj: KubeObject) -> None:
        self._waiting.append(obj)
        self._waiting_bytes += obj.stored_size
        if len(self._waiting) < self._samples and self._waiting_bytes < SAMPLE_BYTES:
            return
        waiting, self._waiting = self._waiting, []
        try:
            self._dictionary = zstd.train_dict([each._stored for each in waiting], DICTIONARY_SIZE)
        except zstd.ZstdError:
            # Too few or too similar samples to learn from: pack without a dictionary.
            self._dictionary = None
        self._compressor = zstd.ZstdCompressor(level=LEVEL, zstd_dict=self._dictionary)
        for each in waiting:
            self.pack(each)
