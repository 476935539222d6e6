from __future__ import annotations

import pytest

from kwatch.query import QuerySyntaxError, parse
from tests.query.cluster import NOW, FakeClock, context, indexer, pod
from tests.query.journal import FakeJournal

PODS = [pod(f"a/{name}") for name in ("one", "two", "three")]


@pytest.fixture
def journal() -> FakeJournal:
    journal = FakeJournal()
    journal.changes = [
        ("a/one", "status.phase", "Pending", "Running", NOW - 900),
        ("a/one", "status.phase", "Running", "Failed", NOW - 30),
        ("a/two", "spec.image", "1.0", "1.1", NOW - 700),
    ]
    return journal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~", {"one", "two"}),
        ("!~", {"three"}),
        ("~image", {"two"}),
        ("~status.phase:Running>Failed", {"one"}),
        ("~status.phase:>Failed", {"one"}),
        ("~phase:Failed", {"one"}),
        ("~phase:Failed>", set()),
        ("~ since:10m", {"one"}),
        ("since:10m", {"one"}),
        ("!~ since:10m", {"two", "three"}),
        ("~image since:10m", set()),
        ("~image since:1h", {"two"}),
        ("~status.phase:Pending>Running since:10m", set()),
    ],
)
def test_what_changed_and_when(journal: FakeJournal, text: str, expected: set[str]) -> None:
    compiled = parse(text).compile(context(indexer(PODS), journal=journal))
    assert {each.name for each in PODS if compiled.matches(each.key, each)} == expected
    assert {key.rpartition("/")[2] for key in compiled.candidates() or ()} == expected


def test_a_change_falls_due_when_it_is_no_longer_recent(journal: FakeJournal) -> None:
    clock = FakeClock()
    compiled = parse("~ since:10m").compile(context(indexer(PODS), clock, journal))
    assert compiled.next_due("a/one", PODS[0], None, NOW) == NOW + 570
    clock.now = NOW + 571
    assert not compiled.matches("a/one", PODS[0])
    assert compiled.next_due("a/one", PODS[0], None, clock.now) is None


def test_a_row_the_journal_has_not_looked_at_is_asked_again_soon(journal: FakeJournal) -> None:
    journal.waiting = {"a/three"}
    compiled = parse("~").compile(context(indexer(PODS), journal=journal))
    assert compiled.candidates() == {"a/one", "a/two"}
    assert compiled.attended == {"a/three"}
    due = compiled.next_due("a/three", PODS[2], None, NOW)
    assert due is not None and NOW < due < NOW + 1


def test_rows_excluded_for_the_time_being_are_attended_to(journal: FakeJournal) -> None:
    compiled = parse("!~ since:10m").compile(context(indexer(PODS), journal=journal))
    compiled.candidates()
    assert compiled.attended == {"a/one"}


def test_without_a_journal_changes_are_refused() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("x ~image").compile(context(indexer(PODS)))
    assert (caught.value.start, caught.value.end) == (2, 8)
