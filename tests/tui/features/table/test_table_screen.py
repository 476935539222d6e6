"""The table screen, key by key, on a session filled by hand."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from kwatch.config.settings import Settings
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, FakeSession, make, pod


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), pod("cart-1", phase="CrashLoopBackOff", restarts=7))
    return session


async def test_shows_what_kubectl_shows() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        assert user.lines[0].split()[:7] == ["◆", "kwatch", "demo", "›", "shop", "›", "pods"]
        assert user.lines[2].split()[:5] == ["NAME↑", "READY", "STATUS", "RESTARTS", "AGE"]
        assert user.line_with("cart-1").split()[:5] == ["▌!", "cart-1", "0/1", "CrashLoopBackOff", "7"]
        assert "live" in user.lines[0]


async def test_a_change_comes_alive_and_a_deleted_row_lingers() -> None:
    session = shop()
    async with running(session) as user:
        await user.see("web-1 +1/1 +Running")
        session.feed(PODS).put(pod("web-1", phase="ImagePullBackOff", version=2))
        await user.see("~ +web-1 +0/1 +ImagePullBackOff")
        session.feed(PODS).put(pod("web-3"))
        await user.see(r"\+ +web-3")
        session.feed(PODS).remove("shop/web-2")
        await user.see("- +web-2")
        await user.see(r"(?m)^ +3 pods, 1 deleted")
        await user.press("slash", *"web", "enter")
        await user.see("2 of 3 pods, 1 deleted +/web")


async def test_the_cursor_stays_on_its_object() -> None:
    session = shop()
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("down")
        assert user.app.home.table.cursor_key == "shop/web-1"
        session.feed(PODS).put(pod("aaa-1"), pod("aaa-2"))
        await user.see("5 pods")
        assert user.app.home.table.cursor_key == "shop/web-1"
        assert user.line_with("web-1").startswith("▌")
        session.feed(PODS).remove("shop/web-1")
        await user.see("4 pods")


async def test_an_untouched_cursor_rests_on_the_first_row() -> None:
    session = shop()
    async with running(session) as user:
        await user.see("3 pods")
        session.feed(PODS).put(pod("aaa-1"))
        await user.see("4 pods")
        assert user.app.home.table.cursor_key == "shop/aaa-1"


async def test_filter_narrows_as_it_is_typed() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("app=web")
        await user.see("2 of 3 pods +/app=web")
        assert "cart-1" not in user.text
        assert "label" in user.lines[-2]
        await user.press("enter")
        await user.press("escape")
        await user.see("3 pods")
        assert "cart-1" in user.text


async def test_a_broken_filter_is_marked_and_the_last_good_one_stays() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("cart")
        await user.see("1 of 3 pods")
        await user.type(" !")
        await user.see("! must stand directly before the term")
        assert "1 of 3 pods" in user.text
        await user.press("escape")
        await user.see("3 pods")


async def test_tab_completes_a_filter_with_counts() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("app=")
        await user.see("web +2")
        await user.press("tab")
        await user.see("/ app=web")
        await user.see("2 of 3 pods")


async def test_sorting_by_key_reverses_the_second_time() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("S")
        await user.see("STATUS↑")
        assert "cart-1" in user.lines[3].split()
        await user.press("S")
        await user.see("STATUS↓")
        assert "cart-1" in user.lines[5]


async def test_any_column_sorts_by_choosing_it() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("shift+right", "shift+right", "shift+right", "O")
        await user.see("RESTARTS↑")
        await user.press("O")
        await user.see("RESTARTS↓")
        assert "cart-1" in user.lines[3]


async def test_a_click_on_a_title_sorts_and_on_a_row_moves_the_cursor() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.pilot.click(offset=(user.lines[2].index("READY"), 2))
        await user.see("READY↑")
        await user.pilot.click(offset=(6, 5))
        assert user.lines[5].startswith("▌")


async def test_all_namespaces_and_back() -> None:
    session = shop()
    session.feed(PODS, None).put(pod("web-1"), pod("dns-1", "kube-system"))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("0")
        await user.see("all namespaces")
        assert user.line_with("dns-1").split()[:2] == ["▌", "kube-system"]
        await user.press("left_square_bracket")
        await user.see("3 pods")
        await user.press("right_square_bracket")
        await user.see("2 pods")
        await user.press("minus")
        await user.see("3 pods")
        assert session.feed(PODS, None).users == 0


async def test_the_command_line_goes_anywhere() -> None:
    session = shop()
    session.feed(NODES).put(make("Node", "node-1", ""))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("colon")
        await user.type("no")
        await user.see("nodes")
        await user.type("des")
        await user.press("enter")
        await user.see("1 node")
        await user.press("colon")
        await user.type("podz")
        await user.press("enter")
        await user.see("does not have a resource type")
        await user.press("colon")
        await user.type("po shop /cart")
        await user.press("enter")
        await user.see("1 of 3 pods +/cart")


async def test_drilling_down_from_a_deployment_shows_its_pods() -> None:
    session = shop()
    session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}}))
    async with running(session, start=StartView("deploy")) as user:
        await user.see("1 deployment")
        await user.press("enter")
        await user.see("2 of 3 pods +/-l app=web")
        await user.press("escape", "escape")
        await user.see("1 deployment")


async def test_from_pod_to_node_and_its_pods() -> None:
    session = shop()
    session.feed(NODES).put(make("Node", "node-0", ""), make("Node", "node-1", ""))
    session.feed(PODS, None).put(pod("web-1"), pod("dns-1", "kube-system"))
    async with running(session) as user:
        await user.see("3 pods")
        await user.press("o")
        await user.see("2 nodes")
        assert user.line_with("node-1").startswith("▌")
        await user.press("enter")
        await user.see("2 of 2 pods +/node:node-1")


async def test_marks_are_copied_and_cleared() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("space", "space", "c")
        assert user.app.clipboard == "cart-1\nweb-1"
        assert user.line_with("cart-1").startswith("●")
        await user.press("escape")
        await user.see_no("●.*cart-1")


async def test_favourites_and_wide_columns() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("ctrl+w")
        await user.see("IP +NODE")
        await user.press("2")
        await user.see("No deployments in namespace shop")
        await user.see("0 looks in all namespaces")


async def test_only_unhealthy() -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await user.press("ctrl+z")
        await user.see("1 of 3 pods +/unhealthy")
        await user.press("ctrl+z")
        await user.see("3 pods")


async def test_the_unhealthy_are_counted_among_the_rows_that_are_shown_and_the_others_apart() -> None:
    async with running(shop()) as user:
        await user.see("3 pods  ! 1 unhealthy$")
        await user.press("slash", *"app=web", "enter")
        await user.see("2 of 3 pods  /app=web  1 unhealthy not shown$")
        user.session.feed(PODS).put(pod("web-2", phase="ImagePullBackOff", version=2))
        await user.see("2 of 3 pods  /app=web  ! 1 unhealthy  1 more not shown$")
        await user.press("t")
        await user.see("2 of 3 pods  /app=web  ! 1 unhealthy  1 more not shown$")
        await user.press("left")
        await user.see("2 of 3 pods  /app=web  1 unhealthy not shown$")
        await user.press("end", "escape", "space", "slash", *"marked", "enter")
        await user.see("1 of 3 pods, 1 marked  /marked  ! 1 unhealthy  1 more not shown$")


async def test_a_failed_connection_is_a_state_not_an_exit() -> None:
    session = shop()
    session.state = SessionState(ConnectionPhase.FAILED, "connection refused", retry_at=1.0)
    async with running(session) as user:
        await user.see("✗ connection refused, again in 0 s")
        assert "Not connected" in user.text
        session.state = replace(session.state, phase=ConnectionPhase.CONNECTED, context="demo", namespace="shop")
        await user.see("3 pods")


async def test_a_failed_connection_is_short_in_the_header_and_whole_where_there_is_room() -> None:
    session = shop()
    sentence = "The server http://127.0.0.1:18099 refuses connections; is it running, and is the address right?"
    session.state = SessionState(ConnectionPhase.FAILED, sentence, retry_at=1.0)
    async with running(session, size=(60, 20)) as user:
        await user.see("✗ connection refused, again in 0 s")
        assert "pods" in user.lines[0]
        assert sentence in " ".join(user.text.split())


async def test_a_lost_connection_says_since_when_and_keeps_the_place() -> None:
    session = shop()
    async with running(session, size=(80, 24)) as user:
        await user.see("3 pods")
        error = ErrorRecord(1.0, "watch", "The server http://127.0.0.1:18099 refuses connections; is it running?")
        session.feed(PODS).set_status(
            phase=Phase.BACKING_OFF, last_error=error, disconnected_since=time.time() - 7000, next_retry_at=None
        )
        await user.see("shop › pods +▲ reconnecting: connection refused · stale for 2 h")


@pytest.mark.parametrize(
    ("phase", "code", "sign", "words"),
    [
        (Phase.FORBIDDEN, 403, "✗", "You may not list pods here"),
        (Phase.GONE, 404, "✗", "The server does not know pods"),
        (Phase.BACKING_OFF, 0, "✗", "The server cannot be reached"),
        (Phase.BACKING_OFF, 500, "✗", "The server does not list pods"),
        (Phase.LISTING, 0, "◌", "Listing pods"),
    ],
)
async def test_an_empty_table_says_why(phase: Phase, code: int, sign: str, words: str) -> None:
    session = FakeSession()
    error = ErrorRecord(1.0, "list", "no way", code)
    session.feed(PODS).set_status(phase=phase, synced_at=None, last_error=error)
    async with running(session) as user:
        await user.see(words)
        assert sign in user.lines[0]
        assert "0 pods" not in user.text


async def test_where_watching_is_forbidden_it_says_how_old_the_list_is() -> None:
    session = shop()
    now = time.time()
    session.feed(PODS).set_status(
        phase=Phase.POLLING, refused=("watch",), last_event_at=now - 60, next_retry_at=now + 400
    )
    async with running(session, size=(80, 24)) as user:
        await user.see("▲ forbidden to watch, listed 6[0-9] s ago, again in [34][0-9]{2} s")
        await user.see("3 pods")


async def test_what_was_empty_when_contact_was_lost_is_said_to_have_been() -> None:
    session = FakeSession()
    session.feed(PODS).set_status(phase=Phase.BACKING_OFF, disconnected_since=time.time() - 300)
    async with running(session) as user:
        await user.see("No pods in namespace shop 5 min ago")
        await user.see("Since then nothing is known")


async def test_progress_of_a_long_list() -> None:
    session = FakeSession()
    session.feed(PODS).set_status(phase=Phase.STREAMING, synced_at=None, received=6200, expected=10000)
    async with running(session) as user:
        await user.see("syncing 6,200 of about 10,000")
        assert "━" in user.lines[1]


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (300, 100), (30, 8)])
async def test_every_size_keeps_the_name(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("a-very-long-name-of-a-pod-7d9f8c6b5d-x2k9p", phase="CrashLoopBackOff", restarts=1234))
    async with running(session, size=size) as user:
        await user.see("x2k9p")
        assert all(len(line) <= size[0] for line in user.lines)
        assert "pods" in user.lines[0]


async def test_untrusted_text_cannot_reach_the_terminal() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1", phase="\x1b[31m[bold]evil\u202e"))
    async with running(session) as user:
        await user.see(r"␛\[31m\[bold\]evil�")


async def test_quitting_by_key_and_by_word() -> None:
    for keys in (["q"], ["ctrl+c"], ["colon", "q", "enter"], ["colon", *"theme", "enter", "ctrl+c"]):
        session = shop()
        async with running(session) as user:
            await user.see("3 pods")
            await user.press(*keys)
            assert user.app.return_code == 0
        assert session.closed


@pytest.mark.parametrize(
    ("width", "more"), [(80, []), (120, ["IP", "NODE", "CHANGED"]), (180, ["IP", "NODE", "CHANGED", "CHURN", "LABELS"])]
)
async def test_wide_columns_fill_the_room_that_is_left_over(width: int, more: list[str]) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1"))
    async with running(session, size=(width, 30)) as user:
        await user.see("2 pods")
        titles = user.lines[2].split()
        assert all(title in titles for title in more)
        assert ("IP" in titles) == ("IP" in more) and ("LABELS" in titles) == ("LABELS" in more)
        await user.press("ctrl+w")
        headings = [heading.title for heading in user.app.home.table.rows.headings]
        assert {"IP", "NODE", "READINESS GATES"} <= {*headings}
        assert not any(heading.left_out for heading in user.app.home.table.rows.headings if heading.title == "IP")


async def test_a_text_is_found_in_what_there_is_room_for_and_not_in_labels() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1", app="storefront"))
    for width in (80, 200):
        async with running(session, size=(width, 30)) as user:
            await user.see("2 pods")
            user.app.home.use_filter("node-1")
            await user.see("2 of 2 pods")
            for text in ("none", "storefront"):
                user.app.home.use_filter(text)
                await user.see("0 of 2 pods")


async def test_the_command_lines_columns_and_order() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1", restarts=1), pod("cart-1", restarts=9))
    start = StartView(label_columns=("app",), show_labels=True, sort_by=".status.containerStatuses[0].restartCount")
    async with running(session, start=start) as user:
        await user.see("2 pods")
        titles = " ".join(user.lines[2].split())
        assert "AGE APP RESTARTCOUNT↑ LABELS " in titles and " CHANGED" in titles
        assert "1 app=web" in " ".join(user.lines[3].split())
        assert "9 app=cart" in " ".join(user.lines[4].split())


async def test_columns_of_the_settings() -> None:
    settings = Settings(columns={"pods": ("STATUS", "NAME", "IMAGE:.spec.containers[0].image")})
    async with running(shop(), settings=settings) as user:
        await user.see("STATUS +NAME↑ +IMAGE")
        assert user.line_with("web-2").split()[-1] == "web:1"


async def test_one_object_is_opened_at_once() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session, start=StartView("pods", name="web-1")) as user:
        await user.see("History")
        await user.see("created")
        await user.press("escape")
        await user.see("--field-selector metadata.name=web-1")
