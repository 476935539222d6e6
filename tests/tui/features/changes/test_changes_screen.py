"""`m` sets a baseline, `M` shows what changed since."""

from __future__ import annotations

from typing import Any

from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, PODS, SECRETS, FakeSession, make, pod
from tests.tui.test_several_contexts import JOURNEY, unconnected

LATER = 4e9
"""After every baseline that is set now."""
WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "name": "web",
    "uid": "uid-Deployment-shop-web",
    "controller": True,
}


def owned(name: str, version: int, image: str = "web:1", **parts: Any) -> KubeObject:
    metadata = {"ownerReferences": [WEB]}
    return make(
        "Pod", name, version=version, metadata=metadata, spec={"containers": [{"name": "main", "image": image}]}
    )


def deployment(name: str, version: int, image: str) -> KubeObject:
    containers = [{"name": "main", "image": image}]
    return make("Deployment", name, version=version, spec={"template": {"spec": {"containers": containers}}})


def session_of_shop(session: FakeSession | None = None) -> FakeSession:
    session = session or FakeSession()
    session.feed(PODS).put(owned("web-1", 1), owned("web-2", 2), pod("lone-1"))
    session.feed(DEPLOYMENTS).put(deployment("web", 1, "web:1"), deployment("api", 2, "api:1"))
    for feed in session.feeds.values():
        feed.at = LATER
    return session


def change(session: FakeSession) -> None:
    """A rollout of web; api too gets another image."""
    session.feed(DEPLOYMENTS).put(deployment("web", 10, "web:2"), deployment("api", 11, "api:2"))
    fresh = owned("web-3", 12, "web:2").tree()
    fresh["metadata"]["creationTimestamp"] = "2099-01-01T00:00:00Z"
    session.feed(PODS).put(KubeObject.of(fresh))
    session.feed(PODS).remove("shop/web-1")


async def after_changes(user: Driver, session: FakeSession) -> None:
    await user.see("3 pods")
    await user.press("m")
    await user.see("Baseline set at")
    change(session)
    await user.press("M")
    await user.see(r"4 objects +\+1 -1 ~2")


async def test_what_changed_since_the_baseline_by_owner() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        await user.see(r"changed since \d\d:\d\d:\d\d")
        assert user.line_with("▾ Deployment").split()[1:3] == ["Deployment", "shop/web"]
        assert user.line_with("▾ Deployment").endswith("+1 -1 ~1")
        assert "containers[main].image 1 -> 2" in user.line_with(" ~   Deployment web")
        assert user.line_with("Pod web-3").split()[0] == "+"
        assert user.line_with("Pod web-1").endswith("deleted")
        assert user.line_with("Deployment shop/api").lstrip("▌ ").startswith("~ Deployment")
        assert "lone-1" not in user.text
        await user.see("a shows what is left out: events and leases")


async def test_the_header_of_the_table_counts_what_changed_since() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await user.see("3 pods")
        assert "Δ" not in user.text
        await user.press("m")
        await user.see(r"Δ 0 since \d\d:\d\d:\d\d")
        change(session)
        await user.see(r"Δ 4 since")
        await user.press("colon")
        await user.type("baseline clear")
        await user.press("enter")
        await user.see("The baseline is cleared")
        await user.see_no("Δ")


async def test_what_is_watched_goes_on_being_watched_until_the_baseline_is_cleared() -> None:
    session = session_of_shop()
    session.feed(EVENTS)
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("m")
        await user.press("m")
        await user.see("Δ 0")
        users = {feed.resource.name: feed.users for feed in session.feeds.values()}
        assert users == {"pods": 2, "deployments": 1, "events": 0}
        session.feed(PODS).put(pod("new-1"))
        await user.press("colon")
        await user.type("baseline clear")
        await user.press("enter")
        await user.see("cleared")
        assert {feed.users for feed in session.feeds.values()} == {1, 0}


async def test_folding_with_every_key() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        await user.press("down", "enter")
        await user.see(r"▸ Deployment shop/web .*\+1 -1 ~1  spec.*1 -> 2")
        assert "Pod web-3" not in user.text
        await user.press("right")
        await user.see("Pod web-3")
        await user.press("right", "down", "left")
        assert user.line_with("▾ Deployment").startswith("▌")
        await user.press("left")
        await user.see_no("Pod web-3")
        await user.press("space")
        await user.see("Pod web-3")
        await user.press("down", "down", "space")
        await user.see_no("Pod web-3")
        await user.press("f", "f")
        await user.see("Pod web-3")


async def test_by_path_and_narrowed() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        await user.press("g")
        await user.see(r"▸ spec.template.spec.containers\[\].image .* 2 objects  1 -> 2 \[main\]")
        await user.press("enter")
        await user.see("~   Deployment shop/api .* 1 -> 2")
        await user.press("g", "slash")
        await user.type("web-3")
        await user.see("1 of 4 objects")
        await user.press("enter")
        assert "api" not in user.text
        await user.press("escape")
        await user.see(r"4 objects  \+1")
        await user.press("slash")
        await user.type("nothing so")
        await user.see("None of 4 objects contains these words")
        await user.press("escape")
        await user.see(r"4 objects  \+1")
        await user.press("escape")
        await user.see("3 pods")


async def test_enter_compares_the_baseline_with_now_side_by_side_and_v_opens_the_history() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        session.feed(DEPLOYMENTS).put(deployment("api", 20, "api:3"))
        await user.see("1 -> 3")
        await user.press("enter")
        await user.see("api:1.*│.*api:3")
        await user.see("2 at .* →  20 at")
        await user.press("left")
        await user.see("api:1.*│.*api:2")
        await user.press("left", "right", "right", "escape")
        await user.see("4 objects")
        await user.press("v")
        await user.see("deployments.apps › api")
        await user.see("History 3")


async def test_it_is_live_and_m_begins_anew() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        session.feed(PODS).remove("shop/lone-1")
        await user.see(r"- +Pod shop/lone-1 .*deleted")
        await user.press("m")
        await user.see("Nothing has changed since")
        session.feed(PODS).put(pod("another", version=30))
        await user.see(r"\+ +Pod shop/another")
        assert "lone-1" not in user.text


async def test_events_and_noise_are_left_out_until_asked_for() -> None:
    session = session_of_shop()
    session.feed(EVENTS)
    async with running(session) as user:
        await after_changes(user, session)
        session.feed(EVENTS).at = LATER
        session.feed(EVENTS).put(make("Event", "lone.1", reason="Scheduled"))
        session.feed(PODS).put(pod("lone-1", version=40))  # nothing but another version
        await user.see("a shows what is left out: 1 events and leases")
        await user.see("n shows 1 object that differs only in versions and heartbeats")
        await user.press("a")
        await user.see("Event shop/lone.1")
        await user.press("n")
        await user.see("lone-1 .*metadata.resourceVersion 1 -> 40")
        await user.press("a", "n")
        await user.see_no("lone")


async def test_without_a_baseline_it_is_since_watching_began_and_says_so() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await user.see("3 pods")
        change(session)
        await user.press("M")
        await user.see("changed since watching began")
        await user.see("no baseline is set: m sets one")
        await user.see("Pod web-3")


async def test_moments_can_be_named_and_nonsense_is_told() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await user.see("3 pods")
        for words, answer in (
            ("baseline noon", "not a moment: write 14:02"),
            ("baseline -10s", "Baseline set at .*, 10 s ago"),
            ("baseline now", r"Baseline set at \d\d:\d\d:\d\d\. Shift-M"),
            ("baseline 1965-01-01 00:00", "Nothing is remembered before"),
        ):
            await user.press("colon")
            await user.type(words)
            await user.press("enter")
            await user.see(answer)
        await user.press("colon")
        await user.type("since -1h")
        await user.press("enter")
        await user.see("changed since")


async def test_in_the_past_it_is_set_there_and_compared_with_the_moment_shown() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("a"), pod("b"))
    feed.put(pod("a", version=2, phase="Failed"))
    feed.put(pod("c", version=3))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("t", "left", "left", "m")
        await user.see("Baseline set at")
        await user.press("right", "M")
        await user.see(r"changed from .* to ")
        await user.see(r"~ +Pod shop/a")
        assert "shop/c" not in user.text
        await user.see("as it was")
        await user.press("v")
        await user.see("pods › a .*as it was")
        await user.press("escape", "escape", "end", "M")
        await user.see(r"\+ +Pod shop/c")


async def test_the_delta_under_the_cursor_can_be_the_baseline() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await user.see("3 pods")
        change(session)
        await user.press("D")
        await user.see("8 deltas|9 deltas")
        await user.press("up", "m", "M")
        await user.see(r"1 object +-1")
        await user.see("Pod shop/web-1|Pod web-1")


async def test_secrets_stay_secret() -> None:
    session = FakeSession()
    session.feed(SECRETS).put(make("Secret", "s", data={"word": "b25l"}))
    async with running(session) as user:
        await user.see("No pods")
        await user.press("m")
        session.feed(SECRETS).at = LATER
        session.feed(SECRETS).put(make("Secret", "s", version=2, data={"word": "dHdv"}))
        await user.press("M")
        await user.see(r"data.word \*\*\*")
        await user.press("enter")
        await user.see(r"word: .*\*\*\*")
        assert "dHdv" not in user.text and "b25l" not in user.text


async def test_what_was_not_watched_is_said() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("m")
        session.feed(PODS).lose(LATER, LATER + 200)
        await user.press("M")
        await user.see("pods not watched .* to ")


async def test_a_small_screen_shows_what_matters() -> None:
    session = session_of_shop()
    async with running(session, size=(80, 24)) as user:
        await after_changes(user, session)
        assert "WHO" not in user.text
        assert user.line_with("Pod web-3").endswith("created")
        assert "spec.template" in user.line_with("~ Deployment shop/api")


async def test_all_of_the_line_under_the_cursor_is_told_below() -> None:
    session = session_of_shop()
    async with running(session) as user:
        await after_changes(user, session)
        await user.see(r"Deployment/api   2 → 11 in 1 delta, the last at")
        await user.see(r"^  spec.template.spec.containers\[main\].image 1 -> 2$")
        await user.press("down")
        await user.see(r"Deployment shop/web   3 objects")
        await user.see(r"Pod +\+1 -1$")
        await user.press("g")
        await user.see("2   1 -> 2 .main.$")


async def test_a_very_low_screen_is_all_list() -> None:
    session = session_of_shop()
    async with running(session, size=(60, 12)) as user:
        await after_changes(user, session)
        assert "in 1 delta" not in user.text and "Pod web-3" in user.text


def two() -> tuple[FakeSession, FakeSession]:
    """With objects of the same names and uids."""
    journal = Journal()
    eu, us = (session_of_shop(FakeSession(context=name, journal=journal)) for name in JOURNEY.contexts)
    return eu, us


async def test_a_baseline_is_that_of_every_context_and_what_changed_says_where() -> None:
    eu, us = two()
    async with running(eu, others=[us], start=JOURNEY, size=(160, 40)) as user:
        await user.see("6 pods")
        await user.press("m")
        await user.see("Baseline set at")
        change(us)
        eu.feed(DEPLOYMENTS).put(deployment("api", 21, "api:3"))
        await user.see("Δ 5 since")
        await user.press("M")
        await user.see("prod-eu, prod-us › changed since")
        await user.see(r"5 objects +\+1 -1 ~3")
        await user.see("CONTEXT +OBJECT")
        await user.see("~ prod-eu +Deployment shop/api .*api:1 -> 3|~ prod-eu +Deployment shop/api ")
        await user.see("~ prod-us +Deployment shop/api ")
        await user.see("▾ prod-us +Deployment shop/web ")
        await user.see_no("prod-eu +Deployment shop/web")
        await user.press("slash", *"prod-eu", "enter")
        await user.see("1 of 5 objects")
        await user.press("escape")
        await user.see(r"5 objects +\+1 -1 ~3")
        await user.press("G", "d")
        await user.see("prod-us › shop › pods › web-")


async def test_by_path_what_changed_alike_in_both_is_one_group() -> None:
    eu, us = two()
    async with running(eu, others=[us], start=JOURNEY, size=(160, 40)) as user:
        await user.see("6 pods")
        await user.press("m")
        await user.see("Baseline set at")
        for session in (eu, us):
            session.feed(DEPLOYMENTS).put(deployment("api", 31, "api:9"))
        await user.press("M")
        await user.see("2 objects +~2")
        await user.press("g")
        await user.see("▸ 2 of them +spec.template.spec.containers")
        await user.press("right")
        await user.see("~ prod-eu +Deployment shop/api")
        await user.see("~ prod-us +Deployment shop/api")


async def test_a_context_that_connects_later_is_kept_watched_for_the_baseline() -> None:
    eu, us = two()
    before, feeds, us.feeds = unconnected(us), us.feeds, {}
    async with running(eu, others=[us], start=JOURNEY, size=(160, 40)) as user:
        await user.see("3 pods")
        await user.press("m")
        await user.see("Baseline set at")
        (us.state, us.names), us.feeds = before, feeds
        await user.until(lambda: "the baseline" in us.feed(DEPLOYMENTS).purposes, "held")
        us.feed(DEPLOYMENTS).put(deployment("api", 41, "api:9"))
        await user.press("M")
        await user.see("~ prod-us +Deployment shop/api")
        user.app.baseline.clear()  # type: ignore[union-attr]
        assert us.feed(DEPLOYMENTS).users == 0
