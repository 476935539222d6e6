"""The timeline of an object, as one sees it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar, cast

import pytest

from kwatch.catalog.column import Level
from kwatch.history.last_lines import ContainerEnd
from kwatch.history.ownership import Relation
from kwatch.history.rollouts import Rollout
from kwatch.history.timeline import TimelineEntry
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.tui.features.object import timeline_reader
from kwatch.tui.features.object.timeline_reader import TimelineLine
from kwatch.tui.location import StartView
from kwatch.view.timeline import Rendered
from tests.tui.driving import Driver, running
from tests.tui.fakes import EVENTS, PODS, RESOURCES, FakeSession, make, pod, resource

SETS = resource("replicasets", "ReplicaSet", "apps", "rs")


def owned(obj: KubeObject, kind: str, name: str) -> KubeObject:
    tree = obj.tree()
    reference = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-{kind}-shop-{name}"}
    tree["metadata"]["ownerReferences"] = [reference | {"controller": True}]
    return KubeObject.of(tree)


def event(name: str, about: KubeObject, reason: str, version: int = 1, **parts: Any) -> KubeObject:
    involved = {"kind": about.kind, "namespace": "shop", "name": about.name, "uid": about.uid}
    told = {"reason": reason, "message": f"{reason} it", "type": "Normal", **parts}
    return make("Event", name, version=version, involvedObject=involved, **told)


def world() -> FakeSession:
    session = FakeSession((*RESOURCES, SETS))
    web = owned(pod("web-1", version=2), "ReplicaSet", "web")
    session.feed(SETS).put(make("ReplicaSet", "web", spec={"replicas": 1}))
    session.feed(SETS).put(make("ReplicaSet", "web", version=2, spec={"replicas": 2}))
    session.feed(PODS).put(owned(pod("web-1", phase="Pending"), "ReplicaSet", "web"), web)
    session.feed(PODS).put(owned(pod("web-1", restarts=1, version=3), "ReplicaSet", "web"))
    session.feed(EVENTS).put(event("e1", web, "Started"))
    session.feed(EVENTS).put(event("e2", web, "BackOff", type="Warning", count=4))
    return session


async def opened(user: Driver) -> None:
    await user.see("1 pod")
    await user.press("T")
    await user.see("BackOff")
    await user.see("ReplicaSet/web")


async def test_owners_and_events_stand_between_the_objects_own_changes() -> None:
    async with running(world(), size=(180, 30)) as user:
        await opened(user)
        await user.see("Timeline 7")
        rows = user.lines[5:12]
        assert (
            "! " in rows[0] and "● event" in rows[0] and "Pod/web-1" in rows[0] and "×4 BackOff: BackOff it" in rows[0]
        )
        assert "• " in rows[1] and "Started: Started it" in rows[1]
        assert "~ " in rows[2] and "● self" in rows[2] and "restartCount 0 -> 1" in rows[2]
        assert "+ " in rows[4] and "created" in rows[4]
        assert "▲ owner" in rows[5] and "ReplicaSet/web" in rows[5] and "spec.replicas 1 -> 2" in rows[5]
        assert "▲ owner" in rows[6] and "created" in rows[6]


def test_a_version_is_drawn_again_once_it_is_known_that_it_brought_a_rollout() -> None:
    """Rollouts are found out beside: the row had been drawn without."""
    version = TimelineEntry(1.0, cast(Relation, "self"))
    rollout = replace(version, rollout=cast(Rollout, "revision 2"))
    words = Rendered("~", "modified", Level.NONE, "", "image 1 -> 2")
    lines = {"1": TimelineLine(version, words), "2": TimelineLine(rollout, words)}
    assert timeline_reader.snapshot_of(lines).growing == ("2",)


async def test_another_part_is_shown_by_a_key() -> None:
    session = world()
    heartbeat = make("ReplicaSet", "web", version=3, spec={"replicas": 2}, metadata={"generation": 5})
    session.feed(SETS).put(heartbeat)
    async with running(session, size=(180, 30)) as user:
        await opened(user)
        await user.see("7 of 8")
        await user.press("f")
        await user.see("only versions and heartbeats")
        await user.press("f")
        await user.see_no("ReplicaSet/web")
        assert "restartCount" in user.text and "BackOff" in user.text
        await user.press("f")
        await user.see_no("restartCount 0 -> 1")
        await user.see("2 of 8")
        await user.press("f")
        await user.see("7 of 8")


async def test_what_comes_appears_on_top_and_the_cursor_stays_on_its_row() -> None:
    session = world()
    async with running(session, size=(180, 30)) as user:
        await opened(user)
        await user.press("down")
        assert user.line_with("Started: Started it").startswith("▌")
        session.feed(PODS).put(owned(pod("web-1", restarts=2, version=4), "ReplicaSet", "web"))
        await user.see("restartCount 1 -> 2")
        assert "restartCount 1 -> 2" in user.lines[5]
        assert user.line_with("Started: Started it").startswith("▌")
        session.feed(PODS).remove("shop/web-1")
        await user.see(r"- +.*self.*deleted")


async def test_a_row_is_opened_side_by_side_and_the_story_walked_through() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.press("down", "down", "enter")
        await user.see(r"restartCount: 0 .*│.*restartCount: 1")
        await user.press("left", "left", "left")
        await user.see(r"replicas: 1 .*│.*replicas: 2")
        await user.see("replicasets.apps › web")
        await user.press("escape")
        await user.see("Timeline 7")
        assert user.line_with("spec.replicas 1 -> 2").startswith("▌")


async def test_an_event_is_opened_as_what_it_is() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.see(r"Warning from nobody")
        await user.press("enter")
        await user.see("reason: BackOff")
        await user.press("escape")
        await user.see("Timeline 7")


async def test_the_history_of_the_rows_object() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.press("end", "v")
        await user.see("replicasets.apps › web")
        await user.see("History 2")
        await user.press("escape", "g", "v")
        await user.see("pods › web-1")
        await user.see("History 3")


async def test_the_owners_timeline() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.press("J")
        await user.see("replicasets.apps › web")
        await user.see(r"▼ child +Pod/web-1 .*restartCount 0 -> 1")
        assert "▼ event" in user.text


async def test_the_filter_is_the_one_of_the_tables() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.press("slash")
        await user.type("~restartCount")
        await user.see("1 of 7")
        await user.press("enter")
        assert "restartCount 0 -> 1" in user.text and "BackOff" not in user.text
        await user.press("escape")
        await user.see("BackOff")
        await user.press("slash")
        await user.type("owner web")
        await user.see("2 of 7")
        await user.type(' "x')
        await user.see("never closed")
        assert "2 of 7" in user.text
        await user.press("escape")
        await user.see("Timeline 7")
        await user.press("slash")
        await user.type("nowhere")
        await user.see("Nothing on the line matches the filter")


async def test_opening_it_watches_the_kin_until_the_screen_closes() -> None:
    session = world()
    async with running(session) as user:
        await opened(user)
        assert session.feed(SETS).users and session.feed(EVENTS).users == 1
        await user.press("v")
        await user.see("History")
        assert session.feed(SETS).users
        await user.press("escape", "escape")  # the way one came: by the timeline
        await user.see("READY +STATUS")
        assert (session.feed(SETS).users, session.feed(EVENTS).users) == (0, 0)


async def test_a_narrow_screen_keeps_what_happened() -> None:
    async with running(world(), size=(80, 24)) as user:
        await opened(user)
        assert "WHO" not in user.text and "TYPE" not in user.text
        assert re.search(r"! .*● event +Pod/web-1 +×4 BackOff: BackOff it", user.text)
        await user.pilot.resize_terminal(180, 24)
        await user.see("WHO")


async def test_an_object_that_is_gone_still_has_its_story() -> None:
    session = world()
    session.feed(PODS).remove("shop/web-1")
    session.feed(PODS).put(pod("other"))
    async with running(session, size=(180, 30), start=StartView("replicasets")) as user:
        await user.see("1 replica")
        await user.press("T")
        await user.see(r"▼ child +Pod/web-1 +deleted")
        await user.press("v")
        await user.see("pods › web-1")
        await user.press("T")
        await user.see("spec.replicas 1 -> 2")


async def test_what_cannot_be_watched_is_said() -> None:
    session = world()
    refused = ErrorRecord(1.0, "list", "forbidden: cannot list events", 403)
    session.feed(EVENTS).set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=refused)
    session.feed(SETS).set_status(synced_at=None)
    async with running(session, size=(180, 30)) as user:
        await user.see("1 pod")
        await user.press("T")
        await user.see("! without events: forbidden: cannot list events")
        await user.see("listing replicasets.apps …")
        session.feed(SETS).set_status(synced_at=2.0)
        await user.see_no("listing …")


async def test_a_gap_is_a_row_and_explained() -> None:
    session = world()
    session.feed(PODS)._sink.on_gap(1001.0, 1005.0, "connection refused: EOF")
    async with running(session, size=(180, 30)) as user:
        await opened(user)
        row = user.line_with("gap")
        assert row.startswith("▌!") and "connection refused: EOF (pods)" in row
        await user.see(r"Not watched .* connection refused: EOF \(pods\)\.")
        await user.press("enter")
        await user.see("This row is about no object")


async def test_a_moment_is_gone_to() -> None:
    async with running(world(), size=(180, 30)) as user:
        await opened(user)
        await user.press("t")
        await user.see("-10m")
        await user.type("1970-01-01 00:00")
        await user.press("enter")
        await user.see(r"\n▌\+ .*▲ owner +ReplicaSet/web .*created")
        await user.press("t")
        await user.type("noon")
        await user.press("enter")
        await user.see("'noon' is not a moment")
        await user.press("escape", "t")
        await user.type("-1m")
        await user.press("enter")
        await user.see(r"\n▌! .*×4 BackOff")


async def test_only_so_many_can_be_scrolled_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline_reader, "LIMIT", 3)
    async with running(world(), size=(180, 30)) as user:
        await user.see("1 pod")
        await user.press("T")
        await user.see(r"3, the newest of \d+")
        assert "BackOff" in user.text and "ReplicaSet/web" not in user.text


async def test_the_mouse_picks_a_part_and_opens_a_row() -> None:
    async with running(world(), size=(180, 40)) as user:
        await opened(user)
        await user.see("this object")
        bar = next(line for line in user.lines if "this object" in line)
        await user.pilot.click("TimelineBar", offset=(bar.index("events") + 1, 0))
        await user.see("2 of 7")
        await user.pilot.click("TimelineBar", offset=(bar.index("changes") + 1, 0))
        await user.see_no("2 of 7")
        await user.see("restartCount 0 -> 1")
        await user.pilot.click("TimelineTab VirtualTable", offset=(20, 3), times=2)
        await user.see(r"restartCount: 0 .*│.*restartCount: 1")


def with_last_lines(session: FakeSession, *lines: str, missing: str = "") -> None:
    at = session.feed(PODS).at
    end = ContainerEnd("uid-Pod-shop-web-1", "shop/web-1", "main", at - 9, at, "OOMKilled, exit 137", at, True)
    end = end.with_lines(lines)
    session.journal.last_lines.put("demo", replace(end, missing=missing))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (180, 50)])
async def test_the_last_lines_of_a_container_that_ended_stand_at_its_end(size: tuple[int, int]) -> None:
    session = world()
    async with running(session, size=size) as user:
        await opened(user)
        assert "ended:" not in user.text
        with_last_lines(
            session, "2026-11-23T12:00:00.5Z starting", "2026-11-23T12:00:01.5Z \x1b[31mERROR\x1b[0m \x07no memory"
        )
        await user.see("container main ended: OOMKill")
        timeline = user.app.screen.on_top  # type: ignore[attr-defined]
        row = next(key for key, line in timeline._snapshot.lines.items() if line.entry.end is not None)
        timeline.table.move_cursor_to(row)
        if size[1] > 24:
            await user.see("Its last 2 lines")
            below = user.text[user.text.index("Its last 2 lines") :]
            assert below.index("ERROR ␇no memory") < below.index("starting")
        await user.press("enter")
        await user.see("main: OOMKilled, exit 137  ·  2 lines")
        assert user.text.index("starting") < user.text.index("ERROR ␇no memory")
        assert "& filter" in user.lines[-1] and "follow" not in user.lines[-1]
        await user.press("escape")
        await user.see("Timeline 8")


async def test_lines_that_could_not_be_had_say_why_and_come_when_they_do() -> None:
    session = world()
    async with running(session, size=(180, 40)) as user:
        await opened(user)
        with_last_lines(session, missing="left out: too many containers ended at once")
        await user.see("ended: OOMKilled, exit 137 · left out: too many containers ended at once")
        with_last_lines(session, "one")
        await user.see("ended: OOMKilled, exit 137 · its last line")
        assert "left out" not in user.text


async def test_they_stand_there_in_time_travel_too() -> None:
    session = world()
    with_last_lines(session, "2026-11-23T12:00:00.5Z starting")
    async with running(session, size=(180, 40)) as user:
        await user.see("1 pod")
        await user.press("t", "T")
        await user.see("container main ended: OOMKilled, exit 137 · its last line")


async def test_opening_a_timeline_asks_for_the_last_lines_of_its_pods() -> None:
    class Ends:
        asked: ClassVar[list[str]] = []
        denied = frozenset[str]()

        def ask(self, pod: KubeObject) -> None:
            self.asked.append(pod.key)

    session = world()
    session.container_ends = Ends()
    async with running(session, size=(180, 40)) as user:
        await opened(user)
        await user.until(lambda: Ends.asked, "asked")
        session.feed(PODS).put(pod("web-1", restarts=2, version=4))
        await user.see("restartCount 1 -> 2")
    assert Ends.asked == ["shop/web-1"]
