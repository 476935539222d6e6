"""Row X6: a watch in which nothing comes."""

import threading
from collections.abc import Iterable
from typing import Any

from kwatch.informer import (
    ObjectList,
    Reflector,
)
from tests.informer.fakes import (
    FakeClock,
    FakeListerWatcher,
    FakeStream,
    refusal,
)
from tests.informer.reflecting import (
    ended,
    ended_event,
    reflect,
)


class Quiet(FakeStream):
    """Gives an empty batch for every step of the clock, as a stream does in which nothing comes."""

    bytes_received = 0

    def __init__(self, clock: FakeClock, steps: Iterable[float]) -> None:
        super().__init__([ended_event()])
        self._clock = clock
        self._steps = steps

    def batches(self) -> Any:
        for step in self._steps:
            self._clock.now += step
            yield []
        yield from ([each] for each in self)


class Probed(FakeListerWatcher):
    answers: list[Any]
    quiet: list[str]
    reflector: Reflector

    def probe(self) -> object:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_X6_a_quiet_watch_is_told_from_a_dead_one() -> None:
    clock = FakeClock()
    said: list[str] = []

    class Stream(Quiet):
        def batches(self) -> Any:
            for batch in super().batches():
                yield batch
                said.append(reflector.status.quiet)

    lister_watcher = Probed([ObjectList([], "1")], [Stream(clock, [70, 10, 5, 30, 30])])
    lister_watcher.answers = ["v1.36", refusal(0, "Timeout"), "v1.36"]
    reflector = reflect(lister_watcher, clock=clock)
    reflector.list_and_watch(threading.Event())
    assert said[0] == ""
    assert said[1:3] == ["quiet 80 s, server answers", "quiet 85 s, server answers"]
    assert said[3].startswith("no answer since ")
    assert said[4] == "quiet 145 s, server answers"
    assert lister_watcher.answers == []


def test_X6_a_watch_that_stays_quiet_is_opened_anew_and_nothing_is_listed() -> None:
    clock = FakeClock()
    quiet = Quiet(clock, [160])
    lister_watcher = Probed([ObjectList([], "1")], [quiet, ended()])
    lister_watcher.answers = ["v1.36"]
    reflect(lister_watcher, clock=clock).list_and_watch(threading.Event())
    assert lister_watcher.requests == ["list '0'", "watch '1'", "watch '1'"]
    assert quiet.closes == 1


class Sleeper(FakeClock):
    """Intervals do not count while the machine sleeps; the time of day goes on."""

    slept = 0.0

    def time(self) -> float:
        return super().time() + self.slept


def test_after_the_machine_slept_the_server_is_asked_at_once() -> None:
    clock, said = Sleeper(), list[str]()

    class Stream(Quiet):
        def batches(self) -> Any:
            for number, batch in enumerate(super().batches()):
                clock.slept += 600 * (number == 1)
                yield batch
                said.append(reflector.status.quiet)

    lister_watcher = Probed([ObjectList([], "1")], [Stream(clock, [5, 5, 5]), ended()])
    lister_watcher.answers = [refusal(0, "Timeout")]
    reflector = reflect(lister_watcher, clock=clock)
    reflector.list_and_watch(threading.Event())
    assert said[0] == ""
    assert said[1].startswith("no answer since ")
    assert lister_watcher.answers == []


def test_who_reads_the_watch_says_when_it_looked_last() -> None:
    clock, looked = FakeClock(), list[float]()

    class Stream(Quiet):
        def batches(self) -> Any:
            for batch in super().batches():
                yield batch
                looked.append(clock.time() - (reflector.status.looked_at or 0))

    lister_watcher = Probed([ObjectList([], "1")], [Stream(clock, [5, 60, 5])])
    lister_watcher.answers = []
    reflector = reflect(lister_watcher, clock=clock)
    reflector.list_and_watch(threading.Event())
    assert looked[:3] == [0, 0, 0]
