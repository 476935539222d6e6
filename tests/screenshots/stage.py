"""The demo on a clock of its own, and the running app before it: the same steps show the same, every time."""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from textual.pilot import Pilot

from kwatch.base import threads
from kwatch.base.threads import Crashes, Thread
from kwatch.cli.arguments import ConnectionArguments
from kwatch.cli.connecting import Clusters, Connect, connector
from kwatch.cli.screen import Sessions
from kwatch.cluster import contexts
from kwatch.config.settings import Settings
from kwatch.informer import masking
from kwatch.informer.status import InformerStatus
from kwatch.session.background import BackgroundWatch, Standing
from kwatch.session.session import Session
from kwatch.simulator.process import written_kubeconfig
from kwatch.simulator.scenario.loader import calm_scenario, incident_scenario, load_scenario
from kwatch.tui.app import KwatchApp
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.location import StartView
from tests.screenshots.drawing import Shot
from tests.screenshots.world import RATE, StoryClock, World

THEMES = ("kwatch-dark", "kwatch-light")
BUSY = re.compile(r"([Ll]ooking [\w ]+|[Rr]eading[\w ,]*|Loading|Asking[\w ]*) …")
"""What a screen says that is not done."""
RESTLESS = 20.0
"""Real seconds after which a screen that does not rest is taken as it is."""
PATIENCE = 60.0
"""Real seconds in which what happens must be seen."""
SELDOM = 10.0
"""Seconds between two looks of somebody who waits for long."""
LIT = 15.0
"""Seconds for which it is seen that a row has changed, at most."""
SETTLING = 2
"""Seconds that a person looks before the picture is taken: what is read now and then is read again."""
READERS = ("kwatch-log", "kwatch-keys", "kwatch-terminal")
"""Threads that go on reading."""
TICKS = 5
"""At most, until all is drawn that is there."""
REST = 4
"""Looks in a row that find the same screen."""
LONG_REST = 20
"""The same, longer than any thread rests in between."""
_MEASURED = re.compile(r"(?<=; )\d+(\.\d+)?( (us|ms))?$", re.MULTILINE)
_COUNTED = re.compile(r"\d[\d,.]*( [kMG]?B)?")


def foreseeable(text: str) -> str:
    """What a screen shows without what differs from run to run: how long something took; and of the screen of informers
    how much, and how often.
    """
    if " › informers " in text:
        text = _COUNTED.sub("0", text)
    return re.sub(" +", " ", _MEASURED.sub("", text))


@dataclass(frozen=True, slots=True)
class Start:
    """Where the app begins, and how large its terminal is."""

    resource: str = "pods"
    all_namespaces: bool = False
    columns: int = 120
    rows: int = 32
    incident: str = ""
    """One of the simulator's; none is the demo."""
    contexts: tuple[str, ...] = ("demo",)
    """A cluster each; of several the last one has the incident."""


class Stage:
    """The running app, as the steps of a scene see it. Times are seconds of the story."""

    def __init__(
        self,
        app: KwatchApp,
        pilot: Pilot[int],
        clock: StoryClock,
        worlds: Mapping[str, World],
        others: Container[threading.Thread],
        expected: Sequence[str] = (),
    ) -> None:
        self.app = app
        self._pilot = pilot
        self._clock = clock
        self._worlds = worlds
        """By context."""
        self._others = others
        """Threads that were there before, and are not looked at."""
        self._expected = expected
        self._steps = 0
        self.shots: list[Shot] = []

    def _sessions(self) -> Sequence[Session]:
        return self.app.open_sessions.all

    def _statuses(self) -> Iterator[InformerStatus]:
        return (each.informer.status for session in self._sessions() for each in session.informers())

    def text(self) -> str:
        """What is on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    async def take(self, key: str = "", seconds: float = 0.0) -> None:
        """Take a picture; of a moving one, `key` led to it, and it is seen for so long. If it is known what
        will be seen it is waited for: some things are found out by threads that rest in between.
        """
        await self._measure()
        for _ in range(SETTLING):
            await self.pause(1.0)
        if self._expected:
            await self._come_to(self._expected[len(self.shots)])
        else:
            await self.rest(LONG_REST)
        self.shots.append(Shot(self.text(), await self._drawn(), key, seconds))

    async def _drawn(self) -> dict[str, str]:
        """The screen as SVG in each theme; of what is only compared nothing is drawn."""
        drawn = dict[str, str]()
        for theme in () if self._expected else reversed(THEMES):
            self.app.wear(self.app.theme_store.load(theme))
            await self.rest()
            drawn[theme] = self.app.export_screenshot(title="kwatch")
        return drawn

    async def begin(self, start: Start) -> None:
        """Wait until everything is watched, and known; what is drawn when does not depend on the machine from here on,
        nor do the widths of columns on what came first.
        """
        await self._until(lambda: len(self._sessions()) == len(self._worlds), "not all are connected to")
        for session in self._sessions():
            await self._until(session.informers, "no view was opened")
            if session.background is not None:
                kinds, done = session.background, {Standing.WATCHED, Standing.ELSEWHERE, Standing.NOT_OFFERED}
                await self._until(partial(_is_all, kinds, done), "the background waits")
        await self._until(lambda: all(each.synced for each in self._statuses()), "a list is missing")
        self.app._ticks.stop()
        await self._measure()
        await self.rest()
        await self._pilot.resize_terminal(start.columns, start.rows)
        await self.rest()

    async def _measure(self) -> None:
        """Wait until it is known what pods use now."""
        for session in self._sessions():
            await self._until(partial(_is_measured, session, self._clock.now), "nothing is measured")

    async def wait(self, seconds: float) -> None:
        """Let the cluster live."""
        end = self._clock.now + seconds
        while self._clock.now < end:
            await self._step(SELDOM if self._clock.now < end - LIT else 1.0)
        await self.rest()

    async def pause(self, seconds: float) -> None:
        """Let time pass, in which nothing happens."""
        await self.rest()
        self._clock.now += seconds
        await self.rest()

    async def wait_for(self, wanted: str, seconds: float = 240.0) -> None:
        """Let the cluster live until a regular expression is found on the screen, in what the table shows at once."""
        await self.rest()
        end = self._clock.now + seconds
        while not re.search(wanted, self.text()):
            if self._clock.now > end:
                raise TimeoutError(f"{wanted!r} did not appear:\n{self.text()}")
            await self._step()
        await self.rest()

    async def see(self, wanted: str) -> None:
        """Wait until a regular expression is found on the screen; nothing happens meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(wanted, self.text()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{wanted!r} did not appear:\n{self.text()}")
            self._tick()
            await self._pilot.pause(0.05)
        await self.rest()

    async def _step(self, period: float = 1.0) -> None:
        """What happens next, drawn when so many seconds have passed."""
        self._clock.now += 1.0 / RATE
        for session in self._sessions():
            world = self._worlds[session.context]
            world.step()
            while told := world.tell():
                await self._until(partial(world.is_seen_by, session, told), "a change was not seen")
        self._steps += 1
        if self._steps % round(RATE * period) == 0:
            await self._look()

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

    async def _come_to(self, expected: str) -> None:
        """Wait until this is on the screen, but not for ever."""
        deadline = time.monotonic() + PATIENCE
        while foreseeable(self.text()) != foreseeable(expected) and time.monotonic() < deadline:
            self._tick()
            await self._pilot.pause(0.05)

    async def rest(self, looks: int = REST) -> None:
        """Wait until nothing is being found out, and the screen is the same for a while."""
        seen, times, deadline = "", 0, time.monotonic() + RESTLESS
        while times < looks and time.monotonic() < deadline:
            self._tick()
            await self._pilot.pause(0.05)
            now = self.text()
            is_done = now == seen and not BUSY.search(now) and not self._is_working()
            seen, times = now, times + 1 if is_done else 0

    def _is_working(self) -> bool:
        """Whether a thread does something that ends, or the index of changes is behind."""
        ours = (each for each in threading.enumerate() if isinstance(each, Thread) and each not in self._others)
        journals = (each.journal for each in self._sessions())
        return (
            any(each is not None and each.backlog for each in journals)
            or any(each.handler_backlog or each.queue_depth for each in self._statuses())
            or any(each._until is None and not each.name.startswith(READERS) for each in ours)
        )

    async def _look(self) -> None:
        """Draw what there is; on a busy machine one tick may not get to the end of it."""
        for _ in range(TICKS):
            self._tick()
            await self._pilot.pause()
            screen = self.app.screen_stack[-1]
            if not isinstance(screen, KwatchScreen) or not screen.is_busy:
                return

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
    {
        "enter",
        "escape",
        "tab",
        "down",
        "up",
        "left",
        "right",
        "slash",
        "colon",
        "ctrl+w",
        "space",
        "home",
        "end",
        "pageup",
    }
)


def surroundings() -> dict[str, str]:
    """What is taken from the environment: the time zone, the terminal, and no settings."""
    settings = tempfile.mkdtemp(prefix="kwatch-screenshots-")
    return {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC", "KWATCH_CONFIG": settings}


@asynccontextmanager
async def opened(start: Start, expected: Sequence[str] = ()) -> AsyncIterator[Stage]:
    """The app before a world that has just begun; `expected` are the texts of the pictures that will be taken."""
    clock, others = StoryClock(), frozenset(threading.enumerate())
    trouble = incident_scenario(start.incident) if start.incident else load_scenario()
    specs = [*(calm_scenario() for _ in start.contexts[1:]), trouble]
    worlds = {
        name: World(clock, each, seed) for seed, (name, each) in enumerate(zip(start.contexts, specs, strict=True), 1)
    }
    with ExitStack() as stack:
        stack.enter_context(patch.object(masking, "_SALT", b"of all pictures"))
        stack.enter_context(patch.object(threads, "CRASHES", Crashes()))
        servers = {name: stack.enter_context(world.server).url for name, world in worlds.items()}
        kubeconfig = stack.enter_context(written_kubeconfig(servers, namespace=trouble.namespace))
        found = ConnectionArguments(kubeconfig=str(kubeconfig))
        clusters = Clusters(partial(_connector, found), partial(contexts, str(kubeconfig)), banner="demo", clock=clock)
        sessions = Sessions(clusters, Settings().history, Settings().background_bounds)
        view = StartView(
            resource=start.resource,
            all_namespaces=start.all_namespaces,
            contexts=start.contexts if len(start.contexts) > 1 else (),
        )
        app = KwatchApp(sessions.open, view, Settings(theme=THEMES[0]), banner="demo", clock=clock)
        try:
            async with app.run_test(size=(start.columns - 1, start.rows)) as pilot:
                stage = Stage(app, pilot, clock, worlds, others, expected)
                await stage.begin(start)
                yield stage
        finally:
            sessions.close()


def _connector(found: ConnectionArguments, context: str | None) -> Connect:
    return connector(found, None, context, cache=False)


def _is_all(background: BackgroundWatch, standings: Container[Standing]) -> bool:
    return all(each.standing in standings for each in background.kinds)


def _is_measured(session: Session, now: float) -> bool:
    return all(each._measured_at >= now for each in session.usages._sharing.all())
