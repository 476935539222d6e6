from __future__ import annotations

from kwatch.view.merged import changes_in
from kwatch.view.source import ViewScope
from tests.query.cluster import pod
from tests.query.journal import FakeJournal

WEB, DB = pod("shop/web-1", labels={"app": "web"}, node="node-1"), pod("data/db-0", labels={"app": "db"})


def test_a_namespace_is_told_by_the_key() -> None:
    scope = ViewScope("shop")
    assert scope.covers("shop/web-1") and not scope.covers("shop-2/web-1")
    assert scope.selects_all and not scope.is_everything and ViewScope().is_everything


def test_selectors_are_judged_by_the_head() -> None:
    assert ViewScope(None, "app=web").selects(WEB) and not ViewScope(None, "app=web").selects(DB)
    assert ViewScope(None, None, "spec.nodeName=node-1").selects(WEB)
    assert not ViewScope(None, None, "metadata.name!=web-1").selects(WEB)
    assert ViewScope(None, None, "status.phase=Failed").selects(WEB)  # nobody can tell


def test_a_malformed_selector_is_the_servers_business() -> None:
    assert ViewScope(None, "a in (x", "==").selects(WEB)


def test_what_was_deleted_elsewhere_is_kept_from_a_view() -> None:
    journal = FakeJournal()
    journal.graves.update({"shop/web-1": WEB, "data/db-0": DB})
    assert changes_in([(journal, ViewScope())]) is journal
    assert list(changes_in([(journal, ViewScope("shop"))]).deleted_objects()) == ["shop/web-1"]
    assert list(changes_in([(journal, ViewScope(None, "app=db"))]).deleted_objects()) == ["data/db-0"]
