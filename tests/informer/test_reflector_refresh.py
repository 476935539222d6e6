"""The whole list once more, at once and without a fault: the same objects are to come in another form."""

from __future__ import annotations

import threading

from kwatch.informer import ListOptions, ObjectList, SharedInformer
from kwatch.informer.status import Phase
from tests.informer.fakes import FakeClock, FakeListerWatcher, FakeStream, pod
from tests.waiting import wait_until

PATIENCE = 60.0


def informer_of(*lists: ObjectList) -> tuple[SharedInformer, list[ListOptions], list[FakeStream]]:
    """An informer of a server that gives these lists, one after the other; what it asked; its watches."""
    asked: list[ListOptions] = []

    def answer(options: ListOptions) -> ObjectList:
        asked.append(options)
        return lists[min(len(asked), len(lists)) - 1]

    streams = [FakeStream() for _ in range(4)]
    lister_watcher = FakeListerWatcher([answer] * 10, list(streams), streaming=False)
    return SharedInformer(lister_watcher, clock=FakeClock()), asked, streams


def test_it_is_listed_at_once_and_nothing_counts_as_wrong() -> None:
    informer, asked, streams = informer_of(ObjectList([pod("a", 1)], "10"), ObjectList([pod("a", 1)], "12"))
    informer.start()
    try:
        assert informer.wait_for_sync(PATIENCE)
        wait_until(lambda: informer.status.phase is Phase.WATCHING)
        informer.refresh("columns")
        wait_until(lambda: len(asked) == 2 and informer.status.phase is Phase.WATCHING)
        status = informer.status
        assert dict(status.relists) == {"columns": 1}
        assert (status.errors, status.retries, status.disconnected_since) == ((), 0, None)
        assert streams[0].closed.is_set()
    finally:
        assert informer.stop(60) == ()


def test_while_it_is_listed_for_the_first_time() -> None:
    first, listing, let = threading.Event(), threading.Event(), threading.Event()
    asked: list[ListOptions] = []

    def answer(options: ListOptions) -> ObjectList:
        asked.append(options)
        if not first.is_set():
            first.set()
            listing.set()
            assert let.wait(PATIENCE)
        return ObjectList([pod("a", 1)], "10")

    informer = SharedInformer(
        FakeListerWatcher([answer] * 3, [FakeStream(), FakeStream()], streaming=False), clock=FakeClock()
    )
    informer.start()
    try:
        assert listing.wait(PATIENCE)
        informer.refresh("columns")
        let.set()
        wait_until(lambda: len(asked) == 2 and informer.status.phase is Phase.WATCHING)
    finally:
        assert informer.stop(60) == ()


def test_before_it_begins_and_after_it_has_ended() -> None:
    informer, asked, _ = informer_of(ObjectList([], "10"))
    informer.refresh("columns")
    informer.start()
    wait_until(lambda: informer.status.phase is Phase.WATCHING)
    assert len(asked) == 1
    assert informer.stop(60) == ()
    informer.refresh("columns")
    assert len(asked) == 1
