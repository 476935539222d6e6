"""Whatever is pressed, in whatever order, on whatever size: nothing ends the program but quitting."""

from __future__ import annotations

import random

import pytest

from kwatch.tui.location import StartView
from kwatch.tui.settings_reload import COMMANDS
from tests.tui.driving import press, running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, SECRETS, FakeSession, make, pod

LEAVING = {"q", "ctrl+c", "ctrl+q"}
MOVING = "up down left right pageup pagedown home end g G space enter escape tab backspace f n w a"
OURS = {key for command in COMMANDS for key in command.keys.split(",") if key}
KEYS = [*sorted(OURS - LEAVING), *MOVING.split(" "), *"web=!~/.- "]
STEPS = 60


def busy() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(
        *[pod(f"web-{number}", phase="Error" if number % 5 == 0 else "Running") for number in range(40)]
    )
    session.feed(PODS, None).put(pod("web-1"), pod("dns-1", "kube-system"))
    session.feed(NODES).put(make("Node", "node-1", ""))
    session.feed(NAMESPACES).put(make("Namespace", "shop", ""))
    session.feed(SECRETS).put(make("Secret", "login", data={"a": "Yg=="}))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}}))
    session.feed(EVENTS).put(make("Event", "e", involvedObject={"kind": "Pod", "namespace": "shop", "name": "web-1"}))
    session.log_lines = {"shop/web-1": ["one", "two"]}
    return session


@pytest.mark.parametrize("asked", ["pods", "deploy,pods,nodes"])
@pytest.mark.parametrize("seed", range(3))
async def test_any_keys(seed: int, asked: str) -> None:
    chance = random.Random(seed)
    session = busy()
    size = chance.choice([(80, 24), (120, 36), (40, 10), (180, 50)])
    async with running(session, size=size, start=StartView(asked)) as user:
        await user.see("web-1")
        pressed: list[str] = []
        for step in range(STEPS):
            key = chance.choice(KEYS)
            pressed.append(key)
            await press(user.pilot, "space" if key == " " else key)
            if step % 7 == 0:
                name = f"web-{chance.randrange(60)}"
                if chance.random() < 0.3 and session.feed(PODS).indexer.get_by_key(f"shop/{name}") is not None:
                    session.feed(PODS).remove(f"shop/{name}")
                else:
                    session.feed(PODS).put(pod(name, restarts=step, version=step + 2))
            if step % 20 == 0:
                await user.pilot.pause(0.06)
            assert user.app.is_running and user.app._exception is None, pressed
        assert user.lines
