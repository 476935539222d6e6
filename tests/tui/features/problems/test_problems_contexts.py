"""The list of problems over several contexts, each with a session of its own."""

from __future__ import annotations

import time

from kwatch.history.journal import Journal
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.state import ConnectionPhase
from kwatch.tui.features.object.object_screen import ObjectScreen
from kwatch.tui.features.problems.problems_screen import ProblemsScreen
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import NAMESPACES, PODS, FakeSession, make, pod
from tests.tui.features.problems.test_problems_groups import RESOURCES, world
from tests.tui.test_several_contexts import JOURNEY, Clusters, unconnected


async def to_problems(user: Driver, words: str = "") -> None:
    await user.see("pods")
    await user.press("colon", *"problems", *(["space", *words] if words else []), "enter")
    await user.see("CONTEXT +KIND")


def broken_in_both() -> Clusters:
    clusters = Clusters()
    clusters.eu.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
    return clusters


async def test_they_are_one_list_with_a_column_that_says_which() -> None:
    async with broken_in_both().shown(size=(140, 30)) as user:
        await user.see("4 pods")
        await user.press("exclamation_mark")
        await user.see("prod-eu, prod-us › shop › problems")
        await user.see("2 problems in .* in 2 contexts +prod-eu 1 +prod-us 1")
        await user.see("! prod-eu +Pod +web-2")
        await user.see("! prod-us +Pod +web-1")


async def test_ctx_and_text_narrow_to_one() -> None:
    async with broken_in_both().shown(size=(140, 30)) as user:
        await to_problems(user)
        await user.see("2 problems")
        await user.press("slash", *"ctx:*-us", "enter")
        await user.see("1 of 2 problems")
        await user.see("prod-us +Pod +web-1")
        await user.see_no("prod-eu +Pod")
        await user.press("escape", "slash", *"prod-eu", "enter")
        await user.see_no("prod-us +Pod")
        await user.see("prod-eu +Pod +web-2")


async def test_an_object_opens_where_it_is() -> None:
    async with broken_in_both().shown() as user:
        await to_problems(user, "ctx:prod-us")
        await user.see("1 of 2 problems")
        await user.press("d")
        await user.see("prod-us › shop › pods › web-1")
        await user.press("escape")
        await user.see("prod-eu, prod-us › shop › problems")


async def test_one_that_is_not_there_yet_hides_and_delays_nothing() -> None:
    clusters = broken_in_both()
    before = unconnected(clusters.us)
    async with clusters.shown(size=(140, 30)) as user:
        await to_problems(user)
        await user.see("1 problem so far in .* in 1 of 2 contexts +prod-us starting +prod-eu 1")
        await user.see("1 of 2 contexts live")
        clusters.us.state, clusters.us.names = before
        await user.see("2 problems in .* in 2 contexts")
        await user.see("! prod-us +Pod +web-1")


async def test_one_that_cannot_be_reached_is_said_with_the_reason() -> None:
    clusters = Clusters()
    unconnected(clusters.us, phase=ConnectionPhase.FAILED, message="https://prod-us refuses connections")
    async with clusters.shown(size=(140, 30)) as user:
        await to_problems(user)
        await user.see("prod-us ✗ connection refused +prod-eu 0")
        await user.see("Nothing is known to be wrong")
        await user.see("without prod-us: connection refused")


async def test_one_that_broke_off_is_stale_alone() -> None:
    clusters = broken_in_both()
    async with clusters.shown(size=(140, 30)) as user:
        await to_problems(user)
        await user.see("2 contexts +prod-eu 1 +prod-us 1")
        refused = ErrorRecord(1.0, "watch", "connection refused")
        since = user.app.clock.time() - 40
        clusters.us.feed(PODS).set_status(phase=Phase.BACKING_OFF, last_error=refused, disconnected_since=since)
        await user.see(r"prod-us ▲ pods: reconnecting: connection refused, stale for \d+ (s|min) 1 +prod-eu 1")
        await user.see("1 of 2 contexts live")


async def test_causes_come_from_each_contexts_own_journal() -> None:
    """The rollout that broke the pods of one was not in the other, where a pod of the same name fails."""
    journal = Journal()
    eu = world(3, FakeSession(RESOURCES, context="prod-eu", journal=journal))
    us = FakeSession(RESOURCES, context="prod-us", journal=journal)
    us.feed(PODS).put(pod("web-2-0", phase="ImagePullBackOff"))
    async with running(eu, others=[us], start=JOURNEY, size=(180, 50)) as user:
        await to_problems(user)
        await user.see("4 problems")
        await user.see("▸ prod-eu +Pod +×3 web-2 .*rollout 2 of Deployment web|▸ prod-eu .*image 1 -> 2")
        await user.see("! prod-us +Pod +web-2-0")
        await user.press("slash", *"ctx:prod-us", "enter")
        await user.see("1 of 4 problems")
        await user.see("Likely +its node node-1: not there")
        assert "rollout 2" not in user.text
        await user.press("escape", "slash", *"ctx:prod-eu", "enter")
        await user.see("3 of 4 problems")
        await user.see("Likely  rollout 2 of Deployment web")
        await user.press("X")
        await user.until(lambda: isinstance(user.app.screen, ObjectScreen), "its suspects")
        await user.see("prod-eu › shop › pods")
        await user.see("1  .*rollout 2 of Deploy")


async def test_what_healed_is_listed_of_each() -> None:
    clusters = Clusters()
    for session, at in ((clusters.eu, 60.0), (clusters.us, 30.0)):
        feed = session.feed(PODS)
        feed.at = time.time() - 90
        feed.put(pod("cart-9", phase="CrashLoopBackOff"))
        feed.at = time.time() - at
        feed.put(pod("cart-9", version=2))
    async with clusters.shown(size=(160, 30)) as user:
        await to_problems(user, "since:1h")
        await user.see("1 problem, 2 healed")
        await user.see("✓ prod-eu +Pod +cart-9 .* healed")
        await user.see("✓ prod-us +Pod +cart-9 .* healed")


async def test_in_time_travel_they_are_those_of_the_moment_in_both() -> None:
    clusters = broken_in_both()
    clusters.us.feed(PODS).at = 1010.0
    clusters.us.feed(PODS).put(pod("web-1", version=2))
    clusters.eu.feed(PODS).at = 1020.0
    clusters.eu.feed(PODS).put(pod("web-2", version=3))
    async with clusters.shown(size=(140, 30)) as user:
        await user.see("4 pods")
        await user.press("t", "left", "left")
        await user.press("exclamation_mark")
        await user.see("problems +◀ as it was at ")
        await user.see("! prod-eu +Pod +web-2")
        await user.see("! prod-us +Pod +web-1")
        await user.press("slash", *"ctx:prod-us", "enter")
        await user.see_no("! prod-eu")
        await user.press("y")
        await user.see("prod-us › shop › pods › web-1 +◀ as it was at ")
        await user.see("CrashLoopBackOff")


async def test_of_a_context_that_was_not_watched_then_nothing_is_claimed() -> None:
    journal = Journal()
    eu, us = (FakeSession(context=name, journal=journal) for name in JOURNEY.contexts)
    unconnected(us, phase=ConnectionPhase.FAILED, message="refused")
    feed = eu.feed(PODS)
    for version, phase in enumerate(("Running", "ImagePullBackOff", "Running"), 1):
        feed.at = 1000.0 + version
        feed.put(pod("web-2", phase=phase, version=version))
    async with running(eu, others=[us], start=JOURNEY, size=(140, 30)) as user:
        await user.see("1 pod")
        await user.press("t", "left", "exclamation_mark")
        await user.see("problems +◀ as it was at ")
        await user.see("1 problem in 1 object of 1 kind in 1 of 2 contexts +prod-us not watched then +prod-eu 1")


async def test_who_may_not_list_all_namespaces_sees_the_problems_of_each() -> None:
    session = FakeSession()
    refused = {"phase": Phase.FORBIDDEN, "synced_at": None, "last_error": ErrorRecord(1.0, "list", "forbidden", 403)}
    session.feed(PODS, None).set_status(**refused)
    session.feed(PODS, "data").set_status(**refused)
    session.feed(NAMESPACES).put(*(make("Namespace", name, "") for name in ("data", "payments", "shop")))
    session.feed(PODS, "shop").put(pod("web-1"))
    session.feed(PODS, "payments").put(pod("pay-1", "payments", phase="CrashLoopBackOff"))
    async with running(session, start=StartView("pods", all_namespaces=True), size=(140, 30)) as user:
        await user.see("2 pods")
        await user.press("exclamation_mark")
        await user.see("Pod +payments +pay-1")
        await user.see("without pods in data: forbidden")
        screen = user.app.screen
        assert isinstance(screen, ProblemsScreen)
        before = session.feed(PODS, "payments").users
        await user.press("escape")
        await user.until(lambda: session.feed(PODS, "payments").users < before, "let go of")
