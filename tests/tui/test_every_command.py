"""Every command, key and completion where something is lacking: a recording of one kind, an account that may see next
to nothing, a group whose discovery failed, discovery under way, a definition that vanished, a session that has ended.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from kwatch.catalog.names import ResourceNames
from kwatch.informer.errors import Closed
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.status import ErrorRecord, Phase
from kwatch.session.state import RECORDING, ConnectionPhase, SessionState
from kwatch.tui.commands.command_line import complete_command, run_text
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS
from kwatch.tui.features.object.object_screen import ObjectScreen
from kwatch.tui.features.time_travel.moment import Replay
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, NODES, PODS, RESOURCES, FakeFeed, FakeSession, make, pod, resource

WIDGETS = resource("widgets", "Widget", "example.com")
OF_EACH_SCREEN = frozenset({"kubectl"})
"""Commands of the app that ask the screen what is on it."""
LEAVING = {"app.quit"}
TYPED = (
    "pods",
    "po shop /web",
    "deploy",
    "deploy,pods",
    "all",
    "widgets",
    "nodes",
    "events",
    "ns",
    "ns shop",
    "ns nowhere",
    "ns all",
    "nosuch",
    "ctx",
    "ctx prod",
    "pods -n",
    "pods -l",
    "pods @prod",
    ",",
    "-A",
    "/",
)
"""Typed after the colon, beside the words of the commands."""
GIVEN = ("nosuch'",)
"""Arguments, for whatever word."""


def full(*resources: Resource) -> FakeSession:
    """Everything there, one object each."""
    session = FakeSession(resources or (*RESOURCES, WIDGETS))
    owner = {"kind": "ReplicaSet", "apiVersion": "apps/v1", "name": "web-7d", "uid": "u", "controller": True}
    tree = pod("web-1").tree()
    tree["metadata"]["ownerReferences"] = [owner]
    for namespace in ("shop", None):
        owned = make("Pod", "web-1", spec=tree["spec"], metadata=tree["metadata"])
        session.feed(PODS, namespace).put(owned, pod("web-2"))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}}))
    session.feed(WIDGETS).put(make("Widget", "gear"))
    session.feed(NODES).put(make("Node", "node-1", ""))
    session.feed(EVENTS).put(make("Event", "e", involvedObject={"kind": "Pod", "namespace": "shop", "name": "web-1"}))
    return session


def recording_of_one_kind() -> FakeSession:
    session = FakeSession((DEPLOYMENTS,))
    session.state = SessionState(ConnectionPhase.CONNECTED, "", "demo", "", "recording f.kwatch", RECORDING)
    session.contexts = ()
    session.feed(DEPLOYMENTS, None).put(make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}}))
    return session


class OneKindInOneNamespace(FakeSession):
    """Everything else is forbidden."""

    def feed(self, resource: Resource = PODS, namespace: str | None = "shop") -> FakeFeed:
        feed = super().feed(resource, namespace)
        if (resource, namespace) != (PODS, "shop"):
            error = ErrorRecord(time.time(), "list", f"forbidden: cannot list {resource}", 403)
            feed.set_status(phase=Phase.FORBIDDEN, synced_at=None, last_error=error)
        return feed


def restricted() -> FakeSession:
    session = OneKindInOneNamespace((*RESOURCES, WIDGETS))
    session.feed(PODS).put(pod("web-1"))
    return session


def no_groups() -> FakeSession:
    session = full(PODS, NODES)
    missing = {"metrics.k8s.io/v1beta1": "the server is currently unable to handle the request", "apps/v1": "503"}
    session.names = ResourceNames((PODS, NODES), missing)
    session.state = SessionState(
        ConnectionPhase.CONNECTED, "", "demo", "shop", "https://demo", "v1.36.2", failed_groups=tuple(missing.items())
    )
    return session


class Unconnected(FakeSession):
    """Nothing can be opened."""

    def open(self, resource: Resource, namespace: str | None = None, *selectors: str | None, **why: Any) -> FakeFeed:
        raise Closed("the session is not connected")


def discovery_under_way() -> FakeSession:
    session = Unconnected()
    session.names = None
    session.state = SessionState(ConnectionPhase.CONNECTING, "", "demo", "shop", "https://demo")
    return session


def cannot_connect() -> FakeSession:
    session = discovery_under_way()
    session.state = SessionState(ConnectionPhase.FAILED, "connection refused", "demo", retry_at=time.time() + 60)
    return session


def vanished_kind() -> FakeSession:
    session = full()
    session.names = ResourceNames(RESOURCES)
    error = ErrorRecord(time.time(), "list", "the server could not find the requested resource", 404)
    session.feed(WIDGETS).set_status(phase=Phase.GONE, last_error=error)
    return session


class Ends(FakeSession):
    """Ends under a screen, as another context is opened."""

    ended = False

    def open(self, resource: Resource, namespace: str | None = None, *selectors: str | None, **why: Any) -> FakeFeed:
        if self.ended:
            raise Closed("the session is closed")
        return super().open(resource, namespace, *selectors, **why)


def ended() -> FakeSession:
    session = Ends((*RESOURCES, WIDGETS))
    for feed in full().feeds.values():
        session.feed(feed.watched.resource, feed.watched.namespace).put(
            *(KubeObject.of(each) for each in feed.indexer.list())
        )
    return session


@dataclass(frozen=True)
class World:
    """`screens` are the keys that lead from the table to another screen or mode; none is the table itself."""

    session: Callable[[], FakeSession]
    screens: tuple[str, ...]
    start: StartView = field(default_factory=StartView)


WORLDS = {
    "a recording of one kind": World(
        recording_of_one_kind,
        ("", "y", "T", "r", "D", "exclamation_mark", "M"),
        StartView("deployments", all_namespaces=True, replay=Replay(paused=True)),
    ),
    "one kind in one namespace": World(restricted, ("", "T", "e", "l", "exclamation_mark")),
    "a restricted kind": World(restricted, ("",), StartView("deployments")),
    "no groups": World(no_groups, ("", "T", "r", "exclamation_mark")),
    "discovery under way": World(discovery_under_way, ("", "D", "I", "M")),
    "cannot connect": World(cannot_connect, ("",)),
    "a vanished kind": World(vanished_kind, ("", "y", "T"), StartView("widgets")),
    "an ended session": World(ended, ("", "T", "r", "D")),
}


async def home(user: Driver) -> None:
    """Back at the table, with nothing typed."""
    app = user.app
    for _ in range(8):
        if (
            app.screen is app.home
            and not app.home.is_typing
            and (app.home.time_travel.is_replaying or not app.home.time_travel.is_active)
        ):
            return
        await user.press("escape")
    raise AssertionError(f"Escape does not lead back:\n{user.text}")


async def go_to(user: Driver, key: str) -> None:
    await home(user)
    if key:
        await user.press(key)


def where(user: Driver) -> object:
    """What decides about which keys there are."""
    app = user.app
    return (
        type(app.screen),
        getattr(app.screen, "active", ""),
        app.home.time_travel.is_active,
        app.home.is_typing,
        type(app.focused),
    )


def check(user: Driver, what: str) -> None:
    """It goes on, and says whole sentences."""
    assert user.app._exception is None, what
    assert user.app.is_running, what
    for note in user.app._notifications:
        assert note.message[-1:] in ".…" or ": " in note.message, f"{what} said {note.message!r}"
    user.app.clear_notifications()


@asynccontextmanager
async def looking_at(world: World) -> AsyncIterator[Driver]:
    session = world.session()
    async with running(session, start=world.start, size=(70, 16)) as user:
        await user.pilot.pause(0.1)
        if isinstance(session, Ends):
            session.ended = True
        yield user


@pytest.mark.parametrize("name", WORLDS)
async def test_every_command_on_every_screen(name: str) -> None:
    world = WORLDS[name]
    async with looking_at(world) as user:
        app = user.app
        for key in world.screens:
            await go_to(user, key)
            check(user, key)
            here = where(user)
            everywhere = () if not key else APPLICATION_COMMANDS
            for command in tuple(app.commands_here()):
                if command.id in LEAVING or (command in everywhere and command.id not in OF_EACH_SCREEN):
                    continue
                if where(user) != here:
                    await go_to(user, key)
                app.run_command_by_id(command.id)
                await user.pilot.pause()
                check(user, f"{command.id} after {key or 'nothing'}")


@pytest.mark.parametrize("name", WORLDS)
async def test_everything_that_can_be_typed(name: str) -> None:
    async with looking_at(WORLDS[name]) as user:
        app, home_screen = user.app, user.app.home
        commands = [command for command in app.commands_of(home_screen) if command.id not in LEAVING]
        words = [word for command in commands for word in command.words]
        for text in (*TYPED, *words, *(f"{word} {given}" for word in words for given in GIVEN)):
            if text.split(" ")[0] == "export":
                continue
            for length in range(len(text) + 1):
                assert complete_command(app, text[:length]).start <= length
            await home(user)
            run_text(home_screen, text)
            await user.pilot.pause()
            check(user, f":{text}")


@pytest.mark.parametrize("name", WORLDS)
async def test_a_word_typed_on_an_object(name: str) -> None:
    """What leads back to the table does, and what does not is told."""
    world = WORLDS[name]
    async with looking_at(world) as user:
        for text in TYPED:
            await go_to(user, "y")
            screen = user.app.screen
            if isinstance(screen, ObjectScreen):
                run_text(screen, text)
                await user.pilot.pause()
                check(user, f":{text}")
