"""Write, wait and close in any order, from several threads at once: nobody waits for ever."""

from __future__ import annotations

import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorder import Recorder
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS
from tests.session.test_lifecycle import at_once


def test_nobody_waits_for_a_journal_that_is_closed() -> None:
    journal = Journal()
    Feeder(journal.sink("ctx", "pods")).add(pod())
    assert journal.catch_up()
    journal.close()
    assert not journal.catch_up(None)
    never_begun = Journal()
    never_begun.close()
    assert not never_begun.catch_up(None)


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(("write", "wait", "pack", "close")), max_size=6), min_size=1, max_size=4))
def test_whatever_the_order_a_journal_ends(scripts: list[list[str]]) -> None:
    journal = Journal(max_age=60.0)
    lock, versions = threading.Lock(), iter(range(1, 1000))
    pods = Feeder(journal.sink("ctx", "pods"))

    def do(operation: str) -> None:
        match operation:
            case "write":
                with lock:
                    pods.update(pod(version=next(versions)))
            case "wait":
                journal.catch_up(None)
            case "pack":
                journal.catch_up(None, compacted=True)
            case _:
                journal.close()

    at_once(scripts, do)
    journal.close()
    journal.close()
    assert not journal.catch_up(None)
    thread = journal._background._thread
    assert thread is None or not thread.is_alive()


def test_whatever_the_order_a_recorder_ends_with_a_whole_file(tmp_path: Path) -> None:
    for number, scripts in enumerate(
        [
            [["close", "write", "close"]],
            [["write"] * 50, ["close"]],
            [["write", "sink", "write"], ["write", "close", "sink"], ["close"]],
        ]
    ):
        file = tmp_path / f"{number}.kwatch"
        recorder = Recorder(file)
        lock, versions = threading.Lock(), iter(range(1, 1000))
        pods = Feeder(recorder.sink("ctx", PODS))

        def do(operation: str, recorder: Recorder = recorder, lock: threading.Lock = lock, pods: Feeder = pods) -> None:
            match operation:
                case "write":
                    with lock:
                        pods.update(pod(version=next(versions)))  # noqa: B023 - each round has its own
                case "sink":
                    recorder.sink("ctx", PODS)
                case _:
                    recorder.close()

        at_once(scripts, do)
        recorder.close()
        assert recorder.stopped == ""
        recording = Recording(file)
        assert recording.problems == []
        assert recording.end is not None
        recording.close()
