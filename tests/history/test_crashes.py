"""Whatever escapes from the history thread, or the recorder's, is counted and said, and the work goes on."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from kwatch.base.threads import Crashes
from kwatch.history import background as background_module
from kwatch.history.background import AGE_CHECK, evict
from kwatch.history.indexing import ChangeIndexer
from kwatch.history.journal import Journal
from kwatch.history.object_history import ObjectHistory
from kwatch.history.recording.format import Recorded, RecordedGap
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.writer import RecordingWriter
from kwatch.history.store import JournalStore
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import Tape
from tests.informer.fakes import FakeClock
from tests.waiting import wait_until


def fill(pods: Feeder, start: int, end: int) -> None:
    for version in range(start, end):
        pods.update(pod(f"pod-{version % 20}", version, uid=f"u{version % 20}", note=f"{version:x}" * 200))


def test_the_budget_is_a_bound_after_making_room_crashed(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [0]

    def evicting(store: JournalStore, budget: int, older_than: float | None) -> bool:
        if failures[0] < 3:
            failures[0] += 1
            raise KeyError("uid-7")
        return evict(store, budget, older_than)

    monkeypatch.setattr(background_module, "evict", evicting)
    journal = Journal(budget_bytes=20_000, clock=FakeClock())
    pods = Feeder(journal.sink("ctx", "pods"))
    fill(pods, 1, 400)
    wait_until(lambda: crashes.total == 3)
    fill(pods, 400, 500)
    assert journal.catch_up(30)
    assert journal.bytes <= 20_000
    assert crashes.counts == {"history": 3}
    journal.close()


def test_age_is_a_bound_after_looking_for_it_crashed(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look that crashed would have asked for the next one."""
    looks = threading.Semaphore(0)

    def evicting(store: JournalStore, budget: int, older_than: float | None) -> bool:
        looks.release()
        raise KeyError("uid-7")

    monkeypatch.setattr(background_module, "evict", evicting)
    clock = FakeClock()
    journal = Journal(max_age=60.0, clock=clock)
    Feeder(journal.sink("ctx", "pods")).update(pod())
    for _ in range(3):
        assert looks.acquire(timeout=60)
    assert any(seconds > AGE_CHECK / 2 for seconds in clock.waits)
    journal.close()


def test_who_waits_for_what_crashes_is_told(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_module, "evict", lambda *_: 1 / 0)
    journal = Journal(clock=FakeClock())
    assert not journal.catch_up(None)
    assert crashes.latest[-1].reason == "ZeroDivisionError: division by zero"
    journal.close()


def test_an_object_whose_changes_cannot_be_filed_costs_no_other_its_own(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, broken = ChangeIndexer._compare, threading.Event()
    broken.set()

    def comparing(self: ChangeIndexer, history: ObjectHistory, *words: Any, **named: Any) -> Any:
        if broken.is_set() and history.key == "shop/bad":
            raise AssertionError("nobody foresaw this")
        return compare(self, history, *words, **named)

    monkeypatch.setattr(ChangeIndexer, "_compare", comparing)
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    for version in (1, 2):
        pods.update(pod("bad", version, uid="b", phase=f"phase-{version}"))
        pods.update(pod("good", version, uid="g", phase=f"phase-{version}"))
    assert journal.catch_up(10)
    assert [*journal.changes("ctx", "pods").last_changes("status.phase", None, None)] == ["shop/good"]
    assert crashes.total >= 1
    broken.clear()
    before = crashes.total
    # What comes later is looked at: it is not taken for waiting for ever.
    pods.update(pod("bad", 3, uid="b", phase="Running"))
    assert journal.catch_up(10)
    assert crashes.total == before
    changes = journal.changes("ctx", "pods")
    assert "shop/bad" in changes.last_changes("status.phase", "phase-2", "Running")
    assert changes.is_settled("shop/bad")
    journal.close()


@pytest.mark.parametrize("part", ["add", "flush"])
def test_a_recording_goes_on_and_says_what_is_missing(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    file, clock, work = tmp_path / "f.kwatch", FakeClock(), getattr(RecordingWriter, part)
    failing = threading.Event()

    def breaking(self: RecordingWriter, *words: Any, **named: Any) -> Any:
        if failing.is_set():
            failing.clear()
            if part == "flush":
                self._waiting.clear()
            raise OverflowError("a number nobody foresaw")
        return work(self, *words, **named)

    monkeypatch.setattr(RecordingWriter, part, breaking)
    with Tape(file, clock=clock) as tape:
        for version in range(1, 30):
            tape.pods.update(pod("web", version, note=f"{version}" * 40))
            if version == 10:
                wait_until(lambda: not tape.recorder._waiting)
                failing.set()
            if version == 12:
                wait_until(lambda: crashes.total == 1)
        tape.recorder.close()
        tape.recorder.close()
        assert tape.recorder.stopped == ""
    recording = Recording(file)
    found = [*recording.deltas()]
    [gap] = [each for each in found if isinstance(each, RecordedGap)]
    assert "OverflowError: a number nobody foresaw" in gap.cause
    assert recording.problems == []
    versions = [each.object.resource_version for each in found if isinstance(each, Recorded)]
    assert versions[-15:] == [str(version) for version in range(15, 30)]
    recording.close()
