from __future__ import annotations

import threading
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kwatch.query.row import Row, RowReader
from kwatch.view.scan import Found, Scan, spread
from tests.view.world import KIND, thing

READER = RowReader(KIND)
ROWS = [Row(f"a/{number}", thing(f"a/{number}"), READER) for number in range(500)]


def test_everything_found_is_delivered_once_and_in_order() -> None:
    done = threading.Event()
    scan = Scan(
        ROWS, lambda rows: Found([row for row in rows if row.key.endswith("7")], [(rows[0].key, 1.0)]), done.set
    )
    assert done.wait(60)
    found = scan.take()
    assert [row.key for each in found for row in each.rows] == [f"a/{number}" for number in range(7, 500, 10)]
    assert found[0].dues == [("a/0", 1.0)]
    assert scan.take() == []
    assert scan.is_over
    assert (scan.looked_at, scan.total) == (500, 500)


def test_the_first_matches_come_while_it_goes_on() -> None:
    first, go_on = threading.Event(), threading.Event()

    def judge(rows: Sequence[Row]) -> Found:
        if rows[0].key != "a/0":
            first.set()
            go_on.wait(60)
        return Found(rows)

    scan = Scan(ROWS, judge)
    assert first.wait(60)
    early = [row for each in scan.take() for row in each.rows]
    assert early and len(early) < len(ROWS)
    assert not scan.is_over
    go_on.set()
    assert scan.join(60)
    assert len(early) + sum(len(each.rows) for each in scan.take()) == len(ROWS)


def test_a_cancelled_scan_stops_and_calls_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()
    called: list[str] = []

    def judge(rows: Sequence[Row]) -> Found:
        begun.set()
        go_on.wait(60)
        return Found()

    scan = Scan(ROWS, judge, lambda: called.append("then"))
    assert begun.wait(60)
    scan.cancel()
    go_on.set()
    assert scan.join(60)
    scan._thread.join(60)
    assert scan.looked_at < len(ROWS)
    assert called == []


@given(st.integers(0, 20_000))
def test_a_spread_scan_looks_at_each_row_once(count: int) -> None:
    rows = [ROWS[0]] * count
    assert len(spread(rows)) == count


def test_in_a_spread_scan_neighbours_are_looked_at_far_apart_and_the_last_ones_soon() -> None:
    rows = [Row(f"a/{number}", {}, READER) for number in range(10_000)]
    order = [row.key for row in spread(rows)]
    assert sorted(order) == sorted(row.key for row in rows)
    soon = set(order[: len(order) // 10])
    assert soon & {f"a/{number}" for number in range(9_950, 10_000)}
