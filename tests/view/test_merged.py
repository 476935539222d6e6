from __future__ import annotations

from typing import Any, cast

from kwatch.query import parse
from kwatch.query.term import Answer
from kwatch.view.merged import PERIOD, ChangeLag
from tests.query.cluster import context, indexer, pod
from tests.query.journal import FakeJournal

BY_JOURNAL = (Answer("app=web", "label index", 3, 0.0), Answer("~image", "journal index", 0, 0.0))


class Behind:
    def __init__(self, *counts: int) -> None:
        self._counts = list(counts)
        self.looks = 0

    @property
    def unsettled(self) -> int:
        self.looks += 1
        return self._counts.pop(0)


def lag_of(journal: Behind) -> ChangeLag:
    return ChangeLag(cast("Any", journal))


def test_it_is_told_at_once_and_counted_twice_a_second() -> None:
    journal = Behind(1200, 300)
    lag = lag_of(journal)
    assert [lag.of(BY_JOURNAL, 100.0 + beat * 0.05) for beat in range(9)] == [1200] * 9
    assert journal.looks == 1
    assert lag.of(BY_JOURNAL, 100.0 + PERIOD) == 300


def test_what_is_caught_up_by_the_next_look_is_not_told() -> None:
    lag = lag_of(Behind(0, 2, 0, 3, 4))
    told = [lag.of(BY_JOURNAL, 100.0 + look * PERIOD) for look in range(5)]
    assert told == [0, 0, 0, 0, 4]


def test_other_filters_ask_nothing() -> None:
    journal = Behind()
    lag = lag_of(journal)
    assert lag.of((), 100.0) == lag.of(BY_JOURNAL[:1], 100.0) == 0
    assert ChangeLag(None).of(BY_JOURNAL, 100.0) == 0
    assert journal.looks == 0


def test_a_real_filter_is_recognised() -> None:
    journal = FakeJournal()
    journal.waiting = {"shop/a"}
    compiled = parse("~image since:10m").compile(context(indexer([pod("shop/a")]), journal=journal))
    compiled.candidates()
    assert ChangeLag(journal).of(compiled.explain, 100.0) == 1
