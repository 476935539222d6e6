"""A small shop in which something breaks among noise: what a journal saw of it, and how everything is at the end."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Collection, Mapping
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.catalog.health import assess
from kwatch.history.journal import Journal
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.view.suspects import (
    CauseGroup,
    FailingObject,
    FormerObjects,
    Found,
    group_by_cause,
    surroundings_of,
    suspects_of,
)
from tests.history.objects import Feeder
from tests.view.relations.world import RESOURCES, World, make

START = 1_800_000_000.0
BROKE = 3600.0
"""Seconds after the start: when the scenarios do what breaks something."""
NOW = 3900.0
Tree = dict[str, Any]


def template(image: str = "shop/web:1", **container: Any) -> Tree:
    """A pod's template; `container` are further fields of its only container."""
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "serviceAccountName": "web",
            "containers": [
                {
                    "name": "web",
                    "image": image,
                    "envFrom": [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "credentials"}}],
                    "resources": {"limits": {"memory": "512Mi"}},
                    "readinessProbe": {"httpGet": {"port": 8080, "path": "/ready"}},
                    **container,
                }
            ],
        },
    }


class Story:
    """Times are in seconds after the start."""

    def __init__(self, ahead: float = 0.0, unwatched: Collection[str] = ()) -> None:
        """The server's clock is so many seconds ahead. `unwatched`: kinds of which the journal learns nothing."""
        self._unwatched = unwatched
        self.journal = Journal()
        self._server = START + ahead
        self._feeders: dict[str, Feeder] = {}
        self._objects: dict[tuple[str, str], Tree] = {}
        self._deleted: set[tuple[str, str]] = set()
        self._versions = itertools.count(100)
        self.revision = 0
        for kind, key, fields in _SHOP:
            self.put(0, kind, key, **copy.deepcopy(fields))
        self.roll_out(0, template(), by="helm")
        for name in ("a", "b"):
            self.pod(name, READY)

    def put(
        self, at: float, kind: str, key: str, by: str = "", owner: tuple[str, str] | None = None, **fields: Any
    ) -> None:
        """Make an object, or change it: what is not given stays as it was."""
        before = self._objects.get((kind, key))
        made = make(kind, key, owner=owner).tree() if before is None else copy.deepcopy(before)
        if before is None and (kind, key) in self._deleted:
            made["metadata"]["uid"] += "-again"
        labels = fields.pop("labels", None)
        made |= fields
        metadata = made["metadata"]
        metadata |= {"labels": labels} if labels is not None else {}
        metadata |= {"resourceVersion": str(next(self._versions))}
        metadata.setdefault("creationTimestamp", timestamp(self._server + at - (86_400 if at == 0 else 0)))
        if by:
            entry = {"manager": by, "operation": "Update", "apiVersion": "v1", "time": timestamp(self._server + at)}
            changed: Tree = {f"f:{name}": {} for name in fields}
            metadata["managedFields"] = [*metadata.get("managedFields", ()), entry | {"fieldsV1": changed}]
        self._objects[kind, key] = made
        type_ = DeltaType.REPLACED if at == 0 else DeltaType.ADDED if before is None else DeltaType.UPDATED
        if kind not in self._unwatched:
            self._feeder(kind, at).feed(type_, KubeObject.of(made))

    def tree(self, kind: str, key: str) -> Tree:
        """The object as it is, to be changed and put."""
        return copy.deepcopy(self._objects[kind, key])

    def delete(self, at: float, kind: str, key: str) -> None:
        self._deleted.add((kind, key))
        self._feeder(kind, at).delete(KubeObject.of(self._objects.pop((kind, key))))

    def roll_out(self, at: float, new: Tree, by: str = "argocd") -> None:
        """Another template for the deployment, and its replica set."""
        self.revision += 1
        spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": new}
        self.put(at, "Deployment", "shop/web", by, spec=spec)
        name = f"shop/web-{self.revision}"
        self.put(at + 1, "ReplicaSet", name, owner=("Deployment", "web"), spec={"replicas": 2, "template": new})
        made = self.tree("ReplicaSet", name)
        made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(self.revision)}
        self.put(at + 1, "ReplicaSet", name, metadata=made["metadata"])

    def pod(self, name: str, status: Mapping[str, Any], at: float = 0, **spec: Any) -> None:
        """A pod of the newest replica set. `status` as the constants below."""
        key = f"shop/web-{self.revision}-{name}"
        labels = {"app": "web", "pod-template-hash": str(self.revision)}
        template_spec = self._objects["Deployment", "shop/web"]["spec"]["template"]["spec"]
        spec = {**template_spec, "nodeName": "node-1", **spec}
        owner = ("ReplicaSet", f"web-{self.revision}")
        self.put(
            at, "Pod", key, owner=owner, labels=labels, spec=spec, status=stamped(status, at + self._server - START)
        )

    def warn(self, at: float, about: tuple[str, str], reason: str, message: str) -> None:
        """An Event about an object, kind and key."""
        kind, key = about
        namespace, _, name = key.rpartition("/")
        self.put(
            at,
            "Event",
            f"{namespace or 'default'}/{name}.{next(self._versions)}",
            type="Warning",
            reason=reason,
            message=message,
            involvedObject={"kind": kind, "name": name, "namespace": namespace, "uid": f"uid-{kind}/{name}"},
            firstTimestamp=timestamp(self._server + at),
            lastTimestamp=timestamp(self._server + at),
        )

    def suspects(self, kind: str, key: str, *, watched: bool = True, until: int | None = None) -> Found:
        """Not `watched`: the journal saw nothing, and what the server keeps must do. `until`: as of a sequence."""
        world = self.world()
        obj = KubeObject.of(self._objects[kind, key])
        journal, now = self.journal if watched else None, START + NOW
        former = FormerObjects(self.journal, "ctx", now, until) if watched else None
        here = surroundings_of(RESOURCES[kind], obj, world.names, world.cache, now, former=former)
        return suspects_of(here, journal, "ctx", now, until)

    def world(self) -> World:
        """Everything as it is, once the journal has all of it."""
        assert self.journal.catch_up(10)
        return World(*(KubeObject.of(tree) for tree in self._objects.values()))

    def groups(self, *kinds: str, until: int | None = None, **how: Any) -> tuple[CauseGroup, ...]:
        """All objects of these kinds that fail, by their cause."""
        world, now = self.world(), START + NOW
        failing = []
        for (kind, _), tree in self._objects.items():
            obj = KubeObject.of(tree)
            problem = assess(RESOURCES[kind], obj).at(now)
            if problem is not None and kind in kinds:
                failing.append(FailingObject(RESOURCES[kind], obj, problem.reason))
        return group_by_cause(failing, world.names, world.cache, self.journal, "ctx", now, until, **how)

    def _feeder(self, kind: str, at: float) -> Feeder:
        feeder = self._feeders.get(kind)
        if feeder is None:
            feeder = self._feeders[kind] = Feeder(self.journal.sink("ctx", str(RESOURCES[kind])))
        feeder.at = START + at - 1
        return feeder


def stamped(status: Mapping[str, Any], at: float) -> Tree:
    """A status whose times are `at`."""
    text = timestamp(START + at)

    def fill(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [fill(each) for each in value]
        return text if value == "AT" else value

    filled: Tree = fill(status)
    return filled


def condition(name: str, status: str, **more: str) -> Tree:
    return {"type": name, "status": status, "lastTransitionTime": "AT", **more}


def waiting(reason: str, message: str = "", **more: Any) -> Tree:
    """A pod that waits: for its image, say."""
    container = {"name": "web", "restartCount": 0, "state": {"waiting": {"reason": reason, "message": message}}, **more}
    scheduled = condition("PodScheduled", "True")
    return {
        "phase": "Pending",
        "conditions": [scheduled, condition("Ready", "False")],
        "containerStatuses": [container],
    }


def crashed(reason: str = "Error", code: int = 1, restarts: int = 3) -> Tree:
    last = {"terminated": {"reason": reason, "exitCode": code, "finishedAt": "AT"}}
    return waiting("CrashLoopBackOff", "back-off", lastState=last, restartCount=restarts) | {"phase": "Running"}


def unschedulable(message: str) -> Tree:
    why = {"reason": "Unschedulable", "message": message}
    return {"phase": "Pending", "conditions": [condition("PodScheduled", "False", **why)]}


READY: Tree = {
    "phase": "Running",
    "conditions": [condition("PodScheduled", "True"), condition("Ready", "True")],
    "containerStatuses": [{"name": "web", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": "AT"}}}],
}
UNREADY: Tree = READY | {"conditions": [condition("PodScheduled", "True"), condition("Ready", "False")]}
_SHOP: tuple[tuple[str, str, Tree], ...] = (
    ("ConfigMap", "shop/settings", {"data": {"LOG_LEVEL": "info", "PORT": "8080"}}),
    ("ConfigMap", "shop/other", {"data": {"COLOUR": "red"}}),
    ("Secret", "shop/credentials", {"data": {"password": "YQ=="}}),
    ("ServiceAccount", "shop/web", {}),
    ("Service", "shop/web", {"spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}}),
    ("ResourceQuota", "shop/quota", {"spec": {"hard": {"pods": "20"}}}),
    ("Node", "node-1", {"spec": {}, "status": {"conditions": [condition("Ready", "True")]}}),
    ("Node", "node-2", {"spec": {}, "status": {"conditions": [condition("Ready", "True")]}}),
    (
        "HorizontalPodAutoscaler",
        "shop/web",
        {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 2}, "status": {}},
    ),
)
