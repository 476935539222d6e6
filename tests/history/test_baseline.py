from __future__ import annotations

from typing import Any

from kwatch.history.baseline import by_owner, by_path, differences
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from tests.history.objects import Feeder, pod


class Objects(dict[str, KubeObject]):
    def __init__(self, *objects: KubeObject) -> None:
        super().__init__({obj.key: obj for obj in objects})

    def list_keys(self) -> list[str]:
        return list(self)

    def get_by_key(self, key: str) -> KubeObject | None:
        return self.get(key)


def owned(name: str, version: int, owner: str, **status: Any) -> KubeObject:
    tree = pod(name, version, uid=name, **status).tree()
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": owner, "controller": True}
    tree["metadata"]["ownerReferences"] = [reference]
    return KubeObject.of(tree)


def test_what_came_went_changed_and_was_replaced() -> None:
    old = Objects(pod("same", 1), pod("gone", 2), pod("changed", 3, phase="A"), pod("replaced", 4, uid="u1", phase="A"))
    new = Objects(pod("same", 1), pod("changed", 5, phase="B"), pod("replaced", 6, uid="u2", phase="B"), pod("new", 7))
    found = {each.key: (each.sign, each.words(1)) for each in differences(old, new)}
    assert found == {
        "shop/gone": ("-", "deleted"),
        "shop/new": ("+", "created"),
        "shop/changed": ("~", "status.phase A -> B"),
        "shop/replaced": ("!", "replaced: metadata.uid u1 -> u2, 1 more"),
    }


def test_noise_is_no_difference() -> None:
    assert differences(Objects(pod(version=1)), Objects(pod(version=2))) == ()


def test_only_where_it_is_asked_to_look() -> None:
    new = Objects(pod("a"), pod("b"))
    assert [each.key for each in differences(Objects(), new, ["shop/b"])] == ["shop/b"]


def test_grouped_by_owner_and_by_path() -> None:
    old = Objects(owned("a", 1, "web", phase="A"), owned("b", 2, "web", phase="A"), pod("c", 3, phase="A", ip="1"))
    new = Objects(owned("a", 4, "web", phase="B"), owned("b", 5, "web", phase="C"), pod("c", 6, phase="A", ip="2"))
    found = differences(old, new)
    assert {owner: [each.key for each in group] for owner, group in by_owner(found).items()} == {
        "ReplicaSet/web": ["shop/a", "shop/b"],
        "": ["shop/c"],
    }
    assert [(path, len(group)) for path, group in by_path(found).items()] == [("status.phase", 2), ("status.ip", 1)]


def test_since_a_mark_in_the_journal() -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.add(pod("a", 1, phase="A"))
    mark = pods.add(pod("b", 2, uid="u2"))
    pods.update(pod("a", 3, phase="B"))
    past, now = journal.as_of("ctx", "pods", sequence=mark), journal.as_of("ctx", "pods")
    (found,) = differences(past, now, past.differing_from_now())
    assert (found.key, found.words()) == ("shop/a", "status.phase A -> B")
    journal.close()


def test_secrets_stay_secret() -> None:
    def secret(version: int, word: str) -> KubeObject:
        metadata = {"name": "s", "resourceVersion": str(version)}
        return KubeObject.of({"kind": "Secret", "metadata": metadata, "data": {"w": word}})

    (found,) = differences(Objects(secret(1, "b25l")), Objects(secret(2, "dHdv")))
    assert "dHdv" not in found.words()
    (shown,) = differences(Objects(secret(1, "b25l")), Objects(secret(2, "dHdv")), show_secrets=True)
    assert shown.words() == "data.w b25l -> dHdv"
