"""The director: opens the story, and keeps things happening at the wanted rate."""

from __future__ import annotations

from functools import partial

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of
from kwatch.simulator.scenario.population.populate import Population
from kwatch.simulator.scenario.story import releases, repertoire
from kwatch.simulator.scenario.story.repertoire import Beat, Card
from kwatch.simulator.scenario.story.stage import Stage

_CHANGES_A_BEAT = 70.0
"""How many changes a beat brings about, more or less: the more often beats come, the more changes a second."""
_TOO_LATE = 1.0
"""Seconds of lateness at which nothing more is begun."""
_NODE_STATUS_PERIOD = 300.0
_CROWD_RATE = 12.0
"""Changes a second above which every deployment of the cluster takes part, not only the teams' own."""


class Director:
    """Begins beats."""

    def __init__(self, stage: Stage, population: Population, rate: float) -> None:
        self._stage = stage
        self._population = population
        self._rate = rate
        self._running: dict[str, int] = {}
        self._decks: dict[int, list[tuple[str, Beat]]] = {}
        self._last = stage.world.now()
        self._repertoire = repertoire.of_the_teams(population.databases)
        self._crowd = repertoire.of_everybody()

    def open(self) -> None:
        """Start what goes on for ever, and the first beats."""
        control, world = self._stage.control, self._stage.world
        world.spawn(control.recorder.expire())
        world.spawn(control.kubelet.collect_images())
        world.spawn(control.leases.renew_all())
        world.spawn(self._node_statuses())
        for cron in self._population.cron_jobs:
            world.spawn(control.cron_jobs.keep_time((namespace_of(cron), name_of(cron))))
        slow = len(self._population.autoscalers) * 4.0 / self._rate
        for scaler in self._population.autoscalers:
            key = (namespace_of(scaler), name_of(scaler))
            world.spawn(control.autoscalers.keep(key, slow), world.between(0.0, 15.0))
        world.spawn(releases.endless_candidates(self._stage))
        for at, name, beat in repertoire.OPENING:
            world.after(at, partial(self._begin, name, beat))

    def may_begin(self) -> bool:
        """Whether there is room for another beat."""
        world = self._stage.world
        now = world.now()
        if now - self._last < _CHANGES_A_BEAT / self._rate or world.agenda.lateness(now) > _TOO_LATE:
            return False
        return sum(self._running.values()) < max(3.0, self._rate)

    def begin_another(self) -> None:
        """Begin a beat of the repertoire, by weight."""
        crowd = self._rate > _CROWD_RATE and self._stage.random.random() < 1 - _CROWD_RATE / self._rate
        name, beat = self._draw(self._crowd if crowd else self._repertoire)
        if self._running.get(name, 0) < (self._rate if crowd else 1 + (name == "release")):
            self._begin(name, beat)
        self._last = self._stage.world.now()

    def _draw(self, cards: tuple[Card, ...]) -> tuple[str, Beat]:
        """Like cards from a shuffled deck: in random order, but none is missed for long."""
        deck = self._decks.setdefault(len(cards), [])
        if not deck:
            deck += [(name, beat) for copies, name, beat in cards for _ in range(copies)]
            self._stage.random.shuffle(deck)
        return deck.pop()

    def pass_time(self) -> None:
        """One change that is always to be had: a sign of life."""
        self._stage.control.leases.renew_next()

    def _begin(self, name: str, beat: Beat) -> None:
        self._stage.world.spawn(self._counted(name, beat(self._stage)))
        self._last = self._stage.world.now()

    def _counted(self, name: str, beat: Process) -> Process:
        self._running[name] = self._running.get(name, 0) + 1
        try:
            yield from beat
        finally:
            self._running[name] -= 1

    def _node_statuses(self) -> Process:
        """Kubelets post their nodes' status every five minutes, changed or not."""
        while True:
            nodes: list[Object] = self._stage.world.store.list("nodes")
            for node in nodes:
                yield max(_NODE_STATUS_PERIOD / len(nodes), 10.0 / self._rate)
                if name_of(node) not in self._stage.control.kubelet.silent:
                    self._stage.control.nodes.beat(name_of(node))
            yield 1.0
