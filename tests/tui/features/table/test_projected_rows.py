"""Cells, when they become others, and what there is to know about one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.duration import humanize
from kwatch.catalog.kind import Kind
from kwatch.catalog.kinds.pods import PODS
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.table.projected_rows import ProjectedRows
from kwatch.view.activity_columns import with_activity
from kwatch.view.projection import Projection
from kwatch.view.source import DictSource
from kwatch.view.usage import LOOK, Usage, with_usage
from tests.query.cluster import NOW, POD_RESOURCE, FakeClock, pod
from tests.view.test_activity_columns import busy, view_of
from tests.view.test_usage import MI, FakeUsages, measured


def test_what_a_column_means_that_kubectl_does_not_have() -> None:
    view = view_of(with_activity(PODS, busy()))
    rows = ProjectedRows(view, (0, view.kind.column_index("Churn")), namespaces=False, now=NOW)
    assert "last 5 minutes" in (rows.hint("shop/a", 1) or "")
    assert rows.hint("shop/a", 0) is None


def _pods(*created: float) -> tuple[Projection, dict[str, float]]:
    """Pods created at these moments, and when each was, by its key."""
    ages = {f"shop/pod-{place}": float(int(at)) for place, at in enumerate(created)}
    source = DictSource({key: pod(key, age=NOW - at) for key, at in ages.items()})
    view = Projection(source, PODS, clock=FakeClock())
    view.rebuild()
    return view, ages


@given(
    created=st.lists(st.floats(NOW - 10_000_000, NOW), min_size=1, max_size=5),
    moments=st.lists(st.floats(NOW - 100, NOW + 100_000), min_size=1, max_size=30),
)
def test_ages_are_those_of_the_second_that_has_begun(created: list[float], moments: list[float]) -> None:
    """At any moment, also when the clock is set back, and whatever was kept from before."""
    view, ages = _pods(*created)
    age = PODS.column_index("Age")
    rows = ProjectedRows(view, (0, age), namespaces=True, now=NOW)
    for moment in moments:
        rows.now = moment
        for key, at in ages.items():
            namespace, name, shown = rows.cells(key)
            assert (namespace.text, name.text) == tuple(key.split("/"))
            assert shown.text == humanize(int(moment) - at)


def test_an_age_is_told_anew_only_when_it_says_something_else() -> None:
    """Of rows that are hours and days old, each second says what the one before said."""
    view, _ = _pods(NOW - 5 * 3600, NOW - 5 * 3600 - 30, NOW - 90_000)
    asked: list[float] = []

    def text(value: Any, now: float) -> str:
        asked.append(now)
        return humanize(now - value)

    age = PODS.column_index("Age")
    columns = tuple(replace(each, text=text) if each.title == "Age" else each for each in PODS.columns)
    view.set_kind(Kind(PODS.name, columns, PODS.read))
    rows = ProjectedRows(view, (0, age), namespaces=False, now=NOW)
    for second in range(120):
        rows.now = NOW + second
        for place in range(3):
            rows.cells(f"shop/pod-{place}")
    assert len(asked) <= 3 + 2 * 2 + 1


def test_what_no_time_changes_is_made_once_a_row() -> None:
    made: list[Any] = []

    def text(value: Any, now: float) -> str:
        made.append(value)
        return str(value)

    view, _ = _pods(NOW - 5)
    columns = tuple(replace(each, text=text) if not each.depends_on_time else each for each in PODS.columns)
    view.set_kind(Kind(PODS.name, columns, PODS.read))
    rows = ProjectedRows(view, range(4), namespaces=False, now=NOW)
    rows.cells("shop/pod-0")
    count = len(made)
    assert count
    for second in range(10):
        rows.now = NOW + second
        rows.cells("shop/pod-0")
    assert len(made) == count


def test_another_version_of_an_object_is_another_row() -> None:
    view, _ = _pods(NOW - 5)
    rows = ProjectedRows(view, (0, PODS.column_index("Status")), namespaces=False, now=NOW)
    before = rows.cells("shop/pod-0")
    failed = pod("shop/pod-0", phase="Failed")
    newer = {**failed, "metadata": {**failed["metadata"], "resourceVersion": "2"}}
    cast("DictSource", view.source)["shop/pod-0"] = KubeObject.of(newer)
    view.apply({"shop/pod-0"})
    assert rows.cells("shop/pod-0") != before


def test_measurements_are_read_when_they_come_and_now_and_then() -> None:
    class Counted(FakeUsages):
        asked = 0

        def of(self, key: str) -> Usage | None:
            self.asked += 1
            return super().of(key)

    usages = Counted(a=measured(0.1, MI))
    view = view_of(with_usage(PODS, POD_RESOURCE, usages))
    place, begun = view.kind.column_index("CPU"), NOW - NOW % LOOK
    rows = ProjectedRows(view, (0, place), namespaces=False, now=begun)
    assert rows.cells("shop/a")[1].text == "100m"
    asked = usages.asked
    for second in range(int(LOOK)):
        rows.now = begun + second
        rows.cells("shop/a")
    assert usages.asked == asked
    usages.usages["shop/a"] = measured(0.2, MI)
    rows.forget_cells()
    assert rows.cells("shop/a")[1].text == "200m"
    del usages.usages["shop/a"]  # too old
    rows.now = begun + LOOK
    assert rows.cells("shop/a")[1].text == ""
