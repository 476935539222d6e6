"""A server that was set back is noticed when a watch is opened anew."""

from __future__ import annotations

import threading

import pytest

from kwatch.informer import ApiError, Backoff, Indexer, ListOptions, ObjectList, Reflector, WatchEvent
from kwatch.informer.api_calls import ApiCalls, HistoryCheck
from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import HistoryWentBack
from kwatch.informer.retries import Retries
from kwatch.informer.status import StatusRecorder
from tests.informer.fakes import FakeClock, FakeListerWatcher, FakeStream


class Dated(FakeListerWatcher):
    """Says how far it is."""

    latest = "100"
    refusal: ApiError | None = None
    questions = 0

    def latest_version(self) -> str:
        self.questions += 1
        if self.refusal is not None:
            raise self.refusal
        return self.latest


def check(lister_watcher: FakeListerWatcher) -> tuple[HistoryCheck, StatusRecorder]:
    clock = SystemClock()
    recorder = StatusRecorder(clock)
    retries = Retries(Backoff(), clock, recorder)
    return HistoryCheck(ApiCalls(lister_watcher, clock, recorder, retries)), recorder


@pytest.mark.parametrize(
    ("latest", "went_back"), [("100", False), ("101", False), ("99", True), ("", False), ("x", False)]
)
def test_a_lower_version_is_a_history_that_went_back(latest: str, went_back: bool) -> None:
    source = Dated()
    source.latest = latest
    found = check(source)[0].look("100")
    assert isinstance(found, HistoryWentBack) is went_back
    assert not went_back or "from version 100 to 99" in str(found)


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ([("5", "100"), ("5", "101"), ("5", "102")], [True, False, False]),
        ([("5", "100"), ("6", "101"), ("7", "102")], [True, False, False]),
        ([("5", "100"), ("3", "101")], [True, True]),
        ([("5", "100"), ("7", "6"), ("5", "100")], [True, False, True]),
    ],
)
def test_a_version_that_stands_still_is_believed_once(versions: list[tuple[str, str]], found: list[bool]) -> None:
    source = Dated()
    checked, recorder = check(source)
    told = []
    for source.latest, ours in versions:
        told.append(checked.look(ours) is not None)
    assert told == found
    assert bool(recorder.snapshot().notes) == (False in found[-1:])


def test_a_source_that_cannot_say_is_believed() -> None:
    assert check(FakeListerWatcher())[0].look("100") is None


def test_a_refusal_is_recorded_and_no_finding() -> None:
    source = Dated()
    source.refusal = ApiError(503, "ServiceUnavailable", "later")
    checked, recorder = check(source)
    assert checked.look("100") is None
    assert [error.source for error in recorder.snapshot().errors] == ["history check"]


def test_everything_is_listed_again_at_whatever_version_there_is() -> None:
    stop = threading.Event()
    bookmark = WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": "100"}})
    source = Dated(
        [ObjectList([], "100"), ObjectList([], "7")], [FakeStream([bookmark], ends=True), FakeStream(), FakeStream()]
    )
    source.latest = "5"
    listed: list[ListOptions] = []
    plain_list = source.list

    def list_and_note(options: ListOptions) -> ObjectList:
        listed.append(options)
        if len(listed) == 2:
            stop.set()
        return plain_list(options)

    source.list = list_and_note  # type: ignore[method-assign]
    reflector = Reflector(source, Indexer(), clock=FakeClock(), streaming=False)
    reflector.run(stop)
    assert source.questions == 1, "only a watch that is opened anew asks"
    assert [options.resource_version for options in listed] == ["0", ""]
    assert reflector.status.relists == {"history went back": 1}
