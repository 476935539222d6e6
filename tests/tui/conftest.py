"""What holds for the tests of screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import _wait

from kwatch.tui import app

_wait.SLEEP_GRANULARITY = 0.005
_wait.SLEEP_IDLE = _wait.SLEEP_GRANULARITY / 20
"""What the pilot takes for idle: nothing done in so many seconds. With 20 ms the tests of screens mostly wait."""


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of tests wake nobody, and their clocks stand still: the app looks by itself, and nobody waits for it."""
    monkeypatch.setattr(app, "SLOWEST", app.FASTEST)


@pytest.fixture(autouse=True)
def stands_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a command writes without being told where is written here, and not into the checkout."""
    monkeypatch.chdir(tmp_path)
