"""A process that was forked has the caches of its parent, and none of the threads: it says so."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kwatch.informer import SharedInformer
from tests.cluster.conftest import Serve, serve  # noqa: F401
from tests.cluster.samples import PODS, cluster_at
from tests.cluster.scripted_server import Received, answer, chunk, event, stream_head
from tests.informer.fakes import PATIENCE, added, eventually, pod
from tests.informer.informed import Informed

pytestmark = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


def in_a_child(look: Callable[[], Any]) -> Any:
    """What `look` returns in a process that is forked from this one."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writes, json.dumps(look()).encode())
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text)


def test_it_has_stopped_and_says_why() -> None:
    with Informed(pod("a", 1)) as informed:
        informer = informed.informer
        assert informer.status.phase == "watching"

        def look() -> list[Any]:
            status = informer.status
            refused = []
            for ask in (informer.start, informer.add_event_handler):
                try:
                    ask()
                    refused.append(False)
                except RuntimeError:
                    refused.append(True)
            waited = [informer.wait_for_sync(), informer.wait_for_version("99")]
            return [status.phase, status.notes, status.disconnected_since, informer.stopped, refused, waited]

        phase, notes, since, stopped, refused, waited = in_a_child(look)
        assert (phase, stopped, refused, waited) == ("stopped", True, [True, True], [True, False])
        assert "forked" in notes[0]
        assert since
        assert informer.status.phase == "watching", "the parent goes on"
        informed.stream.send(added("b", 11))
        eventually(lambda: len(informer.indexer) == 2)


def test_its_cache_can_be_read_although_the_parent_was_writing() -> None:
    with Informed(*(pod(f"p{number}", 1) for number in range(100))) as informed:
        indexer = informed.informer.indexer
        for version in range(11, 2000):
            informed.stream.send(added(f"p{version % 100}", version))
        for _ in range(10):
            assert in_a_child(lambda: [len(indexer.list()), len(indexer.list_keys())]) == [100, 100]


def test_a_stop_there_leaves_the_connections_of_the_parent_alone(serve: Serve) -> None:  # noqa: F811
    more: list[bytes] = []

    def respond(received: Received) -> Iterator[bytes]:
        if "watch=true" not in received.target:
            yield answer({"kind": "PodList", "metadata": {"resourceVersion": "9"}, "items": []})
            return
        yield stream_head()
        yield chunk(event("ADDED", "a", 10))
        eventually(lambda: more)
        yield chunk(more.pop())

    cluster = cluster_at(serve(respond).url)
    informer = SharedInformer(cluster.lister_watcher(PODS), streaming=False)
    informer.start()
    assert informer.wait_for_sync(PATIENCE)
    eventually(lambda: len(informer.indexer) == 1)

    def stop() -> list[Any]:
        alive = informer.stop()
        cluster.close()
        return [*alive]

    assert in_a_child(stop) == []
    more.append(event("ADDED", "b", 11))
    eventually(lambda: len(informer.indexer) == 2)
    assert informer.status.watches == 1
    assert informer.stop(60) == ()
    cluster.close()
