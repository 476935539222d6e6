"""What a server sends of a resource has an end, or is ended: the cache stays, and a sentence says so."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from kwatch.informer import Indexer, ListOptions, ObjectList
from kwatch.informer.errors import too_large
from kwatch.informer.protocol import WatchEvent
from kwatch.informer.reflector import Reflector
from tests.informer.fakes import FakeListerWatcher, FakeStream, added, bookmark, deleted, pods
from tests.informer.reflecting import StoppingClock, ended, ended_event, names

SENTENCE = "The objects of this resource take more than 60 KB, packed, and more follow"


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kwatch.informer.event_writer.LARGEST_LIST", 100 * 600 + 1000)


def run(lister_watcher: FakeListerWatcher, **options: Any) -> tuple[Indexer, Reflector]:
    stop = threading.Event()
    store = Indexer()
    reflector = Reflector(lister_watcher, store, clock=StoppingClock(stop, 60.0), **options)
    reflector.run(stop)
    return store, reflector


def endings() -> list[FakeStream]:
    """Watches that end, for longer than the clock runs."""
    return [ended() for _ in range(100)]


def errors(reflector: Reflector) -> str:
    return " ".join(each.message for each in reflector.status.errors)


def test_a_list_without_end_leaves_the_cache_as_it_is() -> None:
    number = itertools.count(1)

    def endless(options: ListOptions) -> ObjectList:
        return ObjectList(pods(10), "9", f"token {next(number)}")

    good = ObjectList(pods(3), "5")
    lister_watcher = FakeListerWatcher([good, endless], endings())
    store, reflector = run(lister_watcher, page_size=10)
    assert len(names(store)) == 3
    assert SENTENCE in errors(reflector)
    assert len(lister_watcher.lists) < 200


def test_a_stream_without_end() -> None:
    def endless(_: ListOptions) -> Any:
        return FakeStream([added(f"pod-{number}", number) for number in range(1, 500)])

    lister_watcher = FakeListerWatcher([ObjectList(pods(3), "5")], [endless, *endings()], streaming=True)
    store, reflector = run(lister_watcher, streaming=True)
    assert len(names(store)) == 3
    assert SENTENCE in errors(reflector)


def test_a_watch_that_adds_without_end_leads_to_a_list() -> None:
    flood: list[WatchEvent] = [added(f"pod-{number}", number) for number in range(10, 500)]
    lister_watcher = FakeListerWatcher([ObjectList(pods(3), "5")], [FakeStream(flood), *endings()])
    store, reflector = run(lister_watcher, streaming=False)
    assert len(names(store)) == 3
    assert SENTENCE in errors(reflector)


def test_what_comes_and_goes_takes_no_room() -> None:
    events = [each for n in range(10, 900, 2) for each in (added(f"pod-{n}", n), deleted(f"pod-{n}", n + 1))]
    lister_watcher = FakeListerWatcher(
        [ObjectList(pods(3), "5")], [FakeStream([*events, bookmark(999), ended_event()]), *endings()]
    )
    store, reflector = run(lister_watcher, streaming=False)
    assert len(names(store)) == 3
    assert "larger" not in errors(reflector)


def test_a_list_that_is_too_large_at_once_is_asked_for_in_pages() -> None:
    everything = pods(100)

    def answer(options: ListOptions) -> ObjectList:
        if options.resource_version == "0":
            raise too_large("The answer", 64 << 20)
        start = int(options.continue_token or 0)
        end = start + (options.limit or 100)
        return ObjectList(everything[start:end], "9", str(end) if end < 100 else None)

    lister_watcher = FakeListerWatcher([answer], endings())
    store, _ = run(lister_watcher, page_size=40)
    assert len(names(store)) == 100
    assert [each.limit for each in lister_watcher.lists[:4]] == [40, 40, 40, 40]
