"""One table of several namespaces, key by key."""

from __future__ import annotations

from typing import Any

from kwatch.informer.status import ErrorRecord, Phase
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, NAMESPACES, PODS, FakeFeed, FakeSession, make, pod

BOTH = StartView("pods", namespace="shop,payments")
REFUSED = {
    "phase": Phase.FORBIDDEN,
    "synced_at": None,
    "last_error": ErrorRecord(1.0, "list", "eve cannot list pods", 403),
}


def places() -> FakeSession:
    session = FakeSession()
    session.feed(PODS, "shop").put(pod("web-1"), pod("same-1"))
    session.feed(PODS, "payments").put(pod("pay-1", "payments", phase="CrashLoopBackOff"), pod("same-1", "payments"))
    session.feed(NAMESPACES).put(*(make("Namespace", name, "") for name in ("kube-system", "payments", "shop")))
    return session


def rows(user: Driver) -> list[str]:
    """Namespace and name of the rows on screen."""
    words = [line[3:].split() for line in user.lines[3:-2]]
    return [f"{each[0]}/{each[1]}" for each in words if len(each) > 3 and each[2] in ("0/1", "1/1")]


async def test_both_are_one_table_with_a_column_that_says_which() -> None:
    session = places()
    async with running(session, start=BOTH) as user:
        await user.see("demo › shop, payments › pods")
        await user.see("4 pods +! 1 unhealthy")
        assert user.lines[2].split()[:2] == ["NAMESPACE↑", "NAME"]
        assert rows(user) == ["payments/pay-1", "payments/same-1", "shop/same-1", "shop/web-1"]
        session.feed(PODS, "payments").put(pod("pay-2", "payments"))
        await user.see("5 pods")
        session.feed(PODS, "shop").remove("shop/same-1")
        await user.see("- shop +same-1")
        await user.see("payments +same-1")


async def test_filters_and_facets_count_over_both() -> None:
    async with running(places(), start=BOTH, size=(140, 30)) as user:
        await user.see("4 pods")
        await user.press("slash", *"ns:payments", "enter")
        await user.see("2 of 4 pods")
        assert rows(user) == ["payments/pay-1", "payments/same-1"]
        await user.press("escape", "i")
        await user.see("node-1 .*4")


async def test_an_object_opens_where_it_is() -> None:
    session = places()
    async with running(session, start=BOTH) as user:
        await user.see("4 pods")
        await user.press("down", "y")
        await user.see("demo › payments › pods › same-1")
        await user.see("namespace: payments")
        assert session.feed(PODS, "payments").users == 2


async def test_time_goes_back_over_both() -> None:
    session = places()
    async with running(session, start=BOTH) as user:
        await user.see("4 pods")
        session.feed(PODS, "payments").put(pod("pay-2", "payments"))
        session.feed(PODS, "kube-system").put(pod("dns-1", "kube-system"))
        session.feed(PODS, "shop").put(pod("web-2"))
        await user.see("6 pods")
        await user.press("t", "left")
        await user.see("5 pods")
        assert rows(user) == ["payments/pay-1", "payments/pay-2", "payments/same-1", "shop/same-1", "shop/web-1"]
        await user.press("left")  # what came in another namespace is no step
        await user.see("4 pods")


async def test_what_is_hidden_is_not_asked_for() -> None:
    session = FakeSession()
    session.feed(PODS, None).put(pod("web-1"))
    asked: list[tuple[Any, ...]] = []
    opened = session.open

    def noted(*args: Any, **named: Any) -> FakeFeed:
        asked.append(args)
        return opened(*args, **named)

    session.open = noted  # type: ignore[method-assign]
    async with running(session, start=StartView("pods", namespace="!kube-system")) as user:
        await user.see("all namespaces but kube-system › pods")
        await user.see("1 pod$")
        assert asked[0] == (PODS, None, None, "metadata.namespace!=kube-system")


async def test_marked_namespaces_are_shown_together() -> None:
    session = places()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press(*":ns", "enter")
        await user.see("[*] shop")
        await user.see("kube-system")
        await user.press("up", "space")
        await user.see("1 marked of 4")
        await user.press("space", "enter")
        await user.see("demo › payments, shop › pods")
        await user.see("4 pods")
        await user.press("0")
        await user.see("all namespaces")


async def test_several_are_typed_with_commas_and_a_mistake_is_said() -> None:
    async with running(places()) as user:
        await user.see("2 pods")
        await user.press("colon", *"ns shop,pay", "tab", "enter")
        await user.see("demo › shop, payments › pods")
        await user.press("colon", *"ns shop,!a", "enter")
        await user.see("names namespaces and hides")
        await user.press("colon", *"pods payments,shop", "enter")
        await user.see("demo › payments, shop › pods")
        await user.press("colon", *"ns Shop,payments", "enter")
        await user.see("Shop is no name for a namespace")


async def test_one_in_trouble_is_named_and_the_other_stays() -> None:
    session = places()
    async with running(session, start=BOTH) as user:
        await user.see("4 pods")
        refused = ErrorRecord(1.0, "watch", "connection refused", 0)
        session.feed(PODS, "payments").set_status(phase=Phase.BACKING_OFF, last_error=refused, disconnected_since=1.0)
        await user.see("payments reconnecting")
        await user.see("4 pods")


async def test_one_that_may_not_be_listed_is_left_out_and_said() -> None:
    session = places()
    session.feed(PODS, "payments").remove("payments/pay-1")
    session.feed(PODS, "payments").remove("payments/same-1")
    session.feed(PODS, "payments").set_status(**REFUSED)
    async with running(session, start=BOTH, size=(140, 20)) as user:
        await user.see("2 pods")
        await user.see("without payments: may not be listed")


async def test_who_may_not_list_all_gets_each_where_he_may() -> None:
    session = places()
    session.feed(PODS, None).set_status(**REFUSED)
    session.feed(PODS, "kube-system").set_status(**REFUSED)
    async with running(session, start=StartView("pods", all_namespaces=True), size=(140, 20)) as user:
        await user.see("all namespaces › pods")
        await user.see("4 pods")
        await user.see("without kube-system: may not be listed")
        session.feed(NAMESPACES).put(make("Namespace", "data", ""))
        session.feed(PODS, "data").put(pod("db-0", "data"))
        await user.see("5 pods")
        session.feed(PODS, None).put(pod("web-1"))
        session.feed(PODS, None).set_status(phase=Phase.WATCHING, synced_at=1.0)
        await user.see("1 pod$")
        await user.see_no("without kube-system")


async def test_problems_of_both_are_listed_and_no_others() -> None:
    session = places()
    session.feed(PODS, "payments")
    async with running(session, start=BOTH, size=(140, 24)) as user:
        await user.see("4 pods")
        await user.press("exclamation_mark")
        await user.see("shop, payments › problems")
        await user.see("Pod +payments +pay-1")
        for namespace in ("shop", "payments"):
            assert session.feed(DEPLOYMENTS, namespace).users
        assert not session.feed(DEPLOYMENTS, "kube-system").users
        assert session.feed(EVENTS, "shop") is not None
