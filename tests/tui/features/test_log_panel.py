"""Logs as one sees them: merged, followed, filtered, searched, unfolded, chosen, saved."""

from __future__ import annotations

import queue
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, PODS, RESOURCES, FakeSession, make, pod, resource

NOON = 1_795_435_200


class Stream:
    """Lines as they are written, until it is closed."""

    def __init__(self, *texts: str) -> None:
        self._lines: queue.Queue[list[str] | None] = queue.Queue()
        self.closed = threading.Event()
        self.write(*texts)

    def write(self, *texts: str) -> None:
        if texts:
            self._lines.put([*texts])

    def end(self) -> None:
        self._lines.put(None)

    def batches(self) -> Iterator[list[str]]:
        while (batch := self._lines.get()) is not None and not self.closed.is_set():
            yield batch

    def __iter__(self) -> Iterator[str]:
        for batch in self.batches():
            yield from batch

    def close(self) -> None:
        self.closed.set()
        self._lines.put(None)


def at(second: float, text: str) -> str:
    return f"{timestamp(NOON + int(second))[:-1]}.{round(second % 1 * 1e9):09d}Z {text}"


class LoggingSession(FakeSession):
    """What each container has written; `streams` are those that are open, by pod and container."""

    def __init__(self) -> None:
        super().__init__((*RESOURCES, resource("replicasets", "ReplicaSet", "apps", "rs")))
        self.written: dict[str, list[str]] = {}
        self.streams: dict[str, Stream] = {}

    def logs(self, namespace: str, pod: str, **how: Any) -> Any:
        self.log_requests.append({"pod": pod, **how})
        if self.log_error is not None:
            raise self.log_error
        name = f"{pod}/{how['container']}"
        texts = self.written.get(f"{name} before" if how.get("previous") else name, [])
        stream = Stream(*texts[-(how.get("tail_lines") or 10_000) :])
        how["cancel"].on_set(stream.close)
        if how.get("follow"):
            self.streams[name] = stream
        else:
            stream.end()
        return stream


def cart(name: str, *, version: int = 1, restarts: int = 0, containers: tuple[str, ...] = ("app",)) -> KubeObject:
    tree = pod(name, version=version, app="cart").tree()
    tree["spec"]["containers"] = [{"name": each, "image": "cart:1"} for each in containers]
    last = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}} if restarts else {}
    tree["status"]["containerStatuses"] = [
        {"name": each, "ready": True, "restartCount": restarts, "state": {"running": {}}, "lastState": last}
        for each in containers
    ]
    return KubeObject.of(tree)


ONE, TWO, THREE = "cart-86c94ffb48-jpl8r", "cart-86c94ffb48-vqtfx", "cart-86c94ffb48-x7k2p"


def world() -> LoggingSession:
    session = LoggingSession()
    selector = {"matchLabels": {"app": "cart"}}
    session.feed(DEPLOYMENTS).put(make("Deployment", "cart", spec={"selector": selector}))
    session.feed(PODS).put(cart(ONE), cart(TWO))
    session.written[f"{ONE}/app"] = [at(1, "first"), at(3, "third")]
    session.written[f"{TWO}/app"] = [at(2, "second"), at(4, '{"msg":"no db","level":"error","db":"x"}')]
    return session


async def of_deployment(user: Driver) -> None:
    await user.see("2 pods")
    await user.press("colon")
    await user.type("deploy")
    await user.press("enter")
    await user.see("1 deployment")
    await user.press("l")
    await user.see("vqtfx ERROR no db  db=x")


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_a_deployments_pods_are_one_log_in_the_order_of_time(size: tuple[int, int]) -> None:
    session = world()
    async with running(session, size=size) as user:
        await of_deployment(user)
        words = ["jpl8r first", "vqtfx second", "jpl8r third", "vqtfx ERROR no db"]
        places = [user.text.index(each) for each in words]
        assert places == sorted(places)
        await user.see("showing 2 containers  ·  following  ·  4 lines")
        session.streams[f"{ONE}/app"].write(at(5, "fifth"))
        await user.see("jpl8r fifth")
        assert "& filter" in user.lines[-1] and "f pause" in user.lines[-1]


async def test_a_pod_that_comes_joins_and_one_that_restarts_is_followed() -> None:
    session = world()
    async with running(session, size=(120, 30)) as user:
        await of_deployment(user)
        session.written[f"{THREE}/app"] = [at(6, "hello")]
        session.feed(PODS).put(cart(THREE))
        await user.see("x7k2p ── app joined ──|x7k2p ── joined ──")
        await user.see("x7k2p hello")
        session.written[f"{ONE}/app before"] = [at(3, "third"), at(7, "dying words")]
        session.written[f"{ONE}/app"] = [at(9, "born again")]
        session.streams[f"{ONE}/app"].end()
        session.feed(PODS).put(cart(ONE, version=2, restarts=1))
        await user.see("restarted after OOMKilled, exit code 137")
        await user.see("jpl8r born again")
        text = user.text
        assert text.index("dying words") < text.index("restarted after") < text.index("born again")
        assert text.count("jpl8r third") == 1


async def test_scrolling_up_stays_and_says_how_many_are_new() -> None:
    session = world()
    session.written[f"{ONE}/app"] = [at(1 + number / 100, f"line {number}") for number in range(100)]
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("pageup")
        await user.see("paused, f follows")
        before = [each[:100].strip() for each in user.lines[6:20]]
        session.streams[f"{ONE}/app"].write(*(at(10 + number, f"new {number}") for number in range(7)))
        await user.see("paused, 7 new below, f follows")
        assert [each[:100].strip() for each in user.lines[6:20]] == before
        await user.press("end")
        await user.see("following")
        await user.see("new 6")


async def test_the_wheel_stays_too() -> None:
    session = world()
    session.written[f"{ONE}/app"] = [at(1 + number / 100, f"line {number}") for number in range(100)]
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        await user.see("following")
        user.app.screen.text.on_mouse_scroll_up()  # type: ignore[attr-defined]
        await user.see("paused, f follows")
        await user.press("f")
        await user.see("following")


async def test_a_filter_hides_a_search_finds_and_both_are_there_when_one_comes_back() -> None:
    session = world()
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("ampersand")
        await user.see("hides the other lines")
        await user.type("ir")
        await user.see_no("vqtfx second")
        await user.see("2 of 4 lines")
        await user.press("enter", "slash")
        await user.type("thi")
        await user.see("1 of 1")
        await user.press("enter")
        await user.see("&ir: 2 of 4 lines  ·  /thi: 1 of 1")
        await user.press("C")
        await user.see("&ir ±2: 2 of 4 lines")
        await user.see("vqtfx second")
        session.streams[f"{TWO}/app"].write(at(7, "birds"), at(8, "bees"))
        await user.see("vqtfx birds")
        await user.press("d")
        await user.see("Selector|SELECTOR|Labels")
        await user.press("l")
        await user.see("&ir ±2: 3 of")
        await user.press("escape")
        await user.see_no("&ir")
        await user.press("escape")
        await user.see("1 deployment")


async def test_a_filter_is_still_there_after_the_object_was_left() -> None:
    session = world()
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("ampersand")
        await user.type("!second")
        await user.press("enter")
        await user.see_no("vqtfx second")
        await user.press("d", "escape")
        await user.see("1 deployment")
        await user.press("l")
        await user.see("&!second: 3 of 4 lines")


async def test_a_broken_expression_is_marked_and_changes_nothing() -> None:
    async with running(world(), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("ampersand")
        await user.type("/(/")
        await user.see("not a regular expression")
        await user.press("enter")
        assert "not a regular expression" in user.text
        await user.press("escape")
        await user.see("jpl8r first")


async def test_json_is_unfolded_and_times_are_shown_by_a_key() -> None:
    async with running(world(), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("z")
        await user.see('vqtfx {"msg":"no db","level":"error","db":"x"}')
        await user.press("t")
        await user.see(r"\d\d:\d\d:01.000 jpl8r first")


async def test_since_tail_and_previous_are_asked_for() -> None:
    session = world()
    session.feed(PODS).put(cart(ONE, version=2, restarts=1))
    session.written[f"{ONE}/app before"] = [at(0, "long ago")]
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        assert {each["tail_lines"] for each in session.log_requests} == {500}
        await user.press("s")
        await user.see("the last 15m")
        await user.type("5m")
        await user.press("enter")
        await user.see("since 5m")
        await user.until(lambda: session.log_requests[-1].get("since_seconds") == 300, "asked for five minutes")
        assert session.log_requests[-1]["tail_lines"] is None
        await user.press("S")
        await user.see("the last 100 lines")
        await user.press("up", "up", "up", "up", "enter")
        await user.see("tail 100")
        await user.until(lambda: session.log_requests[-1].get("tail_lines") == 100, "asked for a hundred lines")
        await user.press("p")
        await user.see("before the last restart")
        await user.see("jpl8r long ago|long ago")
        assert "vqtfx second" not in user.text
        await user.press("p")
        await user.see("vqtfx second")


async def test_the_keys_that_k9s_has_for_a_log() -> None:
    session = LoggingSession()
    session.feed(PODS).put(cart("cart-1", containers=("app", "proxy")))
    session.written = {"cart-1/app": [at(1, "one")], "cart-1/proxy": [at(2, "two")]}
    async with running(session, size=(140, 20)) as user:
        await user.see("1 pod")
        await user.press("l")
        await user.see("one")
        for key, since, seconds, lines in (
            ("2", "1m", 60, None),
            ("5", "30m", 1800, None),
            ("6", "1h", 3600, None),
            ("1", "tail all", None, None),
            ("0", "follow", None, 2000),
        ):
            await user.press(key)
            await user.see(since)
            asked = {"since_seconds": seconds, "tail_lines": lines}
            await user.until(lambda asked=asked: asked.items() <= session.log_requests[-1].items(), str(asked))  # type: ignore[misc]
        await user.see_no("two")
        await user.press("a")
        await user.see("two")
        await user.see("one")
        await user.press("m")
        await user.see("─── [0-9:.]+ ───")
        assert user.app.baseline is None
        session.streams["cart-1/app"].write(at(9, "three"))
        await user.see("three")
        drawn, after = (next(at for at, line in enumerate(user.lines) if each in line) for each in ("─" * 32, "three"))
        assert drawn == after - 1
        await user.press("a")
        await user.see_no("two")


async def test_of_one_pod_it_is_the_container_that_kubectl_takes_until_another_is_chosen() -> None:
    session = world()
    session.feed(PODS).put(cart(ONE, version=2, containers=("app", "proxy")))
    session.written[f"{ONE}/proxy"] = [at(2, "proxied")]
    async with running(session, size=(120, 24)) as user:
        await user.see("2 pods")
        await user.press("l")
        await user.see("third")
        assert "proxied" not in user.text
        assert {(each["container"], each["tail_lines"]) for each in session.log_requests} == {("app", 2000)}
        await user.press("o")
        await user.see("all containers")
        await user.press("up", "enter")
        await user.see("proxy proxied")
        await user.see("app +third")
        words = [each.split()[1] for each in user.lines if each.split()[:1] in (["app"], ["proxy"])]
        assert words == ["first", "proxied", "third"]


async def test_marked_rows_are_one_log_and_so_are_all_that_match() -> None:
    session = world()
    session.feed(PODS).put(pod("other"))
    session.written["other/main"] = [at(2, "nothing of ours")]
    async with running(session, size=(120, 24)) as user:
        await user.see("3 pods")
        await user.press("space", "space")
        await user.press("l")
        await user.see("2 marked pods")
        await user.see("vqtfx second")
        await user.see("jpl8r third")
        await user.see("showing 2 containers")
        assert "nothing of ours" not in user.text
        await user.press("escape", "escape")
        await user.see("3 pods")
        await user.press("slash")
        await user.type("app=cart")
        await user.press("enter")
        await user.see("2 of 3")
        await user.press("L")
        await user.see("logs › pods /app=cart")
        await user.see("jpl8r third")
        assert "nothing of ours" not in user.text


async def test_what_is_shown_is_saved_for_the_owner_only_and_never_over_another_file(tmp_path: Path) -> None:
    session, path = world(), tmp_path / "log.txt"
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        told = user.listen()
        await user.press("ampersand")
        await user.type("second")
        await user.press("enter", "ctrl+s")
        await user.see("a new file for the 1 lines shown")
        await user.type(str(path))
        await user.press("enter")
        await user.until(lambda: any("1 line is in" in each for each in told), "saved")
        assert path.read_text() == f"{timestamp(NOON + 2)[:-1]}.000000000Z shop/{TWO} app second\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await user.press("ctrl+s")
        await user.type(str(path))
        await user.press("enter")
        await user.until(lambda: any("is there already" in each for each in told), "refused")
        assert path.read_text().count("\n") == 1


async def test_what_is_forbidden_says_so_and_what_writes_nothing_too() -> None:
    session = world()
    session.log_error = ApiError(403, "Forbidden", "pods/log is forbidden\x07")
    async with running(session, size=(120, 24)) as user:
        await user.see("2 pods")
        await user.press("l")
        await user.see("cannot be had")
        await user.see("pods/log is forbidden␇")
        session.log_error = None
        session.written.clear()
        await user.press("p", "p")
        await user.see("No line has come yet")


async def test_a_recording_says_that_it_has_none() -> None:
    from dataclasses import replace

    session = world()
    session.state = replace(session.state, version="recording")
    async with running(session, size=(120, 24)) as user:
        await user.see("2 pods")
        await user.press("l")
        await user.see("A recording holds no logs")
    assert session.log_requests == []


async def test_a_recording_of_deployments_without_what_makes_their_pods_does_not_say_that_there_are_none() -> None:
    from dataclasses import replace

    from kwatch.catalog.names import ResourceNames

    session = world()
    session.state, session.names = replace(session.state, version="recording"), ResourceNames((PODS, DEPLOYMENTS))
    async with running(session, size=(120, 24)) as user:
        await user.see("2 pods")
        await user.type(":logs deploy/cart")
        await user.press("enter")
        await user.see("A recording holds no logs")
        assert "looking for pods" not in user.text


async def test_more_lines_than_can_be_shown_are_told() -> None:
    session = world()
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        stream = session.streams[f"{ONE}/app"]
        for first in range(0, 60_000, 5_000):
            stream.write(*(at(10 + number / 10_000, f"flood {number}") for number in range(first, first + 5_000)))
        await user.see("flood 59999")
        await user.see("older made room")
        panel = user.app.screen.on_top.panel  # type: ignore[attr-defined]
        document = panel.document
        assert document.dropped + len(document.kept) + panel._logs.state.dropped >= 60_004
        assert len(document.kept) <= 55_000


async def test_leaving_ends_every_request() -> None:
    session = world()
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        streams = [*session.streams.values()]
        await user.press("escape")
        await user.see("1 deployment")
        await user.until(lambda: all(each.closed.is_set() for each in streams), "closed")
