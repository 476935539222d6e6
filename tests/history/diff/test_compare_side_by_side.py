from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.diff.compare import Row, side_by_side


def test_a_changed_field_shares_its_row() -> None:
    assert side_by_side("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 5\nnew: x\nc: 3\n") == (
        Row("a: 1", "a: 1", " "),
        Row("b: 2", "b: 5", "~"),
        Row("", "new: x", "+"),
        Row("c: 3", "c: 3", " "),
    )


def test_a_removed_line_stands_alone() -> None:
    assert side_by_side("a: 1\nb: 2\n", "a: 1\n")[1] == Row("b: 2", "", "-")


def test_nested_fields_are_told_apart_by_their_indentation() -> None:
    old, new = (f"metadata:\n  name: web\nspec:\n  replicas: {replicas}\n" for replicas in (3, 5))
    assert side_by_side(old, new) == (
        Row("metadata:", "metadata:", " "),
        Row("  name: web", "  name: web", " "),
        Row("spec:", "spec:", " "),
        Row("  replicas: 3", "  replicas: 5", "~"),
    )


def test_everything_is_new_without_an_old_version() -> None:
    assert {row.mark for row in side_by_side("", "a: 1\nb: 2\n")} == {"+"}


lines = st.lists(st.sampled_from(["a: 1", "a: 2", "b: 1", "- x", "- y", "  c: 3", ""]), max_size=12)


@given(lines, lines)
def test_no_line_is_lost_or_moved(old: list[str], new: list[str]) -> None:
    rows = side_by_side("\n".join(old), "\n".join(new))
    assert [row.left for row in rows if row.mark != "+"] == "\n".join(old).splitlines()
    assert [row.right for row in rows if row.mark != "-"] == "\n".join(new).splitlines()
    assert all((row.left == row.right) == (row.mark == " ") for row in rows if row.mark in " ~")
