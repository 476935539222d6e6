"""Objects packed at rest: zstd with a dictionary trained on the first objects of a kind."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from kwatch.informer.kube_object import Dictionary, KubeObject, is_packed, zstd
from kwatch.informer.protocol import Object

SAMPLES = 200
"""Objects that the dictionary is trained on."""
SAMPLE_BYTES = 4 << 20
"""Or bytes, if the objects are large."""
DICTIONARY_SIZE = 32 << 10
LEVEL = 1
MOST_FRESH_BYTES = 12 << 20
_WHOLE_FRAME: Final = zstd.ZstdCompressor.FLUSH_FRAME


class ObjectPacker:
    """Packs the objects of one resource, in one thread. The first ones stay unpacked until the dictionary exists."""

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


def packing_result(transform: Callable[[Any], Object], packer: ObjectPacker) -> Callable[[Any], Object]:
    """The same transform, that packs what it returns."""

    def transform_and_pack(obj: Object) -> Object:
        result = transform(obj)
        if isinstance(result, KubeObject):
            packer.pack(result)
        return result

    return transform_and_pack


class FreshObjects:
    """The objects that came last, whose JSON is kept beside the packed one: most are read once more soon after.

    One for the whole process, so that many kinds take no more memory than one. Thread-safe.
    """

    def __init__(self, most_bytes: int = MOST_FRESH_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._objects: deque[tuple[KubeObject, int]] = deque()
        self._bytes = 0
        self._came = 0
        """How many came since `let_rest` was called last."""

    @property
    def bytes(self) -> int:
        return self._bytes

    def add(self, obj: KubeObject, size: int) -> None:
        """Keep the JSON (`size` bytes) of one more object; the oldest lose theirs when all together take too many."""
        with self._lock:
            self._objects.append((obj, size))
            self._bytes += size
            self._came += 1
            self._drop_oldest()

    def let_rest(self) -> int:
        """Drop what was there already when this was called last; how many bytes became free. Called now and then: what
        came long ago is read no sooner than all the others.
        """
        with self._lock:
            before = self._bytes
            while len(self._objects) > self._came:
                self._drop()
            self._came = 0
            return before - self._bytes

    def keep_at_most(self, most_bytes: int) -> None:
        """From now on."""
        with self._lock:
            self._most = most_bytes
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        while self._bytes > self._most:
            self._drop()

    def _drop(self) -> None:
        oldest, freed = self._objects.popleft()
        self._bytes -= freed
        oldest.drop_fresh()


FRESH = FreshObjects()
