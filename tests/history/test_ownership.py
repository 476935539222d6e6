from __future__ import annotations

from kwatch.history.journal import Journal
from kwatch.history.ownership import Owners
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder


def thing(kind: str, name: str, owner: KubeObject | None = None, namespace: str = "shop") -> KubeObject:
    metadata = {"name": name, "uid": f"uid-{name}", "resourceVersion": "1"}
    if namespace:
        metadata["namespace"] = namespace
    tree = {"kind": kind, "apiVersion": "v1", "metadata": metadata}
    if owner is not None:
        reference = {"apiVersion": "v1", "kind": owner.kind, "name": owner.name, "uid": owner.uid, "controller": True}
        tree["metadata"] = {**metadata, "ownerReferences": [reference]}
    return KubeObject.of(tree)


DEPLOYMENT = thing("Deployment", "web")
REPLICA_SET = thing("ReplicaSet", "web-6d4b", DEPLOYMENT)
POD = thing("Pod", "web-6d4b-x", REPLICA_SET)


def told(journal: Journal, obj: KubeObject) -> list[str]:
    return [str(owner) for owner in Owners(journal._store, "ctx", _behind).of(obj)]


def _behind(kind: str, name: str, obj: KubeObject) -> tuple[str, str] | None:
    return ("Deployment", name.partition("-")[0]) if kind == "ReplicaSet" else None


def test_from_the_top_down_as_far_as_is_journalled() -> None:
    journal = Journal()
    Feeder(journal.sink("ctx", "deployments.apps")).add(DEPLOYMENT)
    Feeder(journal.sink("ctx", "replicasets.apps")).add(REPLICA_SET)
    assert told(journal, POD) == ["Deployment/web", "ReplicaSet/web-6d4b"]
    assert told(journal, DEPLOYMENT) == []
    journal.close()


def test_behind_what_is_not_watched_names_tell() -> None:
    journal = Journal()
    assert told(journal, POD) == ["Deployment/web", "ReplicaSet/web-6d4b"]
    assert told(journal, REPLICA_SET) == ["Deployment/web"]
    journal.close()


def test_an_owner_without_a_namespace_is_found_too() -> None:
    journal = Journal()
    node = thing("Node", "n1", namespace="")
    Feeder(journal.sink("ctx", "nodes")).add(node)
    (owner,) = Owners(journal._store, "ctx").of(thing("Pod", "static", node))
    assert owner == ("Node", "", "n1")
    journal.close()


def test_a_circle_ends() -> None:
    journal = Journal()
    one = thing("A", "one", thing("B", "two"))
    two = thing("B", "two", thing("A", "one"))
    feeder = Feeder(journal.sink("ctx", "as"))
    feeder.add(one)
    feeder.add(two)
    assert len(told(journal, one)) == 8
    journal.close()
