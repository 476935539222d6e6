"""Keeping what is remembered."""

from __future__ import annotations

from pathlib import Path

from kwatch.history.recording.reader import Recording
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod


async def test_what_is_remembered_becomes_a_recording(tmp_path: Path) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    session.feed(PODS).put(pod("web-1", phase="Failed", version=2))
    path = tmp_path / "story.kwatch"
    async with running(session, size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("colon")
        await user.type(f"export {path}")
        await user.press("enter")
        await user.see("2 changes are in")
        await user.press("colon")
        await user.type(f"export {path}")
        await user.press("enter")
        await user.see("exists already")
        await user.press("colon")
        await user.type("export")
        await user.press("enter")
        await user.see("Give it a file")
    recording = Recording(path)
    assert [each.key for each in recording.deltas() if hasattr(each, "key")] == ["shop/web-1", "shop/web-1"]
    assert [str(stream.resource) for stream in recording.streams.values()] == ["pods"]
    recording.close()
