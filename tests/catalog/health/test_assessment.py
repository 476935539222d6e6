"""Problems come and go with time, and say when."""

from __future__ import annotations

from kwatch.catalog.column import Level
from kwatch.catalog.health import HEALTHY, Assessment, Problem, sentence


def test_a_problem_counts_between_its_moments() -> None:
    assessment = Assessment.of([Problem("late", since=100, until=200)])
    assert assessment.at(99) is None
    assert assessment.next_due(99) == 100
    found = assessment.at(100)
    assert found is not None
    assert found.reason == "late"
    assert assessment.next_due(100) == 200
    assert assessment.at(200) is None
    assert assessment.next_due(200) is None


def test_the_worst_comes_first() -> None:
    assessment = Assessment.of([Problem("warn", Level.WARNING), Problem("bad", since=50), Problem("worse")])
    assert [problem.reason for problem in assessment.all_at(0)] == ["worse", "warn"]
    assert [problem.reason for problem in assessment.all_at(60)] == ["bad", "worse", "warn"]
    assert assessment.next_due(0) == 50


def test_nothing_found_is_healthy_for_ever() -> None:
    assert Assessment.of([]) is HEALTHY
    assert HEALTHY.at(0) is None
    assert HEALTHY.next_due(0) is None


def test_reasons_are_one_bearable_line() -> None:
    assert sentence("a", None, "", "b\n  c") == "a: b c"
    assert len(sentence("x" * 1000)) == 240
