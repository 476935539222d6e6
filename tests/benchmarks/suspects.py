"""What it costs to find the causes of 1,000 failing pods among 100,000 objects, and how long others wait meanwhile."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.catalog.health import assess
from kwatch.cli.connecting import quieten_collector
from kwatch.history.journal import Journal
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.packing import ObjectPacker
from kwatch.view.suspects import CauseGroup, FailingObject, FormerObjects, group_by_cause, surroundings_of, suspects_of
from tests.benchmarks.flat_out import pod as pod_of_cluster
from tests.benchmarks.row import Row
from tests.view.relations.world import RESOURCES, World, make

NAMESPACES, WORKLOADS, PODS = 50, 20, 93
"""Workloads of each namespace, and pods of each of them."""
BROKEN, FAILING = 50, 20
"""Workloads of which so many pods fail..."""
MORE = 10
"""...and so many times more of them in the second round."""
REVISIONS, NODES, CHANGES = 5, 200, 4
"""Replica sets of a workload; nodes of the cluster; versions of a pod since it began to fail."""
ROUNDS = 3
"""Of which the fastest counts: others may be at work on the machine."""
START, BROKE = 1_800_000_000.0, 1_800_003_600.0
NOW = BROKE + 300.0
Tree = dict[str, Any]


def measure() -> list[Row]:
    quieten_collector()  # as the program does when it starts
    cluster = _Cluster()
    failing = cluster.failing(FAILING)
    _, one = _timed(lambda: cluster.suspects(failing[0]))
    groups, seconds = min((_timed(lambda: cluster.group(failing)) for _ in range(ROUNDS)), key=lambda each: each[1])
    began = time.thread_time()
    cluster.group(failing)
    work = time.thread_time() - began
    waits = _longest_wait(lambda: cluster.group(failing))
    many = [*itertools.islice(itertools.cycle(failing), MORE * len(failing))]
    _, ten_times = _timed(lambda: cluster.group(many))
    cluster.journal.close()
    told = f"{len(groups)} causes of {BROKEN} workloads, {sum(group.suspect is not None for group in groups)} known"
    return [
        Row(f"suspects: of one pod among {cluster.count:,} objects", one * 1000, "ms"),
        Row(f"suspects: of {len(failing):,} failing pods, grouped", seconds * 1000, "ms", "300", told),
        Row("suspects: of these, CPU time", work * 1000, "ms", "300"),
        Row(f"suspects: of {len(many):,} failing pods, grouped", ten_times * 1000, "ms"),
        Row("suspects: longest wait of another thread meanwhile", waits * 1000, "ms", "16"),
    ]


def _timed(work: Any) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def _longest_wait(work: Any) -> float:
    """How much too late a thread comes that wants to do something every millisecond, as the screen's does."""
    worker = threading.Thread(target=work)
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while worker.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last - 0.001), now
    worker.join()
    return longest


class _Cluster:
    """Caches and a journal. Of the broken workloads three in five had a bad rollout, one in five lost a key of the
    config map that those of its namespace share, and of one in five nothing is known to have changed.
    """

    def __init__(self) -> None:
        self.journal = Journal()
        self.world = World()
        self.count = 0
        self._versions = itertools.count(1)
        self._packers = {kind: ObjectPacker() for kind in RESOURCES}
        self._sinks = {kind: self.journal.sink("benchmark", str(RESOURCES[kind])) for kind in RESOURCES}
        self._pod = pod_of_cluster(1)
        for number in range(NODES):
            ready = {"type": "Ready", "status": "True"}
            self._put(START, make("Node", f"node-{number}", status={"conditions": [ready]}))
        for number in range(NAMESPACES):
            self._fill(f"team-{number}")
        for number in range(BROKEN):
            self._break(number)
        self.journal.catch_up(60)

    def failing(self, of_each: int) -> list[FailingObject]:
        found = []
        for number in range(BROKEN):
            namespace, name = _place(number)
            for pod in range(of_each):
                obj = self._cache("Pod").get_by_key(f"{namespace}/{name}-{REVISIONS + (number % 5 < 3)}-{pod}")
                assert obj is not None
                problem = assess(RESOURCES["Pod"], obj).at(NOW)
                assert problem is not None
                found.append(FailingObject(RESOURCES["Pod"], obj, problem.reason))
        return found

    def group(self, failing: list[FailingObject]) -> tuple[CauseGroup, ...]:
        how = (self.world.names, self._cache_of, self.journal, "benchmark", NOW)
        return group_by_cause(failing, *how, is_whole=True)

    def suspects(self, failing: FailingObject) -> object:
        former = FormerObjects(self.journal, "benchmark", NOW)
        how = (self.world.names, self._cache_of, NOW)
        here = surroundings_of(failing.resource, failing.obj, *how, former=former)
        return suspects_of(here, self.journal, "benchmark", NOW)

    def _cache(self, kind: str) -> Indexer[Any]:
        return self.world.caches[RESOURCES[kind]]

    def _cache_of(self, relation: Any) -> Indexer[Any]:
        return self.world.caches[relation.resource]

    def _fill(self, namespace: str) -> None:
        self._put(START, make("ConfigMap", f"{namespace}/settings", data={"LEVEL": "info", "PORT": "8080"}))
        self._put(START, make("ResourceQuota", f"{namespace}/quota", spec={"hard": {"pods": "5000"}}))
        for number in range(WORKLOADS):
            name = f"web-{number}"
            app = {"app": name}
            self._put(START, make("Service", f"{namespace}/{name}", spec={"selector": app, "ports": [{"port": 80}]}))
            self._put(START, make("Secret", f"{namespace}/{name}", data={"password": "YQ=="}))
            self._put(START, make("ServiceAccount", f"{namespace}/{name}"))
            target = {"kind": "Deployment", "name": name}
            self._put(START, make("HorizontalPodAutoscaler", f"{namespace}/{name}", spec={"scaleTargetRef": target}))
            self._deploy(START, namespace, name, REVISIONS)
            for revision in range(1, REVISIONS + 1):
                self._replica_set(START, namespace, name, revision)
            for pod in range(PODS):
                self._put(START, self._pod_of(namespace, name, REVISIONS, pod))

    def _break(self, number: int) -> None:
        namespace, name = _place(number)
        if number % 5 < 3:
            self._deploy(BROKE, namespace, name, REVISIONS + 1, DeltaType.UPDATED)
            self._replica_set(BROKE + 1, namespace, name, REVISIONS + 1, DeltaType.ADDED)
        elif number % 5 == 3:
            self._put(BROKE, make("ConfigMap", f"{namespace}/settings", data={"PORT": "8080"}), DeltaType.UPDATED)
        revision = REVISIONS + (number % 5 < 3)
        for pod in range(FAILING):
            for change in range(CHANGES):
                at = BROKE + 10 + pod + 20 * change
                failing = self._pod_of(namespace, name, revision, pod, crashed=change + 1, at=BROKE + 10 + pod)
                self._put(at, failing, DeltaType.UPDATED if change or revision == REVISIONS else DeltaType.ADDED)
            self._put(BROKE + 20, _event(namespace, f"{name}-{revision}-{pod}"), DeltaType.ADDED)

    def _deploy(
        self, at: float, namespace: str, name: str, revision: int, type_: DeltaType = DeltaType.REPLACED
    ) -> None:
        selector = {"matchLabels": {"app": name}}
        spec = {"replicas": PODS, "selector": selector, "template": _template(name, revision)}
        self._put(at, make("Deployment", f"{namespace}/{name}", spec=spec), type_)

    def _replica_set(
        self, at: float, namespace: str, name: str, revision: int, type_: DeltaType = DeltaType.REPLACED
    ) -> None:
        tree = make("ReplicaSet", f"{namespace}/{name}-{revision}", owner=("Deployment", name)).tree()
        tree["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(revision)}
        tree["metadata"]["creationTimestamp"] = timestamp(at - 86_400 * 9)
        tree["spec"] = {"replicas": PODS if revision >= REVISIONS else 0, "template": _template(name, revision)}
        self._put(at, KubeObject.of(tree), type_)

    def _pod_of(
        self, namespace: str, name: str, revision: int, number: int, crashed: int = 0, at: float = START
    ) -> KubeObject:
        tree = make("Pod", f"{namespace}/{name}-{revision}-{number}", owner=("ReplicaSet", f"{name}-{revision}")).tree()
        tree["metadata"] |= {
            "labels": {"app": name, "pod-template-hash": str(revision)},
            "creationTimestamp": timestamp(at - 10 if revision > REVISIONS else START - 86_400),
            "managedFields": self._pod["metadata"]["managedFields"],
        }
        tree["spec"] = self._pod["spec"] | _template(name, revision)["spec"] | {"nodeName": f"node-{number}"}
        tree["status"] = self._pod["status"] | (_crashing(at, crashed) if crashed else {})
        return KubeObject.of(tree)

    def _put(self, at: float, obj: KubeObject, type_: DeltaType = DeltaType.REPLACED) -> None:
        tree = obj.tree()
        version = next(self._versions)
        tree["metadata"]["resourceVersion"] = str(version)
        _tell_apart(tree["metadata"])
        made, cache = KubeObject.of(tree), self._cache(obj.kind)
        self._packers[obj.kind].pack(made)
        self.count += cache.get_by_key(made.key) is None
        cache.add(made)
        self._sinks[obj.kind].on_delta(made.key, Delta(type_, made, version, at), None)


def _tell_apart(metadata: Tree) -> None:
    """Other uids in every namespace."""
    where = metadata.get("namespace", "")
    for each in (metadata, *metadata.get("ownerReferences", ())):
        each["uid"] = f"{each['uid']} {where}"


def _place(number: int) -> tuple[str, str]:
    """Where a broken workload is: five of a namespace, in ten of them."""
    return f"team-{number % 10}", f"web-{number // 10}"


def _template(name: str, revision: int) -> Tree:
    sources = [{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": name}}]
    container = {"name": "web", "image": f"registry.example.com/{name}:{revision}", "envFrom": sources}
    return {"metadata": {"labels": {"app": name}}, "spec": {"serviceAccountName": name, "containers": [container]}}


def _crashing(at: float, restarts: int) -> Tree:
    ended = {"reason": "Error", "exitCode": 1, "finishedAt": timestamp(at + 10.0 * (2 ** (restarts - 1) - 1))}
    container = {
        "name": "web",
        "restartCount": restarts,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
        "lastState": {"terminated": ended},
    }
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": timestamp(at)}
    return {"phase": "Running", "containerStatuses": [container], "conditions": [ready]}


def _event(namespace: str, pod: str) -> KubeObject:
    about = {"kind": "Pod", "name": pod, "namespace": namespace, "uid": f"uid-Pod/{pod} {namespace}"}
    at = timestamp(BROKE + 20)
    return make(
        "Event",
        f"{namespace}/{pod}.1",
        involvedObject=about,
        type="Warning",
        reason="BackOff",
        message="Back-off restarting failed container web",
        firstTimestamp=at,
        lastTimestamp=at,
    )
