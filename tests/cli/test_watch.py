"""What is settled before the screen is imported."""

from __future__ import annotations

import os

import pytest

from kwatch.cli.watch import _drop_textual_settings as forget


@pytest.fixture(autouse=True)
def of_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"TEXTUAL": "debug", "TEXTUAL_LOG": "/tmp/screen", "TEXTUAL_ANIMATIONS": "none"}
    monkeypatch.setattr(os, "environ", variables)


def toolkit() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("TEXTUAL")}


def test_what_keeps_the_screen_or_presses_keys_is_forgotten() -> None:
    forget()
    assert toolkit() == {"TEXTUAL_ANIMATIONS": "none"}


def test_the_developers_console_is_there_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "KWATCH_DEVTOOLS", "1")
    forget()
    assert toolkit() == {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL": "devtools"}
