from __future__ import annotations

from kwatch.view.row_cache import DueTimes


def test_the_earliest_is_known_and_taken_out_when_its_time_has_come() -> None:
    due = DueTimes()
    due.fill([("a", 30.0), ("b", 10.0)])
    due.put("c", 20.0)
    assert due.next() == 10.0
    assert due.pop(9.9) == set()
    assert due.pop(20.0) == {"b", "c"}
    assert due.next() == 30.0
    due.put("a", None)
    assert due.next() is None


def test_a_key_has_one_moment_the_last_that_was_put() -> None:
    due = DueTimes()
    due.put("a", 10.0)
    due.put("a", 30.0)
    assert due.pop(20.0) == set()
    assert due.pop(30.0) == {"a"}
    assert len(due) == 0


def test_moments_put_again_and_again_do_not_pile_up() -> None:
    due = DueTimes()
    for number in range(10_000):
        due.put("a", float(number))
    assert len(due._heap) < 200
