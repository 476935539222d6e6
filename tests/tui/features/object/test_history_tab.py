"""The history tab: versions, what made room, gaps, and what is proved of before."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ObjectList
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, PODS, FakeSession, make, pod

BEFORE = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 * 86400))
START = StartView(resource="deployments", name="web", namespace="shop")


def deployment(version: int = 1, replicas: int = 3) -> KubeObject:
    writer = {"manager": "argocd", "operation": "Update", "time": BEFORE, "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    return make(
        "Deployment",
        "web",
        version=version,
        metadata={"managedFields": [writer]},
        spec={"replicas": replicas},
        status={
            "conditions": [
                {
                    "type": "Available",
                    "status": "True",
                    "reason": "MinimumReplicasAvailable",
                    "lastTransitionTime": BEFORE,
                }
            ]
        },
    )


class Server:
    """Answers what a cluster is asked: the Events about an object, or why not."""

    def __init__(self, *events: KubeObject, refuses: bool = False) -> None:
        self.events = events
        self.refuses = refuses
        self.selectors: list[Any] = []

    def lister_watcher(self, resource: Any, namespace: str | None, labels: Any, fields: Any) -> Any:
        self.selectors.append((str(resource), namespace, fields))
        if self.refuses:
            raise ApiError(403, "Forbidden", "you may not list events")
        return SimpleNamespace(list=lambda options: ObjectList(self.events, "1"))


class AskedSession(FakeSession):
    """A session whose cluster answers."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server

    def fetch(self, ask: Any, done: Any) -> None:
        try:
            answer = ask(self.server)
        except ApiError as error:
            answer = error
        done(answer)


def listed(session: FakeSession, obj: KubeObject, at: float) -> None:
    """An object that the first list brought."""
    feed = session.feed(DEPLOYMENTS)
    feed.indexer.add(obj)
    feed._tell(Delta(DeltaType.REPLACED, obj, next(session._counter), at), None, obj.key)


def event(seconds_ago: float) -> KubeObject:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))
    return make(
        "Event",
        "e1",
        involvedObject={"kind": "Deployment", "namespace": "shop", "name": "web", "uid": "uid-Deployment-shop-web"},
        reason="ScalingReplicaSet",
        message="Scaled up replica set web-1 to 3",
        lastTimestamp=at,
        count=4,
        source={"component": "deployment-controller"},
    )


async def test_a_fresh_start_shows_what_the_server_still_proves() -> None:
    session = AskedSession(Server(event(600)))
    listed(session, deployment(), time.time())
    async with running(session, size=(160, 40), start=START) as user:
        await user.see("= .* listed .* first seen")
        await user.see("≈ .*watched since .*; below is what the server still proves of before")
        event_line, *older = [line for line in user.lines if "≈ before" in line]
        assert "deployment-controller" in event_line
        assert "ScalingReplicaSet: Scaled up replica set web-1 to 3 (4 times)" in event_line
        assert any("argocd" in line and "last wrote spec.replicas" in line for line in older)
        assert any("Available became True: MinimumReplicasAvailable" in line for line in older)
        date = time.strftime("%b %d", time.localtime(time.time() - 3 * 86400))
        assert all(date in line for line in older if "argocd" in line)
        await user.press("down", "down")
        await user.see("reconstructed from Event, by deployment-controller")
    assert session.server.selectors == [("events", "shop", "involvedObject.uid=uid-Deployment-shop-web")]


async def test_without_events_the_rest_is_there_and_the_reason_is_told() -> None:
    session = AskedSession(Server(refuses=True))
    listed(session, deployment(), time.time())
    async with running(session, size=(160, 40), start=START) as user:
        await user.see("still proves of before; not all Events")
        await user.see("argocd .*last wrote spec.replicas")
        await user.press("down")
        await user.see("Not all Events could be had: you may not list events")


async def test_what_came_while_one_watched_has_no_past() -> None:
    session = AskedSession(Server(event(600)))
    session.feed(PODS).put(pod("web-1"))
    async with running(session, size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("History 1")
        await user.see("created")
        assert "≈" not in user.text
    assert not session.server.selectors


async def test_what_made_room_is_said_at_the_old_end() -> None:
    session = FakeSession()
    session.journal.evicted_of = lambda *_: 214  # type: ignore[method-assign]
    session.feed(PODS).put(pod("web-1"), pod("web-1", version=2, restarts=1))
    async with running(session, size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see(r"! .*evicted .*214 older versions made room; kept since ")
        await user.press("down", "down")
        await user.see("214 versions from before .* had to make room")


async def test_a_gap_says_what_was_found_changed() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("web-1"))
    feed._sink.on_gap(1001.0, 1002.0, "410 Gone")
    changed = pod("web-1", version=2, restarts=3)
    feed.indexer.add(changed)
    feed._tell(Delta(DeltaType.REPLACED, changed, next(session._counter), 1002.5), None, changed.key)
    feed._sink.on_gap(1003.0, 1004.0, "connection refused")
    async with running(session, size=(180, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("! .*not watched .*: connection refused; found as it was before")
        assert "410 Gone; changed meanwhile: " in user.line_with("410 Gone")
        assert "restartCount 0 -> 3" in user.line_with("410 Gone")
        await user.press("down", "down")
        await user.see("The object was changed meanwhile: ")


async def test_what_is_listed_again_and_again_has_one_gap() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("web-1"))
    for poll in range(8):
        feed._sink.on_gap(1001.0 + 15 * poll, 1015.0 + 15 * poll, "forbidden")
    async with running(session, size=(180, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("! .*not watched .*: forbidden; found as it was before")
        assert len([line for line in user.lines if "not watched" in line]) == 1


def with_versions() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    now = time.time()
    for number, ago in enumerate((300, 200, 100), 1):
        obj = pod("web-1", version=number, restarts=number)
        old = feed.indexer.get_by_key(obj.key)
        feed.indexer.add(obj)
        feed._tell(Delta(DeltaType.UPDATED if old else DeltaType.ADDED, obj, number, now - ago), old, obj.key)
        if number == 1:
            feed._sink.on_gap(now - 250, now - 240, "410 Gone")
    return session


async def test_left_and_right_step_from_version_to_version() -> None:
    async with running(with_versions(), size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("History 3")
        await user.press("left")
        assert "restartCount 1 -> 2" in user.line_with("▌")
        await user.press("left")
        assert "first seen" in user.line_with("▌"), "the gap in between is no version"
        await user.press("left")
        assert "first seen" in user.line_with("▌")
        await user.press("right", "right")
        assert "restartCount 2 -> 3" in user.line_with("▌")


async def test_jumping_to_a_time() -> None:
    async with running(with_versions(), size=(160, 30)) as user:
        await user.see("1 pod")
        await user.press("v")
        await user.see("t time")
        await user.press("t")
        await user.see("@ .*14:02, 14:02:10, -10m")
        await user.type("-150s")
        await user.press("enter")
        await user.see("▌.*restartCount 1 -> 2")
        await user.press("t")
        await user.type("soon")
        await user.press("enter")
        await user.see("'soon' is not a moment")
        await user.press("escape")
        await user.see_no("is not a moment")
        await user.press("t")
        await user.type("-9h")
        await user.press("enter")
        await user.see("▌.*first seen")


async def test_a_broken_object_proves_nothing_and_hurts_nobody() -> None:
    session = AskedSession(Server())
    listed(
        session,
        KubeObject(b'{"metadata":{"name":"web","namespace":"shop","uid":"u"},"status":[1]}', "Deployment", "apps/v1"),
        time.time(),
    )
    async with running(session, size=(160, 30), start=START) as user:
        await user.see("first seen")
        assert "≈ before" not in user.text
