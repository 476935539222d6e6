"""The rows of the delta log: their order, gaps, and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.catalog.kind import Kind
from kwatch.catalog.kinds.pods import PODS
from kwatch.history.journal import Journal
from kwatch.history.journal_sink import JournalSink
from kwatch.informer.delta import Delta, DeltaType
from kwatch.informer.resource import Resource
from kwatch.tui.features.delta_log import delta_log_rows
from kwatch.tui.features.delta_log.delta_log_rows import DeltaLogRows
from tests.history.objects import pod
from tests.query.cluster import POD_RESOURCE, FakeClock


def kind_of(resource: str) -> tuple[Kind, Resource]:
    return PODS, POD_RESOURCE


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal(clock=FakeClock())
    yield journal
    journal.close()


def came(
    journal: Journal,
    sequence: int,
    *,
    resource: str = "pods",
    at: float | None = None,
    through: JournalSink | None = None,
) -> None:
    thing = pod(f"{resource}-{sequence}", version=sequence)
    sink = through or journal.sink("ctx", resource)
    sink.on_delta(thing.key, Delta(DeltaType.ADDED, thing, sequence, float(sequence) if at is None else at), None)


def keys(rows: DeltaLogRows) -> list[str]:
    return [rows.key_at(row) for row in range(len(rows))]


def objects(rows: DeltaLogRows) -> list[str]:
    return [rows.cells(key)[3].text for key in keys(rows)]


def test_informers_side_by_side_stand_in_the_order_in_which_they_came(journal: Journal) -> None:
    came(journal, 2)
    rows = DeltaLogRows(journal, kind_of, FakeClock())
    came(journal, 6)
    rows.take()
    came(journal, 4, resource="nodes")
    came(journal, 8)
    rows.take()
    assert objects(rows) == ["shop/pods-2", "shop/pods-6", "shop/nodes-4", "shop/pods-8"]
    assert [rows.row_of(key) for key in keys(rows)] == [0, 1, 2, 3]


@given(st.permutations(range(1, 25)), st.lists(st.integers(1, 6), min_size=1, max_size=24))
def test_nothing_that_came_is_missing_whatever_the_order(order: list[int], batches: list[int]) -> None:
    journal = Journal(clock=FakeClock())
    rows = DeltaLogRows(journal, kind_of, FakeClock())
    waiting = list(order)
    for size in [*batches, len(waiting)]:
        for sequence in waiting[:size]:
            came(journal, sequence)
        del waiting[:size]
        rows.take()
    assert objects(rows) == [f"shop/pods-{sequence}" for sequence in order]
    journal.close()


def test_gaps_are_rows_of_their_own_and_pass_every_filter(journal: Journal) -> None:
    sink = journal.sink("ctx", "pods")
    for sequence in (1, 2):
        came(journal, sequence, through=sink)
    sink.on_gap(3.0, 7.0, "410 Gone")
    for sequence in (8, 9):
        came(journal, sequence, through=sink)
    rows = DeltaLogRows(journal, kind_of, FakeClock())
    (gap,) = [key for key in keys(rows) if rows.version(key) is None]
    assert keys(rows) == ["1", "2", gap, "8", "9"]
    assert rows.row_of(gap) == 2
    cells = [cell.text for cell in rows.cells(gap)]
    assert cells[1:3] == ["gap", "pods"]
    assert "not watched" in cells[-1] and "410 Gone" in cells[-1]
    assert rows.look(gap).sign == "!"
    rows.use_filter("pods-8")
    assert keys(rows) == [gap, "8"]
    sink.on_gap(9.5, 9.6, "connection refused")
    rows.take()
    assert len(rows) == 3
    rows.use_filter("")
    assert len(rows) == 6


def test_the_oldest_make_room_with_the_gaps_between_them(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_log_rows, "WINDOW", 10)
    sink = journal.sink("ctx", "pods")
    came(journal, 1, through=sink)
    sink.on_gap(1.5, 1.6, "410 Gone")
    came(journal, 2, through=sink)
    rows = DeltaLogRows(journal, kind_of, FakeClock())
    assert len(rows) == 3
    for sequence in range(3, 21):
        came(journal, sequence)
        rows.take()
    assert keys(rows) == [str(sequence) for sequence in range(11, 21)]
    rows.use_filter("pods")
    assert len(rows) == 10


def test_it_may_begin_around_a_delta(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_log_rows, "WINDOW", 4)
    for sequence in range(1, 21):
        came(journal, sequence)
    rows = DeltaLogRows(journal, kind_of, FakeClock(), around=10)
    assert "10" in keys(rows) and len(rows) == 4
