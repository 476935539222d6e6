"""The stream of several namespaces, and of each where all may not be listed."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Form, ListOptions, ObjectList
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.output.opening import Run, Selection, StreamError
from kwatch.output.rows import RowPrinter
from kwatch.output.stream import Stream, StreamRequest
from kwatch.session.session import Session
from tests.session.fake_cluster import NODES, PODS, VERBS, FakeCluster, FakeDiscovery, FakeListerWatcher

NAMESPACES = Resource(GroupVersionResource("", "v1", "namespaces"), "Namespace", False, verbs=VERBS)
REFUSED = ApiError(403, "Forbidden", "eve cannot list that here")


def pod(namespace: str, name: str) -> KubeObject:
    metadata = {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}", "resourceVersion": "1"}
    return KubeObject.of({"apiVersion": "v1", "kind": "Pod", "metadata": metadata})


class Door(FakeListerWatcher):
    def __init__(self, found: list[KubeObject] | ApiError) -> None:
        super().__init__([] if isinstance(found, ApiError) else found)
        self._found = found

    def list(self, options: ListOptions) -> ObjectList:
        if isinstance(self._found, ApiError):
            raise self._found
        return super().list(options)


class Discovered(FakeDiscovery):
    resources = (PODS, NODES, NAMESPACES)


class Rights(FakeCluster):
    """Of each place: what may be listed there, or not."""

    def __init__(self, pods: Mapping[str | None, list[KubeObject] | ApiError], names: list[str] | None) -> None:
        super().__init__()
        self._pods = pods
        self._names = names
        self.asked: list[tuple[str | None, str | None]] = []

    def discover(self) -> FakeDiscovery:
        return Discovered()

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> FakeListerWatcher:
        if resource == NAMESPACES:
            tree = {"apiVersion": "v1", "kind": "Namespace"}
            found = [KubeObject.of({**tree, "metadata": {"name": name}}) for name in self._names or ()]
            door = Door(REFUSED if self._names is None else found)
        else:
            self.asked.append((namespace, field_selector))
            door = Door(self._pods[namespace])
        self.plain.append(door)
        return door


def printed(cluster: Rights, selection: Selection) -> tuple[list[str], list[str], str]:
    """Rows, complaints, and why it ended, if not well."""
    said: list[str] = []
    rows: list[str] = []
    clock = SystemClock()
    session = Session(lambda: cluster, clock=clock)
    session.start()
    run = Run(session, said.append, clock, threading.Event())
    printer = RowPrinter(clock, with_namespace=selection.has_several_namespaces)
    ended = ""
    try:
        Stream(run, StreamRequest(selection, until_synced=True), printer, rows.append).run()
    except StreamError as error:
        ended = str(error)
    finally:
        session.close(60)
    lines = [line.split()[:2] for line in "".join(rows).splitlines()]
    return [" ".join(each) for each in lines], said, ended


SHOP, PAY = pod("shop", "web"), pod("payments", "pay")


def test_several_are_one_table() -> None:
    cluster = Rights({"shop": [SHOP], "payments": [PAY]}, ["shop", "payments"])
    rows, said, ended = printed(cluster, Selection("pods", namespace="shop,payments"))
    assert rows == ["NAMESPACE NAME", "shop web", "payments pay"]
    assert not said and not ended


def test_what_is_hidden_is_not_asked_for() -> None:
    cluster = Rights({None: [SHOP]}, None)
    printed(cluster, Selection("pods", namespace="!kube-system"))
    assert set(cluster.asked) == {(None, "metadata.namespace!=kube-system")}


def test_of_all_that_may_not_be_listed_each_is_that_may() -> None:
    cluster = Rights({None: REFUSED, "shop": [SHOP], "payments": [PAY]}, ["shop", "payments"])
    rows, said, ended = printed(cluster, Selection("pods", all_namespaces=True))
    assert rows == ["NAMESPACE NAME", "payments pay", "shop web"]
    assert "pods may not be listed across all namespaces: watched in payments, shop" in said
    assert not ended


def test_one_of_them_that_may_not_either_is_said_and_a_script_knows() -> None:
    cluster = Rights({None: REFUSED, "shop": [SHOP], "payments": REFUSED}, ["shop", "payments"])
    rows, _, ended = printed(cluster, Selection("pods", all_namespaces=True))
    assert rows == ["NAMESPACE NAME", "shop web"]
    assert ended.startswith("eve cannot list that here")


def test_where_namespaces_may_not_be_listed_either_that_of_the_context_is_shown() -> None:
    cluster = Rights({None: REFUSED, "shop": [SHOP]}, None)
    rows, said, _ = printed(cluster, Selection("pods", namespace="!payments"))
    assert rows == ["NAMESPACE NAME", "shop web"]
    assert any("watched in shop" in each for each in said)


@pytest.mark.parametrize("namespace", ["!shop", None])
def test_where_nothing_is_left_the_refusal_is_said(namespace: str | None) -> None:
    cluster = Rights({None: REFUSED, "shop": REFUSED}, None)
    _, _, ended = printed(cluster, Selection("pods", namespace=namespace, all_namespaces=namespace is None))
    assert "eve cannot list that here" in ended
