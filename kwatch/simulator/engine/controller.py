"""What controllers share: the loop from a change to the act, pods made and deleted, and what goes with its owner."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine.objects import (
    POD,
    RESOURCES,
    Object,
    controller_of,
    is_terminating,
    key_of,
    name_of,
    namespace_of,
    resource_of,
    revised,
    uid_of,
)
from kwatch.simulator.engine.pods import CONTROLLER_MANAGER, PodControl
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import Key, Process, World

_OWNED = ("replicasets.apps", "jobs.batch", "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io")


_OWNERS = (*_OWNED[:2], "deployments.apps", "statefulsets.apps", "daemonsets.apps", "cronjobs.batch", "services")


class Controller:
    """One kind's controller: a moment after an object or what it owns changed, `act` compares what is to be with
    what there is, does the next thing about the difference, and writes the status.
    """

    resource = ""
    """What it looks after."""
    owned = POD
    """What it makes, whose changes concern it as well."""
    component = ""
    """Who it is in events."""
    delay = (0.05, 0.3)
    """Seconds from a change to the act."""

    def __init__(self, world: World, recorder: Recorder, pods: PodControl) -> None:
        self.world = world
        self.recorder = recorder
        self.pods = pods
        self.queue = Workqueue(world, self.reconcile, delay=self.delay)
        self.listen()

    def listen(self) -> None:
        self.world.on_change(self.resource, self.on_own)
        self.world.on_change(self.owned, self.on_owned)

    def on_own(self, obj: Object, gone: bool) -> None:
        if not gone:
            self.queue.add(key_of(obj))

    def on_owned(self, obj: Object, gone: bool) -> None:
        owner = controller_of(obj)
        if owner is not None and RESOURCES.get(owner["kind"]) == self.resource:
            self.queue.add((namespace_of(obj), owner["name"]))

    def reconcile(self, key: Key) -> None:
        """Look at an object, if it is there to stay."""
        obj = self.world.get(self.resource, key)
        if obj is not None and not is_terminating(obj):
            self.act(obj)

    def act(self, obj: Object) -> None:
        raise NotImplementedError

    def report(self, obj: Object, status: Object) -> Object:
        """Write a status if it is another one; the object as it is then."""
        if status == obj["status"]:
            return obj
        return self.world.update({**obj, "status": status}, CONTROLLER_MANAGER, "status")

    def say(self, about: Object, reason: str, message: str) -> None:
        self.recorder.normal(about, reason, message, self.component)


class Workqueue:
    """Keys to reconcile, each at most once at a time."""

    def __init__(self, world: World, reconcile: Callable[[Key], None], *, delay: tuple[float, float]) -> None:
        self._world = world
        self._reconcile = reconcile
        self._delay = delay
        self._waiting: set[Key] = set()
        self._planned: set[Key] = set()

    def add(self, key: Key, after: float | None = None) -> None:
        """Look at an object soon, or after so many seconds; once, if it is waiting already."""
        if key in self._waiting:
            return
        self._waiting.add(key)
        self._world.after(self._world.between(*self._delay) if after is None else after, lambda: self._look(key))

    def look_again(self, key: Key, after: float) -> None:
        """Look at an object once more after so many seconds, unless that is planned already."""
        if key in self._planned:
            return
        self._planned.add(key)
        self._world.after(after, lambda: self._come_back(key))

    def _come_back(self, key: Key) -> None:
        self._planned.discard(key)
        self.add(key)

    def _look(self, key: Key) -> None:
        self._waiting.discard(key)
        self._reconcile(key)


class GarbageCollector:
    """Deletes what is left behind, in the background."""

    def __init__(self, world: World, pods: PodControl) -> None:
        self._world = world
        self._pods = pods
        for resource in _OWNERS:
            world.on_change(resource, self._on_owner)

    def _on_owner(self, owner: Object, gone: bool) -> None:
        if gone:
            dependents = [each for resource in _OWNED for each in self._world.children(owner, resource)]
            for index, each in enumerate(dependents):
                self._world.after(0.1 + index * 0.02, partial(self.delete, each))

    def delete(self, obj: Object) -> None:
        """Delete an object: a pod in its own time, anything else at once. Its dependents follow."""
        current = self._world.get(resource_of(obj), (namespace_of(obj), name_of(obj)))
        if current is None or uid_of(current) != uid_of(obj):
            return
        if current["kind"] == "Pod":
            self._pods.delete(current)
        else:
            self._world.remove(current)


_CONTENTS = ("deployments.apps", "services", "endpoints", "configmaps", "serviceaccounts")
_SLOW = ("replicasets.apps", "pods", "endpointslices.discovery.k8s.io")


class NamespaceController:
    def __init__(self, world: World, garbage: GarbageCollector) -> None:
        self._world = world
        self._garbage = garbage

    def delete(self, name: str) -> Process:
        """Everything from `kubectl delete namespace` to its end."""
        namespace = self._world.get("namespaces", ("", name))
        if namespace is None:
            return
        terminating = revised(
            namespace,
            metadata={"deletionTimestamp": timestamp(self._world.now())},
            status={"phase": "Terminating"},
        )
        self._world.update(terminating, CONTROLLER_MANAGER, "finalize")
        for resource in _CONTENTS:
            for each in self._world.store.list(resource, name):
                self._garbage.delete(each)
                yield 0.05
        for _ in range(90):
            if not any(self._rest(name)):
                break
            yield 1.0
        for each in self._world.store.list("events", name):
            self._world.remove(each)
        final = self._world.get("namespaces", ("", name))
        if final is not None:
            self._world.remove(final)

    def _rest(self, name: str) -> list[Object]:
        return [each for resource in _SLOW for each in self._world.store.list(resource, name)]
