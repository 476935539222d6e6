"""The demo on a clock of its own, and the running app before it: the same steps show the same, every time."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from threading import Event

from textual.pilot import Pilot

from kwatch.cli.arguments import ConnectionArguments
from kwatch.cli.connecting import Clusters, connector
from kwatch.cli.screen import Sessions
from kwatch.config.settings import Settings
from kwatch.informer.kube_object import KubeObject
from kwatch.session.background import Standing
from kwatch.session.session import Session
from kwatch.simulator.collection import Change
from kwatch.simulator.engine.autoscaling import Amount
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.process import written_kubeconfig
from kwatch.simulator.scenario.loader import incident_scenario, load_scenario
from kwatch.simulator.store import Store
from kwatch.tui.app import KwatchApp
from kwatch.tui.location import StartView
from tests.screenshots.drawing import Shot
from tests.simulator.simulator_server import SimulatorServer, UsageByRequests

START = 1_795_007_520.0
"""When every story begins: 2026-11-18 13:12:00 UTC."""
RATE = 6.0
"""Changes a second, as many as those of `kwatch demo`."""
HASTE = 20.0
"""How much shorter kwatch's own pauses are than a person would see them."""
BUSY = re.compile(r"(listing|[Ll]ooking [\w ]+|[Rr]eading[\w ,]*|Loading|Asking[\w ]*) …")
"""What a screen says that is not done."""
RESTLESS = 5.0
"""Real seconds after which a screen that does not rest is taken as it is."""
PATIENCE = 60.0
"""Real seconds in which what happens must be seen."""
USAGE_PERIOD = 30.0
"""Seconds in which what pods use was surely asked again."""
LIT = 15.0
"""Seconds for which it is seen that a row has changed, at most."""
REST = 4
"""Looks in a row that find the same screen."""


class StoryClock:
    """Stands still until the story goes on; what waits for something waits by the machine's clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(seconds / HASTE)


class SteadyUsage(UsageByRequests):
    """What pods use does not change; `asked_at` is when somebody wanted to know last, by the story."""

    def __init__(self, store: Store, clock: StoryClock) -> None:
        super().__init__(store, clock=lambda: START)
        self._story = clock
        self.asked_at = 0.0

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        self.asked_at = self._story.now
        return super().usage(namespace, pod)


class World:
    """A cluster served over HTTP, change by change. The incident is one of the simulator's, none is the demo."""

    def __init__(self, clock: StoryClock, incident: str = "") -> None:
        self.clock = clock
        self._store = Store(clock=clock, seed=1)
        spec = incident_scenario(incident) if incident else load_scenario()
        self.namespace = spec.namespace
        self._scenario = Scenario(self._store, rate=RATE, seed=1, spec=spec)
        self._scenario.populate()
        self._store.compact()
        self.usage = SteadyUsage(self._store, clock)
        self.server = SimulatorServer(self._store, logs=self._scenario, usage=self.usage)
        self._latest: dict[str, tuple[str, str, int, bool]] = {}
        """By resource: namespace, key and version of the last object that changed, and whether it is gone."""
        self._stored_as = {each.group_resource: each.storage for each in self._store.types}
        for storage in set(self._stored_as.values()):
            self._listen(storage)

    def _listen(self, storage: str) -> None:
        def heard(change: Change | None) -> None:
            if change is not None:
                metadata = change.record.tree()["metadata"]
                namespace = metadata.get("namespace", "")
                key = "/".join(filter(None, (namespace, metadata["name"])))
                self._latest[storage] = (namespace, key, int(metadata["resourceVersion"]), change.type == "DELETED")

        self._store.collection(storage).listen(heard)

    def step(self) -> None:
        """The next change, after as much time as changes take."""
        self._latest.clear()

        def change(_: Store) -> None:
            self.clock.now += 1.0 / RATE
            self._scenario.step()

        self.server.call(change)

    def is_seen_by(self, session: Session) -> bool:
        """Whether a session knows of the last change wherever it watches."""
        for each in session.informers():
            latest = self._latest.get(self._stored_as.get(str(each.watched.resource), ""))
            if latest is None or not each.informer.has_synced() or not each.watched.is_whole:
                continue
            namespace, key, version, gone = latest
            if (
                each.watched.namespace not in (None, namespace)
                or each.watched.label_selector
                or each.watched.field_selector
            ):
                continue
            found = each.informer.indexer.get_by_key(key)
            is_there = isinstance(found, KubeObject) and int(found.resource_version) >= version
            if is_there is gone:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Start:
    """Where the app begins, and how large its terminal is."""

    resource: str = "pods"
    all_namespaces: bool = False
    columns: int = 120
    rows: int = 32
    theme: str = "kwatch-dark"
    incident: str = ""


class Stage:
    """The running app, as the steps of a scene see it. Times are seconds of the story."""

    def __init__(self, app: KwatchApp, pilot: Pilot[int], world: World) -> None:
        self.app = app
        self._pilot = pilot
        self._world = world
        self.shots: list[Shot] = []

    def _session(self) -> Session:
        assert self.app.session is not None
        return self.app.session

    def text(self) -> str:
        """What is on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    async def take(self, key: str = "", seconds: float = 0.0) -> None:
        """Take a picture; of a moving one, `key` led to it, and it is seen for so long."""
        # The usage of what is new is asked now and then.
        with suppress(TimeoutError):
            async with asyncio.timeout(USAGE_PERIOD / HASTE):
                while self._world.usage.asked_at < self._world.clock.now:
                    await asyncio.sleep(0.01)
        await self.rest()
        svg = self.app.export_screenshot(title="kwatch")
        self.shots.append(Shot(self.text(), svg, key, seconds))

    async def begin(self) -> None:
        """Wait until everything is watched."""
        await self._until(lambda: self.app.session is not None and self._session().informers(), "no view was opened")
        background = self._session().background
        if background is not None:
            done = {Standing.WATCHED, Standing.ELSEWHERE, Standing.NOT_OFFERED}
            await self._until(lambda: all(each.standing in done for each in background.kinds), "the background waits")
        await self.rest()

    async def wait(self, seconds: float) -> None:
        """Let the cluster live."""
        end = self._world.clock.now + seconds
        while self._world.clock.now < end:
            await self._step()
            if self._world.clock.now > end - LIT:
                self._tick()
        await self.rest()

    async def wait_for(self, wanted: str, seconds: float = 240.0) -> None:
        """Let the cluster live until a regular expression is found on the screen."""
        await self.rest()
        end = self._world.clock.now + seconds
        while not re.search(wanted, self.text()):
            if self._world.clock.now > end:
                raise TimeoutError(f"{wanted!r} did not appear:\n{self.text()}")
            await self._step()
            self._tick()
            await self._pilot.pause()
        await self.rest()

    async def _step(self) -> None:
        self._world.step()
        await self._until(lambda: self._world.is_seen_by(self._session()), "a change was not seen")

    async def press(self, *keys: str) -> None:
        """Press keys; a word of several letters that is no key's name is typed."""
        for key in keys:
            await self._pilot.press(*([key] if len(key) == 1 or key in _NAMED else list(key)))
            await self.rest()

    async def rest_on(self, wanted: str, key: str = "down", most: int = 250) -> None:
        """Press a key until the row of the cursor matches a regular expression."""
        for _ in range(most):
            if any(line.startswith("▌") and re.search(wanted, line) for line in self.text().splitlines()):
                return await self.rest()
            await self._pilot.press(key)
            await self._pilot.pause()
        raise TimeoutError(f"no row is {wanted!r}:\n{self.text()}")

    async def rest(self) -> None:
        """Wait until the screen is the same for a while."""
        seen, times, deadline = "", 0, time.monotonic() + RESTLESS
        while times < REST and time.monotonic() < deadline:
            self._tick()
            await self._pilot.pause(0.05)
            now = self.text()
            seen, times = now, times + 1 if now == seen and not BUSY.search(now) else 0

    def _tick(self) -> None:
        """What the app would do soon it does now: the story's clock stands still."""
        self.app._ticks._context.run(self.app._tick)

    async def _until(self, holds: Callable[[], object], complaint: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{complaint}:\n{self.text()}")
            await asyncio.sleep(0.002)


_NAMED = frozenset(
    {"enter", "escape", "tab", "down", "up", "left", "right", "slash", "colon", "ctrl+w", "space", "home", "end"}
)


def surroundings() -> dict[str, str]:
    """What is taken from the environment: the time zone, the terminal, and no settings."""
    settings = tempfile.mkdtemp(prefix="kwatch-screenshots-")
    return {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC", "KWATCH_CONFIG": settings}


@asynccontextmanager
async def opened(start: Start) -> AsyncIterator[Stage]:
    """The app before a world that has just begun."""
    clock = StoryClock()
    world = World(clock, start.incident)
    with world.server, written_kubeconfig({"demo": world.server.url}, namespace=world.namespace) as kubeconfig:
        connect = connector(ConnectionArguments(kubeconfig=str(kubeconfig)), cache=False)
        clusters = Clusters(lambda context: connect, tuple, banner="demo", clock=clock)
        sessions = Sessions(clusters, Settings().history, Settings().background_bounds)
        view = StartView(resource=start.resource, all_namespaces=start.all_namespaces)
        app = KwatchApp(sessions.open, view, Settings(theme=start.theme), banner="demo", clock=clock)
        try:
            async with app.run_test(size=(start.columns, start.rows)) as pilot:
                stage = Stage(app, pilot, world)
                await stage.begin()
                yield stage
        finally:
            sessions.close()
