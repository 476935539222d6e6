"""The server in memory is one to an informer: what it is told there, handlers and cache come to know."""

from collections.abc import Callable, Iterator

import msgspec
import pytest

from kwatch.informer import (
    ApiError,
    KubeObject,
    ListOptions,
    NotFound,
    ObjectMeta,
    SharedInformer,
    SharedInformerFactory,
)
from kwatch.informer.resources import NODES, PODS
from kwatch.informer.testing import FakeClient, FakeClock, FakeControllerSource, eventually
from tests.informer.fakes import PATIENCE, Recorder, pod
from tests.informer.informed import listen

Run = Callable[[FakeControllerSource], tuple[SharedInformer, Recorder]]


@pytest.fixture
def run() -> Iterator[Run]:
    informers = []

    def start(source: FakeControllerSource) -> tuple[SharedInformer, Recorder]:
        informer = SharedInformer(source.lister_watcher(), clock=FakeClock(jumps=True))
        informers.append(informer)
        recorder = listen(informer)
        informer.start()
        assert informer.wait_for_sync(PATIENCE)
        assert source.wait_for_watches(timeout=PATIENCE)
        return informer, recorder

    yield start
    for informer in informers:
        assert informer.stop() == ()


@pytest.mark.parametrize("streaming", [True, False])
def test_what_changes_there_is_heard(run: Run, streaming: bool) -> None:
    source = FakeControllerSource(streaming=streaming)
    source.add(pod("a"))
    informer, recorder = run(source)
    source.add(pod("b"))
    source.modify(pod("b", labels={"app": "web"}))
    source.edit("a", lambda tree: tree["metadata"].update(labels={"app": "cart"}))
    source.delete(source.objects["b"])
    assert informer.wait_for_version(source.resource_version, PATIENCE)
    assert sorted(recorder.wait_for(5)) == ["add a@2", "add b@3", "delete b@6", "update a@2 a@5", "update b@3 b@4"]
    assert [each.name for each in informer.lister.list("app=cart")] == ["a"]
    kept = source.objects["a"]
    assert (kept.kind, kept.api_version, kept.uid) == ("Pod", "v1", "uid-2")
    assert [verb for verb, _ in source.requests].count("list") == (0 if streaming else 1)


def test_what_goes_unseen_is_found_by_a_list(run: Run) -> None:
    source = FakeControllerSource()
    source.add(pod("a"))
    source.add(pod("b"))
    informer, recorder = run(source)
    with source.unwatched():
        source.delete("a")
        source.modify(pod("b", labels={"app": "web"}))
    told = recorder.wait_for(4)
    assert sorted(told[2:]) == ["delete T(a, a@2)", "update b@3 b@5"]
    assert informer.status.relists == {"expired": 1}


def test_errors_as_often_as_wanted(run: Run) -> None:
    source = FakeControllerSource(streaming=False)
    source.fail("list", ApiError(503, "ServiceUnavailable", "not now"), times=2)
    informer, _ = run(source)
    assert [verb for verb, _ in source.requests].count("list") == 3
    source.fail("watch", ApiError(429, "TooManyRequests", "not now"), times=1000)
    source.recover()
    source.break_watches()
    assert source.wait_for_watches(timeout=PATIENCE)
    source.break_watches(ApiError(0, "ConnectionLost", "cut"))
    assert source.wait_for_watches(timeout=PATIENCE)
    source.add(pod("a"))
    assert informer.wait_for_version(source.resource_version, PATIENCE)


def test_a_bookmark_moves_the_version(run: Run) -> None:
    source = FakeControllerSource()
    other = FakeControllerSource()
    informer, _ = run(source)
    source._version = 40
    source.send_bookmark()
    assert informer.wait_for_version("40", PATIENCE)
    assert other.resource_version == "1"


def test_selectors_and_namespaces_select() -> None:
    client = FakeClient()
    source = client.source(PODS)
    factory = SharedInformerFactory(client, namespace="shop")
    carts = factory.for_resource(PODS, label_selector="app=cart")
    on_one = factory.for_resource(PODS, namespace="", field_selector="spec.nodeName=n1")
    with factory:
        assert all(factory.wait_for_cache_sync(PATIENCE).values())
        source.add(pod("a", namespace="shop", labels={"app": "cart"}))
        source.add(pod("b", namespace="bank", labels={"app": "cart"}) | {"spec": {"nodeName": "n1"}})
        assert carts.wait_for_version("2", PATIENCE)
        assert on_one.wait_for_version("3", PATIENCE)
        assert (carts.indexer.list_keys(), on_one.indexer.list_keys()) == (["shop/a"], ["bank/b"])
        source.edit("shop/a", lambda tree: tree["metadata"].pop("labels"))
        assert eventually(lambda: not carts.indexer.list_keys(), 60), "to leave the selection is to be deleted"
        assert "shop/a" in source.objects


def test_pages_and_versions_are_those_of_a_server() -> None:
    source = FakeControllerSource()
    for name in "abcde":
        source.add(pod(name))
    door = source.lister_watcher()
    first = door.list(ListOptions(limit=2))
    source.add(pod("f"))
    second = door.list(ListOptions(limit=2, continue_token=first.continue_token))
    assert [each["metadata"]["name"] for each in (*first.items, *second.items)] == [*"abcd"]
    assert (first.remaining_item_count, second.resource_version) == (3, "6")
    source.expire()
    with pytest.raises(ApiError, match="too old"):
        door.list(ListOptions(continue_token=second.continue_token))
    with pytest.raises(ApiError, match="too old"):
        door.watch(ListOptions(resource_version="6"))
    with pytest.raises(ApiError, match="Too large"):
        door.list(ListOptions(resource_version="1000"))


def test_what_cannot_be_is_refused() -> None:
    source = FakeControllerSource(NODES)
    assert source.add(pod("n1", namespace="shop")).key == "n1", "nodes have no namespace"
    with pytest.raises(ValueError, match="exists already"):
        source.add(pod("n1"))
    missing: list[Callable[[], object]] = [
        lambda: source.modify(pod("n2")),
        lambda: source.delete("n2"),
        lambda: source.edit("n2", print),
    ]
    for ask in missing:
        with pytest.raises(NotFound, match="nodes 'n2' not found"):
            ask()
    assert source.resource_version == "2"


def test_structs_are_objects_too() -> None:
    class Node(msgspec.Struct):
        metadata: ObjectMeta

    stored = FakeControllerSource(NODES).add(Node(ObjectMeta(name="n1", labels={"zone": "a"})))
    assert isinstance(stored, KubeObject)
    assert stored.labels == {"zone": "a"}


def test_a_clock_stands_still_until_it_is_stepped() -> None:
    clock = FakeClock()
    source = FakeControllerSource(streaming=False)
    source.fail("list", ApiError(403, "Forbidden", "no"))
    informer = SharedInformer(source.lister_watcher(), clock=clock)
    informer.start()
    assert clock.wait_for_waits(timeout=PATIENCE)
    assert not informer.has_synced()
    clock.step(60)
    assert informer.wait_for_sync(PATIENCE)
    assert informer.stop() == ()
    assert not eventually(lambda: False, timeout=0)
