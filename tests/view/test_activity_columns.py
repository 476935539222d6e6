"""CHANGED, DELTAS and CHURN as columns: shown, ordered, filtered, arranged."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kwatch.catalog.kind import Kind
from kwatch.catalog.kinds.pods import PODS
from kwatch.catalog.registry import kind_for
from kwatch.catalog.user_columns import arrange
from kwatch.history.activity import BARS, Activity
from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from kwatch.view.activity_columns import churn_text, with_activity
from kwatch.view.merged import MergedSource, orders_of_several
from kwatch.view.projection import Projection
from kwatch.view.source import DictSource
from kwatch.view.union_kind import union_kind
from tests.query.cluster import NOW, POD_RESOURCE, FakeClock, pod
from tests.view.relations.world import RESOURCES, World, make


class FakeActivities:
    """Counts how often it is asked, and for how many."""

    def __init__(self, **known: Activity) -> None:
        self.known = {f"shop/{name}": activity for name, activity in known.items()}
        self.asked: list[int] = []

    def changed(self, keys: Sequence[str]) -> list[float | None]:
        self.asked.append(len(keys))
        return [self.known[key].changed_at if key in self.known else None for key in keys]

    def deltas(self, keys: Sequence[str]) -> list[int | None]:
        self.asked.append(len(keys))
        return [self.known[key].deltas if key in self.known else None for key in keys]

    def churn(self, keys: Sequence[str]) -> list[int]:
        self.asked.append(len(keys))
        return [self.known[key].deltas if key in self.known else 0 for key in keys]

    def bars(self, key: str, now: float) -> list[int]:
        return [0] * (BARS - 1) + self.churn((key,))


class Unread(Exception):
    """An object was read although nobody looked at it."""


def busy() -> FakeActivities:
    return FakeActivities(a=Activity(NOW - 30, 2), b=Activity(NOW - 5, 9), c=Activity(None, 0))


def view_of(kind: Kind, *names: str) -> Projection:
    objects = DictSource({obj.key: obj for obj in (pod(f"shop/{name}") for name in names or "abcd")})
    view = Projection(objects, kind, clock=FakeClock(), resource=POD_RESOURCE)
    view.rebuild()
    return view


def unreadable(activities: FakeActivities) -> Kind:
    """The kind, whose objects must not be read."""

    def read(obj: KubeObject) -> tuple[object, ...]:
        raise Unread(obj.key)

    kind = with_activity(PODS, activities)
    return Kind(kind.name, kind.columns, read)


def cells(kind: Kind, name: str) -> dict[str, str]:
    texts = kind.texts(kind.read(pod(f"shop/{name}")), NOW)
    return dict(zip([column.title for column in kind.columns], texts, strict=True))


def test_cells_and_their_place_after_all_columns() -> None:
    kind = with_activity(PODS, busy())
    assert [column.title for column in kind.columns[-3:]] == ["Changed", "Deltas", "Churn"]
    assert all(column.priority == 0 and column.spare for column in kind.columns[-3:])
    found = cells(kind, "b")
    assert (found["Changed"], found["Deltas"], found["Churn"]) == ("5s", "9", "·········▅")
    for name in ("c", "unknown"):
        found = cells(kind, name)
        assert (found["Changed"], found["Deltas"], found["Churn"]) == ("", "", "")


def test_a_clock_behind_that_of_the_receipt_is_no_future() -> None:
    kind = with_activity(PODS, FakeActivities(a=Activity(NOW + 3, 1)))
    assert cells(kind, "a")["Changed"] == "0s"


@pytest.mark.parametrize(
    ("column", "descending", "order"),
    [
        ("Changed", False, "badc"),
        ("Changed", True, "abdc"),
        ("Deltas", True, "bacd"),
        ("Churn", True, "bacd"),
    ],
)
def test_ordering_reads_no_object_and_asks_once(column: str, descending: bool, order: str) -> None:
    activities = busy()
    view = view_of(unreadable(activities))
    view.set_sort(view.kind.column_index(column), descending)
    shown = [key[-1] for key in view.order]
    assert shown[:2] == list(order[:2])
    assert set(shown[2:]) == set(order[2:])
    assert activities.asked == [4]


def test_a_row_moves_when_its_object_changes() -> None:
    activities = busy()
    view = view_of(with_activity(PODS, activities))
    view.set_sort(view.kind.column_index("Deltas"), descending=True)
    activities.known["shop/a"] = Activity(NOW, 50)
    changes = view.apply({"shop/a"})
    assert changes.moved
    assert next(iter(view.order)) == "shop/a"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("changed<10s", "b"),
        ("changed<1m", "ab"),
        ("changed>10s", "a"),
        ("deltas>1", "ab"),
        ("deltas>=9", "b"),
        ("churn>5", "b"),
        ("deltas<1", "c"),
    ],
)
def test_filters_compare_by_type_and_read_no_object(query: str, found: str) -> None:
    view = view_of(unreadable(busy()))
    view.set_query(parse(query))
    assert "".join(key[-1] for key in view.order) == found


def test_a_change_that_grows_old_leaves_the_filter() -> None:
    clock = FakeClock()
    objects = DictSource({"shop/b": pod("shop/b")})
    view = Projection(objects, with_activity(PODS, busy()), clock=clock, resource=POD_RESOURCE)
    view.rebuild()
    view.set_query(parse("changed<10s"))
    assert list(view.order) == ["shop/b"]
    due = view.due(clock.now)
    assert due == NOW + 5
    clock.now = due + 0.01
    view.apply(frozenset())
    assert list(view.order) == []


def test_they_are_no_text_to_search() -> None:
    view = view_of(with_activity(PODS, busy()))
    view.set_query(parse("9"))
    assert list(view.order) == []


def test_settings_may_name_them() -> None:
    kind = arrange(with_activity(PODS, busy()), ["NAME", "CHANGED", "CHURN"])
    assert [column.title for column in kind.columns if column.priority == 0] == ["Name", "Changed", "Churn"]
    assert cells(kind, "a")["Changed"] == "30s"
    view = view_of(kind)
    view.set_sort(view.kind.column_index("changed"))
    assert next(iter(view.order)) == "shop/b"


def test_nothing_glows_because_of_them() -> None:
    kind = with_activity(PODS, busy())
    assert kind.read(pod("shop/a"))[-3:] == kind.read(pod("shop/a", phase="Failed"))[-3:]


def test_every_doubling_is_a_step() -> None:
    assert churn_text([0, 1, 2, 3, 4, 5, 16, 64, 65, 10**6]) == "·▁▂▃▃▄▅▇██"
    assert churn_text([0] * BARS) == ""


def test_among_several_kinds_each_is_asked_about_its_own() -> None:
    pods, deployments = RESOURCES["Pod"], RESOURCES["Deployment"]
    objects = World(make("Pod", "shop/a"), make("Pod", "shop/b"), make("Deployment", "shop/a")).caches
    deployment_kind = kind_for(deployments)
    assert deployment_kind is not None
    quiet = FakeActivities(a=Activity(NOW - 3600, 1))
    kind = union_kind([(pods, with_activity(PODS, busy())), (deployments, with_activity(deployment_kind, quiet))])
    source = MergedSource([(pods, objects[pods]), (deployments, objects[deployments])])
    view = Projection(source, kind, clock=FakeClock(), resource=pods, others=(deployments,), extras=orders_of_several())
    view.rebuild()

    def shown() -> list[str]:
        return [f"{row.values[0]}/{row.name}" for row in view.rows()]

    view.set_sort(kind.column_index("Deltas"), descending=True)
    assert shown() == ["Pod/b", "Pod/a", "Deployment/a"]
    view.set_sort(kind.column_index("Changed"), descending=True)
    assert shown() == ["Deployment/a", "Pod/a", "Pod/b"]
    for query, found in {
        "changed<10s": ["Pod/b"],
        "changed>10m": ["Deployment/a"],
        "deltas>1": ["Pod/a", "Pod/b"],
    }.items():
        view.set_query(parse(query))
        assert sorted(shown()) == found
    view.apply(set(view.order))
    assert sorted(shown()) == ["Pod/a", "Pod/b"], "one row at a time as all at once"
