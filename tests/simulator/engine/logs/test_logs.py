from __future__ import annotations

import asyncio
import re
from random import Random

import pytest

from kwatch.simulator.engine.logs import Writer, log_catalog
from kwatch.simulator.scenario.spec import Program
from tests.simulator.engine.timeline import Timeline

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ")


def _pod(timeline: Timeline, app: str, namespace: str = "shop") -> str:
    pods = [
        pod
        for pod in timeline.list("pods", namespace)
        if pod["metadata"]["labels"]["app"] == app and pod["status"]["containerStatuses"][0].get("containerID")
    ]
    youngest = max(pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    return str(youngest["metadata"]["name"])


@pytest.mark.parametrize("app", ["cart", "web", "checkout", "recommender", "redis", "postgres", "notifications"])
def test_lines_are_stamped_in_order_and_end_now(app: str) -> None:
    timeline = Timeline()
    timeline.play(30.0)
    lines = timeline.scenario.logs("shop", _pod(timeline, app), app)
    assert lines
    stamps = [line.split(" ", 1)[0] for line in lines]
    assert all(STAMP.match(line) for line in lines)
    assert stamps == sorted(stamps)
    assert stamps[-1] < "2026-11-18T11:07:11"


def test_the_same_lines_come_again_and_new_ones_after_them() -> None:
    timeline = Timeline(rate=1.0)
    pod = _pod(timeline, "orders")
    first = timeline.scenario.logs("shop", pod, "orders")
    assert first == timeline.scenario.logs("shop", pod, "orders")
    timeline.clock.now += 10.0
    later = timeline.scenario.logs("shop", pod, "orders")
    new = [line for line in later if line not in set(first)]
    assert 8 <= len(new) <= 14
    assert later[-len(new) :] == new


def test_a_crash_leaves_a_trace_in_the_log_before() -> None:
    timeline = Timeline()
    lines = timeline.scenario.logs("shop", _pod(timeline, "recommender"), "recommender", True)
    assert any("Traceback" in line for line in lines)
    assert lines[-1].endswith("Application startup failed. Exiting.")


def test_there_is_no_log_before_the_first_run_nor_of_strangers() -> None:
    timeline = Timeline()
    pod = next(pod for pod in timeline.list("pods", "shop") if pod["status"]["containerStatuses"][0]["lastState"] == {})
    name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
    for arguments in (("shop", name, container, True), ("shop", name, "nobody", False), ("shop", "nobody", "x", False)):
        with pytest.raises(LookupError):
            timeline.scenario.logs(*arguments)


async def test_following_ends_with_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline(rate=20.0)
    pod = _pod(timeline, "orders")

    async def let_time_pass(seconds: float) -> None:
        timeline.clock.now += 2.0
        if timeline.elapsed > 20.0 and timeline.store.get("pods", pod, "shop"):
            timeline.store.delete("pods", pod, "shop")

    monkeypatch.setattr(asyncio, "sleep", let_time_pass)
    lines = [line async for line in timeline.scenario.follow("shop", pod, "orders")]
    assert 15 < len(lines) < 30
    assert lines == sorted(lines)
    assert len(set(lines)) == len(lines)


async def test_following_what_does_not_run_ends_at_once() -> None:
    timeline = Timeline()
    pod = _pod(timeline, "recommender")
    assert [line async for line in timeline.scenario.follow("shop", pod, "recommender")] == []
    assert [line async for line in timeline.scenario.follow("shop", "nobody", "x")] == []


def test_every_language_writes_single_lines() -> None:
    for program in log_catalog().programs.values():
        random, writer = Random(1), Writer(program, "app", "1.0")
        rows = writer.startup(random)
        rows += [writer.line(random, 1.79e9 + number) for number in range(50)]
        rows += writer.failure(random, 1)
        assert not any("\n" in row for row in rows)
        assert not any(re.search(r"<(\w+)( [-\w.]+)*>", row) for row in rows)


def test_what_is_no_word_stays_as_it_is_and_no_word_is_endless() -> None:
    program = Program(1.0, ("<hex 999999999> <int 5 1> <float a b c> <pick nothing> <html> <app>",))
    line = Writer(program, "app", "1.0").line(Random(1), 1.79e9)
    assert re.fullmatch(r"[0-9a-f]{64} <int 5 1> <float a b c> <pick nothing> <html> app", line)
