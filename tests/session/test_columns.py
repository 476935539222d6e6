"""Kinds the catalogue does not know show what the server tells."""

from __future__ import annotations

from kwatch.informer.server_column import ServerColumn
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
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
