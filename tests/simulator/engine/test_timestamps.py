from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kwatch.simulator.engine.names import micro_timestamp, seconds, timestamp


def test_times_are_written_as_kubernetes_writes_them() -> None:
    assert timestamp(1_795_000_000.7) == "2026-11-18T11:06:40Z"
    assert micro_timestamp(1_795_000_000.75) == "2026-11-18T11:06:40.750000Z"


@given(st.integers(0, 4_000_000_000))
def test_whole_seconds_survive(at: int) -> None:
    assert seconds(timestamp(at)) == at


@given(st.floats(0, 4_000_000_000))
def test_microseconds_survive(at: float) -> None:
    assert abs(seconds(micro_timestamp(at)) - at) < 2e-6
