"""A view over a source that makes its objects anew, as the past does."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from kwatch.view.projection import Projection
from tests.query.cluster import POD_RESOURCE, FakeClock, context, indexer, pod


class Past:
    """Objects that are different ones at every look; counts the looks."""

    def __init__(self, pods: dict[str, KubeObject]) -> None:
        self.pods = pods
        self.looks = 0

    def list_keys(self) -> Sequence[str]:
        return list(self.pods)

    def get_by_key(self, key: str) -> KubeObject | None:
        self.looks += 1
        found = self.pods.get(key)
        return None if found is None else KubeObject(found.raw)


def past_view(past: Past) -> Projection:
    view = Projection(past, context(indexer([])).kind, clock=FakeClock(), resource=POD_RESOURCE, lazy=True)
    view.rebuild()
    return view


def test_only_the_rows_on_screen_are_made() -> None:
    past = Past({f"a/{number:03d}": pod(f"a/{number:03d}") for number in range(100)})
    view = past_view(past)
    assert view.shown == 100
    for _ in range(3):
        assert [view.values(key)[0] for key in view.order[:5]] == ["000", "001", "002", "003", "004"]
    assert past.looks == 5


def test_filters_and_moves_work_in_the_past() -> None:
    past = Past({"a/1": pod("a/1", phase="Failed"), "a/2": pod("a/2"), "a/3": pod("a/3")})
    view = past_view(past)
    view.set_query(parse("status:Failed app!=x"))
    assert list(view.order) == ["a/1"]
    past.pods = {"a/1": pod("a/1"), "a/2": pod("a/2", phase="Failed")}
    changes = view.apply({"a/1", "a/2", "a/3"})
    assert changes.added == {"a/2"} and changes.removed == {"a/1"}
    assert view.total == 2


def test_an_object_lost_meanwhile_leaves_its_name() -> None:
    past = Past({"a/1": pod("a/1")})
    view = past_view(past)
    past.pods = {}
    assert view.values("a/1")[0] == "1"
