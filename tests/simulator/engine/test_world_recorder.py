from __future__ import annotations

from kwatch.simulator.engine.world import SCHEDULER, Recorder, World
from tests.simulator.engine.timeline import Clock, Object, ObservedStore


def _world() -> tuple[World, Clock, ObservedStore]:
    clock = Clock()
    store = ObservedStore(clock)
    return World(store, 1), clock, store


def _pod(world: World, name: str = "cart-1") -> Object:
    spec = {"nodeName": "worker-1", "containers": [{"name": "cart"}]}
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}
    return world.create({**made, "status": {"phase": "Pending"}}, "kubectl")


def test_what_repeats_is_counted() -> None:
    world, clock, store = _world()
    recorder = Recorder(world, most=100)
    pod = _pod(world)
    for _ in range(3):
        recorder.event(pod, "Warning", "BackOff", "Back-off", "kubelet", container="cart")
        clock.now += 10.0
    (event,) = store.list("events")
    assert event["count"] == 3
    assert event["firstTimestamp"] < event["lastTimestamp"]
    assert event["involvedObject"]["uid"] == pod["metadata"]["uid"]
    assert event["involvedObject"]["fieldPath"] == "spec.containers{cart}"
    assert event["source"] == {"component": "kubelet", "host": "worker-1"}


def test_the_scheduler_records_series() -> None:
    world, _, store = _world()
    recorder = Recorder(world, most=100)
    pod = _pod(world)
    for _ in range(3):
        recorder.event(pod, "Warning", "FailedScheduling", "0/3 nodes are available", SCHEDULER)
    (event,) = store.list("events")
    assert event["series"]["count"] == 3
    assert event["eventTime"]
    assert event["firstTimestamp"] is None
    assert event["reportingComponent"] == "default-scheduler"


def test_events_of_cluster_objects_are_in_default() -> None:
    world, _, store = _world()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "u"}}
    Recorder(world, most=100).event(node, "Normal", "NodeReady", "ready", "kubelet")
    (event,) = store.list("events")
    assert event["metadata"]["namespace"] == "default"
    assert "namespace" not in event["involvedObject"]


def test_the_oldest_go_when_there_are_too_many() -> None:
    world, _, store = _world()
    recorder = Recorder(world, most=5)
    pod = _pod(world)
    for number in range(9):
        recorder.event(pod, "Normal", "Pulled", f"message {number}", "kubelet")
    assert sorted(event["message"] for event in store.list("events")) == [f"message {number}" for number in range(4, 9)]


def test_they_expire_after_an_hour() -> None:
    world, clock, store = _world()
    recorder = Recorder(world, most=100)
    world.spawn(recorder.expire())
    recorder.event(_pod(world), "Normal", "Pulled", "once", "kubelet")
    recorder.event(_pod(world, "cart-2"), "Normal", "Pulled", "twice", "kubelet")
    for second in range(3700):
        clock.now += 1.0
        if second == 1800:
            recorder.event(_pod_of(store), "Normal", "Pulled", "twice", "kubelet")
        while world.agenda.run_due(clock.now):
            pass
    assert [event["message"] for event in store.list("events")] == ["twice"]


def _pod_of(store: ObservedStore) -> Object:
    found = store.get("pods", "cart-2", "shop")
    assert found is not None
    return found
