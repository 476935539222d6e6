"""Logs in time travel: what was kept of a container that ended, else what the server has up to the moment."""

from __future__ import annotations

from kwatch.history.last_lines import ContainerEnd
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS
from tests.tui.features.test_log_panel import NOON, ONE, LoggingSession, at, cart


def told() -> LoggingSession:
    """cart is seen at noon, and changes each minute after."""
    session = LoggingSession()
    feed = session.feed(PODS)
    for number in range(4):
        feed.at = NOON + 60.0 * number
        feed.put(cart(ONE, version=number + 1))
    session.written[f"{ONE}/app"] = [at(second, f"second {second}") for second in (-2000, -10, 30, 59, 90, 200)]
    return session


async def travel(user: Driver, steps: int) -> None:
    await user.see("1 pod")
    await user.press("t")
    await user.press(*["left"] * steps)
    await user.press("l")


async def test_it_is_the_log_up_to_the_moment() -> None:
    session = told()
    async with running(session, size=(120, 24)) as user:
        await travel(user, 2)
        await user.see("! as of .*:01:00")
        await user.see("second 59")
        assert "second 90" not in user.text and "second 200" not in user.text
        assert session.log_requests[-1]["since_time"] == "2026-11-23T11:46:00Z"
        assert session.log_requests[-1].get("tail_lines") is None
        assert not session.log_requests[-1]["follow"]
        assert "f follow" not in user.lines[-1]


async def test_what_was_kept_of_a_container_that_ended_before_is_shown_and_nothing_asked_for() -> None:
    session = told()
    ended = ContainerEnd("", f"shop/{ONE}", "app", None, NOON + 100, "exit 3", NOON + 101, seen=True)
    pod = cart(ONE)
    for uid, second, words in ((pod.uid, 100, "dying words"), (pod.uid, 170, "later words")):
        end = ContainerEnd(uid, ended.key, "app", None, NOON + second, f"exit {second}", NOON + second, seen=True)
        session.journal.last_lines.put("demo", end.with_lines([at(second, words)]))
    async with running(session, size=(120, 24)) as user:
        await travel(user, 1)
        await user.see("! as of .*:02:00  ·  app: exit 100, its last lines before .*:01:40")
        await user.see("dying words")
        assert "later words" not in user.text
        assert session.log_requests == []


async def test_where_nothing_of_then_is_left_it_says_so() -> None:
    session = told()
    session.written[f"{ONE}/app"] = [at(190, "of now")]
    async with running(session, size=(120, 24)) as user:
        await travel(user, 1)
        await user.see("Nothing that was written then is left")
        assert "of now" not in user.text
