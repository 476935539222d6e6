"""The arguments of the commands of time travel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kwatch.tui.commands.time_travel import SetIdleLimit


@pytest.mark.parametrize(
    ("argument", "limit"), [("5", [5.0]), ("0.5", [0.5]), ("off", [None]), ("²", []), (".", []), ("-1", []), ("", [])]
)
def test_the_longest_wait_is_a_number(argument: str, limit: list[float | None]) -> None:
    limits: list[float | None] = []
    told: list[str] = []
    screen: Any = SimpleNamespace(limit_idleness=limits.append, notify=lambda text, **how: told.append(text))
    SetIdleLimit().say(screen, argument)
    assert limits == limit
    assert bool(told) is not bool(limit)
