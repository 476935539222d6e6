from __future__ import annotations

import pytest

from kwatch.informer import packing
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import FreshObjects, ObjectPacker


def _pod(number: int) -> KubeObject:
    return KubeObject.of({"metadata": {"name": f"pod-{number}", "annotations": {"note": "x" * 500}}})


def test_the_oldest_give_up_their_json_and_can_be_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(_pod(1).raw)
    monkeypatch.setattr(packing, "FRESH", FreshObjects(most_bytes=3 * size))
    objects = [_pod(number) for number in range(8)]
    expected = [obj.raw for obj in objects]
    packer = ObjectPacker(samples=1)
    for obj in objects:
        packer.pack(obj)
    assert [obj.is_fresh for obj in objects] == [False] * 5 + [True] * 3
    assert all(obj.is_packed for obj in objects)
    assert [obj.raw for obj in objects] == expected
    assert all(obj.stored_size < size for obj in objects)
