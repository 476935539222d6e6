"""Start, stop, add and remove in any order, from several threads at once: nothing hangs, nothing outlives the stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer import Object, ObjectList, Registration, SharedInformer, SharedInformerFactory
from kwatch.informer.rate_limiting_queue import DelayingQueue
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.informer.fakes import FakeListerWatcher, FakeStream, added, eventually, pods
from tests.session.test_lifecycle import at_once, threads_since

OPERATIONS = ("start", "stop", "drain", "cancel", "add", "remove", "late", "wait", "resync", "again")


class World:
    def __init__(self) -> None:
        self.streams = [FakeStream() for _ in range(50)]
        server = FakeListerWatcher([ObjectList(pods(5), "10")], self.streams)
        self.informer = SharedInformer(server, resync_period=0.01)
        self.registrations: list[Registration] = []
        self.heard: list[Any] = []

    def do(self, operation: str) -> None:
        informer = self.informer
        # What begins after the stop is refused, in those words.
        with suppress(RuntimeError):
            match operation:
                case "start":
                    informer.start()
                case "stop":
                    informer.stop(5)
                case "drain":
                    informer.stop(5, drain=True)
                case "cancel":
                    informer.cancel()
                case "add":
                    self.registrations.append(informer.add_event_handler(self._on_add, resync_period=0.01))
                case "remove":
                    with suppress(IndexError):
                        informer.remove_event_handler(self.registrations.pop())
                case "late":
                    self.streams[0].send(added("late", 11))
                case "wait":
                    informer.wait_for_sync(0.01)
                case "again":
                    if informer._reflector is not None:
                        informer._reflector.list_again()
                case _:
                    assert informer.status is not None

    def _on_add(self, obj: Object, initial: bool) -> None:
        self.heard.append(obj)


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(OPERATIONS), max_size=8), min_size=1, max_size=4), st.booleans())
def test_whatever_the_order_a_stop_is_the_end(scripts: list[list[str]], started: bool) -> None:
    before = threading.enumerate()
    world = World()
    informer = world.informer
    if started:
        informer.start()
    at_once(scripts, world.do)
    assert informer.stop(60) == ()
    assert informer.stop(60) == ()
    eventually(lambda: not threads_since(before), str(threads_since(before)))
    assert informer.stopped
    assert not informer.started or informer.status.phase == "stopped"


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.sampled_from(("ask", "start", "sync", "shutdown")), max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_the_order_a_shutdown_is_the_end_of_a_factory(scripts: list[list[str]]) -> None:
    class Client:
        def lister_watcher(self, *_: Any, **__: Any) -> FakeListerWatcher:
            return FakeListerWatcher([ObjectList(pods(2), "10")])

    before = threading.enumerate()
    factory = SharedInformerFactory(Client())
    resource = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True)

    def do(operation: str) -> None:
        with suppress(RuntimeError):
            match operation:
                case "ask":
                    factory.for_resource(resource)
                case "start":
                    factory.start()
                case "sync":
                    factory.wait_for_cache_sync(0.01)
                case _:
                    factory.shutdown(60)

    at_once(scripts, do)
    assert factory.shutdown(60) == ()
    assert factory.shutdown(60) == ()
    eventually(lambda: not threads_since(before), str(threads_since(before)))


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.sampled_from(("add", "later", "get", "down")), max_size=6),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_the_order_a_queue_that_is_shut_down_lets_everybody_go(scripts: list[list[str]]) -> None:
    before = threading.enumerate()
    queue = DelayingQueue[str]()

    def do(operation: str) -> None:
        match operation:
            case "add":
                queue.add("a")
            case "later":
                queue.add_after("b", 0.001)
            case "get" if len(queue):
                queue.done("a")
            case "down":
                queue.shut_down()

    at_once(scripts, do)
    queue.shut_down()
    eventually(lambda: not threads_since(before), str(threads_since(before)))
