"""A minute of random keys, mouse, pastes and sizes; `python -m tests.end_to_end.random_driver` does it for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.random_driver import drive


@pytest.mark.parametrize(("seed", "columns", "rows"), [(11, 80, 24), (12, 120, 36)])
def test_nothing_ends_freezes_or_garbles_it(seed: int, columns: int, rows: int, tmp_path: Path) -> None:
    assert not drive(tmp_path, seed, columns, rows, seconds=20)
