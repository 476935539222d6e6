import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from kwatch.informer import (
    GroupVersionResource,
    InformerKey,
    KubeObject,
    ListOptions,
    NotFound,
    Object,
    ObjectList,
    Resource,
    SelectorSyntaxError,
    SharedInformerFactory,
    Signal,
)
from kwatch.informer.resources import BUILTIN_RESOURCES
from tests.informer.fakes import (
    PATIENCE,
    FakeListerWatcher,
    FakeStream,
    Recorder,
    added,
    deleted,
    modified,
    pod,
    refusal,
)

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, "pod")
NODES = Resource(GroupVersionResource("", "v1", "nodes"), "Node", False)
DEPLOYMENTS = Resource(GroupVersionResource("apps", "v1", "deployments"), "Deployment", True)
INGRESSES = Resource(GroupVersionResource("networking.k8s.io", "v1", "ingresses"), "Ingress", True)
WIDGETS = Resource(GroupVersionResource("example.com", "v2", "widgets"), "Widget", True)


class FakeClient:
    """A server that offers a few resources; of each it says what it was asked for."""

    def __init__(self) -> None:
        self.resources: Sequence[Resource] = (PODS, NODES, DEPLOYMENTS, INGRESSES, WIDGETS)
        self.discoveries = 0
        self.asked: list[tuple[str, str | None, str | None, str | None]] = []
        self.streams: dict[str, FakeStream] = {}
        self.fails: set[str] = set()

    def discover(self) -> "FakeClient":
        self.discoveries += 1
        return self

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> FakeListerWatcher:
        self.asked.append((str(resource), namespace, label_selector, field_selector))
        stream = self.streams[str(resource)] = FakeStream()
        if str(resource) in self.fails:
            return FakeListerWatcher([refusal(403, "Forbidden")])
        obj: Object = pod("one", 1, namespace or "") | {"kind": resource.kind, "apiVersion": resource.api_version}
        return FakeListerWatcher([lambda options: self._list(options, obj)], [stream])

    def _list(self, options: ListOptions, obj: Object) -> ObjectList:
        return ObjectList([obj], "10")


def test_Y1_an_informer_of_any_resource_tells_of_dicts() -> None:
    client = FakeClient()
    factory = SharedInformerFactory(client)
    informer = factory.for_resource(PODS.gvr)
    recorder = Recorder()
    informer.add_event_handler(recorder.on_add, recorder.on_update, recorder.on_delete)
    factory.start()
    assert factory.wait_for_cache_sync(PATIENCE) == {PODS.gvr: True}
    client.streams["pods"].send(added("two", 11), modified("two", 12), deleted("two", 13))
    recorder.wait_for(2)
    told = recorder.wait_for(2)
    assert told[0] == "add one@1"
    assert factory.shutdown() == ()


def test_Y1_one_namespace_and_selectors_of_ones_own() -> None:
    client = FakeClient()

    def tweak(options: ListOptions) -> ListOptions:
        return replace(options, label_selector="app=web", field_selector="metadata.name!=x")

    factory = SharedInformerFactory(client, namespace="ns-foo", tweak_list_options=tweak)
    for name in ("pods", "nodes", "deployments.apps"):
        factory.for_resource(name)
    assert client.asked == [
        ("pods", "ns-foo", "app=web", "metadata.name!=x"),
        ("nodes", None, "app=web", "metadata.name!=x"),
        ("deployments.apps", "ns-foo", "app=web", "metadata.name!=x"),
    ]


def test_one_informer_a_resource_however_it_is_asked_for() -> None:
    client = FakeClient()
    factory = SharedInformerFactory(client)
    pods = factory.for_resource("pods")
    assert factory.core.v1.pods.informer is factory.for_resource(PODS) is factory.for_resource("pods.v1") is pods
    assert factory.apps.v1.deployments.informer is factory.for_resource("deployments.apps")
    assert factory.networking.v1.ingresses.informer is factory.for_resource("ingresses")
    assert factory.networking_k8s_io.v1.ingresses.informer is factory.for_resource("ingresses")
    assert factory.for_resource("widgets.v2.example.com") is factory.for_resource(WIDGETS.gvr)
    assert client.discoveries == 1
    assert len(client.asked) == 4


def test_what_the_server_does_not_offer() -> None:
    factory = SharedInformerFactory(FakeClient())
    for ask in (
        lambda: factory.for_resource("gadgets"),
        lambda: factory.for_resource(GroupVersionResource("", "v2", "pods")),
        lambda: factory.apps.v1beta1.deployments.informer,
        lambda: factory.core.v1.pods_.lister,
    ):
        with pytest.raises(NotFound, match="offers no"):
            ask()


def test_a_lister_reads_the_cache() -> None:
    factory = SharedInformerFactory(FakeClient(), namespace="shop")
    lister = factory.core.v1.pods.lister
    factory.start()
    assert all(factory.wait_for_cache_sync(PATIENCE).values())
    assert [obj["metadata"]["name"] for obj in lister.by_namespace("shop").list()] == ["one"]
    factory.shutdown()


def test_start_starts_only_what_is_new_and_the_unfinished_is_named() -> None:
    before = threading.enumerate()
    client = FakeClient()
    client.fails.add("deployments.apps")
    factory = SharedInformerFactory(client)
    pods = factory.for_resource("pods")
    factory.start()
    factory.start()
    deployments = factory.for_resource("deployments.apps")
    assert (pods.started, deployments.started) == (True, False)
    assert factory.wait_for_cache_sync(PATIENCE) == {PODS.gvr: True}
    factory.start()
    assert factory.wait_for_cache_sync(0.05) == {PODS.gvr: True, DEPLOYMENTS.gvr: False}
    ours = {thread for thread in threading.enumerate() if thread.name.startswith("kwatch") and thread not in before}
    assert ours
    assert factory.shutdown() == ()
    assert not {thread for thread in ours if thread.name.startswith("kwatch-reflector") and thread.is_alive()}
    with pytest.raises(RuntimeError):
        factory.start()


class Bare:
    """A client that cannot say what the server offers."""

    def __init__(self) -> None:
        self.asked: list[Resource] = []

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> FakeListerWatcher:
        self.asked.append(resource)
        obj = pod("one", 1, namespace or "") | {"kind": resource.kind, "apiVersion": resource.api_version}
        return FakeListerWatcher([ObjectList([obj], "10")])


class Discovering(Bare):
    """A client that says it the way a Cluster does."""

    @property
    def discovery(self) -> FakeClient:
        return FakeClient()


def test_a_client_without_discovery_has_what_is_asked_for() -> None:
    client = Bare()
    factory = SharedInformerFactory(client, namespace="shop")
    informer = factory.for_resource(GroupVersionResource("example.com", "v2", "gadgets"))
    assert factory.for_resource("gadgets.v2.example.com") is informer
    assert factory.core.v1.pods.informer is factory.for_resource("pods")
    assert factory.apps.v1.deployments.informer is factory.for_resource("deployments.apps")
    assert [str(each.gvr) for each in client.asked] == ["gadgets.v2.example.com", "pods.v1", "deployments.v1.apps"]
    factory.start()
    assert all(factory.wait_for_cache_sync(PATIENCE).values())
    assert informer.indexer.list_keys() == ["shop/one"]
    assert factory.shutdown() == ()


def test_what_the_server_offers_since_it_was_asked_is_found() -> None:
    client = FakeClient()
    client.resources = (PODS,)
    factory = SharedInformerFactory(client)
    factory.for_resource("pods")
    with pytest.raises(NotFound):
        factory.for_resource("widgets.example.com")
    client.resources = (PODS, WIDGETS, NODES)
    assert factory.for_resource("widgets.example.com") is factory.for_resource(WIDGETS)
    asked = client.discoveries
    assert factory.find("core", "v1", "nodes").gvr == NODES.gvr
    assert client.discoveries == asked


def test_discovery_may_be_a_property() -> None:
    client = Discovering()
    factory = SharedInformerFactory(client)
    factory.for_resource("deployments.apps")
    assert client.asked == [DEPLOYMENTS]


class Away(FakeClient):
    """A client of a server that does not answer."""

    def discover(self) -> "FakeClient":
        raise refusal(0, "ConnectionRefused", "connection refused")


def test_what_every_server_has_is_found_without_asking() -> None:
    factory = SharedInformerFactory(Away())
    assert factory.core.v1.pods.informer is factory.for_resource(PODS.gvr) is factory.for_resource(PODS)
    assert factory.networking_k8s_io.v1.ingresses.informer is factory.for_resource(INGRESSES)
    assert factory.for_resource(WIDGETS).name == "widgets.example.com", "nor are resources that it is told of"
    assert not factory.for_resource(WIDGETS).started
    assert BUILTIN_RESOURCES[NODES.gvr].namespaced is False


def test_the_same_resource_with_another_scope_is_another_informer() -> None:
    client = FakeClient()
    factory = SharedInformerFactory(client, namespace="shop")
    pods = factory.for_resource(PODS)
    carts = factory.for_resource(PODS, label_selector="app=cart")
    everywhere = factory.for_resource("pods", namespace="", field_selector="spec.nodeName=n1")
    bank = factory.for_resource(PODS, namespace="bank")
    assert len({pods, carts, everywhere, bank}) == 4
    assert factory.for_resource(PODS, namespace="shop", label_selector="app=cart") is carts
    assert factory.for_resource(PODS, namespace="shop") is factory.core.v1.pods.informer is pods
    assert factory.for_resource(NODES, namespace="bank") is factory.for_resource(NODES)
    assert client.asked == [
        ("pods", "shop", None, None),
        ("pods", "shop", "app=cart", None),
        ("pods", None, None, "spec.nodeName=n1"),
        ("pods", "bank", None, None),
        ("nodes", None, None, None),
    ]
    assert [each.lister.name for each in factory.informers.values()] == [
        "pods in shop",
        "pods in shop, app=cart",
        "pods, spec.nodeName=n1",
        "pods in bank",
        "nodes",
    ]
    assert factory.informers[InformerKey(PODS.gvr, "bank")] is bank


def test_selectors_of_ones_own_stand_for_those_of_the_factory() -> None:
    client = FakeClient()
    factory = SharedInformerFactory(client, tweak_list_options=lambda options: replace(options, label_selector="a=b"))
    factory.for_resource(PODS, label_selector="c=d")
    factory.for_resource(PODS, label_selector="")
    assert [labels for _, _, labels, _ in client.asked] == ["c=d", None]
    for wrong in ({"label_selector": "a in b"}, {"field_selector": "a"}):
        with pytest.raises(SelectorSyntaxError):
            factory.for_resource(PODS, **wrong)


def test_the_unfinished_are_named_among_several_of_a_resource() -> None:
    client = FakeClient()
    factory = SharedInformerFactory(client)
    everywhere = factory.for_resource(PODS)
    client.fails.add("pods")
    factory.for_resource(PODS, namespace="bank")
    factory.start()
    assert everywhere.wait_for_sync(PATIENCE)
    synced = factory.wait_for_cache_sync(0.001)
    assert synced == {PODS.gvr: False}
    assert not synced
    assert [str(each) for each in synced.unfinished] == ["pods in bank"]
    assert synced.reason == "timed out"
    assert factory.shutdown() == ()


@pytest.mark.parametrize("kind", [threading.Event, Signal])
def test_waiting_for_the_caches_ends_with_a_stop(kind: type[threading.Event]) -> None:
    client = FakeClient()
    client.fails.add("pods")
    stop = kind()
    with SharedInformerFactory(client) as factory:
        factory.for_resource(PODS)
        factory.start()
        threading.Timer(0.01, stop.set).start()
        synced = factory.wait_for_cache_sync(stop=stop)
        assert (synced, synced.reason) == ({PODS.gvr: False}, "stopped")


def test_the_end_of_with_ends_every_thread_whatever_happened() -> None:
    before = threading.enumerate()
    factory = SharedInformerFactory(FakeClient())
    pods = factory.for_resource(PODS)
    with pytest.raises(ZeroDivisionError), factory as entered:
        assert entered is factory
        assert factory.wait_for_cache_sync(PATIENCE) == {PODS.gvr: True}
        raise ZeroDivisionError
    assert pods.stopped
    assert not [each for each in threading.enumerate() if each not in before and each.name.endswith(" pods")]
    for refused in (factory.start, lambda: factory.for_resource(NODES)):
        with pytest.raises(RuntimeError, match="shut down"):
            refused()
    assert factory.for_resource(PODS) is pods, "what was cached can still be read"


def test_what_is_asked_for_within_the_context_runs() -> None:
    with SharedInformerFactory(FakeClient()) as factory:
        pods = factory.for_resource(PODS)
        assert pods.wait_for_sync(PATIENCE)
        synced = factory.wait_for_cache_sync(PATIENCE)
        assert synced
        assert synced == {PODS.gvr: True}


def test_a_handler_that_outlives_the_shutdown_is_named(caplog: pytest.LogCaptureFixture) -> None:
    factory = SharedInformerFactory(FakeClient())
    inside, go = threading.Event(), threading.Event()

    def slow(obj: KubeObject, is_in_initial_list: bool) -> None:
        inside.set()
        go.wait()

    factory.for_resource(PODS).add_event_handler(slow)
    factory.start()
    assert inside.wait(60)
    assert any("slow" in name for name in factory.shutdown(timeout=0.01))
    go.set()
