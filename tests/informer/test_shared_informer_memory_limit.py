"""A memory limit too small for all objects: those that fit are held and followed, the others are counted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.base import limits
from kwatch.base.limits import LIMIT, SHOWN_COST
from kwatch.informer import SharedInformer, SharedInformerFactory
from kwatch.informer.resources import PODS
from kwatch.informer.testing import FakeClient, FakeClock, FakeControllerSource

TAKEN = 300_000_000
PATIENCE = 60.0


class Memory:
    """What the process takes."""

    def __init__(self) -> None:
        self.bytes = TAKEN


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """There is room for twenty objects, with what they take in indexes and rows."""
    memory = Memory()
    monkeypatch.setattr(limits, "resident", lambda: memory.bytes)
    monkeypatch.setattr(limits, "LEAST_OBJECTS", 5)
    monkeypatch.setattr("kwatch.informer.reflector._LOOK_EVERY", 1)
    monkeypatch.setattr(LIMIT, "bytes", TAKEN + 20 * SHOWN_COST)
    monkeypatch.setattr(LIMIT, "is_spent", False)
    return memory


@pytest.fixture(params=["streamed", "listed"])
def client(request: pytest.FixtureRequest) -> FakeClient:
    client = FakeClient()
    source = client.source(PODS)
    source.streaming = request.param == "streamed"
    for number in range(100):
        source.add(pod(number))
    return client


def pod(number: int) -> dict[str, object]:
    return {"metadata": {"name": f"web-{number:03}", "namespace": "shop"}}


@pytest.fixture
def pods(client: FakeClient, memory: Memory) -> Iterator[SharedInformer]:
    factory = SharedInformerFactory(client, clock=FakeClock(jumps=True))
    informer = factory.for_resource(PODS)
    with factory:
        assert informer.wait_for_sync(PATIENCE)
        yield informer


def held(informer: SharedInformer, source: FakeControllerSource) -> list[str]:
    assert informer.wait_for_version(source.resource_version, PATIENCE)
    return sorted(key.removeprefix("shop/web-") for key in informer.indexer.list_keys())


def test_what_fits_is_held_and_the_rest_is_counted(pods: SharedInformer, client: FakeClient) -> None:
    there = held(pods, client.source(PODS))
    assert 20 <= len(there) <= 22
    assert there == [f"{number:03}" for number in range(len(there))]
    assert pods.status.left_out == 100 - len(there)
    assert pods.status.synced
    assert not pods.status.errors


def test_what_is_held_is_followed(pods: SharedInformer, client: FakeClient, memory: Memory) -> None:
    source = client.source(PODS)
    count = len(held(pods, source))
    memory.bytes = LIMIT.bytes + 1
    source.edit("shop/web-003", lambda pod: pod["metadata"].update(labels={"app": "cart"}))
    source.edit("shop/web-090", lambda pod: pod["metadata"].update(labels={"app": "cart"}))
    source.add(pod(200))
    source.delete("shop/web-004")
    source.delete("shop/web-091")
    there = held(pods, source)
    assert len(there) == count - 1
    assert "004" not in there
    found = pods.indexer.get_by_key("shop/web-003")
    assert found is not None
    assert found.labels == {"app": "cart"}
    assert pods.status.left_out == 100 - count


def test_where_there_is_room_again_what_changes_comes_in(
    pods: SharedInformer, client: FakeClient, memory: Memory
) -> None:
    source = client.source(PODS)
    count = len(held(pods, source))
    memory.bytes = TAKEN // 2
    source.edit("shop/web-090", lambda pod: pod["metadata"].update(labels={"app": "cart"}))
    assert "090" in held(pods, source)
    assert pods.status.left_out == 100 - count - 1


def test_another_list_keeps_what_is_held(pods: SharedInformer, client: FakeClient, memory: Memory) -> None:
    source = client.source(PODS)
    before = held(pods, source)
    memory.bytes = LIMIT.bytes + 1
    with source.unwatched():
        source.delete("shop/web-002")
    source.add(pod(201))
    assert held(pods, source) == [each for each in before if each != "002"]
    assert pods.status.left_out == 101 - len(before)


def test_where_all_is_given_up_growth_ends_too(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list fitted, and what the watch brings does not."""
    client = FakeClient()
    source = client.source(PODS)
    for number in range(10):
        source.add(pod(number))
    factory = SharedInformerFactory(client, clock=FakeClock(jumps=True))
    informer = factory.for_resource(PODS)
    with factory:
        assert len(held(informer, source)) == 10
        monkeypatch.setattr(LIMIT, "is_spent", True)
        memory.bytes = LIMIT.bytes + 1
        source.add(pod(10))
        source.add(pod(11))
        assert len(held(informer, source)) == 10
        assert informer.status.left_out == 2


def test_of_each_resource_some_are_held_whatever_the_limit(client: FakeClient, memory: Memory) -> None:
    memory.bytes = 2 * LIMIT.bytes
    factory = SharedInformerFactory(client, clock=FakeClock(jumps=True))
    informer = factory.for_resource(PODS)
    with factory:
        assert 5 <= len(held(informer, client.source(PODS))) <= 7


def test_objects_may_take_what_history_can_give_up(
    client: FakeClient, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMIT, "spare", 200 * SHOWN_COST)
    factory = SharedInformerFactory(client, clock=FakeClock(jumps=True))
    informer = factory.for_resource(PODS)
    with factory:
        assert len(held(informer, client.source(PODS))) == 100
        assert informer.status.left_out == 0
