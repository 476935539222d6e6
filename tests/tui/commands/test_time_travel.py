"""The arguments of the commands of time travel."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kwatch.tui.features.time_travel.controls import TimeTravelControls


@pytest.mark.parametrize(
    ("argument", "limit"), [("5", [5.0]), ("0.5", [0.5]), ("off", [None]), ("²", []), (".", []), ("-1", []), ("", [])]
)
def test_the_longest_wait_is_a_number(argument: str, limit: list[float | None]) -> None:
    told: list[str] = []
    screen: Any = SimpleNamespace(notify=lambda text, **how: told.append(text))
    controls = TimeTravelControls(screen)
    travel: Any = SimpleNamespace(idleness=SimpleNamespace(limit="as it was"))
    controls.travel = travel
    controls.use_idle_limit(argument)
    limits = [] if travel.idleness.limit == "as it was" else [travel.idleness.limit]
    assert limits == limit
    assert bool(told) is not bool(limit)
