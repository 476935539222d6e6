from __future__ import annotations

from kwatch.query.row import Row, RowReader
from kwatch.view.recent import Happened, RecentChanges
from tests.view.world import KIND, thing

READER = RowReader(KIND)


def row(status: str = "Running", restarts: int = 0, *, read: bool = True) -> Row:
    made = Row("a/x", thing("a/x", status=status, restarts=restarts), READER)
    if read:
        assert made.values
    return made


def test_a_changed_cell_glows_fades_and_remembers_what_it_was() -> None:
    recent = RecentChanges(4.0)
    old, new = row("Pending"), row("Running")
    recent.note("a/x", old, new, 100.0)
    assert {place: cell.before for place, cell in recent.cells(new, 100.0).items()} == {1: "Pending"}
    assert recent.glow(new, 101.0) == {1: 0.75}
    assert recent.happened("a/x", 102.0) == (Happened.CHANGED, 0.5)
    assert recent.glow(new, 104.0) == {}
    assert recent.happened("a/x", 104.0) is None
    assert not recent.has_any(("a/x",), 104.0)


def test_cells_are_compared_when_looked_at_with_what_they_were_before_all_unseen_changes() -> None:
    recent = RecentChanges(4.0)
    first, second, third = row("Pending"), row("Running", read=False), row("Failed", 3, read=False)
    recent.note("a/x", first, second, 100.0)
    recent.note("a/x", second, third, 101.0)
    assert second.known_values is None
    cells = recent.cells(third, 101.0)
    assert {place: cell.before for place, cell in cells.items()} == {1: "Pending", 2: 0}
    assert recent.glow(third, 101.0) == {1: 1.0, 2: 1.0}


def test_what_nobody_had_read_glows_in_no_cell() -> None:
    recent = RecentChanges(4.0)
    new = row("Running")
    recent.note("a/x", row("Pending", read=False), new, 100.0)
    assert recent.cells(new, 100.0) == {}
    assert recent.happened("a/x", 100.0) == (Happened.CHANGED, 1.0)


def test_a_new_row_stays_new_while_it_changes_and_a_deleted_one_is_deleted() -> None:
    recent = RecentChanges(4.0)
    first, second = row("Pending"), row("Running")
    recent.note("a/x", None, first, 100.0)
    recent.note("a/x", first, second, 102.0)
    assert recent.happened("a/x", 102.0) == (Happened.ADDED, 0.5)
    recent.note("a/x", second, None, 103.0)
    assert recent.happened("a/x", 103.0) == (Happened.DELETED, 1.0)
    assert recent.cells(second, 103.0) == {}


def test_a_clock_set_back_makes_nothing_glow_for_ever() -> None:
    recent = RecentChanges(4.0)
    recent.note("a/x", None, row(), 1000.0)
    assert recent.happened("a/x", 10.0) is None
    assert not recent.has_any(("a/x",), 10.0)


def test_memory_is_bounded_by_the_time() -> None:
    recent = RecentChanges(4.0)
    for number in range(1000):
        recent.note(f"a/{number}", None, row(), float(number))
    assert len(recent._events) <= 4


def test_other_columns_forget_what_cells_said_but_not_what_happened() -> None:
    recent = RecentChanges(4.0)
    old, new = row("Pending"), row("Running")
    recent.note("a/x", old, new, 100.0)
    recent.forget_cells()
    assert recent.cells(new, 100.0) == {}
    assert recent.happened("a/x", 100.0) == (Happened.CHANGED, 1.0)


def test_what_came_and_changed_glows_after_it_is_no_longer_new() -> None:
    recent = RecentChanges(4.0)
    first, second = row("Pending"), row("Running")
    recent.note("a/x", None, first, 100.0)
    recent.note("a/x", first, second, 103.0)
    assert recent.glow(second, 103.0) == {1: 1.0}
    assert recent.happened("a/x", 105.0) == (Happened.CHANGED, 0.5)
    assert recent.glow(second, 105.0) == {1: 0.5}
    assert recent.has_any(("a/x",), 105.0)
    assert recent.happened("a/x", 107.0) is None
    assert not recent.has_any(("a/x",), 107.0)
