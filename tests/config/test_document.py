"""YAML files against types: every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kwatch.config.document import InvalidDocument, line_of, parse_document, read_document

FILE = Path("config.yaml")


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: int = 0


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str = ""
    inner: Inner = Inner()
    items: tuple[Inner, ...] = ()


def problem(text: str) -> tuple[int, str]:
    with pytest.raises(InvalidDocument) as caught:
        parse_document(text, Shape, FILE)
    return caught.value.problem.line, caught.value.problem.reason


def test_an_empty_file_is_all_defaults() -> None:
    assert parse_document("", Shape, FILE) == Shape()
    assert parse_document("# nothing\n", Shape, FILE) == Shape()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: a\ninner:\n  size: many\n", 3, "inner.size"),
        ("name: a\nitems:\n- size: 1\n- size: x\n", 4, "items"),
        ("name: a\nnome: b\n", 1, "nome"),
        ("inner:\n  size: 1\n  big: 2\n", 1, "big"),
        ("name: [\n", 2, ""),
        ("name: a\n  inner: b\n", 2, ""),
        ("- a\n", 1, "object"),
        ("name: [*b]\n", 1, "alias"),
    ],
)
def test_a_mistake_has_a_line_and_a_reason(text: str, line: int, words: str) -> None:
    found, reason = problem(text)
    assert abs(found - line) <= 1, (found, reason)
    assert words in reason
    assert reason


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidDocument, match="not UTF-8"):
        read_document(path, Shape)


def test_python_objects_are_not_made() -> None:
    _, reason = problem("name: !!python/object/apply:os.system ['true']\n")
    assert "python" in reason


def test_the_line_of_a_place_in_a_file_or_of_its_nearest_parent(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: nord\nindices:\n  widgets.example.com:\n    - a:.b\n    - c\n")
    assert line_of(path, ("indices", "widgets.example.com", 1)) == 5
    assert line_of(path, ("indices", "widgets.example.com", 7)) == 3
    assert line_of(path, ("indices", "pods", 0)) == 2
    assert line_of(tmp_path / "none.yaml", ("indices",)) == 0
