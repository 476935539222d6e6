from typing import Any

import pytest

from kwatch.informer import Indexer, KubeObject, Lister, NotFound, namespace_index
from kwatch.informer.selectors import EVERYTHING, NOTHING, SelectorSyntaxError
from tests.informer.fakes import pod


def lister(*objects: Any, indexed: bool = True) -> Lister:
    indexer = Indexer(indexers={"namespace": namespace_index} if indexed else None)
    for obj in objects:
        indexer.add(obj)
    return Lister(indexer, "pods")


class Unread(KubeObject):
    """Fails if its labels are read."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        assert name != "labels"
        return super().__getattribute__(name)


def test_Y2_a_hundred_thousand_objects() -> None:
    listed = lister(*(pod(f"p{n}", 1, labels={"app": "web" if n % 10 == 0 else "db"}) for n in range(100_000)))
    assert len(listed.list("app=web")) == 10_000
    assert len(listed.list()) == 100_000
    assert listed.list("app=none") == []


def test_Y2_everything_and_nothing_read_no_labels() -> None:
    listed = lister(Unread(b'{"metadata":{"name":"a","namespace":"n"}}'))
    assert len(listed.list(EVERYTHING)) == len(listed.list("")) == 1
    assert listed.list(NOTHING) == listed.by_namespace("n").list(NOTHING) == []
    with pytest.raises(AssertionError):
        listed.list("app=web")


@pytest.mark.parametrize("indexed", [True, False])
def test_by_namespace(indexed: bool) -> None:
    objects = [pod("a", 1, "x", labels={"app": "web"}), pod("b", 1, "x"), pod("a", 2, "y"), pod("c", 1)]
    listed = lister(*objects, indexed=indexed)
    in_x = listed.by_namespace("x")
    assert sorted(obj["metadata"]["name"] for obj in in_x.list()) == ["a", "b"]
    assert in_x.list("app=web") == [objects[0]]
    assert in_x.get("a") is objects[0]
    assert listed.by_namespace("nowhere").list() == []
    assert listed.get("y/a") is objects[2]
    assert listed.get("c") is objects[3]


def test_what_is_not_there() -> None:
    with pytest.raises(NotFound, match="pods 'x/a' not found"):
        lister().by_namespace("x").get("a")
    with pytest.raises(KeyError):
        lister().get("a")


def test_a_selector_that_cannot_be_read() -> None:
    with pytest.raises(SelectorSyntaxError):
        lister().list("a in (")
