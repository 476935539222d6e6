"""Lines of logs: their times, what is taken out of them, JSON folded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.base.printable import is_unsafe
from kwatch.view.log_lines import Folded, LogLevel, clean, fold, level_in, nano_timestamp, split_time

AT = 1_796_112_853_000_000_000


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-12-01T08:14:13.000000001Z hello there", (AT + 1, "hello there")),
        ("2026-12-01T08:14:13Z ", (AT, "")),
        ("2026-12-01T10:14:13.5+02:00 a  b", (AT + 500_000_000, "a  b")),
        ("2026-12-01T02:44:13.123456789-05:30 x", (AT + 123_456_789, "x")),
        ("no time at all", (0, "no time at all")),
        ("2026-13-01T08:14:13Z x", (0, "2026-13-01T08:14:13Z x")),
        ("2026-12-01T08:14:13.x1Z x", (0, "2026-12-01T08:14:13.x1Z x")),
        ("", (0, "")),
    ],
)
def test_the_time_at_the_beginning(line: str, expected: tuple[int, str]) -> None:
    assert split_time(line) == expected


@given(st.integers(0, 4_000_000_000 * 1_000_000_000), st.text())
def test_what_a_runtime_writes_is_read_to_the_nanosecond(at: int, text: str) -> None:
    assert split_time(f"{nano_timestamp(at)} {text}") == (at, text)


@given(st.text())
def test_any_text_has_a_time_or_none(text: str) -> None:
    at, rest = split_time(text)
    assert at or rest == text


def test_codes_of_the_terminal_are_taken_out_and_others_are_shown() -> None:
    assert clean("\x1b[1;31mred\x1b[0m\ta\x07 \x1b]0;title\x07end\x1b") == "red    a␇ end␛"


@given(st.text())
def test_what_is_shown_is_one_safe_line(text: str) -> None:
    assert not any(map(is_unsafe, clean(text)))


def test_a_very_long_line_says_what_was_cut() -> None:
    assert clean("x" * 12_345, 100) == f"{'x' * 100}… (12,245 characters more)"
    assert clean("x" * 100, 100) == "x" * 100


def test_json_is_folded_level_and_message_first() -> None:
    line = '{"ts":1.5,"host":"db one","level":"error","attempt":3,"msg":"cannot connect","tls":{"on":true},"e":""}'
    folded = fold(line)
    assert folded == Folded(
        LogLevel.ERROR,
        "error",
        "cannot connect",
        "1.5",
        (("host", "db one"), ("attempt", "3"), ("tls", '{"on":true}'), ("e", "")),
    )
    assert folded.text == 'ERROR cannot connect  host="db one" attempt=3 tls={"on":true} e=""'


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ('{"level":30,"msg":"up"}', LogLevel.INFO, "INFO up"),
        ('{"severity":"WARNING","message":"slow"}', LogLevel.WARNING, "WARNING slow"),
        ('{"@level":"debug","@message":"m","@timestamp":"2026"}', LogLevel.DEBUG, "DEBUG m"),
        ('{"a":1}', None, "a=1"),
        ('{"level":"odd","msg":7}', None, "ODD  msg=7"),
        ('{"level":1e400,"msg":"x"}', None, None),
    ],
)
def test_the_names_that_loggers_use(line: str, level: LogLevel | None, text: str | None) -> None:
    folded = fold(line)
    assert (folded and folded.level) == level
    assert (folded and folded.text) == text


@pytest.mark.parametrize("line", ["", "{}", "[1]", '{"a":', "plain", '{"a":1} trailing', "{" * 5000 + "}" * 5000])
def test_what_is_no_json_object_is_left_alone(line: str) -> None:
    assert fold(line) is None


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.floats() | st.integers() | st.text(), st.lists)))
def test_any_object_is_folded_and_loses_nothing(tree: dict[str, object]) -> None:
    folded = fold(json.dumps(tree))
    if folded is not None:
        told = len(folded.fields) + sum(map(bool, (folded.word, folded.message, folded.time)))
        assert told <= len(tree)
        assert {key for key, _ in folded.fields} <= set(tree)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("E1201 08:14:13.1 1 main.go:3] x", LogLevel.ERROR),
        ('time=2026 level=warning msg="an error"', LogLevel.WARNING),
        ("2026-12-01 INFO nothing", LogLevel.INFO),
        ("panic: runtime error", LogLevel.ERROR),
        ("GET / 200", None),
        ("terrorism", None),
    ],
)
def test_the_level_that_a_line_names(line: str, level: LogLevel | None) -> None:
    assert level_in(line) == level
