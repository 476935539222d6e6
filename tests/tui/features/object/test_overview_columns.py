"""The overview on a broad screen: sections side by side."""

from __future__ import annotations

from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod


async def test_on_a_broad_screen_it_stands_in_columns_that_nothing_breaks() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    for width, beside in ((120, False), (180, True), (300, True)):
        async with running(session, size=(width, 20)) as user:
            await user.see("1 pod")
            await user.press("d")
            await user.see("  Pod .*Container main" if beside else "  Container main")
            assert beside or not any(line.startswith("  Pod") and "Container" in line for line in user.lines)
            assert all(len(row.text) <= width - 3 for row in user.app.screen.text.document.rows)  # type: ignore[attr-defined]
