from __future__ import annotations

import pytest

from kwatch.history import store
from kwatch.history.store import DeltaLog


def test_entries_are_found_by_their_sequence() -> None:
    log = DeltaLog()
    for sequence, history in [(1, 10), (3, 30), (4, 40), (5, 50), (9, 90)]:
        log.append(sequence, history)
    assert log.entries(0, 9) == [(1, 10), (3, 30), (4, 40), (5, 50), (9, 90)]
    assert (log.after(4), log.from_(4), log.after(100), log.from_(0)) == (3, 2, 5, 0)
    assert log.last_sequence == 9


def test_what_is_dropped_at_the_front_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_COMPACT_AFTER", 4)
    log = DeltaLog()
    for sequence in range(20):
        log.append(sequence, sequence)
    for gone in range(1, 20):
        log.drop_front()
        assert len(log) == 20 - gone
        assert log.entry(0) == (gone, gone)
        assert log.entries(0, 2) == [(each, each) for each in range(gone, min(20, gone + 2))]
        assert log.after(gone) == 1
    log.drop_front()
    assert len(log) == 0 and log.last_sequence == 19
    log.append(30, 3)
    assert log.entries(0, 5) == [(30, 3)]
