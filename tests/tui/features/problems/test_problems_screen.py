from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.ports import Watched
from kwatch.session.state import RECORDING
from kwatch.tui.features.problems.list_maker import ListMaker
from kwatch.tui.features.problems.problems_screen import ProblemsScreen
from kwatch.tui.location import StartView
from tests.query.cluster import pod
from tests.tui import fakes
from tests.tui.cached_session import PODS, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press, running
from tests.view.relations.world import make
from tests.view.test_problems_health_monitor import broken


def world() -> CachedSession:
    conditions = [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "it is asleep"}]
    node = make("Node", "node-7", status={"conditions": conditions})
    return CachedSession(pod("shop/web-1"), broken("shop/web-2"), broken("data/db-0"), node)


async def test_the_header_counts_the_unhealthy_and_ctrl_z_shows_only_them() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "3 pods  ! 2 unhealthy")), "the count")
        await press(pilot, "ctrl+z")
        await until(pilot, lambda: bool(texts(lines(app), "2 of 3 pods  /unhealthy")), "only they")
        assert not texts(lines(app), "web-1")


async def test_problems_of_all_kinds_are_listed_with_the_reason() -> None:
    session = world()
    app = app_of(session)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        screen = lines(app)
        assert texts(texts(screen, "KIND"), "NAMESPACE")
        assert texts(texts(screen, "Node"), "it is asleep")
        assert texts(texts(screen, "web-2"), "no such image")
        session.put(pod("shop/web-2"))
        await until(pilot, lambda: bool(texts(lines(app), "2 problems in")), "one less")
        assert "nodes" in session.open_feeds()
        await press(pilot, "escape")
        await until(pilot, lambda: session.open_feeds() == {"pods"}, "let go of")


async def test_words_narrow_and_enter_opens_the_object() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, *":problems", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems")), "problems")
        await press(pilot, "slash", *"asleep")
        await until(pilot, lambda: not texts(lines(app), "web-2"), "narrowed")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 3 problems in 4 objects")), "counted")
        await press(pilot, "enter", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "nodes › node-7")), "the node")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen), "back")
        await press(pilot, "escape")
        await until(pilot, lambda: bool(texts(lines(app), "web-2")), "all again")


async def test_the_keys_of_a_table_open_the_object_of_a_problem() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "problems")
        assert texts(lines(app), "v history") and texts(lines(app), "Shift-T timeline")
        await press(pilot, "slash", *"web-2", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "1 of 3 problems")), "narrowed, which takes a thread")
        await press(pilot, "y")
        await until(pilot, lambda: bool(texts(lines(app), "  name: web-2")), "its YAML")
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(app.screen, ProblemsScreen), "back")
        assert texts(lines(app), "l logs"), "a pod has logs"


async def test_logs_are_one_key_away_of_all_that_has_pods() -> None:
    conditions = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "slow"}]
    session = fakes.FakeSession()
    session.feed(fakes.DEPLOYMENTS).put(fakes.make("Deployment", "index", status={"conditions": conditions}))
    async with running(session, start=StartView("deploy")) as user:
        await user.see("1 deployment")
        await user.press("exclamation_mark")
        await user.see("rollout stuck")
        await user.press("slash", *"slow", "enter")
        await user.see("l logs")
        await user.press("l")
        await user.until(lambda: not isinstance(user.app.screen, ProblemsScreen), "its logs")


async def test_it_says_when_more_than_the_namespace_is_listed() -> None:
    class Everywhere(CachedSession):
        def informers(self) -> tuple[Any, ...]:
            status = SimpleNamespace(synced=False, last_error=None)
            return (SimpleNamespace(watched=Watched(PODS), informer=SimpleNamespace(status=status)),)

    app = app_of(Everywhere(pod("shop/web-1")))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        assert app.session is not None and app.session.names is not None
        app.push_screen(ProblemsScreen({"demo": app.session}, "shop"))
        await until(pilot, lambda: bool(texts(lines(app), "shop and what else is watched › problems")), "wider")


async def test_where_all_is_well_it_says_so() -> None:
    app = app_of(CachedSession(pod("shop/web-1")))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing is known to be wrong")), "all well")


def with_past() -> fakes.FakeSession:
    """cart-1 was well, then broke; web-1 was broken, then well; a node came later."""
    session = fakes.FakeSession()
    feed = session.feed(fakes.PODS)
    feed.put(fakes.pod("cart-1"), fakes.pod("web-1", phase="CrashLoopBackOff", restarts=7))
    feed.at = 1010.0
    feed.put(fakes.pod("web-1", version=2))
    feed.at = 1020.0
    feed.put(fakes.pod("cart-1", phase="ImagePullBackOff", version=2))
    conditions = [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "it is asleep"}]
    session.feed(fakes.NODES, None).at = 1030.0
    session.feed(fakes.NODES, None).put(fakes.make("Node", "node-7", "", status={"conditions": conditions}))
    return session


async def test_since_when_how_often_and_what_was_before() -> None:
    session = with_past()
    feed = session.feed(fakes.PODS)
    feed.at = 1040.0
    feed.put(fakes.pod("web-1", phase="ImagePullBackOff", version=3))
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("exclamation_mark")
        await user.see("KIND +NAME +SINCE↓ +TIMES +PROBLEM")
        await user.see("web-1 .* 2 +image pull")
        await user.press("slash", *"web-1", "enter")
        await user.see("something was wrong with it 2 times")
        await user.see("before that: crash loop")


async def test_the_newest_is_first_unless_they_are_sorted_by_name() -> None:
    session = with_past()
    feed = session.feed(fakes.PODS)
    feed.at = 1040.0
    feed.put(fakes.pod("web-0", phase="CrashLoopBackOff", restarts=7))
    feed.at = 1050.0
    feed.put(fakes.pod("web-1", phase="ImagePullBackOff", version=3))

    def order() -> list[str]:
        screen = user.app.screen
        assert isinstance(screen, ProblemsScreen)
        return [line.first.key.rpartition("/")[2] for line in screen.rows.lines.lines if "web" in line.first.key]

    async with running(session) as user:
        await user.see("3 pods")
        await user.press("exclamation_mark")
        await user.see("SINCE↓")
        await user.until(lambda: order() == ["web-1", "web-0"], "the newest first")
        await user.press("N")
        await user.until(lambda: order() == ["web-0", "web-1"], "by name")
        await user.press("A")
        await user.until(lambda: order() == ["web-1", "web-0"], "by onset again")
        row = next(place for place, line in enumerate(user.lines) if "KIND" in line)
        await user.pilot.click(offset=(user.lines[row].index("NAME"), row))
        await user.until(lambda: order() == ["web-0", "web-1"], "a click sorts, too")


async def test_in_time_travel_the_problems_are_those_of_the_moment() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("exclamation_mark")
        await user.see("Pod +cart-1")
        await user.see("KIND +NAME +SINCE↓ +PROBLEM")
        await user.see("2 problems in ")
        await user.press("escape", "t", "left", "left")
        await user.see("web-1 +0/1 +CrashLoopBackOff")
        await user.press("exclamation_mark")
        await user.see("Pod +web-1")
        await user.see("problems +◀ as it was at ")
        await user.see("1 problem in 2 objects of 1 of 3 kinds")
        await user.see("without nodes and deployments: not watched then")
        assert "cart-1" not in user.text and "node-7" not in user.text
        await user.press("y")
        await user.see("CrashLoopBackOff")
        await user.see("web-1 +◀ as it was at ")


async def test_in_a_replay_too() -> None:
    session = with_past()
    session.state = replace(session.state, version=RECORDING)
    async with running(session) as user:
        await user.see("recorded, as it was at")
        await user.press("space", "home", "exclamation_mark")
        await user.see("problems +◀ recorded, as it was at ")
        await user.see_no("cart-1")
        await user.press("escape", "end", "exclamation_mark")
        await user.see("Pod +cart-1")
        assert "web-1" not in user.text


async def test_what_may_not_be_listed_is_not_said_to_be_well() -> None:
    session = fakes.FakeSession((fakes.PODS, fakes.NODES))
    session.feed(fakes.PODS).put(fakes.pod("web-1"))
    session.feed(fakes.PODS).set_status(objects=1)
    refused = ErrorRecord(1.0, "list", "nodes is forbidden: eve cannot", 403)
    session.feed(fakes.NODES, None).set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=refused)
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("exclamation_mark")
        await user.see(
            "Nothing is known to be wrong$[^$]*1 object of 1 of 2 kinds are well.$[^$]*without nodes: forbidden"
        )
        session.feed(fakes.NODES, None).set_status(phase=Phase.LISTING, last_error=None)
        await user.see("Looking through 1 object of 1 kind …")


async def test_problems_are_as_fresh_as_what_they_are_found_in() -> None:
    session = with_past()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("exclamation_mark")
        await user.see("● live")
        session.feed(fakes.PODS).set_status(phase=Phase.BACKING_OFF, disconnected_since=1.0)
        await user.see("▲ pods: reconnecting · stale for")


@pytest.mark.parametrize(
    ("words", "shown", "hidden"),
    [
        ("-n data", "db-0", "web-2"),
        ("-n=shop kind:pod", "web-2", "db-0"),
        ("kind:pod --namespace data", "db-0", "web-2"),
        ("-A kind:pod", "db-0", "node-7"),
    ],
)
@pytest.mark.parametrize("is_open", [False, True])
async def test_where_to_look_is_said_as_for_a_table(words: str, shown: str, hidden: str, is_open: bool) -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        if is_open:
            await press(pilot, "exclamation_mark")
            await until(pilot, lambda: bool(texts(lines(app), "3 problems in")), "problems")
        await press(pilot, *":problems ", *words, "enter")
        assert isinstance(app.screen, ProblemsScreen)
        await until(pilot, lambda: bool(texts(lines(app), shown)) and not texts(lines(app), hidden), "only they")
        assert not texts(lines(app)[1:2], "-n") and not texts(lines(app)[1:2], "-A")


async def test_a_namespace_that_is_missing_is_said_and_nothing_opens() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, *":problems -n", "enter")
        await until(pilot, lambda: bool(texts(lines(app), "-n needs a namespace after it")), "what is missing")
        assert not isinstance(app.screen, ProblemsScreen)


async def test_until_everything_was_looked_at_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, make = threading.Event(), ListMaker._make

    def slow(self: ListMaker, *arguments: Any) -> None:
        assert goes_on.wait(60)
        make(self, *arguments)

    monkeypatch.setattr(ListMaker, "_make", slow)
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "exclamation_mark")
        await until(pilot, lambda: bool(texts(lines(app), "0 problems so far in 4 objects")), "so far")
        assert texts(lines(app), "looking") and texts(lines(app), "Looking through 4 objects")
        goes_on.set()
        await until(pilot, lambda: bool(texts(lines(app), "3 problems in 4 objects")), "all")
        assert not texts(lines(app), "so far")


async def test_the_header_counts_the_rows_that_are_listed_as_soon_as_they_are() -> None:
    app = app_of(world())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "exclamation_mark")
        screen = app.screen
        assert isinstance(screen, ProblemsScreen)
        await until(pilot, lambda: bool(screen.rows.lines.total), "a list")
        assert screen._header._state.count.startswith(f"{screen.rows.lines.total} problem")
