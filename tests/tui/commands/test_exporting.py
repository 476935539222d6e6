"""Keeping what is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.history.journal import Journal
from kwatch.history.recording.reader import Recording
from kwatch.tui.exporting import ReportWords, read_report_words
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import NODES, PODS, FakeSession, make, pod


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


async def test_what_only_another_context_offers_is_kept_too(tmp_path: Path) -> None:
    journal, path = Journal(), tmp_path / "story.kwatch"
    eu = FakeSession((PODS,), context="prod-eu", journal=journal)
    us = FakeSession((PODS, NODES), context="prod-us", journal=journal)
    eu.feed(PODS).put(pod("web-1"))
    us.feed(PODS).put(pod("web-1"))
    us.feed(NODES).put(make("Node", "worker-1", namespace=""))
    start = StartView("pods", contexts=("prod-eu", "prod-us"))
    async with running(eu, start=start, others=[us], size=(160, 30)) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type(f"export {path}")
        await user.press("enter")
        await user.see("3 changes are in")
    recording = Recording(path)
    assert {(each.context, str(each.resource)) for each in recording.streams.values()} == {
        ("prod-eu", "pods"),
        ("prod-us", "pods"),
        ("prod-us", "nodes"),
    }
    recording.close()


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_a_report_of_what_is_in_view(tmp_path: Path, size: tuple[int, int]) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2", phase="CrashLoopBackOff", restarts=5))
    whole, one = tmp_path / "whole.html", tmp_path / "one.md"
    async with running(session, size=size) as user:

        async def told(*words: str) -> None:
            """In a toast, wherever its lines break."""
            await user.until(lambda: all(word in " ".join(user.text.split()) for word in words), str(words))

        await user.see("2 pods")
        await user.press("colon")
        await user.type(f"report {whole}")
        await user.press("enter")
        await told("it crashes since", "whole.html")
        assert "Pod shop/web-2" in whole.read_text() and "web-1" not in whole.read_text()
        assert whole.stat().st_mode & 0o777 == 0o600
        await user.press("colon")
        await user.type(f"report {whole}")
        await user.press("enter")
        await told("--force")
        await user.press("d")
        await user.press("colon")
        await user.type(f"report {one} --mask-names")
        await user.press("enter")
        await user.until(one.exists, "the file")
    assert one.read_text().startswith("# Nothing is wrong") and "pod-1" in one.read_text()
    assert "web-1" not in one.read_text()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ReportWords()),
        ("a.html --since 30m --force", ReportWords("a.html", 1800.0, force=True)),
        ("--logs a.md", ReportWords("a.md", with_logs=True)),
        ("--mask-names", ReportWords(mask_names=True)),
    ],
)
def test_how_a_report_is_asked_for(text: str, found: ReportWords) -> None:
    assert read_report_words(text) == found


@pytest.mark.parametrize("text", ["a b", "--nope", "--since", "--since soon", "--logs --mask-names"])
def test_what_cannot_be_meant_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        read_report_words(text)
