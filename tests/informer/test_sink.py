"""Sinks see every delta."""

from typing import Any

import pytest

from kwatch.informer import (
    Object,
    ObjectList,
    SharedInformer,
)
from tests.informer.fakes import (
    FakeListerWatcher,
    FakeStream,
    added,
    eventually,
    pod,
    quick_backoff,
    show,
    status_event,
)
from tests.informer.informed import Informed


class Sink:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.fails = False

    def on_delta(self, key: str, delta: Any, old: Object | None) -> None:
        self.seen.append(f"{delta.type} {show(delta.object)}")
        if self.fails:
            raise LookupError("sink")

    def on_gap(self, since: float, until: float, cause: str) -> None:
        self.seen.append(f"gap {cause}")


def test_sinks_see_deltas_and_a_late_one_only_what_comes() -> None:
    early, late = Sink(), Sink()
    informed = Informed(pod("a", 1), sinks=[early])
    with informed:
        eventually(lambda: early.seen)
        informed.informer.add_sink(late)
        informed.stream.send(added("b", 11))
        eventually(lambda: late.seen)
        informed.informer.remove_sink(late)
        informed.stream.send(added("c", 12))
        eventually(lambda: len(early.seen) == 3)
        assert early.seen == ["Replaced a@1", "Added b@11", "Added c@12"]
        assert late.seen == ["Added b@11"]


@pytest.mark.usefixtures("crashes")
def test_a_sink_that_fails_is_counted() -> None:
    sink = Sink()
    sink.fails = True
    with Informed(pod("a", 1), sinks=[sink]) as informed:
        assert len(informed.informer.indexer) == 1
        assert informed.informer.status.sink_errors == 1
        assert "Sink" in str(informed.informer.status.last_error)


def test_a_gap_reaches_the_sinks_before_what_the_relist_found() -> None:
    sink = Sink()
    stream = FakeStream([added("b", 11)])
    lister_watcher = FakeListerWatcher(
        [ObjectList([pod("a", 1)], "10"), ObjectList([pod("a", 15)], "20")], [stream, FakeStream()]
    )
    informer = SharedInformer(lister_watcher, sinks=[sink], backoff=quick_backoff())
    informer.start()
    eventually(lambda: len(sink.seen) == 2)
    stream.send(status_event(410, "Expired"))
    eventually(lambda: len(sink.seen) == 5)
    assert informer.stop(60) == ()
    assert sink.seen[2:] == ["gap expired", "Replaced a@15", "Deleted T(b, b@11)"]
