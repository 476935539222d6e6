from kwatch.informer import ApiError, SharedInformerFactory
from kwatch.informer.resources import PODS
from kwatch.informer.testing import FakeClient, FakeClock


def test_a_deletion_that_nobody_saw_is_found() -> None:
    client = FakeClient()
    source = client.source(PODS)
    source.add({"metadata": {"name": "cart", "namespace": "shop"}, "spec": {"nodeName": "worker-1"}})
    source.fail("watch", ApiError(503, "ServiceUnavailable", "not now"))
    factory = SharedInformerFactory(client, clock=FakeClock(jumps=True))
    pods = factory.for_resource(PODS)
    with factory:
        assert factory.wait_for_cache_sync(timeout=5) == {PODS.gvr: True}
        source.edit("shop/cart", lambda pod: pod["spec"].update(nodeName="worker-2"))
        assert pods.wait_for_version(source.resource_version, timeout=5)
        assert pods.lister.get("shop/cart").node == "worker-2"
        with source.unwatched():
            source.delete("shop/cart")
        assert pods.wait_for_version(source.resource_version, timeout=5)
        assert pods.lister.list() == []
