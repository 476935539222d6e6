"""Containers that end badly leave their last lines: which, how many at once, how fast, and what is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.history.journal import Journal
from kwatch.history.last_lines import ContainerEnd, LastLines
from kwatch.informer.clock import FakeClock
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import WatchEvent
from kwatch.session.columns import ColumnsFrom
from kwatch.session.container_ends import AT_ONCE, BURST, CROWDED, MOST_OF_OWNER, MOST_WAITING, ContainerEnds, ends_of
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from tests.session.fake_cluster import PODS, WIDGETS, FakeCluster
from tests.waiting import wait_until

NOON = 1_795_435_200.0


def terminated(code: int = 1, at: float = 60.0, **more: Any) -> dict[str, Any]:
    times = {"startedAt": timestamp(NOON), "finishedAt": timestamp(NOON + at)}
    return {"terminated": {"exitCode": code, "reason": "Error", **times, **more}}


RUNNING: dict[str, Any] = {"running": {"startedAt": timestamp(NOON)}}
LOOPING = {"waiting": {"reason": "CrashLoopBackOff"}}


def pod(
    state: dict[str, Any], last: dict[str, Any] | None = None, name: str = "web-1", owner: str = "", **metadata: Any
) -> KubeObject:
    owners = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": f"uid-{owner}"}] if owner else []
    head = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "ownerReferences": owners, **metadata}
    status = {"name": "app", "state": state, "lastState": last or {}, "restartCount": 1 if last else 0}
    return KubeObject.of(
        {"apiVersion": "v1", "kind": "Pod", "metadata": head, "status": {"containerStatuses": [status]}}
    )


def line(at: float, text: str) -> str:
    return f"{timestamp(NOON + at)[:-1]}.123456789Z {text}"


class Node:
    """Answers for logs; what was asked is remembered."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.now: dict[str, Any] = {"present": [], "previous": [line(59.0, "panic"), line(59.5, "exit")]}
        self.hold: threading.Event | None = None
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, namespace: str, pod: str, **how: Any) -> Any:
        with self._lock:
            self.asked.append({"pod": f"{namespace}/{pod}", **how})
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.hold is not None:
                gone = threading.Event()
                how["cancel"].on_set(gone.set)
                how["cancel"].on_set(self.hold.set)
                self.hold.wait(60)
                if gone.is_set():
                    raise Closed("closed")
            answer = self.now["previous" if how["previous"] else "present"]
            if isinstance(answer, Exception):
                raise answer
            return Answer(answer)
        finally:
            with self._lock:
                self.at_once -= 1


class Answer(list[str]):
    def close(self) -> None:
        """Nothing runs."""


class World:
    def __init__(self, lines: int = 50) -> None:
        self.node, self.kept, self.clock = Node(), LastLines(), FakeClock(jumps=True)
        self.ends = ContainerEnds(lambda: "ctx", self.node, self.kept, self.clock, lines=lines)
        self._sequence = 0

    def tell(self, new: KubeObject, old: KubeObject | None = None, type_: DeltaType = DeltaType.UPDATED) -> None:
        self._sequence += 1
        self.ends.on_delta(new.key, Delta(type_, new, self._sequence, 5000.0), old)

    def of(self, name: str = "web-1") -> list[ContainerEnd]:
        return list(self.kept.of("ctx", f"uid-{name}"))

    def wait_for(self, holds: Callable[[ContainerEnd], object], name: str = "web-1") -> ContainerEnd:
        wait_until(lambda: any(holds(each) for each in self.of(name)))
        return next(each for each in self.of(name) if holds(each))


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.ends.close()


def is_told(end: ContainerEnd) -> bool:
    return end.missing != "asked for …"


@pytest.mark.parametrize(
    ("state", "last", "words"),
    [
        (terminated(1), None, ["exit 1"]),
        (terminated(137, reason="OOMKilled"), None, ["OOMKilled, exit 137"]),
        (RUNNING, terminated(3), ["exit 3"]),
        (terminated(2, 90.0), terminated(1), ["exit 1", "exit 2"]),
        (LOOPING, terminated(0, reason="Completed"), ["exit 0"]),
        (terminated(0, signal=9), None, ["signal 9"]),
        (terminated(0), None, []),
        (RUNNING, terminated(0), []),
        (RUNNING, None, []),
        ({"terminated": {"exitCode": 1}}, None, []),
        ({"terminated": {"exitCode": "one"}}, None, []),
    ],
)
def test_which_ends_are_bad(state: dict[str, Any], last: dict[str, Any] | None, words: list[str]) -> None:
    assert [end.words for end, _ in ends_of(pod(state, last))] == words


def test_of_a_pod_that_is_told_to_end_nothing_is_asked() -> None:
    assert not [*ends_of(pod(terminated(143), deletionTimestamp=timestamp(NOON)))]


def test_what_a_container_wrote_last_is_kept_once(world: World) -> None:
    world.node.now["present"] = [line(1.0, "starting"), line(59.9, "panic: no database")]
    world.tell(pod(terminated()), pod(RUNNING))
    end = world.wait_for(is_told)
    assert end.lines == (line(1.0, "starting"), line(59.9, "panic: no database"))
    assert (end.at, end.seen, end.finished_at) == (5000.0, True, NOON + 60)
    [asked] = world.node.asked
    assert asked["tail_lines"] == 50 and asked["timestamps"] and not asked["previous"] and asked["container"] == "app"
    # The same end, told again with the restart: not asked again.
    world.tell(pod(RUNNING, terminated()), pod(terminated()))
    world.tell(pod(terminated(4), name="web-2"), pod(RUNNING, name="web-2"))
    world.wait_for(is_told, "web-2")
    assert {each["pod"] for each in world.node.asked[1:]} == {"shop/web-2"}
    assert len(world.of()) == 1


def test_after_a_restart_it_is_the_previous_log(world: World) -> None:
    world.tell(pod(LOOPING, terminated()), pod(RUNNING))
    assert world.wait_for(is_told).count == 2
    assert [each["previous"] for each in world.node.asked] == [True]


def test_the_log_of_another_run_is_not_taken_for_it(world: World) -> None:
    """It had restarted before it was asked for: the present log is the next run's."""
    world.node.now["present"] = [line(75.0, "starting again")]
    world.tell(pod(terminated()), pod(RUNNING))
    end = world.wait_for(is_told)
    assert [each["previous"] for each in world.node.asked] == [False, True]
    assert end.lines == (line(59.0, "panic"), line(59.5, "exit"))
    world.node.now["previous"] = [line(500.0, "another one")]
    world.tell(pod(terminated(), name="web-2"), pod(RUNNING, name="web-2"))
    assert world.wait_for(is_told, "web-2").missing == "it ran again before they could be read"


def test_what_wrote_nothing_says_so(world: World) -> None:
    world.node.now["previous"] = ApiError(400, "BadRequest", "previous terminated container not found")
    world.tell(pod(terminated()), pod(RUNNING))
    end = world.wait_for(is_told)
    assert (end.missing, end.count, end.lines) == ("", 0, ())


def test_what_a_first_list_shows_is_asked_for_when_somebody_looks(world: World) -> None:
    listed = pod(LOOPING, terminated())
    world.tell(listed, None, DeltaType.REPLACED)
    world.tell(pod(terminated(), name="web-2"), None, DeltaType.ADDED)
    world.wait_for(is_told, "web-2")
    assert world.of() == []
    world.ends.ask(listed)
    end = world.wait_for(is_told)
    assert (end.count, end.seen, end.at) == (2, False, NOON + 60)
    asked = len(world.node.asked)
    world.ends.ask(listed)
    assert len(world.node.asked) == asked


def test_what_was_seen_before_a_gap_and_ended_in_it_is_asked_for(world: World) -> None:
    world.tell(pod(LOOPING, terminated()), pod(RUNNING), DeltaType.REPLACED)
    assert world.wait_for(is_told).count == 2


def test_a_refusal_is_told_and_nothing_is_asked_there_again(world: World) -> None:
    world.node.now = dict.fromkeys(("present", "previous"), ApiError(403, "Forbidden", "pods/log is \x1bforbidden"))
    world.tell(pod(terminated()), pod(RUNNING))
    assert world.wait_for(is_told).missing == "pods/log is ␛forbidden"
    assert world.ends.denied == {"shop"}
    world.tell(pod(terminated(), name="web-2"), pod(RUNNING, name="web-2"))
    assert world.wait_for(is_told, "web-2").missing == "its log may not be read"
    assert len(world.node.asked) == 1


def test_another_error_is_told_and_the_next_one_is_asked(world: World) -> None:
    world.node.now = dict.fromkeys(("present", "previous"), ApiError(500, "Internal", "the kubelet is away"))
    world.tell(pod(terminated()), pod(RUNNING))
    assert world.wait_for(is_told).missing == "the kubelet is away"
    world.node.now["present"] = [line(59.0, "boo")]
    world.tell(pod(terminated(), name="web-2"), pod(RUNNING, name="web-2"))
    assert world.wait_for(is_told, "web-2").count == 1


def test_what_is_no_tail_at_all_is_bounded(world: World) -> None:
    """A server that does not keep to tailLines, and lines of a megabyte."""
    world.node.now["present"] = [line(1.0, str(number)) for number in range(5000)]
    world.tell(pod(terminated()), pod(RUNNING))
    end = world.wait_for(is_told)
    assert end.count == 50 and end.lines[-1].endswith(" 4999")
    world.node.now["present"] = [line(1.0, "x" * 1_000_000) for _ in range(50)]
    world.tell(pod(terminated(), name="web-2"), pod(RUNNING, name="web-2"))
    end = world.wait_for(is_told, "web-2")
    assert end.count < 8 and end.lines[-1] == "… the rest is left out: it is longer than 4 MB"
    assert end.size < 5000


def test_a_storm_does_not_become_as_many_requests() -> None:
    world = World()
    world.node.hold = threading.Event()
    world.node.now["present"] = [line(59.0, "boo")]
    for number in range(10_000):
        names: dict[str, Any] = {"name": f"web-{number}", "owner": f"set-{number % 500}"}
        world.tell(pod(terminated(), **names), pod(RUNNING, **names))
    wait_until(lambda: world.kept.left_out >= 10_000 - MOST_WAITING - AT_ONCE and world.node.at_once == AT_ONCE)
    assert world.node.most_at_once == AT_ONCE
    assert [each.missing for each in world.of("web-9999")] == [CROWDED]
    world.node.hold.set()
    wait_until(lambda: world.kept.with_lines + world.kept.left_out == 10_000)
    assert world.kept.with_lines <= MOST_WAITING + AT_ONCE
    assert len(world.node.asked) <= 2 * (MOST_WAITING + AT_ONCE)
    # The first ones at once, then one a second: the clock had to go on for the rest.
    assert world.clock.now - 1_700_000_000.0 >= len(world.node.asked) - BURST - 1
    world.ends.close()


def test_one_owner_takes_no_place_from_others() -> None:
    world = World()
    world.node.hold = threading.Event()
    for number in range(200):
        names: dict[str, Any] = {"name": f"web-{number}", "owner": "set"}
        world.tell(pod(terminated(), **names), pod(RUNNING, **names))
    world.tell(pod(terminated(), name="other"), pod(RUNNING, name="other"))
    wait_until(lambda: len(world.kept) == 201)
    assert world.kept.left_out >= 200 - MOST_OF_OWNER - AT_ONCE
    world.node.hold.set()
    world.node.now["present"] = [line(59.0, "boo")]
    assert world.wait_for(is_told, "other").count == 1
    world.ends.close()


def test_a_close_ends_requests_and_threads_at_once() -> None:
    world = World()
    world.node.hold = threading.Event()
    world.tell(pod(terminated()), pod(RUNNING))
    wait_until(lambda: world.node.at_once == 1)
    world.ends.close()
    wait_until(
        lambda: (
            not [each for each in threading.enumerate() if each.name in ("kwatch-last-lines", "kwatch-container-ends")]
        )
    )
    world.tell(pod(terminated(), name="web-2"), pod(RUNNING, name="web-2"))
    assert world.of("web-2") == []


def test_a_session_keeps_them_of_the_pods_it_watches_and_of_nothing_else() -> None:
    class Logs(FakeCluster):
        asked: list[tuple[str, str]] = []

        def logs(self, namespace: str, pod: str, **how: Any) -> Any:
            self.asked.append((namespace, pod))
            return Answer([line(59.0, "boo")])

    cluster, journal = Logs(), Journal()
    cluster.objects[PODS] = [pod(RUNNING)]
    session = Session(lambda: cluster, journal=journal, columns=ColumnsFrom.CATALOGUE, last_log_lines=50)
    session.start()
    wait_until(lambda: session.state.phase is ConnectionPhase.CONNECTED)
    session.open(PODS, "shop")
    session.open(WIDGETS, "shop")
    wait_until(lambda: cluster.plain[0].opened.is_set())
    cluster.plain[0].streams[-1].send(WatchEvent("MODIFIED", pod(terminated(), resourceVersion="9")))
    wait_until(lambda: journal.last_lines.with_lines == 1)
    assert cluster.asked == [("shop", "web-1")]
    assert session.close(60) == ()
    journal.close()


def test_none_are_kept_where_none_are_wanted() -> None:
    assert Session(FakeCluster, journal=Journal()).container_ends is None
    assert Session(FakeCluster, last_log_lines=50).container_ends is None
