from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.history.journal import Journal
from kwatch.history.relatives import Relation
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


def obj(name: str, version: int, owner: str = "", namespace: str = "shop", **parts: Any) -> KubeObject:
    metadata: dict[str, Any] = {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    if namespace:
        metadata["namespace"] = namespace
    if owner:
        metadata["ownerReferences"] = [{"uid": f"uid-{owner}", "name": owner, "kind": "X", "apiVersion": "v1"}]
    return KubeObject.of({"metadata": metadata, **parts})


def test_an_object_between_its_owners_children_node_and_events(journal: Journal) -> None:
    feeders = {
        resource: Feeder(journal.sink("ctx", resource), at)
        for resource, at in [("deployments.apps", 100), ("replicasets.apps", 200), ("pods", 300), ("nodes", 400),
                             ("events", 500)]
    }  # fmt: skip
    feeders["deployments.apps"].add(obj("web", 1))
    feeders["replicasets.apps"].add(obj("web-1", 2, "web"))
    feeders["replicasets.apps"].add(obj("other-1", 3, "other"))
    feeders["pods"].add(obj("web-1-a", 4, "web-1", spec={"nodeName": "n1"}))
    feeders["pods"].add(obj("other-1-a", 5, "other-1"))
    feeders["nodes"].add(obj("n1", 6, namespace=""))
    feeders["nodes"].add(obj("n2", 7, namespace=""))
    feeders["events"].replace(obj("scaled", 8, involvedObject={"uid": "uid-web"}))
    feeders["events"].add(obj("killed", 9, involvedObject={"uid": "uid-web-1-a"}))
    feeders["events"].add(obj("elsewhere", 10, involvedObject={"uid": "uid-other-1-a"}))
    feeders["pods"].sink.on_gap(350.0, 360.0, "expired")
    assert journal.catch_up(10)

    def seen(resource: str, key: str) -> list[tuple[str, str, int]]:
        return [
            (str(entry.relation), entry.version.key if entry.version else "", entry.distance)
            for entry in journal.timeline("ctx", resource, key)
        ]

    assert seen("replicasets.apps", "shop/web-1") == [
        ("owner", "shop/web", 1),
        ("self", "shop/web-1", 0),
        ("child", "shop/web-1-a", 1),
        ("gap", "", 0),
        ("listed", "", 0),
        ("event", "shop/scaled", 1),
        ("event", "shop/killed", 1),
    ]
    assert seen("pods", "shop/web-1-a")[:3] == [
        ("owner", "shop/web", 2),
        ("owner", "shop/web-1", 1),
        ("self", "shop/web-1-a", 0),
    ]
    assert ("node", "n1", 1) in seen("pods", "shop/web-1-a")
    assert ("child", "shop/web-1-a", 2) in seen("deployments.apps", "shop/web")
    assert seen("pods", "shop/unknown") == []
    assert {Relation(word) for word, _, _ in seen("pods", "shop/web-1-a")} >= {Relation.NODE, Relation.EVENT}


def test_owners_that_own_each_other_end(journal: Journal) -> None:
    things = Feeder(journal.sink("ctx", "things"))
    things.add(obj("a", 1, "b"))
    things.add(obj("b", 2, "a"))
    assert [entry.relation for entry in journal.timeline("ctx", "things", "shop/a")] == ["self", "owner"]
