"""The scenario in motion: a populated cluster whose story goes on, change by change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from random import Random

from kwatch.simulator.engine.autoscaling import Amount
from kwatch.simulator.engine.control_plane import ControlPlane, ScenarioContext
from kwatch.simulator.engine.logs import Logs
from kwatch.simulator.engine.objects import NODE, POD, Object, key_of, name_of
from kwatch.simulator.engine.populate import Population, populate
from kwatch.simulator.engine.steps import Performance
from kwatch.simulator.engine.world import Process, World
from kwatch.simulator.scenario.loader import load_scenario, story_catalog
from kwatch.simulator.scenario.plan import Behaviour, plan
from kwatch.simulator.scenario.spec import CrashLoop, Cue, ScenarioSpec, Story
from kwatch.simulator.store import Store

_MOST_SAVED = 4.0
_RESERVE = 2.0
"""Seconds of changes that can be saved up, and that are kept for what the story needs at once."""


class Pace:
    """An account of changes: it fills with time."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._last = now
        self._balance = max(1.0, _RESERVE * rate)

    def advance(self, now: float) -> None:
        self._balance = min(max(1.0, _MOST_SAVED * self._rate), self._balance + (now - self._last) * self._rate)
        self._last = now

    def spend(self, changes: int) -> None:
        self._balance -= changes

    @property
    def allows_change(self) -> bool:
        """Whether what is due may be done."""
        return self._balance >= 1.0

    @property
    def asks_for_change(self) -> bool:
        """Whether something must be found to do."""
        return self._balance >= max(1.0, _RESERVE * self._rate)


_CHANGES_A_STORY = 70.0
"""How many changes a story brings about, more or less: the more often they come, the more changes a second."""
_TOO_LATE = 1.0
"""Seconds of lateness at which nothing more is begun."""
_NODE_STATUS_PERIOD = 300.0
_CROWD_RATE = 12.0
"""Changes a second above which every deployment of the cluster takes part, not only the teams' own."""


class Director:
    """Opens the story, and keeps stories beginning at the wanted rate."""

    def __init__(self, context: ScenarioContext, population: Population, rate: float) -> None:
        self._context = context
        self._population = population
        self._rate = rate
        self._running: dict[str, int] = {}
        self._decks: dict[bool, list[Cue]] = {}
        self._last = context.world.now()
        self._spec = context.plan.spec

    def open(self) -> None:
        """Start what goes on for ever, and the first stories."""
        control, world = self._context.control, self._context.world
        world.spawn(control.recorder.expire())
        world.spawn(control.images.collect(world))
        control.kubelet.expect_expiries()
        world.spawn(control.leases.renew_all())
        world.spawn(self._node_statuses())
        for cron in self._population.cron_jobs:
            world.spawn(control.cron_jobs.keep_time(key_of(cron)))
        slow = len(self._population.autoscalers) * 4.0 / self._rate
        for scaler in self._population.autoscalers:
            world.spawn(control.autoscalers.keep(key_of(scaler), slow), world.between(0.0, 15.0))
        for loop in self._spec.troubles.crash_loops:
            world.spawn(self._candidates(loop))
        for cue in self._spec.opening:
            world.after(cue.at, partial(self._begin, cue))

    def may_begin(self) -> bool:
        """Whether there is room for another story."""
        world = self._context.world
        now = world.now()
        if now - self._last < _CHANGES_A_STORY / self._rate or world.agenda.lateness(now) > _TOO_LATE:
            return False
        return sum(self._running.values()) < max(3.0, self._rate)

    def begin_another(self) -> None:
        crowd = self._rate > _CROWD_RATE and self._context.random.random() < 1 - _CROWD_RATE / self._rate
        cue = self._draw(crowd)
        if cue and self._running.get(cue.story, 0) < (self._rate if crowd else 1 + (cue.story == "release")):
            self._begin(cue)
        self._last = self._context.world.now()

    def pass_time(self) -> None:
        """One change that is always to be had: a sign of life."""
        self._context.control.leases.renew_next()

    def _draw(self, crowd: bool) -> Cue | None:
        """Like cards from a shuffled deck: in random order, but none is missed for long."""
        deck = self._decks.setdefault(crowd, [])
        if not deck:
            cards = story_catalog().crowd if crowd else self._spec.deck or story_catalog().everyday
            deck += [cue for cue in cards if self._is_playable(cue) for _ in range(cue.times)]
            self._context.random.shuffle(deck)
        return deck.pop() if deck else None

    def _story(self, cue: Cue) -> Story:
        return self._spec.stories.get(cue.story) or story_catalog().stories[cue.story]

    def _is_playable(self, cue: Cue) -> bool:
        return bool(self._population.databases) or self._story(cue).happens_to != "database"

    def _begin(self, cue: Cue) -> None:
        self._context.world.spawn(self._counted(cue))
        self._last = self._context.world.now()

    def _counted(self, cue: Cue) -> Process:
        self._running[cue.story] = self._running.get(cue.story, 0) + 1
        try:
            yield from Performance(self._context, self._story(cue), cue).play()
        finally:
            self._running[cue.story] -= 1

    def _candidates(self, loop: CrashLoop) -> Process:
        cue = Cue("candidates")
        yield from Performance(self._context, self._story(cue), cue, loop).play()

    def _node_statuses(self) -> Process:
        """Kubelets post their nodes' status every five minutes, changed or not."""
        while True:
            nodes: list[Object] = self._context.world.store.list(NODE)
            for node in nodes:
                yield max(_NODE_STATUS_PERIOD / len(nodes), 10.0 / self._rate)
                if name_of(node) not in self._context.control.kubelet.silent:
                    self._context.control.nodes.heartbeat(name_of(node))
            yield 1.0


_TICK = 0.04
_BATCH = 20
"""Changes after which the server gets its turn."""
_MOST_IDLE_ACTIONS = 10_000
"""Actions in a row that change nothing, after which a step gives up; far more than a healthy agenda has at a time."""


class Scenario:
    """A living cluster. `objects` is about how many pods it has, 0 as many as the scenario says; `rate` its changes a
    second, 0 none; `spec` the scenario, by default that of `kwatch demo`.
    """

    def __init__(
        self, store: Store, *, objects: int = 0, rate: float, seed: int, spec: ScenarioSpec | None = None
    ) -> None:
        self._store = store
        self._world = World(store, seed)
        self._rate = rate
        self._plan = plan(spec or load_scenario(), objects, Random(seed))
        workloads = (*self._plan.workloads, *self._plan.daemons, *self._plan.generated)
        self._behaviour = Behaviour(workloads, self._plan.crons)
        self._control = ControlPlane(self._world, self._behaviour, objects=objects, rate=rate)
        self._logs = Logs(self._world, self._behaviour, self._plan.spec.programs)
        self._director: Director | None = None

    def populate(self) -> None:
        population = populate(self._control, self._plan)
        if self._rate > 0:
            self._world.hear_of_others()
            context = ScenarioContext(self._control, self._plan, population.databases)
            self._director = Director(context, population, self._rate)
            self._director.open()

    def step(self) -> int:
        """Make the next change, or the few that belong together; return how many. 0 only if nothing ever changes."""
        director = self._director
        if director is None:
            return 0
        changes = self._do_what_is_due()
        if not changes and director.may_begin():
            director.begin_another()
            changes = self._do_what_is_due()
        if not changes:
            before = self._store.revision
            director.pass_time()
            changes = self._store.revision - before
        return changes

    def _do_what_is_due(self) -> int:
        """Run actions until one changes something; 0 if nothing is due."""
        before = self._store.revision
        for _ in range(_MOST_IDLE_ACTIONS):
            if not self._world.agenda.run_due(self._world.now()) or self._store.revision != before:
                break
        return self._store.revision - before

    async def run(self) -> None:
        """Live until cancelled, at the wanted rate."""
        if self._director is None:
            await asyncio.Event().wait()
            return
        loop = asyncio.get_running_loop()
        pace = Pace(self._rate, loop.time())
        while True:
            await asyncio.sleep(max(_TICK, min(1.0, 0.5 / self._rate)))
            pace.advance(loop.time())
            made = 0
            while pace.allows_change:
                changes = self.step() if pace.asks_for_change else self._do_what_is_due()
                if not changes:
                    break
                pace.spend(changes)
                made += changes
                if made >= _BATCH:
                    made = 0
                    await asyncio.sleep(0)

    def logs(self, namespace: str, pod: str, container: str, previous: bool = False) -> list[str]:
        """What a container has written so far, or the one before it; every line begins with its time and a blank.

        Raises LookupError if there is no such container, or it has not started.
        """
        return self._logs.lines(self._pod(namespace, pod), container, previous=previous)

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines a container writes from now on, until it ends."""
        return self._logs.follow((namespace, pod), container)

    def usage(self, namespace: str, pod: str) -> dict[str, Amount]:
        """The CPU (cores) and memory (bytes) that each container of a pod uses now; raises LookupError."""
        return self._control.usage.of_pod(self._pod(namespace, pod))

    def node_usage(self, name: str) -> Amount:
        """The CPU (cores) and memory (bytes) that a node uses now; raises LookupError."""
        node = self._world.get(NODE, ("", name))
        if node is None:
            raise LookupError(name)
        return self._control.usage.of_node(node)

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> Object | None:
        """Begin to stop a pod, in `grace` seconds or its own time; the pod as it is now, None if it is on no node."""
        found = self._world.get(POD, (namespace, pod))
        if found is None or not found["spec"].get("nodeName"):
            return None
        self._control.pods.delete(found, grace=grace, manager=manager)
        return self._world.get(POD, (namespace, pod))

    def _pod(self, namespace: str, name: str) -> Object:
        pod = self._world.get(POD, (namespace, name))
        if pod is None:
            raise LookupError(f"{namespace}/{name}")
        return pod
