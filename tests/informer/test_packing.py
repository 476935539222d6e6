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


def test_at_rest_only_the_packed_json_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "FRESH", fresh := FreshObjects())
    packer, size = ObjectPacker(samples=1), len(_pod(1).raw)
    objects = [_pod(number) for number in range(4)]
    for obj in objects[:3]:
        packer.pack(obj)
    assert fresh.let_rest() == 0  # they have only just come
    packer.pack(objects[3])
    assert fresh.let_rest() == 3 * size
    assert [obj.is_fresh for obj in objects] == [False] * 3 + [True]
    assert fresh.let_rest() == size == len(objects[3].raw)
    assert fresh.bytes == fresh.let_rest() == 0


def test_what_gave_way_to_newer_ones_does_not_count_as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(_pod(1).raw)
    monkeypatch.setattr(packing, "FRESH", fresh := FreshObjects(most_bytes=2 * size))
    packer = ObjectPacker(samples=1)
    for number in range(5):
        packer.pack(_pod(number))
    assert fresh.let_rest() == 0
    assert fresh.let_rest() == 2 * size
