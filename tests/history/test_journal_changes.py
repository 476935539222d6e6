from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.history.journal import Journal
from tests.history.objects import Feeder, pod


def test_what_had_changed_until_then() -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.replace(pod("a", 1, phase="Pending"))
    pods.replace(pod("b", 2, uid="u2", phase="Pending"))
    first = pods.update(pod("a", 3, phase="Running"))
    second = pods.update(pod("b", 4, uid="u2", phase="Running"))
    third = pods.update(pod("a", 5, phase="Failed"))
    fourth = pods.delete(pod("b", 6, uid="u2", phase="Running"))
    assert journal.catch_up(10)

    def phases(sequence: int, old: str | None = None, new: str | None = None) -> dict[str, float]:
        return dict(journal.changes_as_of("ctx", "pods", sequence).last_changes("phase", old, new))

    assert phases(first - 1) == {}
    assert phases(first) == {"shop/a": 1003.0}
    assert phases(second) == {"shop/a": 1003.0, "shop/b": 1004.0}
    assert phases(third) == {"shop/a": 1005.0, "shop/b": 1004.0}
    assert phases(third, "Pending", "Running") == {"shop/a": 1003.0, "shop/b": 1004.0}
    assert phases(second, None, "Failed") == {}
    past = journal.changes_as_of("ctx", "pods", second)
    assert past.last_changes("", None, None) == {"shop/a": 1003.0, "shop/b": 1004.0}
    assert past.last_change("shop/a", "status.phase", None, None) == 1003.0
    assert past.is_settled("shop/a")
    assert journal.changes_as_of("ctx", "pods", fourth).last_changes("", None, None) == {
        "shop/a": 1005.0,
        "shop/b": 1006.0,
    }
    journal.close()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("XYZ")), max_size=25))
def test_the_past_says_what_the_present_said_then(script: list[tuple[str, str]]) -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    said: list[tuple[int, dict[str, float], dict[str, float]]] = []
    for version, (name, phase) in enumerate(script, 1):
        sequence = pods.update(pod(name, version, uid=name, phase=phase))
        assert journal.catch_up(10)
        now = journal.changes("ctx", "pods")
        said.append((sequence, dict(now.last_changes("phase", None, None)), dict(now.last_changes("phase", "X", "Y"))))
    for sequence, anything, from_x_to_y in said:
        past = journal.changes_as_of("ctx", "pods", sequence)
        assert dict(past.last_changes("phase", None, None)) == anything
        assert dict(past.last_changes("phase", "X", "Y")) == from_x_to_y
    journal.close()


def test_what_was_gone_then() -> None:
    journal = Journal()
    pods = Feeder(journal.sink("ctx", "pods"))
    pods.replace(pod("a", 1))
    pods.replace(pod("b", 2, uid="u2"))
    before = pods.update(pod("a", 3))
    after = pods.delete(pod("b", 4, uid="u2"))
    again = pods.add(pod("b", 5, uid="u3"))
    gone = [set(journal.changes_as_of("ctx", "pods", each).deleted_objects()) for each in (before, after, again)]
    assert gone == [set(), {"shop/b"}, set()]
    past = journal.changes_as_of("ctx", "pods", after)
    assert (past.is_indexed, past.unsettled) == (False, 0)
    journal.close()


def test_arrivals_of_a_resource_are_read_piece_by_piece() -> None:
    journal = Journal()
    pods, nodes = Feeder(journal.sink("ctx", "pods")), Feeder(journal.sink("ctx", "nodes"))
    listed = pods.replace(pod("a", 1))
    nodes.replace(pod("n", 2, uid="u2"))
    changed = pods.update(pod("a", 3))
    found, known = journal.arrivals("ctx", "pods", 0, 2)
    assert [(each.sequence, each.key, each.listed) for each in found] == [(listed, "shop/a", True)]
    found, known = journal.arrivals("ctx", "pods", known, 2)
    assert [(each.sequence, each.listed) for each in found] == [(changed, False)]
    assert journal.arrivals("ctx", "pods", known, 2) == ([], known)
    assert journal.seek(changed, -1, "ctx", "pods", "shop/") == listed
    assert journal.seek(changed, -1, "ctx", "pods", "other/") is None
    assert journal.log_position(listed) == 1
    journal.close()
