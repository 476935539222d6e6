"""The pulse of the cluster: what is watched anyway, counted and judged."""

from __future__ import annotations

import pytest

from kwatch.session.state import ConnectionPhase
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, FakeSession, make, pod
from tests.tui.test_several_contexts import Clusters, unconnected


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), *(pod(f"cart-{n}", phase="CrashLoopBackOff") for n in (1, 2)))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    session.feed(NODES).put(make("Node", "node-1", "", status={"conditions": [{"type": "Ready", "status": "False"}]}))
    return session


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_counts_and_what_is_wrong(size: tuple[int, int]) -> None:
    session = shop()
    async with running(session, size=size, start=StartView(namespace="shop")) as user:
        await user.see("4 pods")
        watched = set(session.feeds)
        await user.press("colon", *"pulses", "enter")
        await user.see(r"! +pods +shop +4 +2 ")
        await user.see(r"! +deployments +shop +1 +1 ")
        await user.see("6 objects of what is watched +! 4 unhealthy")
        assert set(session.feeds) == watched, "nothing is listed for it"
        healed = {"conditions": [{"type": "Ready", "status": "True"}]}
        session.feed(NODES).put(make("Node", "node-1", "", version=2, status=healed))
        await user.see(r"  nodes +1 +0")
        await user.press("home", "down", "enter")
        await user.see("2 of 4 pods +/unhealthy")
    assert session.feed(DEPLOYMENTS).users == 0


async def test_in_the_past_it_says_that_it_is_of_now() -> None:
    session = shop()
    session.feed(PODS).put(pod("web-1", version=2, restarts=1))
    async with running(session, start=StartView(namespace="shop")) as user:
        await user.see("4 pods")
        await user.press("t", "left", "colon", *"pulse", "enter")
        await user.see("of now; the table is as it was at")


async def test_of_several_contexts_each_is_counted_and_one_that_is_not_there_delays_none() -> None:
    clusters = Clusters()
    clusters.eu.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    message = "https://prod-us refuses connections"
    before = unconnected(clusters.us, phase=ConnectionPhase.FAILED, message=message)
    them, clusters.us.feeds = clusters.us.feeds, {}
    async with clusters.shown(size=(140, 30)) as user:
        await user.see("2 pods")
        await user.press("colon", *"pulses", "enter")
        await user.see("prod-eu, prod-us › pulses")
        await user.see("CONTEXT +KIND +IN +OBJECTS")
        await user.see("prod-us ✗ connection refused +prod-eu ! 1 ")
        await user.see("! prod-eu +deployments +shop +1 +1 ")
        (clusters.us.state, clusters.us.names), clusters.us.feeds = before, them
        await user.see("prod-eu ! 1 +prod-us ! 1 ")
        await user.see("! prod-us +pods +shop +2 +1 ")
        await user.see("  prod-eu +pods +shop +2 +0 ")
        await user.press("home", "down", "enter")
        await user.see("1 of 4 pods +/ctx:prod-us unhealthy")
    assert clusters.eu.feed(DEPLOYMENTS).users == 0
