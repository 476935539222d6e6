"""Two objects side by side."""

from __future__ import annotations

from rich.cells import cell_len

from kwatch.tui.features.object.diff_screen import diff_lines, diff_rows

OLD = {"kind": "Pod", "spec": {"a": 1, "b": [*range(20)], "image": "web:1", "gone": True}}
NEW = {"kind": "Pod", "spec": {"a": 1, "b": [*range(20)], "image": "web:2", "more": "x" * 200}}


def texts(width: int, **how: bool) -> list[str]:
    return [f"{line.sign:1} {line.text}".rstrip() for line in diff_lines(diff_rows(OLD, NEW), width, **how)]


def test_changes_stand_beside_each_other() -> None:
    lines = texts(120)
    changed = next(line for line in lines if line.startswith("~"))
    assert changed.split("│")[0].split() == ["~", "image:", "web:1"]
    assert changed.split("│")[1].split() == ["image:", "web:2"]
    assert any(line.startswith("-") and "gone: true" in line for line in lines)
    assert all(cell_len(line) <= 120 for line in lines if "│" in line)


def test_a_change_that_has_no_room_on_its_side_stands_below_in_full() -> None:
    assert any(line.startswith("+") and line.endswith("more: " + "x" * 200) for line in texts(120))
    old, new = ({"image": f"registry.example.com/{'team/' * 8}web:{version}"} for version in (1, 2))
    lines = diff_lines(diff_rows(old, new), 120)
    assert [(line.sign, line.text[-5:]) for line in lines] == [("-", "web:1"), ("+", "web:2")]


def test_what_is_the_same_is_left_out_with_its_number() -> None:
    assert any("lines the same" in line for line in texts(120))
    assert not any("the same" in line for line in texts(120, everything=True))
    assert sum("- 1" in line for line in texts(120, everything=True)) >= 1


def test_narrow_screens_stack_the_sides() -> None:
    lines = texts(80)
    at = lines.index("-   image: web:1")
    assert lines[at + 1] == "+   image: web:2"


def test_what_differs_within_a_line_stands_out() -> None:
    line = next(each for each in diff_lines(diff_rows(OLD, NEW), 120) if each.sign == "~")
    strong = [span.text for span in line.spans if span.strong]
    assert strong == ["1", "2"]


def test_from_nothing_and_to_nothing() -> None:
    assert all(row.mark == "+" for row in diff_rows(None, NEW))
    assert all(row.mark == "-" for row in diff_rows(OLD, None))
    assert diff_rows(None, None) == []
