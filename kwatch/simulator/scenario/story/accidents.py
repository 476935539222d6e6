"""Beats: what goes wrong with single pods."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.images import Flaw
from kwatch.simulator.scenario.story.stage import Stage

OUT_OF_MEMORY = Flaw(runs=(0.0, 0.0), exit_code=137, reason="OOMKilled")
PANIC = Flaw(runs=(0.0, 0.0), exit_code=2, reason="Error")
_CAUSES = (
    "HTTP probe failed with statuscode: 503",
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    "dial tcp {ip}:{port}: connect: connection refused",
)


def out_of_memory(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """The kernel kills a container that grew too large; it is started again."""
    yield from _crash(stage, OUT_OF_MEMORY, among, own)


def panic(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """A container ends with an error; it is started again."""
    yield from _crash(stage, PANIC, among, own)


def _crash(stage: Stage, flaw: Flaw, among: Sequence[str], own: bool) -> Process:
    key = stage.free_deployment(among, own=own)
    pod = stage.ready_pod(key) if key else None
    if key is None or pod is None:
        return
    with stage.claim(key):
        stage.control.kubelet.crash(pod, flaw)
        yield 12.0


def flap(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """A pod fails its readiness probe for a while."""
    key = stage.free_deployment(among, own=own)
    pod = stage.ready_pod(key) if key else None
    if key is None or pod is None:
        return
    with stage.claim(key):
        ports = pod["spec"]["containers"][0]["ports"]
        cause = stage.random.choice(_CAUSES).format(ip=pod["status"]["podIP"], port=ports[0]["containerPort"])
        stage.control.kubelet.flap(pod, stage.world.between(8.0, 20.0), cause)
        yield 30.0


def delete_pod(stage: Stage, among: Sequence[str] = (), own: bool = True) -> Process:
    """Somebody deletes a pod; its replica set makes another one."""
    key = stage.free_deployment(among, own=own)
    pod = stage.ready_pod(key) if key else None
    if key is None or pod is None:
        return
    with stage.claim(key):
        stage.control.pods.delete(pod)
        yield from stage.settled(key, 90.0)
