"""What holds for every test: a terminal of many colours, and nothing crashes behind its back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.base import threads
from kwatch.base.threads import Crashes


@pytest.fixture(autouse=True)
def a_terminal_with_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the tests run: what is shown does not depend on it."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def crashes(monkeypatch: pytest.MonkeyPatch) -> Crashes:
    """Counts what escapes in this test, which expects that something does."""
    counted = Crashes()
    monkeypatch.setattr(threads, "CRASHES", counted)
    return counted


@pytest.fixture(autouse=True)
def nothing_crashes_unseen() -> Iterator[None]:
    """A thread that ends with an exception fails the test in which it does."""
    counted = threads.CRASHES
    before = counted.total
    yield
    escaped = counted.latest[-(counted.total - before) :] if counted.total != before else ()
    assert not escaped, f"nobody expected this: {', '.join(map(str, escaped))}"
