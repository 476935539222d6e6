"""Kinds the catalogue does not know show what the server tells."""

from __future__ import annotations

import pytest

from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import Resource
from kwatch.informer.server_column import ServerColumn
from kwatch.session.columns import ServerColumnsListerWatcher, plan_for
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from kwatch.session.watched import Watched
from tests.session.fake_cluster import WIDGETS, FakeCluster, thing
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
        assert session.close() == ()


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
        assert session.close() == ()


def test_no_columns_is_no_reason_to_show_no_objects() -> None:
    cluster = FakeCluster()
    session = connected(cluster)
    try:
        feed = session.open(WIDGETS, "shop")
        wait_until(feed.informer.has_synced)
        assert feed.kind.columns[0].title == "Name"
        assert feed.indexer.list_keys() == ["shop/w"]
    finally:
        assert session.close() == ()


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
        assert session.close() == ()


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
    upstream = ServerColumnsListerWatcher(cluster, Watched(WIDGETS, "shop"), lambda kind: None)
    upstream.list(ListOptions())
    upstream.watch(ListOptions(resource_version="10"))
    cluster.columns = (NAME, ServerColumn("New", "string"))
    with pytest.raises(ApiError) as refused:
        upstream.watch(ListOptions(resource_version="10"))
    assert refused.value.status == 410
    upstream.watch(ListOptions(resource_version="10"))
