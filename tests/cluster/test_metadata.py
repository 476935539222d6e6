"""PartialObjectMetadata: names, labels and owners, without the rest."""

from __future__ import annotations

from itertools import islice

import pytest

from kwatch.cluster import connect
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Form, ListOptions
from kwatch.informer.shared_informer import SharedInformer
from kwatch.simulator.store import Store
from tests.cluster.conftest import Serve
from tests.cluster.samples import PODS, WIDGETS, cluster_at
from tests.cluster.scripted_server import answer
from tests.simulator.objects import pod, widget, widget_definition
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until


def store(minor: int = 36) -> Store:
    filled = Store(revision=100, minor=minor)
    for name in "ab":
        filled.create(pod(name, app="web"), manager="test")
    filled.create(widget_definition(), manager="test")
    filled.create(widget("gear", size=3), manager="test")
    return filled


@pytest.mark.parametrize("resource", [PODS, WIDGETS])
@pytest.mark.parametrize("streaming", [True, False])
def test_lists_and_watches_bring_metadata(resource: object, streaming: bool) -> None:
    with SimulatorServer(store(), streaming_lists=streaming) as server:
        door = cluster_at(server.url).lister_watcher(resource, form=Form.METADATA)  # type: ignore[arg-type]
        informer = SharedInformer(door)
        informer.start()
        assert informer.wait_for_sync(60)
        first = sorted(informer.indexer.list_keys())
        assert first == (["shop/a", "shop/b"] if resource is PODS else ["shop/gear"])
        for obj in informer.indexer.list():
            assert set(obj.tree()) <= {"kind", "apiVersion", "metadata"}
            assert obj.kind == "PartialObjectMetadata" and obj.uid
        if resource is PODS:
            server.call(lambda it: it.create(pod("c", app="web"), manager="test"))
            wait_until(lambda: informer.indexer.get_by_key("shop/c") is not None)
        assert informer.status.dropped == 0
        assert informer.stop(10) == ()


def test_a_server_that_knows_no_such_form_sends_whole_objects(serve: Serve) -> None:
    items = [{"metadata": {"name": "a", "namespace": "demo", "uid": "u"}, "spec": {"nodeName": "n"}}]
    server = serve(lambda _: [answer({"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": items})])
    (found,) = cluster_at(server.url).lister_watcher(PODS, form=Form.METADATA).list(ListOptions()).items
    assert isinstance(found, KubeObject)
    assert (found.name, found.uid) == ("a", "u")
    assert server.requests[0].header("accept") == (
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
    )


@pytest.mark.parametrize("form", list(Form))
def test_every_form_comes_compressed_from_a_server_of_1_37(form: Form) -> None:
    """Streaming lists in members of gzip, and what is watched after them."""
    with SimulatorServer(store(minor=37)) as server:
        door = connect(server=server.url, disable_compression=False).lister_watcher(PODS, form=form)
        stream = door.watch(
            ListOptions(send_initial_events=True, resource_version_match="NotOlderThan", allow_watch_bookmarks=True)
        )
        events = iter(stream)
        assert [each.type for each in islice(events, 3)] == ["ADDED", "ADDED", "BOOKMARK"]
        server.call(lambda it: it.create(pod("c", app="web"), manager="test"))
        added = next(events)
        assert (added.type, added.object["metadata"]["name"]) == ("ADDED", "c")
        stream.close()
