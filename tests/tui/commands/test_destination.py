"""What is typed after the colon: a resource and where to look for it, or a sentence on what is missing."""

from __future__ import annotations

import pytest

from kwatch.catalog.names import ResourceNames
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.commands.command_line import Destination, Unclear, read_destination
from kwatch.tui.features.time_travel.moment import Replay
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, RESOURCES, FakeSession, pod


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pods", Destination("pods")),
        ("pods shop", Destination("pods", "shop")),
        ("pods -n shop", Destination("pods", "shop")),
        ("pods -nshop", Destination("pods", "shop")),
        ("pods -n=shop", Destination("pods", "shop")),
        ("pods --namespace shop", Destination("pods", "shop")),
        ("pods --namespace=shop", Destination("pods", "shop")),
        ("pods -A", Destination("pods", "")),
        ("pods all", Destination("pods", "")),
        ("pods --all-namespaces /cart", Destination("pods", "", "cart")),
        ("pods , deploy  -n shop", Destination("pods,deploy", "shop")),
        ("pods -l app=cart", Destination("pods", label_selector="app=cart")),
        ("pods -lapp!=cart", Destination("pods", label_selector="app!=cart")),
        ("pods --selector=app=cart", Destination("pods", label_selector="app=cart")),
        ("pods app=cart, tier=web", Destination("pods", label_selector="app=cart,tier=web")),
        ("pods -l 'app in (a, b)' shop", Destination("pods", "shop", label_selector="app in (a,b)")),
        ("pods @prod shop /x y", Destination("pods", "shop", "x y", context="prod")),
        ("pods -n shop -n shop", Destination("pods", "shop")),
        ("pods 'app in (a)'", Destination("pods", label_selector="app in (a)")),
        ("pods -f crt /x", Destination("pods", filter="-f crt x")),
        ("v1/pods kube-system", Destination("v1/pods", "kube-system")),
        ("apps/v1/deployments /x", Destination("apps/v1/deployments", filter="x")),
    ],
)
def test_what_is_meant(text: str, meant: Destination) -> None:
    assert read_destination(text) == meant


@pytest.mark.parametrize(
    ("text", "marked", "sentence"),
    [
        ("pods -n", "-n", "-n needs a namespace after it."),
        ("pods -n /cart", "-n", "-n needs a namespace after it."),
        ("pods -n -A", "-n", "-n needs a namespace after it."),
        ("pods --namespace=", "--namespace=", "--namespace= needs a namespace after it."),
        ("pods -l", "-l", "-l needs a label selector after it."),
        ("pods @", "@", "@ needs a context after it."),
        ("pods -n shop -n data", "-n data", "There are two namespaces, shop and data: give one."),
        ("pods shop data", "data", "There are two namespaces, shop and data: give one."),
        ("pods -A -n data", "-n data", "There are two namespaces, all and data: give one."),
        ("pods -l a=b -l c=d", "-l c=d", "There are two label selectors, a=b and c=d: give one."),
        ("pods -x", "-x", "-x is not an option here: there are -n, -A, -l, -f and @CONTEXT."),
        ("pods --watch", "--watch", "--watch is not an option here: there are -n, -A, -l, -f and @CONTEXT."),
        ("pods Shop", "Shop", "Shop is no name for a namespace."),
        ("-n shop", "-n shop", "A resource comes first: pods -n shop"),
        (" /cart", " /cart", "A resource comes first: pods -n shop"),
    ],
)
def test_what_is_missing_is_said_and_marked(text: str, marked: str, sentence: str) -> None:
    with pytest.raises(Unclear) as raised:
        read_destination(text)
    assert str(raised.value) == sentence
    assert text[raised.value.start : raised.value.end].strip().startswith(marked.split()[0])


def test_a_label_selector_that_makes_no_sense_is_told() -> None:
    with pytest.raises(Unclear, match="-l app in: "):
        read_destination("pods -l 'app in'")


async def test_the_line_stays_to_be_mended() -> None:
    session = FakeSession()
    session.feed().put(pod("web-1"))
    async with running(session) as user:
        await user.see("web-1")
        await user.type(":deploy -n")
        await user.see_no("needs a namespace")
        await user.press("enter")
        await user.see("-n needs a namespace after it.")
        await user.see("pods ")
        await user.type(" shop")
        await user.press("enter")
        await user.see("› deployments")


def connecting(*resources: object) -> FakeSession:
    session = FakeSession()
    session.names = None
    session.state = SessionState(ConnectionPhase.CONNECTING, "", "demo", "shop", "https://demo")
    return session


def connect(session: FakeSession, *resources: object) -> None:
    session.names = ResourceNames(tuple(resources) or RESOURCES)  # type: ignore[arg-type]
    session.state = SessionState(ConnectionPhase.CONNECTED, "", "demo", "shop", "https://demo", "v1.36.2")


async def test_what_is_asked_for_before_the_connection_is_gone_to_after_it() -> None:
    session = connecting()
    async with running(session) as user:
        await user.see("Connecting to https://demo")
        await user.type(":deploy -A")
        await user.press("enter")
        await user.see("deploy will be shown once the cluster is connected.")
        connect(session)
        await user.see("all namespaces › deployments")


async def test_a_namespace_chosen_before_the_connection_is_used_after_it() -> None:
    session = connecting()
    async with running(session) as user:
        await user.see("Connecting to https://demo")
        await user.type(":ns data")
        await user.press("enter")
        await user.see("What has a namespace will be shown in")
        connect(session)
        await user.see("demo › data › pods")


async def test_a_wish_that_cannot_be_fulfilled_is_told_and_the_first_place_is_shown() -> None:
    session = connecting()
    async with running(session) as user:
        await user.type(":nosuch")
        await user.press("enter")
        connect(session)
        await user.see('does not have a resource type "nosuch"')
        await user.see("demo › shop › pods")


async def test_without_any_place_to_go_to_it_is_said_once() -> None:
    session = connecting()
    connect(session, NODES)
    asked: list[int] = []
    session.retry_now = lambda: asked.append(1)  # type: ignore[method-assign]
    async with running(session) as user:
        await user.see("There are no pods here")
        await user.see("▲ connected")
        await user.see("does not have a resource type")
        for _ in range(20):
            user.app._tick()
        assert user.text.count("does not have a resource type") == 1 and len(asked) == 1
        connect(session, NODES, DEPLOYMENTS)
        user.app._tick()
        await user.see("There are no pods here")
        assert len(asked) == 1
        connect(session, PODS, NODES)
        await user.see("demo › shop › pods")


async def test_the_context_is_opened_first() -> None:
    session = FakeSession()
    async with running(session) as user:
        await user.see("No pods")
        other = connecting()
        user.app.open_sessions.open_session = lambda context: other  # type: ignore[assignment, return-value]
        await user.type(":deploy @prod")
        await user.press("enter")
        await user.see("deploy will be shown once the cluster is connected.")
        connect(other)
        await user.see("› deployments")
        await user.type(":pods @nosuch")
        await user.press("enter")
        await user.see("There is no context 'nosuch'; there are demo and prod.")
        await user.see("› deployments")


@pytest.mark.parametrize(
    ("file", "state", "says"),
    [
        ("", SessionState(), "Not connected yet."),
        ("story.kwatch", SessionState(), "story.kwatch is still being read."),
        ("", SessionState(ConnectionPhase.FAILED, "dial: connection refused"), "Not connected: connection refused."),
    ],
)
async def test_why_nothing_can_be_looked_at_yet(file: str, state: SessionState, says: str) -> None:
    session = connecting()
    session.state = state
    async with running(session, start=StartView(replay=Replay(file=file))) as user:
        await user.until(lambda: user.app.session is not None, "a session")
        await user.press("exclamation_mark")
        await user.see(says)


async def test_a_filter_asked_for_before_the_connection_is_in_force_after_it() -> None:
    session = connecting()
    session.feed().put(pod("web-1"), pod("cart-1"))
    async with running(session) as user:
        await user.see("Connecting to")
        user.app.home.use_filter("web")
        connect(session)
        await user.see("1 of 2 pods +/web")
