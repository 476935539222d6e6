from __future__ import annotations

import pytest

from kwatch.catalog.shapes import LabelSelector, Requirement, labels_text, selector_or_none, selector_text


def test_labels_are_sorted_pairs() -> None:
    assert labels_text({"b": "2", "a": "", "a.example/x": "1"}) == "a.example/x=1,a=,b=2"
    assert labels_text({}) == "<none>"
    assert labels_text(None) == "<none>"


def test_a_selector_is_sorted_by_key() -> None:
    expressions = (Requirement("a", "NotIn", ("y", "x")), Requirement("c", "Exists"), Requirement("d", "DoesNotExist"))
    selector = LabelSelector(match_labels={"b": "1"}, match_expressions=expressions)
    assert selector_text(selector) == "a notin (x,y),b=1,c,!d"


def test_an_unknown_operator_is_an_error() -> None:
    broken = LabelSelector(match_expressions=(Requirement("a", "Near", ("x",)),))
    with pytest.raises(ValueError, match="Near"):
        selector_text(broken)
    assert selector_or_none(broken) == "<error>"
    assert selector_or_none(LabelSelector()) == "<none>"
    assert selector_or_none(None) == "<none>"
