"""What a text view shows of its lines."""

from __future__ import annotations

from kwatch.base.finding import Finder
from kwatch.tui.kit.text.document import Document, block_end, visible_lines
from kwatch.tui.kit.text.line import Line, Span, plain

TEXTS = ["a:", "  b: 1", "  c:", "  - d: 1", "    e: 2", "  - f", "g: 3"]


def test_blocks_end_where_the_indent_does() -> None:
    assert block_end(TEXTS, 0) == 6
    assert block_end(TEXTS, 1) == 2
    assert block_end(TEXTS, 2) == 6
    assert block_end(TEXTS, 3) == 5
    assert visible_lines(TEXTS, frozenset({2})) == [0, 1, 2, 6]
    assert visible_lines(TEXTS, frozenset({0, 2})) == [0, 6]


def test_a_fold_survives_other_content() -> None:
    document = Document()
    document.set_lines([plain(text) for text in TEXTS])
    document.toggle_fold(2)
    document.set_lines([plain("new"), *[plain(text) for text in TEXTS]])
    assert [row.text for row in document.rows] == ["new", "a:", "  b: 1", "  c:", "g: 3"]
    assert document.line_of == [0, 1, 2, 3, 7]


def test_wrapping_keeps_every_character_and_ink() -> None:
    line = Line((Span("abcdef", "x"), Span("ghij", "y")))
    document = Document()
    document.set_lines([line, plain("")])
    document.wrap(4)
    assert [row.text for row in document.rows] == ["abcd", "efgh", "ij", ""]
    assert [span.ink for span in document.rows[1].spans] == ["x", "y"]
    assert document.line_of == [0, 0, 0, 1]


def test_words_stay_whole_where_a_space_is_near_the_edge() -> None:
    document = Document()
    document.set_lines([Line((Span("watched since: "), Span("pods, jobs.batch", "x"))), plain("an unbreakable-name")])
    document.wrap(16)
    assert [row.text for row in document.rows] == ["watched since: ", "pods, jobs.batch", "an unbreakable-n", "ame"]
    assert [[span.ink for span in row.spans] for row in document.rows[:2]] == [["foreground"], ["x"]]


def test_old_lines_go_in_large_steps() -> None:
    document = Document(limit=100)
    gone = document.append([plain(str(number)) for number in range(105)])
    assert gone == 0 and len(document.lines) == 105
    gone = document.append([plain(str(number)) for number in range(105, 115)])
    assert gone == 15 and len(document.lines) == 100
    assert document.lines[0].text == "15" and document.dropped == 15


def test_finding_ignores_case_unless_capitals_are_typed() -> None:
    document = Document()
    document.set_lines([plain("Error here"), plain("error there"), plain("none")])
    assert document.find(Finder("error")) == [0, 1]
    assert document.find(Finder("Error")) == [0]
    assert document.find(Finder("")) == []


def test_a_line_of_a_megabyte_is_broken_in_a_moment() -> None:
    """Sliced once: in time that grows with the square of its length it would take minutes."""
    text = "0123456789abcdef" * 65_536
    pieces = [*Line((Span("head: "), Span(text))).cut(100)]
    assert "".join(piece.text for piece in pieces) == f"head: {text}"
    assert {len(piece.text) for piece in pieces[:-1]} == {100}


def test_an_address_stays_a_link_to_the_whole_where_the_line_is_broken() -> None:
    url = "https://runbooks.example.com/errors/42"
    document = Document()
    document.set_lines([plain(f"see {url} for more")])
    assert [span.link for span in document.rows[0].spans] == ["", url, ""]
    document.wrap(20)
    linked = [span for row in document.rows for span in row.spans if span.link]
    assert "".join(span.text for span in linked) == url and {span.link for span in linked} == {url}
    assert document.text() == f"see {url} for more"


def test_a_sign_stands_at_the_first_piece_of_a_broken_line_alone() -> None:
    document = Document()
    document.set_lines([Line((Span("one two three four five six"),), "kwatch-changed", "~")])
    document.wrap(10)
    assert [(row.sign, row.tint) for row in document.rows] == [("~", "kwatch-changed"), *[("", "kwatch-changed")] * 2]
