"""The header of an object is as fresh as what the tab on top shows."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.informer.reflector_state import LIST, WATCH
from kwatch.informer.status import ErrorRecord, Phase
from tests.tui.driving import running
from tests.tui.fakes import EVENTS, FakeSession, pod

REFUSED = ErrorRecord(1000.0, "list", "events is forbidden: cannot list", 403)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"phase": Phase.POLLING, "refused": (WATCH,)}, "▲ events: forbidden to watch"),
        ({"phase": Phase.FORBIDDEN, "refused": (LIST,), "last_error": REFUSED}, "✗ events: forbidden: cannot list"),
        ({"phase": Phase.BACKING_OFF}, "▲ events: reconnecting"),
    ],
    ids=["polled", "refused", "broken"],
)
async def test_events_that_are_not_live_are_not_called_so(how: dict[str, Any], says: str) -> None:
    session = FakeSession()
    session.feed().put(pod("web-1"))
    events = session.feed(EVENTS)
    events.set_status(**how)
    async with running(session) as user:
        await user.see("web-1")
        await user.press("y")
        await user.see("web-1 +● live")
        await user.press("e")
        await user.see(says)
        await user.press("y")
        await user.see("web-1 +● live")
