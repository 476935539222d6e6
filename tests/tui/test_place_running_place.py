"""Where an object is watched already."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kwatch.session.ports import Watched
from kwatch.tui.location import Location, place_of
from tests.tui.fakes import NODES, PODS, FakeFeed, FakeSession, pod

if TYPE_CHECKING:
    from kwatch.session.session import Session


def found(session: FakeSession, resource: str, key: str) -> Location | None:
    return place_of(cast("Session", session), resource, key)


def test_the_watch_that_holds_it_then_one_that_would_see_it_then_its_namespace() -> None:
    session = FakeSession()
    assert found(session, "pods", "shop/web-1") == Location(PODS, "shop")
    session.feed(PODS, "data")
    assert found(session, "pods", "shop/web-1") == Location(PODS, "shop")
    session.feed(PODS, None)
    assert found(session, "pods", "shop/web-1") == Location(PODS, None)
    narrow = Watched(PODS, "shop", "app=web")
    session.feeds[narrow] = FakeFeed(narrow, session.journal, session._counter)
    assert found(session, "pods", "shop/web-1") == Location(PODS, None)
    session.feeds[narrow].put(pod("web-1"))
    assert found(session, "pods", "shop/web-1") == Location(PODS, "shop", "app=web")
    session.close()


def test_what_has_no_namespace_and_what_is_unknown() -> None:
    session = FakeSession()
    assert found(session, "nodes", "n1") == Location(NODES, None)
    assert found(session, "gadgets.example.com", "shop/g") is None
    session.close()
