"""What is watched in the background, on screen, over HTTP, from a simulated API server."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from kwatch.cluster import connect
from kwatch.config.settings import Settings
from kwatch.history.journal import Journal
from kwatch.history.recording.format import Recorded
from kwatch.history.recording.reader import Recording
from kwatch.session import background
from kwatch.session.background import Bounds, Standing
from kwatch.session.session import Session
from kwatch.simulator.api.call import Rule, User, Users
from kwatch.simulator.store import Store
from kwatch.tui.app import KwatchApp
from kwatch.tui.location import StartView
from tests.session.test_background import texts_of
from tests.simulator.objects import config_map, namespace, pod
from tests.simulator.simulator_server import SimulatorServer
from tests.tui.driving import Driver

PASSWORD = "correct-horse-battery-staple"
READS_ALL_BUT_SECRETS = Rule(("get", "list", "watch"), ("pods", "configmaps", "deployments.apps", "nodes", "events"))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.01)
    monkeypatch.setattr(background, "LOOK", 0.05)


def secret(password: str) -> dict[str, Any]:
    data = {"password": base64.b64encode(password.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "shop"}, "data": data}


def deployment(name: str, where: str = "shop") -> dict[str, Any]:
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {}, "spec": {}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": where}, "spec": spec}


def store() -> Store:
    made = Store(revision=100)
    for each in (
        *(namespace("shop"), namespace("bank"), pod("cart-1"), pod("vault-1", "bank"), deployment("cart")),
        *(deployment("vault", "bank"), config_map("settings", LEVEL="info"), secret(PASSWORD)),
    ):
        made.create(each, manager="test")
    return made


@asynccontextmanager
async def watching(
    server: SimulatorServer, bounds: Bounds | None = None, token: str | None = None, *, is_on: bool = True
) -> AsyncIterator[tuple[Driver, Session]]:
    journal, wanted = Journal(), (bounds or Bounds()) if is_on else None
    session = Session(
        lambda: connect(server=server.url, token=token),
        journal=journal,
        background=wanted,
    )
    app = KwatchApp(lambda context: session, StartView(namespace="shop"), Settings())
    async with app.run_test(size=(180, 50), notifications=True) as pilot:
        yield Driver(app, pilot, cast("Any", session)), session
    assert session.close(10) == ()
    journal.close()


def stands(session: Session, name: str) -> Standing:
    assert session.background is not None
    return next(each.standing for each in session.background.kinds if each.name == name)


async def test_it_is_listed_among_the_informers_and_becomes_a_table_without_another_list() -> None:
    with SimulatorServer(store()) as server:
        async with watching(server) as (person, session):
            await person.see("cart-1")
            await person.until(lambda: stands(session, "cronjobs.batch") is Standing.WATCHED, "all kinds")
            await person.type(":informers")
            await person.press("enter")
            await person.see(r"deployments\.apps in shop +watching +background +1 ")
            await person.see(r"configmaps in shop \(without data\) +watching +background +1 ")
            await person.press("escape")
            await person.type(":deploy")
            await person.press("enter")
            await person.see("cart ")
            await person.type(":informers")
            await person.press("enter")
            line = await shown(person, "deployments.apps in shop")
            assert "background, a table" in line
            found = next(each for each in session.informers() if str(each.watched) == "deployments.apps in shop")
            assert found.informer.status.lists + found.informer.status.watches == 1  # one streaming list


async def shown(person: Driver, text: str) -> str:
    await person.see(text.replace(".", r"\."))
    return person.line_with(text)


async def test_it_follows_to_another_namespace() -> None:
    with SimulatorServer(store()) as server:
        async with watching(server) as (person, session):
            await person.see("cart-1")
            await person.until(lambda: stands(session, "cronjobs.batch") is Standing.WATCHED, "all kinds")
            await person.type(":ns bank")
            await person.press("enter")
            await person.see("vault-1")
            await person.type(":informers")
            await person.press("enter")
            await person.see(r"deployments\.apps in bank +watching +background +1 ")
            await person.see_no(r"deployments\.apps in shop")


async def test_what_one_may_not_list_makes_no_noise() -> None:
    users = Users({"t": User("eve", (READS_ALL_BUT_SECRETS,))})
    with SimulatorServer(store(), users=users) as server:
        async with watching(server, token="t") as (person, session):
            told = person.listen()
            await person.see("cart-1")
            await person.until(lambda: stands(session, "secrets") is Standing.FORBIDDEN, "secrets are forbidden")
            await person.until(lambda: stands(session, "cronjobs.batch") is Standing.FORBIDDEN, "and what follows")
            assert "live" in person.lines[0]
            await person.type(":informers")
            await person.press("enter")
            await person.see(r"secrets in shop \(without data\) +forbidden +background")
            await person.see(r"deployments\.apps in shop +watching +background")
            assert not any("backing off" in line for line in person.lines)
            assert told == []


async def test_without_room_for_a_kind_it_says_so() -> None:
    with SimulatorServer(store()) as server:

        def many(store: Store) -> None:
            for number in range(30):
                store.create(config_map(f"more-{number}"), manager="test")

        server.call(many)
        async with watching(server, Bounds(objects=20)) as (person, session):
            await person.see("cart-1")
            await person.until(lambda: stands(session, "configmaps") is Standing.TOO_MANY, "too many")
            await person.type(":informers")
            await person.press("enter")
            await person.see("23 running")
            await person.press("end")
            await person.see(r"configmaps in shop \(without data\) +left out: too many objects +background +31$")
            await person.see("left out: too many objects: 31, at most 20")
            await person.see("of one kind at most 20 objects, of all at most 32 MB")


async def test_of_a_secret_nothing_is_kept_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "story.kwatch"
    encoded = base64.b64encode(PASSWORD.encode())
    with SimulatorServer(store()) as server:
        async with watching(server) as (person, session):
            await person.see("cart-1")
            await person.until(lambda: stands(session, "secrets") is Standing.WATCHED, "secrets")
            server.call(lambda store: store.update(secret(f"new-{PASSWORD}"), manager="test"))
            journal = session.journal
            assert journal is not None
            await person.until(lambda: len(journal.versions(session.context, "secrets", "shop/login")) == 2, "it")
            assert journal.catch_up(10, compacted=True)
            kept = [*texts_of([each.informer for each in session.informers()]), *texts_of(journal)]
            assert any(b"login" in text for text in kept)
            assert not [text for text in kept if PASSWORD.encode() in text or encoded in text]
            await person.type(f":export {path}")
            await person.press("enter")
            await person.see("changes are in")
    assert PASSWORD.encode() not in path.read_bytes()
    recording = Recording(path)
    deltas = [each for each in recording.deltas() if isinstance(each, Recorded)]
    recording.close()
    old, new = (each.object.disclosed for each in deltas if each.object.kind == "Secret")
    assert PASSWORD.encode() not in old + new and encoded not in old + new
    # That it changed is in the recording, by a number; what was made of the value itself is not.
    marks = [re.findall(rb"\*\*\* \(\d+ bytes, 00000(\d)\)", each) for each in (old, new)]
    assert len(marks[0]) == len(marks[1]) == 1 and marks[0] != marks[1]


def failing(name: str) -> dict[str, Any]:
    """It has an owner, so that more is asked than of a pod alone."""
    made = pod(name)
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": "secret not found"}}
    made["status"] = {"phase": "Pending", "containerStatuses": [{"name": "web", "ready": False, "state": state}]}
    return made


async def test_without_it_suspects_say_from_when_on_was_watched() -> None:
    with SimulatorServer(store()) as server:
        server.call(lambda store: store.create(failing("broken-1"), manager="test"))
        async with watching(server, is_on=False) as (person, _):
            await person.see("broken-1")
            await person.type("X")
            await person.see("Only watched from .* on, after it began: .*resourcequotas")
            await person.see("Nothing is watched in the background")


async def test_suspects_name_what_may_not_be_watched() -> None:
    users = Users({"t": User("eve", (READS_ALL_BUT_SECRETS,))})
    with SimulatorServer(store(), users=users) as server:
        server.call(lambda store: store.create(failing("broken-1"), manager="test"))
        async with watching(server, token="t") as (person, session):
            await person.see("broken-1")
            await person.until(lambda: stands(session, "cronjobs.batch") is Standing.FORBIDDEN, "all kinds")
            await person.type("X")
            await person.see(r"Not known: [^$]*resourcequotas\s+\(may not be listed\)")
            await person.see("Not watched in the background, forbidden: replicasets, ")
