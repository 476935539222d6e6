"""Pods of 7.7 KB that change as pods do: status, conditions, a manager's time and the version."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import ObjectPacker
from tests.benchmarks.flat_out import Pods


def changing_pods(objects: int, changes: int, *, rate: float = 1000.0) -> Iterator[Delta]:
    """A first list, and then changes of one after the other, `rate` a second; packed, as informers hand them over."""
    packer, halves = ObjectPacker(), Pods(objects).halves
    for number in range(objects + changes):
        before, after = halves[number % objects]
        obj = KubeObject(before + str(number + 1).encode() + _changed(after, number // objects))
        packer.pack(obj)
        kind = DeltaType.REPLACED if number < objects else DeltaType.UPDATED
        yield Delta(kind, obj, number + 1, 1000.0 + max(0, number - objects) / rate)


def _changed(half: bytes, times: int) -> bytes:
    half = half.replace(b'"restartCount":', b'"restartCount":%d' % (times + 1), 1)
    half = half.replace(b'"status":"True"', b'"status":"False"', times % 2)
    half = half.replace(b'T03:47:35Z"', b'T%02d:%02d:35Z"' % (times // 60 % 24, times % 60), 2)
    return half.replace(b'"time":"2026-11-23T03:', b'"time":"2026-11-23T%02d:' % (times % 24), 1)
