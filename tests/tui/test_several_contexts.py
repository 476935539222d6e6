"""One table of several contexts, key by key: each with a session of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from kwatch.config.settings import Settings
from kwatch.history.journal import Journal
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.open_sessions import WARM
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, FakeSession, make, pod

JOURNEY = StartView("pods", contexts=("prod-eu", "prod-us"))
EU = StartView("pods", contexts=("prod-eu",))


class Clusters:
    """Two, with pods of the same names and even the same uids."""

    def __init__(self) -> None:
        journal = Journal()
        self.eu = FakeSession(context="prod-eu", journal=journal)
        self.us = FakeSession(context="prod-us", journal=journal)
        self.eu.feed(PODS).put(pod("web-1"), pod("web-2"))
        self.us.feed(PODS).put(pod("web-1", phase="CrashLoopBackOff"), pod("cart-1"))

    @asynccontextmanager
    async def shown(self, start: StartView = JOURNEY, **named: Any) -> AsyncIterator[Driver]:
        async with running(self.eu, start=start, others=[self.us], **named) as user:
            yield user


def rows(user: Driver) -> list[str]:
    """Context and name of the rows on screen."""
    words = [line[3:].split() for line in user.lines[3:-2]]
    return [f"{each[0]} {each[1]}" for each in words if len(each) > 3 and each[2] in ("0/1", "1/1")]


def unconnected(session: FakeSession, **state: Any) -> tuple[SessionState, Any]:
    """As it was, to be put back."""
    before = session.state, session.names
    session.state, session.names = SessionState(**{"context": session.context, **state}), None
    return before


async def test_both_are_one_table_with_a_column_that_says_which() -> None:
    async with Clusters().shown() as user:
        await user.see("prod-eu, prod-us › shop › pods")
        await user.see("4 pods +prod-eu 2 +prod-us 2 +! 1 unhealthy")
        assert user.lines[2].split()[:2] == ["CONTEXT↑", "NAME"]
        assert rows(user) == ["prod-eu web-1", "prod-eu web-2", "prod-us cart-1", "prod-us web-1"]


async def test_a_change_comes_to_the_row_of_its_context_alone() -> None:
    clusters = Clusters()
    async with clusters.shown() as user:
        await user.see("4 pods")
        clusters.us.feed(PODS).put(pod("web-1", version=2))
        await user.see("~ prod-us +web-1 +1/1 +Running")
        clusters.eu.feed(PODS).remove("shop/web-1")
        await user.see("- prod-eu +web-1")
        await user.see("3 pods")


async def test_the_context_is_an_index_like_any_other() -> None:
    async with Clusters().shown(size=(150, 30)) as user:
        await user.see("4 pods")
        await user.press("slash", *"ctx:*-us", "enter")
        await user.see("2 of 4 pods")
        assert rows(user) == ["prod-us cart-1", "prod-us web-1"]
        await user.press("escape", "i")
        await user.see("ctx +2")
        await user.press("escape", "slash", *"ctx:pr", "tab")
        await user.see("/ctx:prod-eu")


async def test_text_finds_the_context_and_it_orders() -> None:
    async with Clusters().shown() as user:
        await user.see("4 pods")
        await user.press("slash", *"prod-us", "enter")
        await user.see("2 of 4 pods")
        await user.press("escape")
        await user.see("4 pods")
        user.app.home.sort_by("context")
        await user.see("CONTEXT↓")
        assert rows(user) == ["prod-us cart-1", "prod-us web-1", "prod-eu web-1", "prod-eu web-2"]
        await user.press("N")
        assert [each.split()[1] for each in rows(user)] == ["cart-1", "web-1", "web-1", "web-2"]


async def test_an_object_opens_with_the_session_of_its_context() -> None:
    clusters = Clusters()
    async with clusters.shown() as user:
        await user.see("4 pods")
        await user.press("G", "d")
        await user.see("prod-us › shop › pods › web-1")
        await user.see("CrashLoopBackOff")
        assert clusters.us.feed(PODS).users == 2 and clusters.eu.feed(PODS).users == 1
        await user.press("v")
        assert {each.context for each in clusters.us.journal.versions("prod-us", "pods", "shop/web-1")} == {"prod-us"}
        await user.press("escape")
        await user.see("prod-eu, prod-us › shop › pods")


async def test_logs_are_those_of_its_context() -> None:
    clusters = Clusters()
    clusters.us.feed(PODS).put(pod("web-1", version=2))
    clusters.us.log_lines = {"shop/web-1": ["from the west"]}
    clusters.eu.log_lines = {"shop/web-1": ["from the old world"]}
    async with clusters.shown() as user:
        await user.see("4 pods")
        await user.press("G", "l")
        await user.see("from the west")


async def test_going_to_what_it_consists_of_stays_in_its_context() -> None:
    clusters = Clusters()
    for session in (clusters.eu, clusters.us):
        selector = {"matchLabels": {"app": "web"}}
        session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"replicas": 1, "selector": selector}))
        session.feed(NODES).put(make("Node", "node-1", ""), make("Node", "node-2", ""))
    async with clusters.shown(StartView("deploy", contexts=("prod-eu", "prod-us"))) as user:
        await user.see("2 deployments")
        await user.press("G", "enter")
        await user.see("1 of 4 pods +/ctx:prod-us -l app=web")
        assert rows(user) == ["prod-us web-1"]
        await user.press("o")
        await user.see("4 nodes")
        assert user.line_with("▌").split()[1:3] == ["prod-us", "node-1"]


async def test_time_goes_back_over_both() -> None:
    clusters = Clusters()
    async with clusters.shown() as user:
        await user.see("4 pods")
        clusters.us.feed(PODS).put(pod("web-9"))
        clusters.eu.feed(PODS).put(pod("web-8"))
        await user.see("6 pods")
        await user.press("t", "left")
        await user.see("5 pods")
        await user.see("pods shop/web-9 in prod-us")
        await user.see("as it was at")  # and not how current the clusters are now
        assert rows(user)[-1] == "prod-us web-9"
        await user.press("left")
        await user.see("4 pods")


async def test_one_that_is_not_there_yet_hides_and_delays_nothing() -> None:
    clusters = Clusters()
    before = unconnected(clusters.us)
    async with clusters.shown() as user:
        await user.see("2 pods +prod-us starting +prod-eu 2")
        assert rows(user) == ["prod-eu web-1", "prod-eu web-2"]
        await user.see("1 of 2 contexts live")
        clusters.us.state, clusters.us.names = before
        await user.see("4 pods +prod-eu 2 +prod-us 2")
        assert rows(user)[2:] == ["prod-us cart-1", "prod-us web-1"]


async def test_the_first_one_may_be_the_one_that_cannot_be_reached() -> None:
    clusters = Clusters()
    message = "https://prod-eu refuses connections"
    before = unconnected(clusters.eu, phase=ConnectionPhase.FAILED, message=message, context="prod-eu")
    async with clusters.shown() as user:
        await user.see("2 pods +prod-eu ✗ connection refused +prod-us 2")
        assert rows(user) == ["prod-us cart-1", "prod-us web-1"]
        clusters.eu.state, clusters.eu.names = before
        await user.see("4 pods +prod-eu 2 +prod-us 2")


async def test_where_none_can_be_reached_each_reason_is_said() -> None:
    clusters = Clusters()
    unconnected(clusters.eu, phase=ConnectionPhase.FAILED, message="refused", context="prod-eu")
    unconnected(clusters.us, phase=ConnectionPhase.FAILED, message="expired", context="prod-us")
    async with clusters.shown() as user:
        await user.see("Not connected")
        await user.see("prod-eu: refused; prod-us: expired")


async def test_rows_of_one_that_broke_off_say_since_when_they_are_stale() -> None:
    clusters = Clusters()
    async with clusters.shown() as user:
        await user.see("4 pods")
        refused = ErrorRecord(1.0, "watch", "connection refused")
        since = user.app.clock.time() - 40
        clusters.us.feed(PODS).set_status(phase=Phase.BACKING_OFF, last_error=refused, disconnected_since=since)
        await user.see("prod-us ▲ 4. s +web-1")
        await user.see("prod-us ▲ reconnecting: connection refused, stale for 4. s 2")
        await user.see("prod-eu +web-1")
        assert "prod-eu ▲" not in user.text


async def test_a_kind_that_one_does_not_have_is_said() -> None:
    clusters = Clusters()
    clusters.us.names = type(clusters.eu.names)((PODS,))  # type: ignore[misc]
    clusters.eu.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    async with clusters.shown(StartView("deploy", contexts=("prod-eu", "prod-us"))) as user:
        await user.see("1 deployment +prod-us ✗ not on the server +prod-eu 1")


async def test_two_names_for_one_server_are_said() -> None:
    clusters = Clusters()
    clusters.us.state = replace(clusters.us.state, server="https://prod-eu")
    async with clusters.shown(size=(160, 20)) as user:
        await user.see("prod-eu, prod-us: one server")


async def test_marked_contexts_are_shown_together_and_one_was_never_closed() -> None:
    clusters = Clusters()
    names = ("prod-eu", "prod-us")
    for session in (clusters.eu, clusters.us):
        first = session.contexts[0]
        session.contexts = tuple(type(first)(**{**vars(first), "name": name}) for name in names)
    async with running(clusters.eu, others=[clusters.us]) as user:
        await user.see("2 pods")
        await user.press(*":ctx", "enter")
        await user.see("[*] prod-eu")
        await user.press("up", "space", "space")
        await user.see("2 marked of 2")
        await user.press("enter")
        await user.see("4 pods +prod-eu 2 +prod-us 2")
        assert not clusters.eu.closed
        await user.press("colon", *"ctx prod-us", "enter")
        await user.see("prod-us › shop › pods")
        await user.see("2 pods")
        assert not clusters.eu.closed  # warm for a while
        await user.press("colon", *"ctx prod-*", "enter")
        await user.see("4 pods +prod-eu 2 +prod-us 2")
        await user.press("colon", *"ctx prod-eu,nix", "enter")
        await user.see("There is no context 'nix'")


async def test_a_context_that_was_shown_before_is_found_as_it_was_left() -> None:
    clusters = Clusters()
    clusters.eu.feed(PODS).put(pod("web-3"), pod("cart-8"))
    async with clusters.shown(EU) as user:
        await user.press("slash", *"web", "enter", "down")
        await user.see(r"prod-eu › shop › pods[^\n]*\n +3 of 4 pods")
        live = user.app.home.live
        user.app.show_contexts(("prod-us",))
        await user.see(r"prod-us › shop › pods[^\n]*\n +2 pods")
        clusters.eu.feed(PODS).put(pod("web-4"), pod("cart-9"), pod("web-1", version=2, phase="Pending"))
        clusters.eu.feed(PODS).remove("shop/web-3")
        user.app.show_contexts(("prod-eu",))
        await user.see(r"prod-eu › shop › pods[^\n]*\n +3 of 5 pods")
        assert re.findall("web-[0-9]", user.text) == ["web-1", "web-2", "web-4"]
        assert user.app.home.live is live
        assert user.app.home.table.cursor_key == "shop/web-2"
        assert live is not None and not live.projection.gone  # what is gone since then was gone before one came back
        assert not live.is_glowing(["shop/web-1", "shop/web-4"])
        await user.press("escape")
        await user.see(r"prod-eu › shop › pods[^\n]*\n +5 pods")


async def test_a_context_that_was_left_for_long_begins_again() -> None:
    clusters = Clusters()
    async with clusters.shown(EU) as user:
        await user.see(r"prod-eu › shop › pods[^\n]*\n +2 pods")
        feed = clusters.eu.feed(PODS)
        assert feed.users == 1
        user.app.show_contexts(("prod-us",))
        await user.see(r"prod-us › shop › pods[^\n]*\n +2 pods")
        assert feed.users == 1
        user.app.open_sessions._left_at["prod-eu"] -= WARM + 1
        await user.until(lambda: clusters.eu.closed and feed.users == 0, "closed, and its table with it")


async def test_other_settings_make_a_table_that_was_left_again() -> None:
    clusters = Clusters()
    async with clusters.shown(EU) as user:
        await user.press("slash", *"web-2", "enter")
        await user.see(r"prod-eu › shop › pods[^\n]*\n +1 of 2 pods")
        user.app.show_contexts(("prod-us",))
        await user.see(r"prod-us › shop › pods[^\n]*\n +2 pods")
        user.app.use_settings(Settings(columns={"pods": ("NAME", "WHERE:.spec.nodeName")}))
        user.app.show_contexts(("prod-eu",))
        await user.see(r"prod-eu › shop › pods[^\n]*\n +1 of 2 pods")
        assert user.lines[2].split() == ["NAME↑", "WHERE"]
        assert clusters.eu.feed(PODS).users == 1


async def test_what_nobody_looks_at_for_long_is_closed() -> None:
    clusters = Clusters()
    async with clusters.shown() as user:
        await user.see("4 pods")
        user.app.show_contexts(("prod-us",))
        sessions = user.app.open_sessions
        (left,) = sessions._left_at.items()
        assert left[0] == "prod-eu"
        sessions._left_at["prod-eu"] -= WARM + 1
        await user.until(lambda: clusters.eu.closed, "closed")
        assert not clusters.us.closed


async def test_the_delta_log_says_where_each_came_from_and_opens_it_there() -> None:
    clusters = Clusters()
    async with clusters.shown(size=(160, 30)) as user:
        await user.see("4 pods")
        clusters.us.feed(PODS).put(pod("web-1", version=2))
        clusters.eu.feed(PODS).put(pod("web-1", version=2))
        await user.press("D")
        await user.see("prod-eu, prod-us › delta log")
        await user.see("modified +prod-us +pods +shop/web-1")
        await user.see("modified +prod-eu +pods +shop/web-1")
        await user.press("up", "enter")
        await user.see("prod-us › shop › pods › web-1")


async def test_the_delta_log_is_narrowed_to_one_and_says_how_many_are_live() -> None:
    clusters = Clusters()
    unconnected(clusters.us, phase=ConnectionPhase.FAILED, message="refused", context="prod-us")
    clusters.us.feed(PODS).put(pod("web-1", version=2))
    them, clusters.us.feeds = clusters.us.feeds, {}
    async with clusters.shown(size=(160, 30)) as user:
        await user.see("2 pods")
        await user.press("D")
        await user.see("1 of 2 contexts live")
        await user.press("slash", *"ctx:prod-us", "enter")
        await user.see_no("modified +prod-eu|added +prod-eu")
        await user.see("prod-us +pods +shop/web-1")
    clusters.us.feeds = them


async def test_only_the_unhealthy_rows_of_both() -> None:
    clusters = Clusters()
    clusters.eu.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
    async with clusters.shown() as user:
        await user.see("4 pods")
        await user.press("ctrl+z")
        await user.see("2 of 4 pods +/unhealthy")
        assert rows(user) == ["prod-eu web-2", "prod-us web-1"]


async def test_the_informers_of_both_are_listed() -> None:
    async with Clusters().shown() as user:
        await user.see("4 pods")
        await user.press("I")
        await user.see("prod-eu: pods in shop")
        await user.see("prod-us: pods in shop")


async def test_logs_of_marked_rows_of_both_are_merged_and_say_where_each_line_is_from() -> None:
    clusters = with_logs()
    async with clusters.shown(size=(150, 30)) as user:
        await user.see("4 pods")
        await user.press("g", "space", "G", "space", "l")
        await user.see("prod-eu, prod-us › logs › 2 marked pods")
        await user.see("prod-eu/web-1 +from the old world")
        await user.see("prod-us/web-1 +from the west")
        await user.see("showing 2 containers")
        assert "cart" not in user.text


async def test_kubectl_is_told_the_context_of_a_problem_and_of_each_log() -> None:
    clusters = with_logs()
    clusters.eu.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
    async with clusters.shown(size=(180, 40)) as user:
        await user.see("4 pods")
        await user.press("g", "space", "G", "space", "l")
        await user.see("2 marked pods")
        await user.press("K")
        await user.see("kubectl .*logs.*--context=prod-eu|kubectl .*--context=prod-eu.* logs")
        await user.see("kubectl .*logs.*--context=prod-us|kubectl .*--context=prod-us.* logs")
        await user.press("escape", "escape", "colon", *"problems ctx:prod-eu", "enter")
        await user.see("1 of 1 problem|1 of 2 problems")
        await user.press("K")
        await user.see("--context=prod-eu.*web-2|web-2.*--context=prod-eu")


async def test_logs_of_all_rows_are_of_those_that_the_filter_shows() -> None:
    clusters = with_logs()
    async with clusters.shown(size=(150, 30)) as user:
        await user.see("4 pods")
        await user.press("slash", *"ctx:prod-us", "enter", "L")
        await user.see("logs › pods /ctx:prod-us")
        await user.see("cart-1 +of the cart")
        await user.see("web-1 +from the west")
        await user.see("showing 2 containers")
        await user.see_no("old world")
        await user.press("escape", "escape", "L")
        await user.see("prod-eu/web-1 +from the old world")
        await user.see("prod-us/web-1 +from the west")


async def test_a_context_that_is_not_there_keeps_no_log_from_being_read() -> None:
    clusters = with_logs()
    unconnected(clusters.us, phase=ConnectionPhase.FAILED, message="refused", context="prod-us")
    async with clusters.shown(size=(150, 30)) as user:
        await user.see("2 pods")
        await user.press("L")
        await user.see("from the old world")


def with_logs() -> Clusters:
    clusters = Clusters()
    clusters.us.feed(PODS).put(pod("web-1", version=2))
    clusters.us.log_lines = {"shop/web-1": ["from the west"], "shop/cart-1": ["of the cart"]}
    clusters.eu.log_lines = {"shop/web-1": ["from the old world"]}
    return clusters


async def test_kubectl_is_told_the_context_of_each() -> None:
    async with Clusters().shown(size=(160, 40)) as user:
        await user.see("4 pods")
        await user.press("slash", *"ctx:prod-us", "enter", "G", "K")
        await user.see("kubectl get pods .*--context=prod-eu|kubectl --context=prod-eu get pods")
        await user.see("--context=prod-us .*web-1|web-1.*--context=prod-us")


def deployments(clusters: Clusters) -> None:
    for session, image in ((clusters.eu, "web:1"), (clusters.us, "web:2")):
        template = {"spec": {"containers": [{"name": "main", "image": image}]}}
        spec = {"replicas": 1, "template": template}
        session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec=spec, status={"replicas": 1}))
    clusters.us.feed(DEPLOYMENTS).put(make("Deployment", "cart", spec={"replicas": 7}))


async def test_an_object_and_its_like_in_another_context_stand_side_by_side() -> None:
    clusters = Clusters()
    deployments(clusters)
    async with clusters.shown(StartView("deploy", contexts=("prod-eu", "prod-us"))) as user:
        await user.see("3 deployments")
        await user.press("equals_sign")
        await user.see("prod-eu +→ +prod-us")
        await user.see("image: web:1 .*image: web:2")
        assert "uid" not in user.text and "status" not in user.text
        await user.press("escape", "down", "equals_sign")
        await user.see("No other context has an object of that name")


async def test_two_marked_rows_stand_side_by_side_also_of_one_context() -> None:
    clusters = Clusters()
    deployments(clusters)
    async with running(clusters.us, start=StartView("deploy")) as user:
        await user.see("2 deployments")
        await user.press("equals_sign")
        await user.see("Mark two rows with Space")
        await user.press("space", "space", "equals_sign")
        await user.see("shop/cart +→ +shop/web")
        await user.see("replicas: 7 .*replicas: 1")
        assert "older" not in user.text, "there are no others that left and right could lead to"


async def written(user: Driver, path: Path, words: str) -> str:
    """What a report says."""
    told = user.listen()
    await user.press("colon", *f"report {words}", "enter")
    await user.until(lambda: any(str(path) in each and "Report:" in each for each in told), "it is written")
    return path.read_text()


async def test_a_report_tells_of_every_context_and_of_what_is_missing(tmp_path: Path) -> None:
    clusters = Clusters()
    clusters.eu.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
    path = tmp_path / "both.md"
    async with clusters.shown(size=(150, 30)) as user:
        await user.see("4 pods")
        text = await written(user, path, str(path))
        assert "Something is wrong in 2 of 2 clusters" in text
        assert "**Cluster:** prod-eu" in text and "**Cluster:** prod-us" in text
        assert "Pod shop/web-2" in text and "Pod shop/web-1" in text
        unconnected(clusters.eu, phase=ConnectionPhase.FAILED, message="https://prod-eu refuses connections")
        text = await written(user, path, f"{path} --force")
        assert "Something is wrong in 1 of 1 cluster, and 1 is not told of" in text
        assert "prod-eu refuses connections" in text.replace("\\", "")


async def test_a_report_of_problems_is_of_the_contexts_that_the_filter_means(tmp_path: Path) -> None:
    clusters = Clusters()
    clusters.eu.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
    path = tmp_path / "one.md"
    async with clusters.shown(size=(150, 30)) as user:
        await user.see("4 pods")
        await user.press("colon", *"problems ctx:*-us", "enter")
        await user.see("1 of 2 problems")
        text = await written(user, path, str(path))
        assert "**Cluster:** prod-us" in text and "prod-eu" not in text
        assert "Pod shop/web-1" in text and "web-2" not in text


async def test_a_report_of_an_object_is_of_its_own_context(tmp_path: Path) -> None:
    path = tmp_path / "object.md"
    async with Clusters().shown(size=(150, 30)) as user:
        await user.see("4 pods")
        await user.press("G", "d")
        await user.see("prod-us › shop › pods › web-1")
        text = await written(user, path, str(path))
        assert "**Cluster:** prod-us" in text and "prod-eu" not in text


async def test_left_and_right_are_called_by_where_they_lead() -> None:
    clusters = Clusters()
    deployments(clusters)
    third = FakeSession(context="prod-ap", journal=clusters.eu.journal)
    third.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"replicas": 3}))
    start = StartView("deploy", contexts=("prod-ap", "prod-eu", "prod-us"))
    async with running(clusters.eu, start=start, others=[clusters.us, third]) as user:
        await user.see("4 deployments")
        await user.press("equals_sign")
        await user.see("prod-ap +→ +prod-eu")
        await user.see("← one before +→ next one")
        assert "older" not in user.text and "newer" not in user.text
