"""What holds for the tests of screens."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.tui import app


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions of tests wake nobody, and their clocks stand still: the app looks by itself, and nobody waits for it."""
    monkeypatch.setattr(app, "SLOWEST", app.FASTEST)


@pytest.fixture(autouse=True)
def stands_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a command writes without being told where is written here, and not into the checkout."""
    monkeypatch.chdir(tmp_path)
