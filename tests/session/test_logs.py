"""Logs of many containers as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer.clock import SystemClock
from kwatch.informer.errors import ApiError
from kwatch.session.container_log import LogWish
from kwatch.session.log_reading import SeenLines
from kwatch.session.logs import LogPlace, MergedLogs
from kwatch.view.log_lines import NANO, LogLine, LogSource, Mark, split_time
from tests.session.kubelet import Kubelet, Pods, pod, written
from tests.waiting import wait_until


class HeldClock(SystemClock):
    """Its time is the test's; waits are real."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Reader:
    """Takes what there is."""

    def __init__(self, logs: MergedLogs) -> None:
        self.logs = logs
        self.lines: list[LogLine] = []

    def wait_for(self, holds: Callable[[], object]) -> None:
        def look() -> object:
            self.lines += self.logs.take()
            return holds()

        wait_until(look)

    def wait_for_text(self, text: str) -> None:
        self.wait_for(lambda: any(line.text == text for line in self.lines))

    def read_all(self) -> list[LogLine]:
        self.wait_for(lambda: self.logs.state.ended)
        self.lines += self.logs.take(1_000_000)
        return self.lines

    @property
    def texts(self) -> list[str]:
        return [f"[{line.mark.name}] {line.text}" if line.mark else line.text for line in self.lines]


@contextmanager
def reading(kubelet: Kubelet, pods: Pods, clock: SystemClock | None = None, **how: Any) -> Iterator[Reader]:
    """Merged logs; all threads end with them."""
    drops, backlog = how.pop("drops", False), how.pop("backlog", 50_000)
    place = LogPlace(kubelet.open, pods)
    logs = MergedLogs([place], LogWish(**how), clock or SystemClock(), drops=drops, backlog=backlog)
    try:
        yield Reader(logs)
    finally:
        logs.close()
        assert logs.join(10)
        wait_until(lambda: kubelet.open_now == 0)
        assert pods.released


def test_what_was_written_is_merged_by_time() -> None:
    kubelet = Kubelet()
    kubelet.run("a", "web", *(written(second, f"a{second}") for second in range(0, 500, 2)))
    kubelet.run("b", "web", *(written(second, f"b{second}") for second in range(1, 500, 2)))
    with reading(kubelet, Pods(pod("a"), pod("b")), follow=False) as reader:
        lines = reader.read_all()
    assert [line.text for line in lines] == [f"{'ab'[second % 2]}{second}" for second in range(500)]
    assert lines[0].source == LogSource("shop", "a", "web")
    assert reader.logs.state.words == "showing 2 containers"
    assert kubelet.requests[0]["timestamps"] is True


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), max_size=30), min_size=1, max_size=5), st.integers(1, 3))
def test_any_logs_are_whole_and_in_order(logs: list[list[int]], at_once: int) -> None:
    kubelet = Kubelet()
    for number, seconds in enumerate(logs):
        log = [written(second, f"{number}.{place}") for place, second in enumerate(sorted(seconds))]
        kubelet.run(f"p{number}", "web", *log)
    pods = Pods(*(pod(f"p{number}") for number in range(len(logs))))
    with reading(kubelet, pods, follow=False, at_once=max(at_once, len(logs))) as reader:
        lines = reader.read_all()
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    for number, seconds in enumerate(logs):
        mine = [line.text for line in lines if line.source.pod == f"p{number}"]
        assert mine == [f"{number}.{place}" for place in range(len(seconds))]


def test_a_line_waits_a_moment_for_older_ones() -> None:
    kubelet, clock = Kubelet(), HeldClock()
    a, b = kubelet.run("a", "web", written(1, "first")), kubelet.run("b")
    with reading(kubelet, Pods(pod("a"), pod("b")), clock) as reader:
        wait_until(lambda: kubelet.open_now == 2)
        clock.now += 2
        reader.wait_for_text("first")
        a.lines.append(written(3, "later"))
        wait_until(lambda: kubelet.given == 2)
        b.lines.append(written(2, "earlier"))
        wait_until(lambda: kubelet.given == 3)
        clock.now += 1
        reader.wait_for_text("later")
    assert reader.texts == ["first", "earlier", "later"]


def test_a_clock_that_is_behind_holds_nobody_up() -> None:
    kubelet, clock = Kubelet(), HeldClock()
    ahead, behind = kubelet.run("ahead"), kubelet.run("behind")
    with reading(kubelet, Pods(pod("ahead"), pod("behind")), clock) as reader:
        for number in range(5):
            ahead.lines.append(written(600 + number, f"ahead {number}"))
            behind.lines.append(written(number, f"behind {number}"))
            wait_until(lambda most=2 * number + 2: kubelet.given == most)  # type: ignore[misc]
            clock.now += 1
            reader.wait_for_text(f"ahead {number}")
    assert len(reader.lines) == 10


def test_a_pod_that_joins_is_read_from_its_beginning() -> None:
    kubelet, pods = Kubelet(), Pods(pod("a"))
    kubelet.run("a", "web", *(written(second, f"a{second}") for second in range(10)))
    kubelet.run("b", "web", *(written(20 + second, f"b{second}") for second in range(3)))
    with reading(kubelet, pods, tail_lines=2) as reader:
        reader.wait_for_text("a9")
        pods.put(pod("b"))
        reader.wait_for_text("b2")
    assert reader.texts == ["a8", "a9", "[JOINED] joined", "b0", "b1", "b2"]


def test_what_has_not_started_is_waited_for_quietly() -> None:
    kubelet, pods = Kubelet(), Pods(pod("a", state="waiting"))
    with reading(kubelet, pods) as reader:
        wait_until(lambda: reader.logs.state.not_started == 1)
        assert (kubelet.requests, reader.logs.state.words) == ([], "showing 1 container, 1 not started")
        kubelet.run("a", "web", written(1, "up"))
        pods.put(pod("a"))
        reader.wait_for_text("up")
    assert reader.texts == ["up"]


def test_what_cannot_be_had_and_is_tried_again_counts_once() -> None:
    kubelet = Kubelet()
    kubelet.errors = [ApiError(503, "ServiceUnavailable", "no node answers")]
    with reading(kubelet, Pods(pod("a")), HeldClock()) as reader:
        wait_until(lambda: reader.logs.state.troubles and not reader.logs.state.reading)
        assert reader.logs.state.words == "showing 1 container, 1 cannot be had"


def test_a_restart_is_followed_and_marked_with_the_end_of_the_run_before() -> None:
    kubelet, pods = Kubelet(), Pods(pod("a"))
    first = kubelet.run("a", "web", written(1, "one"))
    with reading(kubelet, pods) as reader:
        reader.wait_for_text("one")
        kubelet.breaking.set()  # and what was written last was not seen
        wait_until(lambda: kubelet.open_now == 0)
        first.lines.append(written(1.5, "the last word"))
        first.ended = True
        kubelet.run("a", "web", written(3, "up again"))
        pods.put(pod("a", restarts=1))
        kubelet.breaking.clear()
        reader.wait_for_text("up again")
    resumed, *others = [text for text in reader.texts if text != "one"]
    assert resumed.startswith("[RESUMED] the connection had broken; resumed after ")
    assert others == ["the last word", "[RESTARTED] restarted after Error, exit code 1", "up again"]


def test_runs_that_nobody_saw_are_a_gap() -> None:
    kubelet, pods = Kubelet(), Pods(pod("a"))
    kubelet.run("a", "web", written(1, "run 0"), ended=True)
    with reading(kubelet, pods) as reader:
        reader.wait_for_text("run 0")
        wait_until(lambda: kubelet.open_now == 0)
        for run in range(1, 4):
            kubelet.run("a", "web", written(run * 10, f"run {run}"), ended=run < 3)
        pods.put(pod("a", restarts=3))
        reader.wait_for_text("run 3")
    assert [text for text in reader.texts if not text.startswith("[ENDED]")] == [
        "run 0",
        "[GAP] the log of a run between cannot be had",
        "[RESTARTED] restarted after Error, exit code 1",
        "run 2",
        "[RESTARTED] restarted after Error, exit code 1",
        "run 3",
    ]


def test_a_broken_connection_loses_and_doubles_nothing() -> None:
    kubelet = Kubelet()
    run = kubelet.run("a", "web", *(written(1 + number / 100, "same") for number in range(50)))
    with reading(kubelet, Pods(pod("a"))) as reader:
        reader.wait_for(lambda: len(reader.lines) == 50)
        kubelet.breaking.set()
        wait_until(lambda: kubelet.open_now == 0)
        run.lines += [written(1.6 + number / 100, "more") for number in range(20)]
        kubelet.breaking.clear()
        reader.wait_for(lambda: reader.texts.count("more") == 20)
    marks = [text for text in reader.texts if text.startswith("[")]
    assert reader.texts.count("same") == 50
    assert len(marks) == 1 and marks[0].startswith("[RESUMED] the connection had broken; resumed after ")


def test_a_log_that_was_rotated_while_the_connection_was_broken_has_a_gap() -> None:
    kubelet = Kubelet()
    run = kubelet.run("a", "web", *(written(1 + number / 100, f"old {number}") for number in range(50)))
    with reading(kubelet, Pods(pod("a"))) as reader:
        reader.wait_for(lambda: len(reader.lines) == 50)
        kubelet.breaking.set()
        wait_until(lambda: kubelet.open_now == 0)
        run.lines[:] = [written(7 + number / 100, f"new {number}") for number in range(20)]
        kubelet.breaking.clear()
        reader.wait_for(lambda: "new 19" in reader.texts)
    marks = [text for text in reader.texts if text.startswith("[")]
    assert len(marks) == 1 and marks[0].startswith("[GAP] the connection had broken; resumed after ")
    assert marks[0].endswith("; how many lines are missing is not known, the node has them no more")
    assert reader.texts.index(marks[0]) == 50


def test_requests_at_once_are_bounded() -> None:
    kubelet = Kubelet()
    for number in range(7):
        kubelet.run(f"p{number}", "web", written(number, f"line {number}"))
    pods = Pods(*(pod(f"p{number}") for number in range(7)))
    with reading(kubelet, pods, follow=False, at_once=2) as reader:
        assert sorted(line.text for line in reader.read_all()) == [f"line {number}" for number in range(7)]
    assert kubelet.most_open <= 2
    with reading(kubelet, Pods(*pods.pods.values()), at_once=2) as reader:
        wait_until(lambda: reader.logs.state.waiting)
        assert reader.logs.state.words == "showing 2 of 7 containers"
        assert kubelet.most_open == 2


def test_lines_that_nobody_takes_make_room_and_are_counted() -> None:
    kubelet = Kubelet()
    kubelet.run("a", "web", *(written(number, f"line {number}") for number in range(100)))
    with reading(kubelet, Pods(pod("a")), follow=False, drops=True, backlog=10) as reader:
        wait_until(lambda: reader.logs.state.ended)
        taken = reader.logs.take()
    assert (taken[0].mark, taken[0].text) == (Mark.GAP, "90 lines were dropped: more come than can be shown")
    assert [line.text for line in taken[1:]] == [f"line {number}" for number in range(90, 100)]


def test_a_log_of_a_gigabyte_waits_for_who_reads_it() -> None:
    kubelet = Kubelet()
    long = written(1, "x" * 100_000)
    kubelet.run("a", "web", *[long] * 20_000)  # two gigabytes, of one string
    with reading(kubelet, Pods(pod("a")), follow=False, backlog=50) as reader:
        reader.wait_for(lambda: len(reader.lines) > 5000)
        reader.lines.clear()
        given = kubelet.given
        assert given < 20_000
    assert kubelet.given < 20_000


def test_what_may_not_be_read_is_said_once() -> None:
    kubelet = Kubelet()
    kubelet.run("a")
    kubelet.errors = [ApiError(403, "Forbidden", "pods a is forbidden")]
    with reading(kubelet, Pods(pod("a"))) as reader:
        reader.wait_for(lambda: reader.lines)
        assert reader.logs.state.words == "showing 1 container, 1 ended, 1 cannot be had"
    assert reader.texts == ["[TROUBLE] pods a is forbidden"]
    assert len(kubelet.requests) == 1


def test_another_pod_of_the_same_name() -> None:
    kubelet, pods = Kubelet(), Pods(pod("db-0"))
    first = kubelet.run("db-0", "web", written(1, "old"))
    with reading(kubelet, pods) as reader:
        reader.wait_for_text("old")
        first.ended = True
        kubelet.run("db-0", "web", written(5, "new"))
        pods.put(pod("db-0", uid="another"))
        reader.wait_for_text("new")
    assert reader.texts == ["old", "[RESTARTED] another pod of this name", "new"]


def test_a_pod_that_goes_is_read_to_its_end_and_forgotten() -> None:
    kubelet, pods = Kubelet(), Pods(pod("a"), pod("b"))
    run = kubelet.run("a", "web", written(1, "one"))
    kubelet.run("b")
    with reading(kubelet, pods) as reader:
        reader.wait_for_text("one")
        run.lines.append(written(2, "bye"))
        run.ended = True
        pods.remove("a")
        reader.wait_for_text("its pod is gone")
        wait_until(lambda: reader.logs.state.containers == 1)
    assert reader.texts == ["one", "bye", "[ENDED] its pod is gone"]


@pytest.mark.parametrize("restarts", [0, 2])
def test_the_run_before_the_last_restart(restarts: int) -> None:
    kubelet = Kubelet()
    for run in range(restarts + 1):
        kubelet.run("a", "web", written(run, f"run {run}"), ended=True)
    with reading(kubelet, Pods(pod("a", restarts=restarts)), previous=True) as reader:
        texts = [line.text for line in reader.read_all()]
    assert texts == (["run 1"] if restarts else [])
    assert bool(reader.logs.state.troubles) == (not restarts)


@given(
    st.lists(st.tuples(st.integers(0, 3 * NANO), st.sampled_from("ab")), max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_however_often_it_breaks_every_line_comes_once(lines: list[tuple[int, str]], breaks: list[int]) -> None:
    """The server begins again with the second of the last line."""
    log = sorted(lines, key=lambda line: line[0])
    log = [(at + NANO, text) for at, text in log]
    seen, got = SeenLines(), []
    for end in [*breaks, len(log)]:
        since = split_time(f"{seen.since_time} ")[0] if seen.last else 0
        if seen.last:
            seen.begin_again()
        got += [line for line in [line for line in log if line[0] >= since][:end] if seen.is_new(*line)]
    seen.begin_again()
    since = split_time(f"{seen.since_time} ")[0] if seen.last else 0
    got += [line for line in log if line[0] >= since and seen.is_new(*line)]
    assert got == log


def test_the_same_pod_in_two_places_is_two() -> None:
    eu, us = Kubelet(), Kubelet()
    eu.run("a", "web", written(1, "eu 1"), written(3, "eu 3"))
    us.run("a", "web", written(2, "us 2"))
    places = [LogPlace(eu.open, Pods(pod("a")), "eu"), LogPlace(us.open, Pods(pod("a")), "us")]
    logs = MergedLogs(places, LogWish(follow=False), SystemClock(), drops=False)
    try:
        lines = Reader(logs).read_all()
    finally:
        logs.close()
        assert logs.join(10)
    assert [(line.source.context, line.text) for line in lines] == [("eu", "eu 1"), ("us", "us 2"), ("eu", "eu 3")]
    assert str(lines[1].source) == "us shop/a web"
