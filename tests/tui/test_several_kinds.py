"""One table of several kinds, key by key."""

from __future__ import annotations

import pytest

from kwatch.informer.status import ErrorRecord, Phase
from kwatch.tui.location import Location, StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, SECRETS, FakeSession, make, pod

START = StartView("pods,deploy")


def deployment(name: str, *, ready: int = 1, version: int = 1) -> object:
    status = {"readyReplicas": ready, "replicas": 1, "updatedReplicas": 1, "availableReplicas": ready}
    selector = {"matchLabels": {"app": name}}
    return make("Deployment", name, version=version, spec={"replicas": 1, "selector": selector}, status=status)


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1", phase="CrashLoopBackOff", restarts=7))
    session.feed(DEPLOYMENTS).put(deployment("web"), deployment("cart", ready=0))  # type: ignore[arg-type]
    return session


def rows(user: Driver) -> list[tuple[str, str]]:
    """Kind and name of the rows on screen."""
    words = [line[3:].split() for line in user.lines[3:-2]]
    return [(each[0], each[1]) for each in words if len(each) > 2 and each[0] in ("Pod", "Deployment", "Node")]


async def test_they_are_shown_kind_by_kind() -> None:
    async with running(shop(), start=START) as user:
        await user.see("4 objects +pods 2 +deployments 2")
        assert user.lines[0].split()[:7] == ["◆", "kwatch", "demo", "›", "shop", "›", "pods,deployments"]
        assert user.lines[2].split()[:6] == ["KIND↑", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
        assert rows(user) == [("Pod", "cart-1"), ("Pod", "web-1"), ("Deployment", "cart"), ("Deployment", "web")]
        assert user.lines[3].split()[:5] == ["▌!", "Pod", "cart-1", "0/1", "CrashLoopBackOff"]
        await user.see("! 2 unhealthy")


async def test_what_is_shown_of_each_kind_is_counted_and_what_is_unhealthy_of_it() -> None:
    session = shop()
    async with running(session, start=START) as user:
        await user.see("4 objects")
        await user.press("slash", *"app=cart", "enter")
        await user.see("1 of 4 objects  /app=cart   pods 1 of 2   deployments 0 of 2 +! 1 unhealthy  1 more not shown")
        session.feed(PODS).remove("shop/cart-1")
        await user.see("0 of 3 objects, 1 deleted  /app=cart   pods 0 of 1")


async def test_a_change_comes_alive_on_its_own_row() -> None:
    session = shop()
    async with running(session, start=START) as user:
        await user.see("4 objects")
        session.feed(DEPLOYMENTS).put(deployment("cart", version=2))  # type: ignore[arg-type]
        await user.see("~ Deployment +cart +1/1")
        session.feed(PODS).remove("shop/web-1")
        await user.see("- Pod +web-1")


async def test_the_cursor_stays_on_its_object() -> None:
    session = shop()
    async with running(session, start=START) as user:
        await user.see("4 objects")
        await user.press("G")
        session.feed(PODS).put(pod("aaa-1"), pod("web-2"))
        await user.see("6 objects")
        assert user.line_with("▌").split()[1:3] == ["Deployment", "web"]


async def test_what_is_under_the_cursor_opens_as_its_own_kind() -> None:
    async with running(shop(), start=START, size=(160, 30)) as user:
        await user.see("4 objects")
        assert "logs" in user.lines[-1]
        await user.press("G")
        assert "logs" in user.lines[-1]
        await user.press("v")
        await user.see("deployments.apps › web")
        await user.press("escape")
        await user.see("4 objects")
        await user.press("enter")
        await user.see("1 of 2 pods +/-l app=web")
        await user.press("left_square_bracket")
        await user.see("4 objects")
        assert user.line_with("▌").split()[1:3] == ["Deployment", "web"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("kind:deploy", ["cart", "web"]),
        ("cart", ["cart-1", "cart"]),
        ("restarts>5", ["cart-1"]),
        ("ready=1/1", ["web-1", "web"]),
        ("unhealthy", ["cart-1", "cart"]),
        ("ns:shop status:Running", ["web-1"]),
    ],
)
async def test_the_filter_asks_all(text: str, names: list[str]) -> None:
    async with running(shop(), start=START) as user:
        await user.see("4 objects")
        await user.press("slash")
        await user.type(text)
        await user.press("enter")
        await user.see(f"{len(names)} of 4 objects")
        assert [name for _, name in rows(user)] == names


async def test_any_column_sorts() -> None:
    async with running(shop(), start=START) as user:
        await user.see("4 objects")
        await user.press("N")
        await user.see("NAME↑")
        assert [name for _, name in rows(user)] == ["cart", "cart-1", "web", "web-1"]
        user.app.home.sort_by("kind")
        await user.see("KIND↑")
        user.app.home.sort_by("kind")
        await user.see("KIND↓")
        assert [kind for kind, _ in rows(user)] == ["Deployment", "Deployment", "Pod", "Pod"]


async def test_marks_and_copied_names() -> None:
    async with running(shop(), start=START) as user:
        await user.see("4 objects")
        await user.press("space", "G", "space", "slash")
        await user.type("marked")
        await user.press("enter")
        await user.see("2 of 4 objects")
        await user.press("c")
        assert sorted(user.app.clipboard.splitlines()) == ["cart-1", "web"]


async def test_all_namespaces_and_what_has_none() -> None:
    session = shop()
    session.feed(NODES, None).put(make("Node", "node-1", ""))
    session.feed(PODS, None).put(pod("web-1"), pod("web-9", "other"))
    async with running(session, start=StartView("nodes,pods")) as user:
        await user.see("3 objects +nodes 1 +pods 2")
        await user.press("0")
        await user.see("NAMESPACE +KIND")
        assert rows(user)[0] == ("Node", "node-1")
        user.app.home.sort_by("namespace")
        await user.see("NAMESPACE↑")
        assert user.line_with("web-9").split()[:3] == ["other", "Pod", "web-9"]


async def test_the_command_line_goes_to_several() -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("po,deploy /web")
        await user.press("enter")
        await user.see("2 of 4 objects")
        assert user.app.home.place == Location(PODS, "shop", filter="web", others=(DEPLOYMENTS,), asked="po,deploy")
        await user.press("left_square_bracket")
        await user.see("2 pods")


async def test_tab_completes_behind_a_comma() -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("po,depl")
        await user.press("tab")
        await user.see("po,deployments")


async def test_what_is_missing_stands_before_what_is_polled() -> None:
    session = shop()
    session.feed(DEPLOYMENTS).set_status(phase=Phase.POLLING, refused=("watch",))
    error = ErrorRecord(1.0, "list", 'secrets is forbidden: User "me" cannot list resource "secrets"', 403)
    session.feed(SECRETS).set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=error, refused=("list",))
    async with running(session, size=(80, 24), start=StartView("deploy,secrets,pods")) as user:
        await user.see("objects +secrets ✗ forbidden")


async def test_one_that_is_forbidden_is_told_and_the_others_are_shown() -> None:
    session = shop()
    error = ErrorRecord(1.0, "list", 'secrets is forbidden: User "me" cannot list resource "secrets"', 403)
    session.feed(SECRETS).set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=error)
    async with running(session, start=StartView("secrets,pods")) as user:
        await user.see("2 objects +secrets ✗ forbidden +pods 2")
        assert "live" in user.lines[0]
        assert [name for _, name in rows(user)] == ["cart-1", "web-1"]


async def test_one_that_is_lost_makes_the_table_stale() -> None:
    session = shop()
    async with running(session, start=START) as user:
        await user.see("live")
        session.feed(DEPLOYMENTS).set_status(phase=Phase.BACKING_OFF, disconnected_since=1.0)
        await user.see("deployments reconnecting")
        await user.see("deployments ▲ reconnecting 2")


async def test_the_explorer_counts_kinds() -> None:
    async with running(shop(), start=START) as user:
        await user.see("4 objects")
        await user.press("i")
        await user.see("▾ kind")
        await user.see(r"Deployment +█+ +2")


async def test_every_feed_is_let_go_of() -> None:
    session = shop()
    async with running(session, start=START) as user:
        await user.see("4 objects")
        user.app.home.navigation.go_to_named("nodes")
        await user.see("No nodes")
        assert [session.feed(each).users for each in (PODS, DEPLOYMENTS)] == [0, 0]


async def test_time_is_travelled_in_over_all_kinds() -> None:
    session = shop()
    async with running(session, start=START, size=(140, 30)) as user:
        await user.see("4 objects")
        session.feed(DEPLOYMENTS).put(deployment("cart", version=2))  # type: ignore[arg-type]
        session.feed(PODS).put(pod("web-1", phase="ImagePullBackOff", version=2))
        await user.see("web-1 +0/1 +ImagePullBackOff")
        await user.press("t")
        await user.see("pods shop/web-1")
        await user.press("left")
        await user.see("web-1 +1/1 +Running")
        await user.see("Deployment +cart +1/1")
        await user.see("deployments.apps shop/cart")
        assert "~ Pod" in user.line_with("web-1")
        await user.press("left")
        await user.see("Deployment +cart +0/1")
        await user.press("slash")
        await user.type("kind:deploy ready=0/1")
        await user.press("enter")
        await user.see("1 of 4 objects")
        await user.press("right")
        await user.see("0 of 4 objects")
        await user.press("end")
        await user.see("live")
        session.feed(DEPLOYMENTS).put(deployment("web", ready=0, version=2))  # type: ignore[arg-type]
        await user.see("1 of 4 objects")


async def test_an_object_of_a_mixed_past_is_the_object_as_it_was() -> None:
    session = shop()
    async with running(session, start=START, size=(140, 30)) as user:
        await user.see("4 objects")
        session.feed(DEPLOYMENTS).put(deployment("web", ready=0, version=2))  # type: ignore[arg-type]
        await user.see("Deployment +web +0/1")
        await user.press("G", "t")
        await user.see("deployments.apps shop/web")
        await user.press("left")
        await user.see("Deployment +web +1/1")
        await user.press("y")
        await user.see("readyReplicas: 1")
