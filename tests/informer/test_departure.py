"""Row X13: what leaves the selection."""

import threading
from collections.abc import Iterable
from typing import Any

from kwatch.informer import (
    DeltaFIFO,
    Indexer,
    ObjectList,
    Reflector,
)
from tests.informer.fakes import (
    FakeListerWatcher,
    FakeStream,
    event,
    pod,
    refusal,
    show,
)
from tests.informer.reflecting import (
    ended_event,
    names,
    reflect,
)


class Selective(FakeListerWatcher):
    """Has a selector, and can be asked for an object whatever its labels."""

    selective = True

    def __init__(self, events: Iterable[Any], existing: dict[str, Any]) -> None:
        super().__init__(
            [ObjectList([pod("a", 1, uid="u1"), pod("b", 2, uid="u2"), pod("c", 3)], "3")], [FakeStream(events)]
        )
        self.existing = existing
        self.gets: list[str] = []

    def get(self, key: str) -> Any:
        self.gets.append(key)
        found = self.existing.get(key, refusal(404, "NotFound"))
        if isinstance(found, Exception):
            raise found
        return found


def test_X13_leaving_the_selection_arrives_as_a_deletion_and_one_question_tells_it_from_one() -> None:
    going = event("DELETED", pod("c", 13, deletionTimestamp="2026-11-23T00:00:00Z"))
    events = [
        event("DELETED", pod("a", 11, uid="u1")),
        event("DELETED", pod("b", 12, uid="u2")),
        going,
        event("ADDED", pod("a", 14, uid="u1")),
        ended_event(),
    ]
    lister_watcher = Selective(events, {"a": pod("a", 11, uid="u1"), "b": pod("b", 20, uid="another")})
    fifo = DeltaFIFO(on_refused=lambda obj, error: None)
    Reflector(lister_watcher, fifo).list_and_watch(threading.Event())
    deltas = [fifo.pop(lambda deltas, initial: None) for _ in range(3)]
    seen = [f"{delta.type} {show(delta.object)} {delta.departed}" for of_key in deltas for delta in of_key]
    assert seen == [
        "Replaced a@1 False",
        "Deleted a@11 True",
        "Added a@14 False",
        "Replaced b@2 False",
        "Deleted b@12 False",
        "Replaced c@3 False",
        "Deleted c@13 False",
    ]
    assert lister_watcher.gets == ["a", "b"]


def test_X13_if_nobody_can_say_it_counts_as_a_deletion() -> None:
    lister_watcher = Selective(
        [event("DELETED", pod("a", 11)), ended_event()], {"a": refusal(503, "ServiceUnavailable")}
    )
    store = Indexer()
    reflector = reflect(lister_watcher, store)
    reflector.list_and_watch(threading.Event())
    assert names(store) == {"b@2", "c@3"}
    assert reflector.status.errors[0].source == "departure"
