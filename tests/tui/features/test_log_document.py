"""The text of merged logs: bounded, lazily made, filtered with surroundings, searched as it grows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.base.finding import Finder
from kwatch.tui.features import log_document
from kwatch.tui.features.log_document import LogDocument
from kwatch.tui.kit.text.line import Line
from kwatch.view.log_lines import LogFilter, LogLine, LogSource, Mark

ONE, TWO = LogSource("shop", "cart-86c94ffb48-jpl8r", "app"), LogSource("shop", "cart-86c94ffb48-vqtfx", "app")


def line(text: str, source: LogSource = ONE, at: int = 0) -> LogLine:
    return LogLine(at, source, text)


def numbered(count: int, first: int = 0) -> list[LogLine]:
    return [line(f"line {number}") for number in range(first, first + count)]


def texts(document: LogDocument) -> list[str]:
    return [row.text for row in document.rows]


def test_one_container_has_no_label_and_several_have() -> None:
    document = LogDocument()
    document.add([line("a")])
    assert texts(document) == ["a"]
    document.add([line("b", TWO)])
    assert texts(document) == ["jpl8r a", "vqtfx b"]
    inks = [row.spans[0].ink for row in document.rows]
    assert inks[0] != inks[1]


def test_a_filter_hides_and_says_how_many_lie_between() -> None:
    document = LogDocument()
    document.add(numbered(30))
    document.show(filter_=LogFilter("/line (10|20)$/"))
    assert texts(document) == ["line 10", "line 20"]
    assert document.matching == 2
    document.show(context=2)
    assert texts(document) == [
        "···  8 lines hidden  ···",
        *(f"line {number}" for number in range(8, 13)),
        "···  5 lines hidden  ···",
        *(f"line {number}" for number in range(18, 23)),
    ]
    document.show(filter_=LogFilter(""))
    assert len(texts(document)) == 30


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["x", "y", "y", "y"]), max_size=60), st.integers(0, 4), st.integers(1, 20))
def test_lines_that_come_later_are_filtered_as_those_that_were_there(words: list[str], context: int, step: int) -> None:
    lines = [line(f"{word} {number}") for number, word in enumerate(words)]
    grown, whole = LogDocument(), LogDocument()
    grown.show(filter_=LogFilter("x"), context=context)
    for start in range(0, len(lines), step):
        grown.add(lines[start : start + step])
    whole.add(lines)
    whole.show(filter_=LogFilter("x"), context=context)
    assert texts(grown) == texts(whole)
    shown = {text for text in texts(whole) if not text.startswith("·")}
    for number, each in enumerate(lines):
        near = any(words[at] == "x" for at in range(max(0, number - context), min(len(words), number + context + 1)))
        assert (each.text in shown) is near


def test_only_so_many_are_kept_and_it_is_known_how_many_went() -> None:
    document = LogDocument(limit=100)
    for first in range(0, 1000, 50):
        document.add(numbered(50, first))
        assert len(document.kept) <= 110
    assert document.dropped + len(document.kept) == 1000
    assert texts(document)[-1] == "line 999"
    assert texts(document)[0] == f"line {document.dropped}"


def test_long_lines_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_document, "ROOM", 100_000)
    document = LogDocument()
    for _ in range(100):
        document.add([line("x" * 1_000_000)])
    assert sum(len(each.text) for each in document.kept) <= 100_000
    assert texts(document)[-1].endswith("characters more)")
    assert document.dropped + len(document.kept) == 100


def test_a_search_goes_on_as_lines_come_and_go() -> None:
    document = LogDocument(limit=100)
    rng = random.Random(1)
    for _ in range(40):
        document.add([line(rng.choice(["hit", "miss"])) for _ in range(rng.randrange(1, 30))])
        assert document.find(Finder("hit")) == [row for row, text in enumerate(texts(document)) if text == "hit"]
    assert document.find(Finder("")) == []


def test_json_is_folded_with_level_and_message_first_and_unfolded() -> None:
    document = LogDocument()
    raw = '{"ts":"2026-11-23T12:00:00Z","db":"x","msg":"no \\u001b[31mconnection","level":"error"}'
    document.add([line(raw), line('{"broken'), line("plain ERROR")])
    assert texts(document) == ["ERROR no connection  db=x", '{"broken', "plain ERROR"]
    assert document.rows[0].spans[0].ink == document.rows[2].spans[-1].ink == "kwatch-unhealthy"
    document.show(folded_json=False)
    assert texts(document)[0] == raw


def test_times_stand_before_and_marks_speak_up() -> None:
    document = LogDocument()
    document.add([line("a", at=1_795_435_200_250_000_000), LogLine(0, ONE, "restarted after Error", Mark.RESTARTED)])
    document.show(times=True)
    assert texts(document)[0].endswith(":00.250 a")
    assert texts(document)[1].strip() == "── app restarted after Error ──"
    assert document.rows[1].spans[-1].ink == "warning"


def test_wrapped_lines_are_whole_and_their_rest_begins_behind_the_label() -> None:
    document = LogDocument()
    document.wrap(20)
    document.add([line("one two three four five six"), line("b", TWO)])
    assert texts(document) == ["jpl8r one two three ", "      four five six", "vqtfx b"]
    assert document.find(Finder("six")) == [1]
    assert document.places(1, Finder("six")) == [(16, 19)]
    assert document.text() == "jpl8r one two three four five six\nvqtfx b"


def test_what_is_saved_is_what_is_shown_with_times_and_names() -> None:
    document = LogDocument()
    document.add([line("a\x1b[31m\x07", at=1_000_000_001), line("b", TWO), LogLine(2, TWO, "gone", Mark.ENDED)])
    document.show(filter_=LogFilter("!b"))
    assert [*document.records()] == [
        "1970-01-01T00:00:01.000000001Z shop/cart-86c94ffb48-jpl8r app a␇",
        "1970-01-01T00:00:00.000000002Z shop/cart-86c94ffb48-vqtfx app -- gone",
    ]


@given(st.text())
def test_nothing_can_reach_the_terminal(text: str) -> None:
    document = LogDocument()
    document.add([line(text), line(f'{{"msg":{text!r},"level":"x"}}'.replace("'", '"'))])
    for row in document.rows:
        assert all(each.isprintable() or ord(each) >= 0xE000 for each in row.text)


def test_rows_are_made_when_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    document = LogDocument()
    made: list[int] = []
    look_of = document.look_of

    def noted(number: int) -> Line:
        made.append(number)
        return look_of(number)

    monkeypatch.setattr(document, "look_of", noted)
    document.add(numbered(10_000))
    assert made == []
    assert document.rows[9_999].text == "line 9999"
    assert made == [9_999]


WORDS = st.text(st.sampled_from("ab cé漢 "), max_size=60)


@settings(max_examples=150)
@given(
    st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(["a", "ab", "/a|b+/", "/c$/", "c é"]), st.integers(10, 40)
)
def test_what_is_found_is_marked_however_the_lines_are_broken(written: list[str], wanted: str, width: int) -> None:
    """Each place once, over the ends of rows too, and each row on which one begins is gone to."""
    document, finder = LogDocument(), Finder(wanted)
    document.add([line(text, (ONE, TWO)[number % 2]) for number, text in enumerate(written)])
    document.wrap(width)
    rows = texts(document)
    marked = "".join(rows[row][start:end] for row in range(len(rows)) for start, end in document.places(row, finder))
    assert marked == "".join(raw[start:end] for raw in written for start, end in finder.places(raw))
    firsts = [row for row in range(len(rows)) if document.places(row, finder)]
    assert set(document.find(finder)) <= set(firsts)
    assert bool(document.find(finder)) is bool(firsts)


def test_what_stands_only_in_the_json_marks_the_whole_line() -> None:
    document = LogDocument()
    document.add([line('{"level":"error","msg":"no"}'), line('{"level":"info","msg":"yes"}')])
    found = Finder('"level":"error"')
    assert document.find(found) == [0]
    assert document.places(0, found) == [(0, len("ERROR no"))]
    assert document.places(1, found) == []


def test_the_filter_marks_what_it_found_and_nothing_around_it() -> None:
    document = LogDocument()
    document.add([line("one"), line("two boom boom"), line("three")])
    document.show(filter_=LogFilter("/bo+m/"), context=2)
    assert [document.places_filtered(row) for row in range(3)] == [[], [(4, 8), (9, 13)], []]
    document.show(filter_=LogFilter("!boom"))
    assert [document.places_filtered(row) for row in range(document.row_count)] == [[]] * document.row_count
