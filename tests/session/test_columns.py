"""Kinds the catalogue does not know show what the server tells."""

from __future__ import annotations

import threading

import pytest

from kwatch.catalog.kind import Kind
from kwatch.catalog.registry import generic_kind, kind_for
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject, ServerColumn, TableSample
from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import Resource
from kwatch.session.columns import (
    ColumnsFrom,
    KnownColumnsListerWatcher,
    ServerColumnsListerWatcher,
    TableSamples,
    plan_for,
)
from kwatch.session.informer_pool import Feed
from kwatch.session.ports import Watched
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from tests.informer.fakes import FakeClock
from tests.session.fake_cluster import NODES, PODS, WIDGETS, FakeCluster, thing
from tests.waiting import wait_until

NAME = ServerColumn("Name", "string", "name")
SIZE = ServerColumn("Size", "integer", "", 0, "Custom resource definition column (in JSONPath format): .spec.size")


def connected(cluster: FakeCluster) -> Session:
    session = Session(lambda: cluster)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    return session


def test_printer_columns_are_computed_here() -> None:
    cluster = FakeCluster()
    cluster.columns = (NAME, SIZE)
    cluster.objects[WIDGETS] = [thing("w", kind="Widget", size=3)]
    session = connected(cluster)
    try:
        feed = session.open(WIDGETS, "shop")
        wait_until(lambda: feed.kind_version == 1 and feed.informer.has_synced())
        assert [column.title for column in feed.kind.columns] == ["Name", "Size"]
        held = feed.indexer.get_by_key("shop/w")
        assert held is not None
        values = feed.kind.read(held)  # type: ignore[arg-type]
        assert [column.text(value, 0.0) for column, value in zip(feed.kind.columns, values, strict=True)] == ["w", "3"]
    finally:
        assert session.close(60) == ()


def test_columns_without_a_path_take_the_servers_cells() -> None:
    cluster = FakeCluster()
    cluster.columns = (NAME, ServerColumn("Secret sauce", "string"))
    session = connected(cluster)
    try:
        feed = session.open(WIDGETS, "shop")
        wait_until(lambda: feed.kind_version == 1 and feed.informer.has_synced())
        held = feed.indexer.get_by_key("shop/w")
        assert held is not None
        values = feed.kind.read(held)  # type: ignore[arg-type]
        assert [column.text(value, 0.0) for column, value in zip(feed.kind.columns, values, strict=True)] == [
            "w",
            "from the server",
        ]
    finally:
        assert session.close(60) == ()


def test_no_columns_is_no_reason_to_show_no_objects() -> None:
    cluster = FakeCluster()
    session = connected(cluster)
    try:
        feed = session.open(WIDGETS, "shop")
        wait_until(feed.informer.has_synced)
        assert feed.kind.columns[0].title == "Name"
        assert feed.indexer.list_keys() == ["shop/w"]
    finally:
        assert session.close(60) == ()


def definition(*columns: dict[str, str]) -> KubeObject:
    versions = [{"name": "v1beta1"}, {"name": "v1", "additionalPrinterColumns": list(columns)}]
    return KubeObject.of({"metadata": {"name": "widgets.example.com"}, "spec": {"versions": versions}})


class DefinedCluster(FakeCluster):
    """Gives out the definition of widgets, or refuses to."""

    defined: KubeObject | None = None

    def get(self, resource: Resource, name: str, namespace: str | None = None) -> KubeObject:
        if name != "widgets.example.com" or self.defined is None:
            raise ApiError(403, "Forbidden", "no")
        return self.defined


def test_a_path_that_a_description_hides_is_read_from_the_definition() -> None:
    described = ServerColumn("Size", "integer", description="How large it is")
    plain = {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "description": "How large it is"}
    cluster = DefinedCluster()
    cluster.columns, cluster.defined = (NAME, described), definition(plain)
    cluster.objects[WIDGETS] = [thing("w", kind="Widget", size=3)]
    session = connected(cluster)
    try:
        feed = session.open(WIDGETS, "shop")
        wait_until(lambda: feed.kind_version == 1 and feed.informer.has_synced())
        held = feed.indexer.get_by_key("shop/w")
        assert feed.kind.read(held) == ("w", 3)  # type: ignore[arg-type]
    finally:
        assert session.close(60) == ()


def test_a_definition_that_is_forbidden_or_does_not_fit_leaves_the_servers_cells() -> None:
    columns = (NAME, ServerColumn("Size", "integer", description="How large it is"))
    other = {"name": "Other", "type": "integer", "jsonPath": ".spec.size"}
    watched = Watched(WIDGETS, "shop")
    assert plan_for(watched, columns, lambda: None).cells
    assert plan_for(watched, columns, lambda: definition(other)).cells
    assert plan_for(watched, columns, lambda: KubeObject.of({"metadata": {"name": "x"}, "spec": 7})).cells
    assert not plan_for(watched, columns, lambda: definition(other | {"name": "Size"})).cells


def test_cells_of_other_columns_are_listed_anew() -> None:
    cluster = DefinedCluster()
    cluster.columns = (NAME, ServerColumn("Old", "string"))
    clock = FakeClock()
    lister_watcher = ServerColumnsListerWatcher(cluster, Watched(WIDGETS, "shop"), lambda kind: None, clock)
    lister_watcher.list(ListOptions())
    lister_watcher.watch(ListOptions(resource_version="10"))
    clock.now += 20.0
    cluster.columns = (NAME, ServerColumn("New", "string"))
    with pytest.raises(ApiError) as refused:
        lister_watcher.watch(ListOptions(resource_version="10"))
    assert refused.value.status == 410
    lister_watcher.watch(ListOptions(resource_version="10"))


STATE = ServerColumn("State", "string")
POD_COLUMNS = tuple(
    ServerColumn(each.title, each.type, each.format, each.priority)
    for each in (kind_for(PODS) or generic_kind(PODS)).columns
)


def test_columns_of_a_known_kind_that_are_its_own_change_nothing() -> None:
    cluster = FakeCluster()
    cluster.samples[PODS] = TableSample(POD_COLUMNS)
    session = connected(cluster)
    try:
        feed = session.open(PODS, "shop")
        wait_until(lambda: feed.informer.has_synced() and cluster.sampled == [(PODS, "shop")])
        assert (feed.kind, feed.kind_version) == (kind_for(PODS), 0)
        assert cluster.tables == []
    finally:
        assert session.close(60) == ()


def test_known_columns_in_another_order_are_computed_without_another_list() -> None:
    cluster = FakeCluster()
    cluster.samples[PODS] = TableSample(POD_COLUMNS[::-1])
    session = connected(cluster)
    try:
        feed = session.open(PODS, "shop")
        wait_until(lambda: feed.kind_version == 1 and feed.informer.has_synced())
        assert [each.title for each in feed.kind.columns] == [each.name for each in POD_COLUMNS[::-1]]
        assert cluster.tables == []
        assert feed.status.relists == {}
    finally:
        assert session.close(60) == ()


def test_an_unknown_column_of_a_known_kind_comes_with_a_list_of_rows() -> None:
    cluster = FakeCluster()
    cluster.samples[PODS] = TableSample((NAME, STATE))
    session = connected(cluster)
    try:
        feed = session.open(PODS, "shop")
        wait_until(lambda: feed.kind_version == 1 and len(cluster.tables) == 1 and shown(feed, "shop/web") is not None)
        wait_until(lambda: shown(feed, "shop/web") == ("web", "from the server"))
        assert feed.status.relists in ({}, {"columns": 1})
    finally:
        assert session.close(60) == ()


def shown(feed: Feed, key: str) -> tuple[object, ...] | None:
    held = feed.indexer.get_by_key(key)
    return feed.kind.read(held) if isinstance(held, KubeObject) else None


class SlowCluster(FakeCluster):
    """Tells its columns when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def table_sample(self, resource: Resource, namespace: str | None = None) -> TableSample:
        assert self.let.wait(60)
        return super().table_sample(resource, namespace)


def test_columns_are_in_nobodys_way() -> None:
    cluster = SlowCluster()
    cluster.samples[PODS] = TableSample((NAME, STATE))
    session = connected(cluster)
    try:
        feed = session.open(PODS, "shop")
        wait_until(feed.informer.has_synced)
        assert shown(feed, "shop/web") is not None and feed.kind_version == 0, "the first rows do not wait"
        cluster.plain[0].opened.wait(60)
        cluster.let.set()
        wait_until(lambda: shown(feed, "shop/web") == ("web", "from the server"))
        assert feed.status.relists == {"columns": 1}
        assert {error.source for error in feed.status.errors} == {"streaming list"}, (
            "the fake has none; else all is well"
        )
        assert feed.status.disconnected_since is None
    finally:
        cluster.let.set()
        assert session.close(60) == ()


@pytest.mark.parametrize(
    "refusal",
    [ApiError(403, "Forbidden", "no"), ApiError(406, "NotAcceptable", "no"), ApiError(0, "Timeout", "no"), None],
)
def test_without_the_servers_columns_the_catalogues_will_do(refusal: ApiError | None) -> None:
    cluster = FakeCluster()
    if refusal is not None:
        cluster.samples[PODS] = refusal
    session = connected(cluster)
    try:
        feed = session.open(PODS, "shop")
        wait_until(lambda: feed.informer.has_synced() and bool(cluster.sampled))
        assert (feed.kind, feed.kind_version) == (kind_for(PODS), 0)
    finally:
        assert session.close(60) == ()


def test_each_resource_is_asked_for_once_a_session_and_where_it_is_refused_once_a_namespace() -> None:
    cluster = FakeCluster()
    samples = TableSamples(cluster)
    cluster.samples[PODS] = ApiError(403, "Forbidden", "no")
    assert [samples.of(PODS, "shop"), samples.of(PODS, "shop")] == [TableSample()] * 2
    assert cluster.sampled == [(PODS, "shop")]
    cluster.samples[PODS] = TableSample(POD_COLUMNS)
    assert [samples.of(PODS, where) for where in ("data", "shop", None)] == [TableSample(POD_COLUMNS)] * 3
    assert cluster.sampled == [(PODS, "shop"), (PODS, "data")]
    cluster.samples[NODES] = ApiError(503, "ServiceUnavailable", "later")
    assert [samples.of(NODES, None), samples.of(NODES, None)] == [TableSample()] * 2
    assert cluster.sampled[2:] == [(NODES, None)] * 2, "what may pass is asked for again"


def test_for_what_is_printed_once_the_columns_come_first() -> None:
    cluster = FakeCluster()
    cluster.samples[PODS] = TableSample((NAME, STATE))
    kinds: list[Kind] = []
    known = kind_for(PODS)
    assert known is not None
    lister_watcher = KnownColumnsListerWatcher(
        cluster, Watched(PODS, "shop"), known, TableSamples(cluster), kinds.append, first=True
    )
    [listed] = lister_watcher.list(ListOptions()).items
    assert isinstance(listed, KubeObject)
    assert [kind.read(listed) for kind in kinds] == [("web", "from the server")]
    lister_watcher.watch(ListOptions(resource_version="10"))
    assert (len(cluster.sampled), len(cluster.tables)) == (1, 1)
    lister_watcher.close()


def test_where_nobody_answers_the_columns_the_list_is_not_waited_for_as_well() -> None:
    cluster = FakeCluster()
    known = kind_for(PODS)
    assert known is not None
    where = (cluster, Watched(PODS, "shop"), known, TableSamples(cluster), list[Kind]().append)
    lister_watcher = KnownColumnsListerWatcher(*where, first=True)
    for reason in ("Timeout", "ConnectionLost"):
        cluster.samples[PODS] = ApiError(0, reason, "no")
        with pytest.raises(ApiError, match="no"):
            lister_watcher.list(ListOptions())
    cluster.samples[PODS] = TableSample((NAME, STATE))
    assert lister_watcher.list(ListOptions()).items, "it is asked for again"
    cluster.samples[PODS] = ApiError(0, "Malformed", "no table")
    assert KnownColumnsListerWatcher(*where, first=True).list(ListOptions()).items
    lister_watcher.close()


def test_output_without_columns_asks_for_none() -> None:
    cluster = FakeCluster()
    session = Session(lambda: cluster, columns=ColumnsFrom.CATALOGUE)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    try:
        feed = session.open(PODS, "shop")
        wait_until(feed.informer.has_synced)
        assert cluster.sampled == []
    finally:
        assert session.close(60) == ()


class Counted(FakeCluster):
    """Counts how often it was asked for its columns, and can be away."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.error: ApiError | None = None

    def table_columns(self, resource: Resource, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return super().table_columns(resource, namespace)


def test_columns_are_not_asked_for_again_and_again() -> None:
    cluster, clock = Counted(), FakeClock()
    lister_watcher = ServerColumnsListerWatcher(cluster, Watched(WIDGETS, "shop"), lambda kind: None, clock)
    for _ in range(20):
        lister_watcher.watch(ListOptions(resource_version="10"))
        clock.now += 6.0
    assert (cluster.looks, lister_watcher.side_requests) == (1, 1)
    clock.now += 300.0
    lister_watcher.watch(ListOptions(resource_version="10"))
    assert (cluster.looks, lister_watcher.side_requests) == (2, 2)


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [
        (ApiError(0, "ConnectionRefused", "no"), False),
        (ApiError(429, "TooManyRequests", "no"), False),
        (ApiError(500, "InternalError", "no"), True),
        (ApiError(403, "Forbidden", "no"), True),
        (ApiError(0, "Malformed", "no"), False),
    ],
)
def test_a_server_that_is_not_there_is_asked_once(error: ApiError, goes_on: bool) -> None:
    cluster, clock = Counted(), FakeClock()
    lister_watcher = ServerColumnsListerWatcher(cluster, Watched(WIDGETS, "shop"), lambda kind: None, clock)
    cluster.error = error
    if goes_on:
        lister_watcher.list(ListOptions())
    else:
        with pytest.raises(ApiError):
            lister_watcher.list(ListOptions())
    assert (cluster.looks, lister_watcher.side_requests) == (1, int(goes_on))
    cluster.error = None
    lister_watcher.list(ListOptions())
    assert cluster.looks == (1 if goes_on else 2)
