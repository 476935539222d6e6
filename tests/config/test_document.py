"""YAML files against types: every mistake with its line."""

from __future__ import annotations

import os
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
        ("name: a\ninner:\n  size: many\n", 3, "inner.size is 'many' where a number is expected"),
        ("name: a\nitems:\n- size: 1\n- size: x\n", 4, "items.size is 'x' where a number is expected"),
        ("name: a\nnome: b\n", 2, "'nome' means nothing here; name?"),
        ("inner:\n  size: 1\n  big: 2\n", 3, "'big' means nothing here"),
        ("name: [\n", 2, "did not find expected node content"),
        ("name: a\n  inner: b\n", 2, "mapping values are not allowed in this context"),
        ("- a\n", 1, "the file is a list where a mapping is expected"),
        ("only text", 1, "the file is the text 'only text' where a mapping is expected"),
        ("name: [*b]\n", 1, "the anchor 'b' is not known"),
        ("inner: &x {inner: *x}\n", 1, "the anchor 'x' contains itself"),
        ("name: a\n\nname: b\n", 3, "'name' is there twice; the first is in line 1"),
        ("name: {a: b}\n", 1, "name is a mapping where a text is expected"),
        ("inner: a\n", 1, "inner is the text 'a' where a mapping is expected"),
        ("items: 1\n", 1, "items is the text '1' where a list is expected"),
        ("? [a]\n: b\n", 1, "a key is not text"),
        ("a: 1\n---\nb: 2\n", 2, "there is more than one document in it"),
        ("name: a\n\nother: \0\n", 3, "it is not text: control characters are not allowed"),
        ("name: !!python/object/apply:os.system ['true']\n", 1, "name is a list where a text is expected"),
        ("name: !!python/name:os.system x\n", 1, "means nothing here"),
        ("name: !!int 7\n", 1, "means nothing here"),
        ("inner: {<<: 1}\n", 1, "what is merged is the text '1' where a mapping is expected"),
        ("name: " + "[" * 3000, 1, "exceeded maximum nesting depth"),
        ("[" * 200 + "]" * 200, 1, "a list where a mapping is expected"),
    ],
)
def test_a_mistake_has_a_line_and_a_reason(text: str, line: int, words: str) -> None:
    found, reason = problem(text)
    assert (found, words in reason) == (line, True), (found, reason)


@pytest.mark.parametrize(
    "text",
    [
        "2024-13-45",
        "2024-01-01",
        "0x_",
        "0b",
        "1:30",
        "9" * 5000,
        "1e400",
        ".nan",
        "yes",
        "true",
        "=",
        "12_",
        "<<",
        "'~'",
    ],
)
def test_a_text_is_what_is_written_whatever_it_looks_like(text: str) -> None:
    assert parse_document(f"name: {text}\n", Shape, FILE).name == text.strip("'")


@pytest.mark.parametrize("text", ["", "~", "null", "# nothing"])
def test_what_says_nothing_leaves_the_default(text: str) -> None:
    assert parse_document(f"name: {text}\ninner: {text}\nitems: {text}\n", Shape, FILE) == Shape()


def test_aliases_and_merges_mean_what_they_stand_for() -> None:
    text = "inner: &x {size: 3}\nitems:\n- *x\n- {<<: *x}\n- {<<: *x, size: 4}\n- {<<: [*x, {size: 5}]}\n"
    found = parse_document(text, Shape, FILE)
    assert [each.size for each in found.items] == [3, 3, 4, 3]


def test_aliases_do_not_blow_up() -> None:
    text = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    line, reason = problem(text)
    assert (line, reason) == (0, "its aliases make it too large")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf"])
def test_a_byte_order_mark_is_no_part_of_it(mark: bytes) -> None:
    assert parse_document(mark + b"name: a\n", Shape, FILE).name == "a"
    assert parse_document("name: \u00e9\n".encode("utf-16"), Shape, FILE).name == "\u00e9"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("name: a\n# caf\u00e9\n".encode("latin-1"))
    with pytest.raises(InvalidDocument, match=r"x\.yaml:2: it is not text"):
        read_document(path, Shape)


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "huge", "unreadable", "loop"])
def test_what_is_no_file_is_said_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "huge":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "loop":
            path.symlink_to(path)
        case _:
            path.write_text("name: a")
            path.chmod(0)
            if os.geteuid() == 0:
                pytest.skip("nothing is unreadable to root")
    with pytest.raises(OSError, match=r"is a |larger|denied|[Ll]evels|[Ll]oop"):
        read_document(path, Shape)


def test_the_line_of_a_place_in_a_file_or_of_its_nearest_parent(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("theme: nord\nindices:\n  widgets.example.com:\n    - a:.b\n    - c\n")
    assert line_of(path, ("indices", "widgets.example.com", 1)) == 5
    assert line_of(path, ("indices", "widgets.example.com", 7)) == 3
    assert line_of(path, ("indices", "pods", 0)) == 2
    assert line_of(tmp_path / "none.yaml", ("indices",)) == 0
