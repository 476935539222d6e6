"""The cursor follows objects, not rows."""

from __future__ import annotations

from kwatch.tui.kit.table.canvas import Cursor
from kwatch.tui.kit.table.rows import ListedRow, ListedRows


def rows(*keys: str) -> ListedRows:
    return ListedRows((), [ListedRow(key, ()) for key in keys])


def test_it_rests_on_the_first_row_until_it_is_put_somewhere() -> None:
    cursor = Cursor()
    cursor.follow(rows("b"))
    assert cursor.key == "b"
    cursor.follow(rows("a", "b"))
    assert (cursor.key, cursor.row) == ("a", 0)


def test_it_follows_its_object() -> None:
    cursor = Cursor()
    cursor.put(0, "b")
    cursor.follow(rows("a", "b", "c"))
    assert (cursor.key, cursor.row) == ("b", 1)


def test_the_neighbour_takes_over() -> None:
    cursor = Cursor()
    cursor.put(1, "b")
    cursor.follow(rows("a", "c"))
    assert cursor.key == "c"
    cursor.follow(rows("a"))
    assert cursor.key == "a"
    cursor.follow(rows())
    assert cursor.key is None
