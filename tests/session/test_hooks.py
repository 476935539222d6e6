"""Hooks act once, when an object begins to match."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ADDED, Form, ListOptions, ObjectList, WatchEvent
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.resources import PODS
from kwatch.query.parser import parse
from kwatch.session.hook import Hook, Onset, Onsets, command_of, in_few_words
from kwatch.session.hooks import Hooks
from kwatch.session.ports import Cluster
from kwatch.session.session import Session
from tests.session.fake_cluster import FakeCluster, FakeListerWatcher
from tests.waiting import wait_until


def test_an_onset_is_told_once() -> None:
    onsets = Onsets(existing=False)
    assert onsets.look({"a": "1"}) == []  # at the start
    assert onsets.look({"a": "1"}) == []
    assert onsets.look({"a": "1", "b": "2"}) == ["b"]
    assert onsets.look({"a": "1", "b": "2"}) == []
    assert onsets.look({"b": "2"}) == []
    assert onsets.look({"a": "1", "b": "2"}) == ["a"]
    assert onsets.look({"a": "9", "b": "2"}) == ["a"]  # another object of that name
    assert Onsets(existing=True).look({"a": "1"}) == ["a"]


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"))))
def test_what_is_told_is_what_began(looks: list[dict[str, str]]) -> None:
    onsets, before = Onsets(existing=True), dict[str, str]()
    for now in looks:
        assert set(onsets.look(now)) == {key for key, uid in now.items() if before.get(key) != uid}
        before = now


def test_a_command_is_words_unless_it_is_for_the_shell() -> None:
    assert command_of("page 'on call' $HOME", is_for_shell=False) == ("page", "on call", "$HOME")
    assert command_of("page | tee x", is_for_shell=True) == ("/bin/sh", "-c", "page | tee x")
    assert command_of("", is_for_shell=False) == command_of("", is_for_shell=True) == ()
    with pytest.raises(ValueError, match="cannot be split into words: no closing quotation"):
        command_of("'x", is_for_shell=False)


def test_many_onsets_at_once_are_one_sentence() -> None:
    def began(name: str) -> Onset:
        obj = KubeObject.of({"kind": "Pod", "metadata": {"name": name, "namespace": "shop"}})
        return Onset(Hook(parse("unhealthy")), "demo", PODS, obj, 0.0)

    assert in_few_words([began("a"), began("b")]) == ["pods shop/a: unhealthy", "pods shop/b: unhealthy"]
    many = in_few_words([began(f"web-{number}") for number in range(10_000)])
    assert many == ["10,000 pods began to match unhealthy: shop/web-0, shop/web-1, shop/web-2 ..."]


NAMESPACES = Resource(GroupVersionResource("", "v1", "namespaces"), "Namespace", False, verbs=PODS.verbs)


def pod(name: str, namespace: str = "shop") -> KubeObject:
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{namespace}-{name}", "resourceVersion": "1"}
    return KubeObject.of({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})


class Door(FakeListerWatcher):
    def __init__(self, objects: Sequence[KubeObject], *, is_closed: bool) -> None:
        super().__init__(objects)
        self._is_closed = is_closed

    def list(self, options: ListOptions) -> ObjectList:
        if self._is_closed:
            raise ApiError(403, "Forbidden", "eve cannot list pods at the cluster scope")
        return super().list(options)


class Guarded(FakeCluster):
    """Pods are in namespaces; where it says so they cannot be listed across all of them."""

    def __init__(self, context: str, *pods: KubeObject, is_guarded: bool = False) -> None:
        super().__init__()
        self.context, self.is_guarded, self.pods = context, is_guarded, pods
        self.doors: dict[str | None, Door] = {}

    def discover(self) -> Any:
        return SimpleNamespace(resources=(PODS, NAMESPACES), failed_groups={})

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> Door:
        if resource.name == "namespaces":
            names = sorted({each.namespace for each in self.pods})
            parts = {"apiVersion": "v1", "kind": "Namespace"}
            found = [KubeObject.of({**parts, "metadata": {"name": each, "uid": f"uid-{each}"}}) for each in names]
            self.doors["namespaces"] = Door(found, is_closed=False)
            return self.doors["namespaces"]
        inside = [each for each in self.pods if namespace in (None, each.namespace)]
        door = self.doors[namespace] = Door(inside, is_closed=self.is_guarded and namespace is None)
        return door

    def add(self, obj: KubeObject, door: str | None = None) -> None:
        """It is seen by whoever watches there."""
        wait_until(lambda: door in self.doors and self.doors[door].opened.is_set())
        self.doors[door].streams[-1].send(WatchEvent(ADDED, obj))

    def close(self) -> None:
        super().close()
        for door in self.doors.values():
            door.close()


@contextmanager
def watched(hook: Hook, *clusters: Callable[[], Cluster]) -> Iterator[tuple[Hooks, list[str]]]:
    """The hooks on a session of each, and what they tell."""
    sessions = [Session(each) for each in clusters]
    told: list[str] = []
    for session in sessions:
        session.start()
    hooks = Hooks(lambda: sessions, SystemClock(), [hook], on_onsets=lambda found: told.extend(in_few_words(found)))
    try:
        yield hooks, told
    finally:
        hooks.close()
        for session in sessions:
            session.close()


def test_several_contexts_are_watched_and_one_that_cannot_be_reached_delays_none() -> None:
    eu, us = Guarded("eu", pod("web-1")), Guarded("us", pod("web-1"))

    def never() -> Cluster:
        raise ApiError(0, "Unreachable", "nobody is there")

    with watched(Hook(parse("ctx:eu,us web")), lambda: eu, never, lambda: us) as (hooks, told):
        wait_until(lambda: hooks.states[0].matching == 2)
        assert told == [], "what is there at first is no onset"
        us.add(pod("web-2"))
        wait_until(lambda: told == ["us: pods shop/web-2: ctx:eu,us web"])
        eu.add(pod("web-2"))
        wait_until(lambda: told[1:] == ["eu: pods shop/web-2: ctx:eu,us web"])
        assert hooks.states[0].words == "pods ctx:eu,us web: 4 match, began 2 times"


def test_a_context_without_the_resource_is_told_and_the_others_are_watched() -> None:
    eu, us = Guarded("eu", pod("web-1")), Guarded("us")
    us.discover = lambda: SimpleNamespace(resources=(NAMESPACES,), failed_groups={})  # type: ignore[method-assign]
    with watched(Hook(parse("web")), lambda: eu, lambda: us) as (hooks, _):
        wait_until(lambda: hooks.states[0].matching == 1 and hooks.states[0].without)
        assert "us: " in hooks.states[0].words and "1 match" in hooks.states[0].words


def test_text_is_not_looked_for_in_the_name_of_the_context() -> None:
    with watched(Hook(parse("prod")), lambda: Guarded("prod", pod("web-1"), pod("prod-1"))) as (hooks, _):
        wait_until(lambda: hooks.states[0].matching == 1)


def test_who_may_not_list_all_namespaces_has_each_watched() -> None:
    cluster = Guarded("eu", pod("web-1"), pod("pay-1", "payments"), is_guarded=True)
    with watched(Hook(parse("-1")), lambda: cluster) as (hooks, told):
        wait_until(lambda: hooks.states[0].matching == 2)
        cluster.add(pod("pay-2-1", "payments"), "payments")
        wait_until(lambda: told == ["pods payments/pay-2-1: -1"])
        assert not hooks.states[0].trouble
