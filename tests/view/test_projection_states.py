"""Time, deletion, marks, extra columns, background work, another kind: what a projection does beside filtering."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind
from kwatch.query import QuerySyntaxError, parse
from kwatch.view import filtering
from kwatch.view.projection import Projection
from kwatch.view.recent import Happened, RecentChanges
from kwatch.view.source import DictSource
from tests.query.cluster import POD_RESOURCE, context, indexer, pod
from tests.query.cluster import FakeClock as PodClock
from tests.query.journal import FakeJournal
from tests.view.world import KIND, FakeClock, thing


def view_of(*keys: str, clock: FakeClock | None = None, **options: Any) -> tuple[DictSource, Projection]:
    source = DictSource({key: thing(key) for key in keys})
    view = Projection(source, KIND, clock=clock or FakeClock(), **options)
    view.rebuild()
    return source, view


def test_an_age_filter_lets_go_of_a_row_exactly_when_it_is_too_old() -> None:
    clock = FakeClock(1000.0)
    source = DictSource({"a/1": thing("a/1", started=900.0), "a/2": thing("a/2", started=950.0)})
    view = Projection(source, KIND, clock=clock)
    view.rebuild()
    view.set_query(parse("age<2m"))
    assert list(view.order) == ["a/1", "a/2"]
    assert view.due(clock.now) == 1020.0
    clock.now = 1019.9
    assert view.apply(set()).removed == frozenset()
    clock.now = 1020.0
    assert view.apply(set()).removed == {"a/1"}
    assert view.due(clock.now) == pytest.approx(1020.0, abs=0.01) or view.due(clock.now) == 1070.0
    source["a/3"] = thing("a/3", started=1020.0)
    assert view.apply({"a/3"}).added == {"a/3"}
    clock.now = 1200.0
    assert view.apply(set()).removed == {"a/2", "a/3"}
    assert view.due(clock.now) is None


def test_a_row_comes_back_when_a_negated_age_falls_due() -> None:
    clock = FakeClock(1000.0)
    view = Projection(DictSource({"a/1": thing("a/1", started=950.0)}), KIND, clock=clock)
    view.rebuild()
    view.set_query(parse("!age<1m"))
    assert view.shown == 0
    clock.now = 1010.0
    assert view.apply(set()).added == {"a/1"}


def test_a_deleted_row_lingers_in_its_place_and_then_goes() -> None:
    clock = FakeClock(1000.0)
    source, view = view_of("a/1", "a/2", "a/3", clock=clock, retention=5.0)
    del source["a/2"]
    changes = view.apply({"a/2"})
    assert changes.changed == {"a/2"} and not changes.removed
    assert list(view.order) == ["a/1", "a/2", "a/3"]
    assert (view.shown, view.total, set(view.gone)) == (3, 2, {"a/2"})
    assert view.values("a/2")[0] == "2"
    assert view.due(clock.now) == 1005.0
    clock.now = 1005.0
    assert view.apply(set()).removed == {"a/2"}
    assert (view.shown, set(view.gone)) == (2, set())


def test_a_row_that_was_never_shown_does_not_linger() -> None:
    source, view = view_of("a/1", "a/2", retention=5.0)
    view.set_query(parse("1"))
    assert list(view.order) == ["a/1"]
    del source["a/2"]
    assert not view.apply({"a/2"}).moved
    assert (set(view.gone), view.due(2e9)) == (set(), None)
    view.set_query(None)
    assert list(view.order) == ["a/1"]


def test_a_row_that_returns_lingers_no_more() -> None:
    source, view = view_of("a/1", retention=5.0)
    del source["a/1"]
    view.apply({"a/1"})
    source["a/1"] = thing("a/1", status="Failed")
    view.apply({"a/1"})
    assert set(view.gone) == set()
    assert view.values("a/1")[1] == "Failed"
    assert view.due(2e9) is None


def test_the_deleted_are_asked_of_the_journal_and_stay() -> None:
    clock, journal = FakeClock(), FakeJournal()
    journal.graves = {"a/long-gone": thing("a/long-gone"), "a/1": thing("a/1")}
    source, view = view_of("a/1", "a/2", clock=clock, journal=journal)
    view.set_query(parse("deleted"))
    assert list(view.order) == ["a/long-gone"]
    del source["a/2"]
    assert view.apply({"a/2"}).added == {"a/2"}
    clock.now += 1000
    view.apply(set())
    assert list(view.order) == ["a/2", "a/long-gone"]
    view.set_query(None)
    clock.now += 1
    view.apply(set())
    assert list(view.order) == ["a/1"]


def test_marks_are_read_when_a_row_is_tested() -> None:
    marked: set[str] = set()
    _, view = view_of("a/1", "a/2", marked=marked)
    view.set_query(parse("marked"))
    assert view.shown == 0
    marked.add("a/2")
    assert view.apply({"a/2"}).added == {"a/2"}


def test_extra_columns_order_too() -> None:
    churn = {"a/1": 3, "a/2": 9}
    _, view = view_of("a/1", "a/2", "a/3", extras={"churn": churn.get})
    view.set_sort("churn", descending=True)
    assert list(view.order) == ["a/2", "a/1", "a/3"]
    churn["a/3"] = 50
    view.apply({"a/3"})
    assert list(view.order) == ["a/3", "a/2", "a/1"]
    with pytest.raises(LookupError):
        view.set_sort("nothing")


def test_what_happens_is_noted_unless_it_is_no_news() -> None:
    clock, recent = FakeClock(1000.0), RecentChanges(4.0)
    source, view = view_of("a/1", clock=clock, recent=recent)
    assert view.values("a/1")
    source["a/2"] = thing("a/2")
    view.apply({"a/2"}, notable=False)
    assert recent.happened("a/2", 1000.0) is None
    source["a/1"] = thing("a/1", status="Failed")
    source["a/3"] = thing("a/3")
    view.apply({"a/1", "a/3"})
    assert recent.happened("a/3", 1000.0) == (Happened.ADDED, 1.0)
    row = view.row("a/1")
    assert row is not None
    assert {place: cell.before for place, cell in recent.cells(row, 1000.0).items()} == {1: "Running"}


def test_a_broken_filter_changes_nothing() -> None:
    _, view = view_of("a/1", "b/1")
    view.set_query(parse("ns:a"))
    with pytest.raises(QuerySyntaxError):
        view.set_query(parse("nowhere>5"))
    assert list(view.order) == ["a/1"]
    assert str(view.query) == "ns:a"


def test_another_kind_reads_everything_anew() -> None:
    _, view = view_of("a/1", "a/2")
    view.set_sort(2, descending=True)
    view.set_query(parse("running"))
    wider = Kind("Thing", (Column("Name"), Column("Word")), lambda obj: (KIND.read(obj)[0], "other"))
    view.set_kind(wider)
    assert view.shown == 0
    view.set_query(parse("other"))
    assert list(view.order) == ["a/1", "a/2"]
    assert view.values("a/1") == ("1", "other")


def test_another_kind_reads_the_rows_of_deleted_objects_anew_too() -> None:
    source, view = view_of("a/1", "a/2", clock=FakeClock(1000.0), retention=5.0)
    del source["a/2"]
    view.apply({"a/2"})
    assert view.values("a/2")[0] == "2"
    view.set_kind(Kind("Thing", (Column("Word"), Column("Name")), lambda obj: ("other", KIND.read(obj)[0])))
    assert view.values("a/2") == ("other", "2")


def test_a_filter_that_another_kind_cannot_answer_is_given_up_and_says_why() -> None:
    _, view = view_of("a/1", "b/1")
    view.set_query(parse("restarts>5"))
    assert view.shown == 0
    error = view.set_kind(Kind("Thing", (Column("Name"),), lambda obj: KIND.read(obj)[:1]))
    assert error is not None and error.message == "There is no column restarts."
    assert (view.query, view.shown) == (None, 2)


def test_showing_other_columns_of_a_kind_reads_nothing_anew() -> None:
    read: list[Any] = []

    def count(obj: Any) -> tuple[Any, ...]:
        read.append(obj)
        return KIND.read(obj)

    counting = Kind("Thing", KIND.columns, count)
    view = Projection(DictSource({"a/1": thing("a/1")}), counting, clock=FakeClock())
    view.rebuild()
    assert view.values("a/1")
    view.set_kind(counting, shown=[0])
    assert view.values("a/1")
    assert len(read) == 1


def test_text_is_searched_in_shown_cells_only() -> None:
    _, view = view_of("shop/1", shown=[0])
    view.set_query(parse("running"))
    assert view.shown == 0
    view.set_query(parse("shop"))
    assert view.shown == 0
    view.set_kind(KIND, shown=[0, 1], with_namespace=True)
    assert view.shown == 1


class SlowKind:
    """A kind that reads nothing until it is allowed to."""

    def __init__(self) -> None:
        self.allowed = threading.Event()
        self.kind = Kind("Thing", KIND.columns, self.read)

    def read(self, obj: Any) -> tuple[Any, ...]:
        if threading.current_thread().name == "kwatch-scan":
            self.allowed.wait(60)
        return KIND.read(obj)


def eventually(view: Projection, holds: Callable[[], bool]) -> None:
    """Apply until something holds, as a screen does 20 times a second."""
    tick = threading.Event()
    for _ in range(2000):
        view.apply(set())
        if holds():
            return
        tick.wait(0.005)
    raise AssertionError("it never held")


def test_a_long_scan_goes_on_in_the_background_and_delivers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 0.0)
    keys = [f"a/{number:05d}" for number in range(30_000)]
    source = DictSource({key: thing(key, status="Failed" if key.endswith("7") else "Running") for key in keys})
    view = Projection(source, KIND, clock=FakeClock(), in_background=True)
    view.rebuild()
    view.set_query(parse("failed"))
    assert view.progress is not None and view.progress.what == "filtering"
    assert view.due(5.0) == 5.0
    gone, changed = keys[-3], keys[-4]
    assert gone.endswith("7")
    del source[gone]
    source[changed] = thing(changed, status="Failed")
    assert view.apply({gone, changed}).added >= {changed}
    eventually(view, lambda: view.progress is None)
    assert list(view.order) == sorted([*(key for key in keys if key.endswith("7") and key != gone), changed])
    view.close()


def test_rows_whose_name_has_the_text_are_looked_at_before_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 1e6)
    read: list[str] = []

    def reading(obj: Any) -> tuple[Any, ...]:
        read.append(obj["metadata"]["name"])
        return KIND.read(obj)

    keys = [f"a/{number:05d}" for number in range(3_000)]
    source = DictSource({key: thing(key, status="a 2999" if key == keys[0] else "Running") for key in keys})
    view = Projection(source, Kind("Thing", KIND.columns, reading), clock=FakeClock(), in_background=True)
    view.rebuild()
    view.set_query(parse("2999"))
    assert list(view.order) == [keys[0], keys[2999]]
    assert read[0] == "02999"


def test_a_scan_with_many_hits_brings_them_by_larger_and_larger_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 0.0)
    monkeypatch.setattr(filtering, "_MANY", 10)
    keys = [f"a/{number:05d}" for number in range(20_000)]
    source = DictSource({key: thing(key) for key in keys})
    view = Projection(source, KIND, clock=FakeClock(), in_background=True)
    view.rebuild()
    view.set_query(parse("running"))
    sizes = [view.shown]

    def is_over() -> bool:
        sizes.append(view.shown)
        return view.progress is None

    eventually(view, is_over)
    assert sizes[-1] == 20_000 and list(view.order) == keys
    steps = [(before, after) for before, after in itertools.pairwise(sizes) if before != after and after != 20_000]
    assert all(after - before >= before // 8 for before, after in steps if before > 10)


def test_a_sort_that_must_read_much_happens_when_it_is_read() -> None:
    slow = SlowKind()
    keys = [f"a/{number:05d}" for number in range(2_000)]
    source = DictSource({key: thing(key, restarts=-int(key[2:])) for key in keys})
    view = Projection(source, slow.kind, clock=FakeClock(), in_background=True)
    view.rebuild()
    view.set_sort(2)
    assert list(view.order) == keys
    assert view.progress is not None and view.progress.what == "reading"
    slow.allowed.set()
    eventually(view, lambda: view.order[0] == keys[-1])
    assert list(view.order) == keys[::-1]
    assert view.sort.by == 2


def test_reading_ahead_is_bounded_by_time_and_ends() -> None:
    _, view = view_of(*[f"a/{number}" for number in range(50)])
    rounds = 0
    while view.warm(0.0):
        rounds += 1
        assert rounds < 100
    row = view.row("a/49")
    assert row is not None and row.known_search_text is not None


def test_a_filter_that_had_to_scan_leaves_an_index_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 0.0)
    pods = [pod(f"a/{number}", image=f"image-{number % 3}") for number in range(1_000)]
    cache = indexer(pods, on_demand=False)
    view = Projection(cache, context(cache).kind, clock=PodClock(), resource=POD_RESOURCE, in_background=True)
    view.rebuild()
    view.set_query(parse("image:image-1"))
    assert view.explain[0].count is None
    eventually(view, lambda: view.progress is None and "image" in cache.index_names)
    scanned = list(view.order)
    view.set_query(parse("image:image-1"))
    assert view.explain[0].by == "image index"
    assert list(view.order) == scanned
    assert len(scanned) == 333


def test_a_query_that_has_come_to_mean_nothing_goes_on() -> None:
    cache = indexer([pod("shop/a", labels={"weight": "7"}), pod("shop/b")])
    view = Projection(cache, context(cache).kind, clock=PodClock(0.0), resource=POD_RESOURCE)
    view.rebuild()
    view.set_query(parse("weight>3"))
    assert list(view.order) == ["shop/a"]
    cache.update(pod("shop/a"))
    view.apply({"shop/a"})
    view.refilter()
    assert list(view.order) == [], "the last object with the label has none any more"
    with pytest.raises(QuerySyntaxError):
        view.set_query(parse("weight>3"))


def test_what_is_only_listed_again_has_not_changed() -> None:
    recent, clock = RecentChanges(4.0), FakeClock(1000.0)
    source, view = view_of("a/1", "a/2", clock=clock, recent=recent)
    for key in ("a/1", "a/2"):
        source[key] = {**thing(key), "metadata": {**thing(key)["metadata"], "uid": key, "resourceVersion": "7"}}
    view.rebuild()
    source["a/1"] = {**source["a/1"]}
    source["a/2"] = {**source["a/2"], "metadata": {**source["a/2"]["metadata"], "resourceVersion": "8"}}
    view.apply({"a/1", "a/2"})
    assert recent.happened("a/1", clock.now) is None
    assert recent.happened("a/2", clock.now) == (Happened.CHANGED, 1.0)
    row = view.row("a/1")
    assert row is not None and row.obj is source["a/1"]


def test_a_filter_on_trial_comes_into_force_with_the_first_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 0.0)
    keys = [f"a/{number:05d}" for number in range(5_000)]
    source = DictSource({key: thing(key, status="Failed" if key == keys[-1] else "Running") for key in keys})
    view = Projection(source, KIND, clock=FakeClock(), in_background=True)
    view.rebuild()
    view.set_query(parse("running"))
    eventually(view, lambda: view.progress is None)
    assert not view.try_query(parse("failed"))
    assert view.is_trying and view.shown == 4_999, "the rows before stay while it is looked"
    eventually(view, lambda: not view.is_trying)
    eventually(view, lambda: view.progress is None)
    assert list(view.order) == [keys[-1]]
    assert not view.try_query(parse("nothing"))
    eventually(view, lambda: not view.is_trying)
    assert list(view.order) == [keys[-1]] and str(view.query) == "failed", "none matches, so nothing is in force"


def test_a_change_may_be_the_first_match_of_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", 0.0)
    keys = [f"a/{number:05d}" for number in range(20_000)]
    source = DictSource({key: thing(key) for key in keys})
    view = Projection(source, KIND, clock=FakeClock(), in_background=True)
    view.rebuild()
    assert not view.try_query(parse("failed"))
    source[keys[7]] = thing(keys[7], status="Failed")
    view.apply({keys[7]})
    assert list(view.order) == [keys[7]] and str(view.query) == "failed"
    eventually(view, lambda: view.progress is None)
    assert list(view.order) == [keys[7]]
    view.close()
