"""Beats: new versions, good and bad."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.objects.kube import DAEMON_SET, DEPLOYMENT, STATEFUL_SET
from kwatch.simulator.scenario.population.troubles import CRASHING
from kwatch.simulator.scenario.story.people import next_version
from kwatch.simulator.scenario.story.stage import Stage


def release(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """A pipeline rolls out the next version of a deployment."""
    key = stage.free_deployment(among, own=own)
    if key is None:
        return
    with stage.claim(key):
        old = stage.people.image(DEPLOYMENT, key)
        stage.people.deploy(key, next_version(old, stage.random))
        yield from stage.settled(key, 240.0)


def unpullable_release(stage: Stage, among: Sequence[str] = ()) -> Process:
    """Somebody deploys a version that was never pushed, looks at it for a while, and goes back."""
    key = stage.free_deployment(among)
    if key is None:
        return
    with stage.claim(key):
        image = next_version(stage.people.image(DEPLOYMENT, key), stage.random) + "-hotfix"
        stage.control.images.missing.add(image)
        stage.people.deploy(key, image)
        yield stage.world.between(70.0, 110.0)
        stage.people.undo(key)
        yield from stage.settled(key, 120.0)
        stage.control.images.missing.discard(image)


def restart(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """Somebody restarts a deployment."""
    key = stage.free_deployment(among, own=own)
    if key is None:
        return
    with stage.claim(key):
        stage.people.restart(DEPLOYMENT, key)
        yield from stage.settled(key, 240.0)


def restart_redis(stage: Stage) -> Process:
    """Somebody restarts the shop's Redis, one pod after the other."""
    key = ("shop", "redis")
    stage.people.restart(STATEFUL_SET, key)
    yield 60.0


def release_agents(stage: Stage) -> Process:
    """The platform team updates the log shipper on every node."""
    key = ("monitoring", "fluent-bit")
    image = stage.people.image(DAEMON_SET, key)
    if image:
        stage.people.deploy(key, next_version(image, stage.random), resource=DAEMON_SET)
        yield 120.0


def endless_candidates(stage: Stage) -> Process:
    """The recommender's team ships candidate after candidate: one that crashes, then one that runs."""
    key = ("shop", "recommender")
    while stage.people.image(DEPLOYMENT, key):
        yield stage.world.between(420.0, 600.0)
        old = stage.people.image(DEPLOYMENT, key)
        if not old:
            return
        good = next_version(old, stage.random)
        stage.people.deploy(key, good)
        yield from stage.settled(key, 120.0)
        stage.control.images.flaws.pop(old, None)
        yield stage.world.between(150.0, 240.0)
        bad = next_version(good, stage.random)
        stage.control.images.flaws[bad] = CRASHING
        stage.people.deploy(key, bad)
