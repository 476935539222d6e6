"""Escape, `[`, `]`, `-` and the favourites: one step back the way one came, and everything as it was left."""

from __future__ import annotations

import pytest

from kwatch.config.settings import Settings
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.object_screen import ObjectScreen
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, FakeSession, make, pod


def deployment(name: str, version: int = 1) -> KubeObject:
    return make("Deployment", name, version=version, spec={"selector": {"matchLabels": {"app": name}}})


def shop() -> FakeSession:
    session = FakeSession()
    pods = [pod(f"web-{number:02}", app="web", restarts=number) for number in range(60)]
    session.feed(PODS).put(*pods, pod("cart-1", phase="CrashLoopBackOff", restarts=77))
    session.feed(PODS, None).put(*pods, pod("dns-1", "kube-system"))
    session.feed(PODS, "kube-system").put(pod("dns-1", "kube-system"))
    session.feed(DEPLOYMENTS).put(
        *(
            make("Deployment", name, spec={"selector": {"matchLabels": {"app": name}}})
            for name in ("cart", "dns", "web")
        )
    )
    session.feed(NODES).put(make("Node", "node-1", ""))
    session.feed(NAMESPACES).put(make("Namespace", "kube-system", ""), make("Namespace", "shop", ""))
    session.log_lines = {"shop/web-00": ["a line of the log"]}
    return session


def cursor(user: Driver) -> tuple[str | None, int]:
    """On what, and on which line."""
    table = user.app.home.table
    return table.cursor_key, table.cursor.row - table.scroll_offset.y


def top(user: Driver) -> object:
    return user.app.screen


async def command(user: Driver, text: str) -> None:
    await user.press("colon")
    await user.type(text)
    await user.press("enter")


async def test_a_drill_down_is_undone_by_one_escape() -> None:
    async with running(shop(), start=StartView("deployments")) as user:
        await user.see("3 deployments")
        await user.press("down", "down", "enter")
        await user.see("60 of 61 pods +/-l app=web")
        await user.press("escape")
        await user.see("3 deployments")
        assert cursor(user) == ("shop/web", 2)


async def test_two_enters_are_undone_by_two_escapes() -> None:
    async with running(shop(), start=StartView("namespaces")) as user:
        await user.see("2 namespaces")
        await user.press("down", "enter")
        await user.see("61 pods")
        await user.press("down", "enter")
        await user.see("CONTAINER|IMAGE")
        await user.press("enter")
        await user.see("a line of the log")
        await user.press("escape")
        await user.see("IMAGE")
        await user.press("escape")
        await user.see("61 pods")
        assert cursor(user)[0] == "shop/web-00"
        await user.press("escape")
        await user.see("2 namespaces")
        assert cursor(user) == ("shop", 1)


async def test_what_was_typed_is_taken_back_before_one_leaves() -> None:
    async with running(shop(), start=StartView("deployments")) as user:
        await user.see("3 deployments")
        await user.press("end", "enter")
        await user.see("60 of 61 pods")
        await user.press("slash")
        await user.type(" restarts>57")
        await user.press("enter")
        await user.see("2 of 61 pods")
        await user.press("space")
        await user.press("escape")
        assert not user.app.home.table.marks, "the mark was the last thing"
        await user.press("escape")
        await user.see("60 of 61 pods +/-l app=web")
        await user.press("escape")
        await user.see("3 deployments")


async def test_everything_is_as_it_was_left() -> None:
    async with running(shop(), size=(100, 20)) as user:
        await user.see("61 pods")
        await user.press("slash", *"web", "enter", "N", "ctrl+w", *["down"] * 20, "space", *["up"] * 3)
        await user.press("right", "right")
        left = user.app.home.table.scroll_offset.x
        before, lines = cursor(user), [line[:90] for line in user.lines[3:-1]]
        assert before[0] == "shop/web-41" and left
        await command(user, "pods kube-system")
        await user.see("1 pod")
        await command(user, "nodes")
        await user.see("1 node")
        await user.press("escape")
        await user.see("dns-1")
        await user.press("escape")
        await user.see("60 of 61 pods, 1 marked +/web")
        assert cursor(user) == before and user.app.home.table.scroll_offset.x == left
        assert [line[:90] for line in user.lines[3:-1]] == lines
        assert user.app.home.table.marks == {"shop/web-39"}
        await user.press("right_square_bracket", "right_square_bracket")
        await user.see("1 node")
        await user.press("minus")
        await user.see("dns-1")


async def test_rows_that_were_scrolled_without_the_cursor_are_so_again() -> None:
    async with running(shop(), size=(100, 20)) as user:
        await user.see("61 pods")
        user.app.home.table.scroll_to(y=30, animate=False, force=True)
        await user.pilot.pause()
        await user.press("4")
        await user.see("1 node")
        await user.press("escape")
        await user.see("web-35")
        assert user.app.home.table.scroll_offset.y == 30


async def test_a_row_that_is_gone_leaves_the_cursor_at_the_top() -> None:
    session = shop()
    async with running(session) as user:
        await user.see("61 pods")
        await user.press("end", "4")
        await user.see("1 node")
        session.feed(PODS).remove("shop/web-59")
        await user.press("escape")
        await user.see("60 pods")
        await user.until(lambda: cursor(user) == ("shop/cart-1", 0), "the cursor on the first row")
        session.feed(PODS).put(pod("web-59"))
        await user.see("61 pods")
        await user.pilot.pause(0.2)
        assert cursor(user) == ("shop/cart-1", 0), "whoever waits for a row does not wait for ever"


async def test_objects_are_part_of_the_way() -> None:
    async with running(shop()) as user:
        await user.see("61 pods")
        await user.press("y")
        await user.see("kind: Pod")
        await user.press("left_square_bracket")
        assert top(user) is user.app.home
        await user.press("right_square_bracket")
        await user.see("kind: Pod")
        await user.press("d")
        await user.see("Containers")
        await command(user, "deploy")
        await user.see("3 deployments")
        await user.press("escape")
        opened = top(user)
        assert isinstance(opened, ObjectScreen) and opened.active == "overview"
        await user.press("minus")
        await user.see("3 deployments")
        await user.press("minus")
        assert isinstance(top(user), ObjectScreen)
        await user.press("escape")
        await user.see("61 pods")
        assert top(user) is user.app.home
        await user.press("right_square_bracket")
        assert isinstance(top(user), ObjectScreen)
        await user.press("right_square_bracket")
        await user.see("3 deployments")


@pytest.mark.parametrize(("keys", "sees"), [("4", "1 node"), ("2", "3 deployments"), (":nodes\n", "1 node")])
async def test_favourites_and_commands_lead_away_from_an_object_and_escape_back(keys: str, sees: str) -> None:
    async with running(shop(), settings=Settings()) as user:
        await user.see("61 pods")
        await user.press("y")
        await user.see("kind: Pod")
        await user.press(*["enter" if key == "\n" else "colon" if key == ":" else key for key in keys])
        await user.see(sees)
        assert top(user) is user.app.home
        await user.press("escape")
        await user.see("kind: Pod")
        await user.press("escape")
        await user.see("61 pods")


async def test_another_namespace_chosen_on_an_object_is_shown() -> None:
    async with running(shop()) as user:
        await user.see("61 pods")
        await user.press("y")
        await command(user, "ns kube-system")
        await user.see("dns-1")
        await user.press("escape", "escape")
        await user.see("61 pods")


async def test_another_context_leaves_what_was_of_the_old_one() -> None:
    async with running(shop()) as user:
        await user.see("61 pods")
        await user.press("y")
        await command(user, "ctx prod")
        assert top(user) is user.app.home


async def test_in_the_past_the_way_back_is_the_way_one_came() -> None:
    session = shop()
    session.feed(DEPLOYMENTS).put(
        make("Deployment", "web", version=2, spec={"selector": {"matchLabels": {"app": "web"}}})
    )
    async with running(session, start=StartView("deployments")) as user:
        await user.see("3 deployments")
        await user.press("t")
        await user.see("as it was")
        await user.press("G", "enter")
        await user.see("pods")
        assert user.app.home.time_travel.is_active
        await user.press("escape")
        await user.see("3 deployments")
        assert user.app.home.time_travel.is_active, "as one came"
        await user.press("escape")
        await user.see_no("as it was")
        await user.see("3 deployments")


async def test_the_same_again_is_no_step() -> None:
    async with running(shop()) as user:
        await user.see("61 pods")
        await user.press("4")
        await user.see("1 node")
        await command(user, "nodes")
        await command(user, "no")
        await user.press("escape")
        await user.see("61 pods")


async def test_at_the_beginning_it_is_said_once() -> None:
    async with running(shop()) as user:
        await user.see("61 pods")
        told = user.listen()
        await user.press("escape")
        await user.see("This is where you began; q quits.")
        await user.press(*["escape"] * 8)
        assert len(told) == 1


async def test_a_first_filter_is_cleared_where_there_is_no_way_back() -> None:
    async with running(shop(), start=StartView(filter="cart")) as user:
        await user.see("1 of 61 pods")
        await user.press("escape")
        await user.see("61 pods")
        assert "web-01" in user.text


@pytest.mark.parametrize("screen", ["exclamation_mark", "D", "M", "I"])
async def test_from_every_screen_before_the_table_the_keys_lead_on(screen: str) -> None:
    async with running(shop(), settings=Settings()) as user:
        await user.see("61 pods")
        for key, sees in (("4", "1 node"), ("left_square_bracket", "61 pods"), ("minus", "1 node")):
            await user.press(screen)
            assert top(user) is not user.app.home
            await user.press(key)
            await user.see(sees)
            assert top(user) is user.app.home
