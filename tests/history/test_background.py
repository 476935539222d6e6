"""Under a flood that never ends, the background still does everything it has to."""

from __future__ import annotations

import threading

import pytest

from kwatch.history import background as background_module
from kwatch.history.background import compact
from kwatch.history.journal import Journal
from kwatch.history.object_history import ObjectHistory
from kwatch.history.store import JournalStore
from tests.history.objects import Feeder, pod


def test_packing_that_is_never_done_keeps_nothing_from_making_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "PRESSING", 10)
    journal = Journal(budget_bytes=20_000)
    pods = Feeder(journal.sink("ctx", "pods"))
    packed = [0]

    def while_more_comes(store: JournalStore, history: ObjectHistory) -> None:
        compact(store, history)
        packed[0] += 1
        if packed[0] < 3000:
            pods.update(pod(f"pod-{packed[0] % 90}", 1000 + packed[0], uid=f"u{packed[0] % 90}", note="n" * 900))

    monkeypatch.setattr(background_module, "compact", while_more_comes)
    for version in range(1, 400):
        pods.update(pod(f"pod-{version % 90}", version, uid=f"u{version % 90}", note=f"{version:x}" * 300))
    assert journal.catch_up(30)
    assert packed[0] < 3000
    assert journal.evicted.versions > 0
    journal.close()


def test_what_hangs_does_not_keep_it_from_closing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background_module, "LONGEST_END", 0.05)
    hangs, goes_on = threading.Event(), threading.Event()

    def hang(store: JournalStore, budget: int, older_than: float | None) -> None:
        hangs.set()
        goes_on.wait(30)

    monkeypatch.setattr(background_module, "evict", hang)
    journal = Journal(budget_bytes=1_000)
    pods = Feeder(journal.sink("ctx", "pods"))
    for version in range(1, 20):
        pods.update(pod("pod-1", version, uid="u1", note=f"{version:x}" * 300))
    assert hangs.wait(30)
    journal.close()
    assert "kwatch-history does not end" in caplog.text
    goes_on.set()
