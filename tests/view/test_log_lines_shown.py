"""Which log lines are shown, and by which labels their containers are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.view.log_lines import LONGEST_LABEL, LogFilter, LogLine, LogSource, Mark, short_labels


def labels(*names: str) -> list[str]:
    """Of `[namespace/]pod:container`."""
    sources = []
    for name in names:
        pod, _, container = name.partition(":")
        namespace, slash, rest = pod.partition("/")
        sources.append(LogSource(namespace if slash else "shop", rest if slash else pod, container or "app"))
    return [short_labels(sources)[each] for each in sources]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["cart-86c94ffb48-jpl8r"], [""]),
        (["cart-86c94ffb48-jpl8r", "cart-5cbbb766d9-vqtfx"], ["jpl8r", "vqtfx"]),
        (["cart-86c94ffb48-jpl8r", "orders-5cbbb766d9-vqtfx"], ["cart-jpl8r", "orders-vqtfx"]),
        (["cart-86c94ffb48-jpl8r:app", "cart-86c94ffb48-jpl8r:proxy"], ["app", "proxy"]),
        (["cart-86c94ffb48-jpl8r:app", "cart-5cbbb766d9-vqtfx:proxy"], ["jpl8r", "vqtfx"]),
        (["a-86c94ffb48-jpl8r:x", "a-86c94ffb48-jpl8r:y", "a-86c94ffb48-vqtfx:x"], ["jpl8r/x", "jpl8r/y", "vqtfx/x"]),
        (["db-0", "db-1"], ["db-0", "db-1"]),
        (["one/cart-86c94ffb48-jpl8r", "two/cart-86c94ffb48-vqtfx"], ["one/jpl8r", "two/vqtfx"]),
        (["bare", "other"], ["bare", "other"]),
        (["a-86c94ffb48-jpl8r", "b-86c94ffb48-jpl8r"], ["a-jpl8r", "b-jpl8r"]),
        (["a-b-86c94ffb48-jpl8r", "a-b-5cbbb766d9-jpl8r"], ["a-b-86c94ffb48-jpl8r", "a-b-5cbbb766d9-jpl8r"]),
    ],
)
def test_labels_are_short_and_tell_apart(names: list[str], shown: list[str]) -> None:
    assert labels(*names) == shown


@given(
    st.sets(
        st.builds(
            LogSource, st.sampled_from(["a", "b"]), st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True), st.just("c")
        ),
        min_size=2,
        max_size=8,
    )
)
def test_labels_are_never_wider_than_there_is_room(sources: set[LogSource]) -> None:
    found = short_labels(sorted(sources))
    assert set(found) == sources
    assert all(0 < len(label) <= LONGEST_LABEL for label in found.values())


SOURCE = LogSource("shop", "cart-1", "app")


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("", "anything", True),
        ("boom", "big Boom", True),
        ("Boom", "big boom", False),
        ("!boom", "big boom", False),
        ("!boom", "quiet", True),
        ("two words", "here are two words", True),
        ("/a|b$/", "xb", True),
        ("/a|b$/", "bx", False),
        ("/A/", "a", False),
        ("cart-1", "anything", False),
        ("db=x", '{"msg":"m","db":"x"}', True),
        ("db=y", '{"msg":"m","db":"x"}', False),
        ("/", "a/b", True),
    ],
)
def test_what_a_filter_shows(text: str, line: str, shown: bool) -> None:
    assert LogFilter(text).shows(LogLine(0, SOURCE, line)) is shown


def test_what_kwatch_says_between_is_never_hidden() -> None:
    assert LogFilter("boom").shows(LogLine(0, SOURCE, "12 lines were dropped", Mark.GAP))


def test_what_is_no_expression_says_so() -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        LogFilter("/(/")


@pytest.mark.parametrize(
    ("text", "shown"), [("ERROR", True), ("/ERROR cannot/", True), ("WARN", False), ("!ERROR", False)]
)
def test_a_filter_finds_what_is_seen_of_json(text: str, shown: bool) -> None:
    line = '{"level":"error","msg":"cannot connect","host":"db"}'
    assert LogFilter(text).shows(LogLine(0, SOURCE, line)) is shown


def test_labels_of_several_contexts_begin_with_them() -> None:
    eu, us = (LogSource("shop", "web-5d8f7c9b6-abcde", "main", context) for context in ("prod-eu", "prod-us"))
    assert [*short_labels([eu, us]).values()] == ["prod-eu/abcde", "prod-us/abcde"]
