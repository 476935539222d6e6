from __future__ import annotations

from kwatch.view.journal_access import scoped_changes
from kwatch.view.scope import Scope
from tests.query.cluster import pod
from tests.query.journal import FakeJournal

WEB, DB = pod("shop/web-1", labels={"app": "web"}, node="node-1"), pod("data/db-0", labels={"app": "db"})


def test_a_namespace_is_told_by_the_key() -> None:
    scope = Scope("shop")
    assert scope.covers("shop/web-1") and not scope.covers("shop-2/web-1")
    assert scope.selects_all and not scope.is_everything and Scope().is_everything


def test_selectors_are_judged_by_the_head() -> None:
    assert Scope(None, "app=web").selects(WEB) and not Scope(None, "app=web").selects(DB)
    assert Scope(None, None, "spec.nodeName=node-1").selects(WEB)
    assert not Scope(None, None, "metadata.name!=web-1").selects(WEB)
    assert Scope(None, None, "status.phase=Failed").selects(WEB)  # nobody can tell


def test_a_malformed_selector_is_the_servers_business() -> None:
    assert Scope(None, "a in (x", "==").selects(WEB)


def test_what_was_deleted_elsewhere_is_kept_from_a_view() -> None:
    journal = FakeJournal()
    journal.graves.update({"shop/web-1": WEB, "data/db-0": DB})
    assert scoped_changes(journal, Scope()) is journal
    assert list(scoped_changes(journal, Scope("shop")).deleted_objects()) == ["shop/web-1"]
    assert list(scoped_changes(journal, Scope(None, "app=db")).deleted_objects()) == ["data/db-0"]
