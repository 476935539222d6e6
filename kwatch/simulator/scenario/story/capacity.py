"""Beats: more load, more pods, more disk; too much of it."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, STATEFUL_SET
from kwatch.simulator.scenario.objects.quantity import in_bytes
from kwatch.simulator.scenario.story.stage import Stage


def rush(stage: Stage, app: str) -> Process:
    """Customers come all at once; the autoscaler follows them."""
    key = ("shop", app)
    stage.control.usage.set_demand(*key, stage.world.between(2.2, 2.8))
    yield stage.world.between(70.0, 100.0)
    stage.control.usage.set_demand(*key, 1.0)
    yield 90.0


def scale_by_hand(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """Somebody scales a deployment up, and later back."""
    key = stage.free_deployment(among, own=own)
    deployment = stage.world.get(DEPLOYMENT, key) if key else None
    if key is None or deployment is None or stage.workload(key).autoscale is not None:
        return
    with stage.claim(key):
        before = deployment["spec"]["replicas"]
        stage.people.scale(DEPLOYMENT, key, before + 1 + before // 2)
        yield stage.world.between(40.0, 90.0)
        stage.people.scale(DEPLOYMENT, key, before)
        yield from stage.settled(key, 60.0)


def grow_redis(stage: Stage) -> Process:
    """A fourth Redis needs a volume; later it goes, and its claim stays for the next time or is cleaned up."""
    key = ("shop", "redis")
    stateful_set = stage.world.get(STATEFUL_SET, key)
    if stateful_set is None:
        return
    with stage.claim(key):
        replicas = stateful_set["spec"]["replicas"]
        stage.people.scale(STATEFUL_SET, key, replicas + 1)
        yield stage.world.between(60.0, 120.0)
        stage.people.scale(STATEFUL_SET, key, replicas)
        yield 20.0
        claim = stage.world.get("persistentvolumeclaims", ("shop", f"data-redis-{replicas}"))
        if claim is not None:
            volume = stage.world.get("persistentvolumes", ("", claim["spec"].get("volumeName", "")))
            stage.world.remove(claim)
            yield 2.0
            if volume is not None:
                stage.world.remove(volume)


def ask_for_too_much(stage: Stage, among: Sequence[str] = ()) -> Process:
    """Somebody asks for more memory than any node has: the new pods stay pending until they see it."""
    key = stage.free_deployment(among)
    deployment = stage.world.get(DEPLOYMENT, key) if key else None
    if key is None or deployment is None:
        return
    with stage.claim(key):
        memory = deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["memory"]
        stage.people.request_memory(key, f"{round(in_bytes(memory) / 1024**2)}Gi", by="kubectl-edit")
        yield stage.world.between(60.0, 90.0)
        stage.people.undo(key)
        yield from stage.settled(key, 120.0)
