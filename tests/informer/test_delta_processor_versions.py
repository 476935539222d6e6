"""The cache has reached a version: it is true when it says so, and one can wait for it."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

import pytest

from kwatch.informer import DeltaFIFO, DeltaType, Indexer, Object, ObjectList, SharedInformer
from kwatch.informer.delta import Delta
from kwatch.informer.delta_processor import DeltaProcessor
from kwatch.informer.metadata import resource_version_of
from kwatch.informer.sink import SinkSet
from kwatch.informer.status import StatusRecorder
from tests.informer.fakes import FakeClock, added, bookmark, eventually, modified, pod, status_event
from tests.informer.informed import Informed


class Looking:
    """A sink that notes what version the cache says it has reached while a batch is applied."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer
        self.seen: list[str] = []

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        self.seen.append(self._indexer.resource_version)

    def on_gap(self, since: float, until: float, cause: str) -> None:
        pass


def test_within_a_batch_it_stays_where_it_was() -> None:
    indexer = Indexer()
    looking = Looking(indexer)
    processor = DeltaProcessor(indexer, lambda told: None, SinkSet([looking], StatusRecorder(FakeClock())), print)
    fifo = DeltaFIFO(known_objects=indexer)
    fifo.replace([pod("a", 1)], "1")
    fifo.drain(processor.process)
    for name, version in (("a", 2), ("b", 3), ("c", 4), ("b", 5), ("a", 6)):
        fifo.update(pod(name, version))
    fifo.drain(processor.process)
    assert looking.seen == ["", *["1"] * 5], "the keys come in another order than the versions"
    assert indexer.resource_version == "6"


def test_what_it_says_is_true_at_every_moment() -> None:
    """Every change up to the version that is said is in the cache, whenever one looks."""
    chance = Random(1)
    history = [pod(chance.choice("abcdef"), version) for version in range(11, 300)]
    informed = Informed(pod("a", 1))
    wrong: list[str] = []

    class Checking:
        def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
            said = int(indexer.resource_version or 0)
            newest = {obj["metadata"]["name"]: obj for obj in history if int(resource_version_of(obj)) <= said}
            for name, obj in newest.items():
                held = indexer.get_by_key(name)
                if held is None or int(resource_version_of(held)) < int(resource_version_of(obj)):
                    wrong.append(f"{name} at {said}")

        def on_gap(self, since: float, until: float, cause: str) -> None:
            pass

    indexer = informed.informer.indexer
    informed.informer.add_sink(Checking())
    with informed:
        for obj in history:
            informed.stream.send(modified(obj["metadata"]["name"], int(resource_version_of(obj))))
        eventually(lambda: indexer.resource_version == "299")
    assert wrong == []


def test_bookmarks_move_it_and_so_does_an_empty_list() -> None:
    informed = Informed()
    with informed:
        indexer = informed.informer.indexer
        eventually(lambda: indexer.resource_version == "10")
        informed.stream.send(bookmark(17))
        eventually(lambda: indexer.resource_version == "17")
        informed.stream.send(added("a", 18), bookmark(25))
        eventually(lambda: indexer.resource_version == "25")


def test_additions_of_a_watch_that_began_nowhere_do_not() -> None:
    indexer = Indexer()
    fifo = DeltaFIFO(known_objects=indexer)
    processor = DeltaProcessor(indexer, lambda told: None, SinkSet((), StatusRecorder(FakeClock())), print)
    fifo.append([(DeltaType.ADDED, pod("a", 7))], "")
    fifo.drain(processor.process)
    assert (indexer.resource_version, len(indexer)) == ("", 1)


def test_one_reads_ones_writes() -> None:
    with Informed(pod("a", 10)) as informed:
        informer = informed.informer
        assert informer.wait_for_version("10", 5.0)
        assert not informer.wait_for_version("12", 0.01)
        waiting = Waiting(informer, "12")
        informed.stream.send(modified("a", 11))
        eventually(lambda: informer.indexer.resource_version == "11")
        assert waiting.results == []
        informed.stream.send(modified("a", 13))
        assert waiting.ended()
        assert waiting.results == [True]
        held = informer.indexer.get_by_key("a")
        assert held is not None
        assert resource_version_of(held) == "13"
    assert not informer.indexer._version_listeners


def test_a_stop_ends_the_wait() -> None:
    informed = Informed(pod("a", 10))
    informed.start()
    waiting = Waiting(informed.informer, "99")
    assert informed.informer.stop(60) == ()
    assert waiting.ended()
    assert waiting.results == [False]


class Waiting:
    """Somebody who waits for a version in a thread."""

    def __init__(self, informer: SharedInformer, version: str) -> None:
        self.results: list[bool] = []
        self._thread = threading.Thread(
            target=lambda: self.results.append(informer.wait_for_version(version, 20.0)), daemon=True
        )
        self._thread.start()
        eventually(lambda: informer.indexer._version_listeners or not self._thread.is_alive())

    def ended(self) -> bool:
        self._thread.join(60)
        return not self._thread.is_alive()


@pytest.mark.parametrize(
    ("ours", "theirs", "reached"),
    [
        ("", "1", False),
        ("", "", False),
        ("5", "", True),
        ("5", "0", True),
        ("5", "5", True),
        ("5", "4", True),
        ("5", "10", False),
        ("10", "9", True),
        ("abc", "abc", True),
        ("abc", "5", False),
        ("5", "abc", False),
    ],
)
def test_what_is_reached(ours: str, theirs: str, reached: bool) -> None:
    indexer = Indexer()
    indexer.update_resource_version(ours)
    assert indexer.has_reached(theirs) is reached
    assert indexer.wait_for_version(theirs, 0.0) is reached


def test_a_server_that_went_back_has_not_reached_it_any_more() -> None:
    informed = Informed(pod("a", 100))
    informed.lister_watcher._lists[0:] = [*informed.lister_watcher._lists, ObjectList([pod("a", 7)], "7")]
    with informed:
        assert informed.informer.wait_for_version("10", 5.0)
        informed.stream.send(status_event(410, "Expired"))
        eventually(lambda: informed.informer.indexer.resource_version == "7")
        assert not informed.informer.wait_for_version("10", 0.0)


def test_after_a_batch_that_was_left_undone_only_a_list_says_so() -> None:
    indexer = Indexer()
    processor = DeltaProcessor(indexer, crash_once(), SinkSet((), StatusRecorder(FakeClock())), print)
    fifo = DeltaFIFO(known_objects=indexer)
    fifo.replace([pod(f"p{number}", 1) for number in range(300)], "1")
    with pytest.raises(KeyError):
        fifo.drain(processor.process)
    fifo.update(pod("p1", 2))
    fifo.drain(processor.process)
    assert indexer.resource_version == ""
    fifo.replace([pod("p1", 2)], "3")
    fifo.drain(processor.process)
    assert indexer.resource_version == "3"


def crash_once() -> Any:
    crashes = [KeyError("once")]

    def distribute(told: Any) -> None:
        if crashes:
            raise crashes.pop()

    return distribute
