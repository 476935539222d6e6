"""The object screen: YAML, history, diff, events, logs."""

from __future__ import annotations

import base64

from kwatch.informer.errors import Closed
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import EVENTS, PODS, SECRETS, FakeFeed, FakeSession, make, pod


def with_history() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("web-1", phase="ContainerCreating"))
    feed.put(pod("web-1", version=2))
    feed.put(pod("web-1", restarts=1, version=3))
    return session


async def test_history_tells_what_each_version_changed() -> None:
    async with running(with_history(), size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("History 3")
        newest, middle, first = user.lines[4:7]
        assert newest.startswith("▌~") and "restartCount 0 -> 1" in newest
        assert "status.phase Pending -> Running" in middle
        assert "+" in first and "created" in first
        await user.press("down")
        await user.see(r"~ status\.phase Pending -> Running")


async def test_a_new_version_appears_on_top_while_one_looks() -> None:
    session = with_history()
    async with running(session, size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v", "down")
        await user.see("History 3")
        session.feed(PODS).put(pod("web-1", restarts=2, version=4))
        await user.see("History 4")
        assert "restartCount 1 -> 2" in user.lines[4]
        session.feed(PODS).remove("shop/web-1")
        await user.see("- deleted; this is its last state")


async def test_two_versions_side_by_side_and_stepping() -> None:
    async with running(with_history(), size=(160, 40)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("History 3")
        await user.press("enter")
        await user.see(r"~ .*restartCount: 0 .*│.*restartCount: 1")
        assert "the same" in user.text
        await user.press("left")
        await user.see(r"~ .*phase: Pending .*│.*phase: Running")
        await user.press("right", "a")
        await user.see(r"kind: Pod .*│ kind: Pod")
        await user.press("escape")
        await user.see("History 3")
        await user.press("space", "down", "space", "enter")
        await user.see(r"restartCount: 0 .*│.*restartCount: 1")


async def test_a_narrow_diff_stands_below_each_other() -> None:
    async with running(with_history(), size=(80, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("History 3")
        await user.press("enter")
        await user.see(r"- .*restartCount: 0\n\+ .*restartCount: 1")


async def test_yaml_is_searched_folded_and_copied() -> None:
    session = FakeSession()
    session.feed(PODS).put(
        make("Pod", "web-1", metadata={"managedFields": [{"manager": "kubelet"}]}, spec={"containers": [{"name": "a"}]})
    )
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("y")
        await user.see("▾ metadata:")
        assert "managedFields" not in user.text
        await user.press("m")
        await user.see("manager: kubelet")
        await user.press("m", "slash")
        await user.type("containers")
        await user.see("1 of 1")
        await user.press("enter", "g", "down", "down", "space")
        await user.see("▸ metadata:")
        assert "web-1" not in "\n".join(user.lines[3:])
        await user.press("space", "c")
        assert user.app.clipboard.startswith("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-1")


async def test_a_change_is_marked_in_the_yaml() -> None:
    session = with_history()
    async with running(session, size=(120, 60)) as user:
        await user.see("1 pod")
        await user.press("y")
        await user.see("restartCount: 1")
        session.feed(PODS).put(pod("web-1", restarts=5, version=4))
        await user.see("~ .*restartCount: 5")


async def test_secrets_are_masked_until_asked() -> None:
    session = FakeSession()
    value = base64.b64encode(b"hunter2").decode()
    session.feed(SECRETS).put(make("Secret", "login", data={"password": value}))
    async with running(session, start=StartView("secrets")) as user:
        await user.see("1 secret")
        await user.press("y")
        await user.see(r"password: .*\*\*\* \(7 bytes")
        assert value not in user.text
        await user.press("x")
        await user.see("Show the values of the Secret login")
        await user.press("escape")
        assert "hunter2" not in user.text
        told = user.listen()
        await user.press("x", "enter")
        await user.see("password: hunter2")
        assert "Nothing of them is recorded" in told[0]
        await user.press("v")
        await user.see("History 1")
        assert "hunter2" not in user.text and value not in user.text
        await user.press("y")
        await user.see(r"password: .*\*\*\* \(7 bytes")
        await user.press("x", "enter")
        await user.see("password: hunter2")
        await user.press("x")
        await user.see(r"password: .*\*\*\* \(7 bytes")


async def test_a_secret_is_decoded_from_the_table_and_masked_when_one_comes_back() -> None:
    session = FakeSession()
    data = {"password": base64.b64encode(b"hunter2").decode(), "key": base64.b64encode(b"\xff\xfe").decode()}
    session.feed(SECRETS).put(make("Secret", "login", data=data))
    async with running(session, start=StartView("secrets")) as user:
        await user.see("1 secret")
        await user.press("x", "down", "enter")
        await user.see_no("Show the values")
        assert "1 secret" in user.text, "no is no"
        await user.press("x", "enter")
        await user.see("password: hunter2")
        assert "(2 bytes that are not text)" in user.text
        await user.press("escape", "right_square_bracket")
        await user.see(r"password: .*\*\*\* \(7 bytes")


async def test_events_about_the_object_only() -> None:
    session = with_history()
    about = {"kind": "Pod", "namespace": "shop", "name": "web-1"}
    session.feed(EVENTS).put(
        make("Event", "web-1.1", reason="Scheduled", message="assigned to node-1", type="Normal", involvedObject=about),
        make("Event", "x.1", reason="Else", message="not this", type="Normal", involvedObject={**about, "name": "x"}),
    )
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("e")
        await user.see("Scheduled.*assigned to node-1")
        assert "not this" not in user.text
        assert "Events 1" in user.text
        await user.press("escape")
        await user.see("1 pod")
    assert session.feed(EVENTS).users == 0


async def test_logs_are_followed_and_harmless() -> None:
    session = with_history()
    session.log_lines = {"shop/web-1": ["12:00:00 ready", "\x1b[31mERROR\x1b[0m broken\x07", "a" * 200]}
    session.feed(PODS).put(pod("web-1", restarts=1, version=9))
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("l")
        await user.see("12:00:00 ready")
        await user.see("ERROR broken␇")
        assert session.log_requests[0]["follow"] is True
        await user.press("w")
        await user.see("a{100,}\n +a+")
        await user.press("p")
        await user.see("before the last restart")
        assert session.log_requests[-1]["previous"] is True


async def test_the_tabs_of_a_pod_go_round() -> None:
    async with running(with_history()) as user:
        await user.see("1 pod")
        await user.press("y")
        await user.see("YAML +History")
        await user.press("tab")
        await user.see("TIME↓")
        await user.press("shift+tab")
        await user.see("▾ metadata:")
        for _ in user.app.screen.tab_ids:  # type: ignore[attr-defined] # it is the object screen
            await user.press("tab")
        await user.see("▾ metadata:")
        await user.press("escape")
        await user.see("READY +STATUS")


async def test_everything_is_let_go_of_on_the_way_back() -> None:
    session = with_history()
    async with running(session) as user:
        await user.see("1 pod")
        assert session.feed(PODS).users == 1
        await user.press("v")
        await user.see("History 3")
        assert session.feed(PODS).users == 2
        await user.press("escape")
        await user.see("READY +STATUS")
        assert session.feed(PODS).users == 1


async def test_an_object_of_a_context_that_was_left_meanwhile_is_a_sentence() -> None:
    """Enter right after `:ctx other`: the table still shows the old context, which is closing."""
    session = with_history()

    def refuse(*_: object, **why: object) -> FakeFeed:
        raise Closed("the session has ended")

    async with running(session) as user:
        await user.see("1 pod")
        session.open = refuse  # type: ignore[method-assign]
        told = user.listen()
        for key in ("y", "enter", "D", "escape"):
            await user.press(key)
        await user.until(lambda: any("That context is not open any more" in text for text in told), "a sentence")
        await user.press("colon")
        await user.type("deploy")
        await user.press("enter")
        await user.see("READY +STATUS")


def listed() -> FakeSession:
    """web-1 was found in a list; then it changed, and went."""
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("web-1"), listed=True)
    feed.put(pod("web-1", restarts=1, version=2))
    return session


async def test_what_was_only_found_is_not_shown_as_created() -> None:
    session = listed()
    async with running(session, size=(120, 40)) as user:
        await user.see("1 pod")
        await user.press("v", "down")
        await user.see("First seen; what it was before is not known. The server says that it was created at 2026-11-23")
        await user.press("enter")
        await user.see(r"not known \(first seen\) {2}→ {2}1 at ")
        await user.see("│ kind: Pod")
        assert not [line for line in user.lines if line.startswith("+")]
        await user.press("right")
        await user.see("~ .*restartCount: 0 .*│.*restartCount: 1")
        await user.press("escape")
        session.feed(PODS).remove("shop/web-1")
        await user.see("History 3")
        await user.press("home", "enter")
        await user.see("^- kind: Pod +│ *$")
        await user.see("2 at .* {2}→ {2}2 at .*, deleted")


async def test_what_was_created_is_compared_with_nothing() -> None:
    async with running(with_history(), size=(120, 40)) as user:
        await user.see("1 pod")
        await user.press("v", "down", "down", "enter")
        await user.see("nothing {2}→ {2}1 at ")
        await user.see(r"^\+ +│ kind: Pod")
