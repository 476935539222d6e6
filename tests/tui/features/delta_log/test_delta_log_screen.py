"""The delta log on narrow and wide screens."""

from __future__ import annotations

from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod

START = StartView(namespace="shop")


def busy() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("checkout-6b9795f897-cz2t9"))
    feed.put(pod("checkout-6b9795f897-cz2t9", version=2, restarts=1))
    return session


async def test_changes_are_on_a_narrow_screen_in_few_words() -> None:
    async with running(busy(), size=(80, 24), start=START) as user:
        await user.see("1 pod")
        await user.press("D")
        await user.see("(?m)TIME.* RESOURCE +OBJECT +CHANGES$")
        line = user.line_with("▌~")
        assert line.endswith("[main].restartCount 0 -> 1")
        assert "shop/" in line and "cz2t9" in line
        assert "." in line.split()[1], "the time is whole"


async def test_who_and_what_fit_a_screen_of_120_cells() -> None:
    session = busy()
    session.feed(PODS).put(pod("checkout-6b9795f897-cz2t9-with-a-name-as-long-as-names-get", version=3))
    async with running(session, size=(120, 35), start=START) as user:
        await user.see("2 pods")
        await user.press("D")
        await user.see("TIME.* RESOURCE +OBJECT +WHO +CHANGES")
        assert "[main].restartCount 0 -> 1" in user.text
        assert "›" not in user.line_with("RESOURCE"), "nothing to scroll to"


async def test_everything_is_on_a_wide_one() -> None:
    async with running(busy(), size=(160, 24), start=START) as user:
        await user.see("1 pod")
        await user.press("D")
        await user.see("TIME.* TYPE +RESOURCE +OBJECT +WHO +CHANGES")
        assert "status.containerStatuses[main].restartCount 0 -> 1" in user.line_with("▌~")
        await user.pilot.resize_terminal(80, 24)
        await user.see(r"(?m) \[main\]\.restartCount 0 -> 1$")
        assert "TYPE" not in user.text
