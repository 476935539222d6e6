"""How fast time is played."""

from __future__ import annotations

import pytest

from kwatch.tui.features.time_travel.moment import SPEEDS, faster, read_speed, slower, speed_text


def test_speeds_go_up_and_down_and_end() -> None:
    speed = SPEEDS[0]
    for expected in SPEEDS[1:]:
        speed = faster(speed)
        assert speed == expected
    assert faster(speed) == SPEEDS[-1] == 1000.0
    assert slower(SPEEDS[0]) == SPEEDS[0] == 0.25
    assert (faster(3.0), slower(3.0)) == (5.0, 2.0)


def test_speeds_as_people_write_them() -> None:
    assert [read_speed(text) for text in ("10", "10x", " 0.5x ", "1000")] == [10.0, 10.0, 0.5, 1000.0]
    assert [speed_text(speed) for speed in (0.25, 1.0, 1000.0)] == ["0.25x", "1x", "1000x"]


@pytest.mark.parametrize("text", ["", "fast", "0", "0.1", "1001", "-1", "nan", "1e3"])
def test_what_is_no_speed(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a speed: write a number from 0\.25 to 1000"):
        read_speed(text)
