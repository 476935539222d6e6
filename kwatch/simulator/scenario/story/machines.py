"""Beats: nodes drained for maintenance, and nodes that fall silent."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.images import Flaw
from kwatch.simulator.scenario.objects.kube import Object, controller_of, is_terminating, name_of, namespace_of, revised
from kwatch.simulator.scenario.objects.node import boot_id
from kwatch.simulator.scenario.story.stage import Stage

_GRACE = 40.0
"""Seconds of silence after which a node counts as not ready."""
_REBOOTED = Flaw(runs=(0.0, 0.0), exit_code=255, reason="Unknown")


def drain(stage: Stage) -> Process:
    """Somebody drains a node, reboots it, and lets pods in again."""
    node = stage.free_node()
    if node is None:
        return
    name = name_of(node)
    with stage.claim(("", name)):
        stage.control.nodes.cordon(name)
        stage.control.recorder.normal(node, "Drain", f"Draining node {name} for maintenance", "node-maintenance")
        yield stage.world.between(0.5, 1.5)
        yield from _evict_all(stage, name)
        yield stage.world.between(3.0, 6.0)
        yield from _reboot(stage, name)
        yield stage.world.between(4.0, 8.0)
        stage.control.nodes.uncordon(name)


def _movable(stage: Stage, name: str) -> list[Object]:
    pods = []
    for pod in stage.world.pods_on(name):
        owner = controller_of(pod)
        if owner is not None and owner["kind"] not in ("DaemonSet", "Node"):
            pods.append(pod)
    return pods


def _evict_all(stage: Stage, name: str) -> Process:
    by_hand = "Eviction API: evicting"
    for _ in range(120):
        yield from stage.calm()
        waiting = [pod for pod in _movable(stage, name) if not is_terminating(pod)]
        if not waiting:
            break
        allowed = [pod for pod in waiting if stage.control.disruption.allows(pod)]
        if not allowed:
            yield 5.0
            continue
        pod = min(allowed, key=lambda each: (namespace_of(each), name_of(each)))
        stage.control.pods.evict(pod, "kube-apiserver", by_hand)
        yield stage.world.between(0.4, 1.2)
    for _ in range(60):
        if not _movable(stage, name):
            return
        yield 1.0


def _reboot(stage: Stage, name: str) -> Process:
    stage.control.kubelet.silent.add(name)
    yield stage.world.between(9.0, 18.0)
    stage.control.kubelet.silent.discard(name)
    node = stage.control.nodes.node(name)
    if node is None:
        return
    boots = 1 + sum(map(ord, node["status"]["nodeInfo"]["bootID"]))
    info = {**node["status"]["nodeInfo"], "bootID": boot_id(name, boots)}
    node = stage.world.update(revised(node, status={"nodeInfo": info}), "kubelet", "status")
    recorder = stage.control.recorder
    recorder.normal(node, "Starting", "Starting kubelet.", "kubelet", host=name)
    text = f"Node {name} has been rebooted, boot id: {info['bootID']}"
    recorder.warning(node, "Rebooted", text, "kubelet", host=name)
    for pod in stage.world.pods_on(name):
        if pod["status"]["phase"] == "Running" and not is_terminating(pod):
            stage.control.kubelet.crash(pod, _REBOOTED)


def outage(stage: Stage) -> Process:
    """A node falls silent; after a while it counts as not ready, and some time later it is back."""
    node = stage.free_node()
    if node is None:
        return
    name = name_of(node)
    with stage.claim(("", name)):
        stage.control.kubelet.silent.add(name)
        yield _GRACE + stage.world.between(0.0, 5.0)
        stage.control.nodes.lose(name)
        yield stage.world.between(35.0, 75.0)
        stage.control.kubelet.silent.discard(name)
        stage.control.nodes.find(name)
        for pod in stage.world.pods_on(name):
            stage.control.kubelet.report_again(pod)
            yield 0.05


def pressure(stage: Stage) -> Process:
    """A node runs out of memory and evicts pods, which somebody clears away later."""
    node = stage.free_node()
    if node is None:
        return
    name = name_of(node)
    with stage.claim(("", name)):
        stage.control.nodes.press(name)
        yield 2.0
        candidates = [pod for pod in _movable(stage, name) if pod["status"]["phase"] == "Running"]
        victims = [pod for pod in candidates if stage.control.disruption.allows(pod)][:2]
        for pod in victims:
            stage.control.kubelet.evict(pod)
            yield stage.world.between(2.0, 5.0)
        yield stage.world.between(40.0, 70.0)
        stage.control.nodes.relieve(name)
        yield stage.world.between(60.0, 120.0)
        for pod in victims:
            stage.control.garbage.delete(pod)
