from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kwatch.session.watched import Watched
from kwatch.tui.screens.problems_screen import ProblemsScreen
from tests.query.cluster import pod
from tests.tui.cached_session import PODS, CachedSession, app_of, lines, texts, until
from tests.view.relations.world import make
from tests.view.test_ailments import broken


def world() -> CachedSession:
    conditions = [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "it is asleep"}]
    node = make("Node", "node-7", status={"conditions": conditions})
    return CachedSession(pod("shop/web-1"), broken("shop/web-2"), broken("data/db-0"), node)


async def test_the_header_counts_the_unhealthy_and_ctrl_z_shows_only_them() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "3 pods  ! 2 unhealthy")), "the count")
        await pilot.press("ctrl+z")
        await until(pilot, lambda: bool(texts(lines(app), "2 of 3 pods  /unhealthy")), "only they")
        assert not texts(lines(app), "web-1")


async def test_problems_of_all_kinds_are_listed_with_the_reason() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        screen = lines(app)
        assert texts(texts(screen, "Node"), "it is asleep")
        assert texts(texts(screen, "web-2"), "no such image")
        session.put(pod("shop/web-2"))
        await until(pilot, lambda: bool(texts(lines(app), "2 problems in")), "one less")
        assert "nodes" in session.open_feeds()
        await pilot.press("escape")
        await until(pilot, lambda: session.open_feeds() == {"pods"}, "let go of")


async def test_words_narrow_and_enter_opens_the_object() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await pilot.press(*":problems", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems")), "problems")
        await pilot.press("slash", *"asleep")
        await until(pilot, lambda: not texts(lines(app), "web-2"), "narrowed")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 3 problems in 4 objects")), "counted")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "nodes › node-7")), "the node")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen), "back")
        await pilot.press("escape")
        await until(pilot, lambda: bool(texts(lines(app), "web-2")), "all again")


async def test_the_keys_of_a_table_open_the_object_of_a_problem() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        assert texts(lines(app), "v history") and texts(lines(app), "Shift-T timeline")
        await pilot.press("slash", *"web-2", "enter", "y")
        await until(pilot, lambda: bool(texts(lines(app), "  name: web-2")), "its YAML")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen), "back")
        assert texts(lines(app), "l logs"), "a pod has logs"


async def test_it_says_when_more_than_the_namespace_is_listed() -> None:
    class Everywhere(CachedSession):
        def informers(self) -> tuple[Any, ...]:
            return (SimpleNamespace(watched=Watched(PODS)),)

    app = app_of(Everywhere(pod("shop/web-1")))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        assert app.session is not None
        app.push_screen(ProblemsScreen(app.session, "shop"))
        await until(pilot, lambda: bool(texts(lines(app), "shop and what else is watched › problems")), "wider")


async def test_where_all_is_well_it_says_so() -> None:
    app = app_of(CachedSession(pod("shop/web-1")))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing is known to be wrong")), "all well")
