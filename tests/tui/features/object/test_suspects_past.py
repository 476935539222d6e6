"""Suspects as of a moment: in time travel, and of a recording."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kwatch.informer.kube_object import KubeObject
from kwatch.session.state import RECORDING
from kwatch.tui.features.time_travel.moment import Replay
from kwatch.tui.location import StartView
from tests.query.cluster import FakeClock
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, SECRETS, FakeSession, make, pod

BEGAN = 1_790_000_000.0


def with_secret(version: int, phase: str) -> KubeObject:
    tree: dict[str, Any] = pod("web-1", version=version, phase=phase).tree()
    tree["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "credentials"}}]
    return KubeObject.of(tree)


def healed() -> FakeSession:
    """A secret is changed after 10 s, web-1 crashes after 20, the secret is changed again after 30, and web-1 runs."""
    session = FakeSession()
    secrets, pods = session.feed(SECRETS), session.feed(PODS)
    secrets.at = pods.at = BEGAN
    secrets.put(make("Secret", "credentials", data={"password": "YQ=="}), listed=True)
    pods.put(with_secret(1, "Running"), listed=True)
    secrets.at = BEGAN + 10
    secrets.put(make("Secret", "credentials", version=2, data={"password": "Yg=="}))
    pods.at = BEGAN + 20
    pods.put(with_secret(2, "CrashLoopBackOff"))
    secrets.at = BEGAN + 30
    secrets.put(make("Secret", "credentials", version=3, data={"password": "YQ=="}))
    pods.at = BEGAN + 40
    pods.put(with_secret(3, "Running"))
    assert session.journal.catch_up(10)
    return session


async def look(user: Driver) -> None:
    """At what fails, as of the moment after 20 s."""
    await user.see("web-1 +0/1 +CrashLoop")
    await user.press("d")
    await user.see("It crashes, since")
    await user.see(r"1  data.password ")
    told = " ".join(user.text.split())
    assert "; its Secret credentials, " in told and "10s before it began to fail" in told
    assert "  2  " not in user.text
    await user.press("enter")
    await user.see(r"password:.*\n?.*password:")
    assert "YQ==" not in user.text and "Yg==" not in user.text
    await user.press("escape", "X")
    await user.see("Suspects 1")
    await user.press("enter")
    await user.see("secrets › credentials")


@pytest.mark.parametrize("size", [(80, 24), (180, 50)])
async def test_in_time_travel(size: tuple[int, int]) -> None:
    async with running(healed(), size=size, clock=FakeClock(BEGAN + 100)) as user:
        await user.see("web-1 +1/1")
        await user.press("t", "left")
        await look(user)


async def test_of_a_recording() -> None:
    session = healed()
    session.state = replace(session.state, version=RECORDING)
    start = StartView(all_namespaces=True, replay=Replay(paused=True))
    async with running(session, size=(120, 40), start=start, clock=FakeClock(BEGAN + 100)) as user:
        await user.see("recorded, as it was at")
        await user.press("right")
        await look(user)
