from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.query import QuerySyntaxError, parse
from kwatch.query.help import terms
from kwatch.query.term import Negated
from kwatch.query.terms.label import Labels
from kwatch.query.terms.named_index import NamedIndex
from kwatch.query.terms.regex import Regex
from kwatch.query.terms.state import State
from kwatch.query.terms.text import Text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("   ", []),
        ("cart", [Text]),
        ("a b", [Text, Text]),
        ("cart|web", [Regex]),
        ("^web-.*7$", [Regex]),
        ("^web cart$", [Regex, Regex]),
        ("!cart|web", [Negated]),
        (".*cart.*", [Regex]),
        ("(cart|web)-[0-3]", [Regex]),
        ("web-[12]", [Regex]),
        ("web-\\d+", [Regex]),
        ("nginx:1.2|1.3", [Regex]),
        ("a.b.c", [Text]),
        ("*.example.com", [Text]),
        ("*/5", [Text]),
        ("[::1]", [Text]),
        ("web-[0", [Text]),
        ("(none)", [Text]),
        ('"cart|web"', [Text]),
        ("what?", [Text]),
        ("http://x/y", [Text]),
        ("nginx:1.27", [Text]),
        ("<none>", [Text]),
        ("=x", [Text]),
        (".5", [Text]),
        ("1/1", [Text]),
        ("in", [Text]),
        ("a in b", [Text, Text, Text]),
        ("deleted", [State]),
        ('"deleted"', [Text]),
        ("!deleted", [Negated]),
        ("!!deleted", [State]),
        ("env in(a)", [Labels]),
        ("env notin ( a , b ) c", [Labels, Text]),
        ("ns:a,b", [NamedIndex]),
        ('ns:"a"', [NamedIndex]),
        ("app=cart,env in (a, b),!x y", [Labels, Text]),
        ("-l app x", [Labels, Text]),
    ],
)
def test_what_a_text_is_read_as(text: str, kinds: list[type]) -> None:
    assert [type(term) for term in parse(text).terms] == kinds


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ('cart "open', 5, 10, 'The quote " is never closed.'),
        ("a ! b", 2, 3, "! must stand directly before the term it negates."),
        ("a !", 2, 3, "! must stand directly before the term it negates."),
        ("env in (a", 7, 9, "The list needs commas between its values and a ) at its end."),
        ("env in (a b)", 7, 10, "The list needs commas between its values and a ) at its end."),
        ("app=a,", 6, 6, "A label key is missing here."),
        ("x -l", 2, 4, "-l needs a label selector after it."),
        ("x -f ", 2, 5, "-f needs letters of a name after it."),
        ("x ns:", 2, 5, "ns: needs a value, for example ns:shop."),
        ("restarts>", 8, 9, "> needs something to compare with."),
        (".spec.x>=", 7, 9, ">= needs something to compare with."),
        (".a[0", 2, 3, "The bracket [ is never closed."),
        (".a[x", 2, 3, "The bracket [ is never closed."),
        ("/abc", 0, 4, "A regular expression ends with /; put a text that begins with a slash in quotes."),
        ("x //", 2, 4, "The regular expression is empty."),
        ("x /a(/", 4, 6, "The regular expression is broken: missing ), unterminated subpattern."),
        ("since:soon", 0, 10, "since: needs a duration such as 90s, 10m or 2d."),
        ("~a:", 2, 3, "After the colon stands old>new; either may be left out."),
        ("~a:>", 2, 4, "One of the two values beside > must be there."),
        ('"a"b', 3, 4, "A space must stand here, before the next term."),
    ],
)
def test_an_error_points_at_the_place(text: str, start: int, end: int, message: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.start, caught.value.end) == (message, start, end)


def test_every_term_of_the_help_parses_and_is_written_the_same() -> None:
    for row in terms():
        query = parse(row.example)
        assert query.terms
        assert parse(str(query)) == query


def test_terms_know_where_they_stand() -> None:
    spans = [term.span for term in parse(' cart  !ns:shop .a="b c"').terms]
    assert [(span.start, span.end) for span in spans] == [(1, 5), (7, 15), (16, 24)]


PIECES = [
    "a", "app", "B-1", "é日", " ", "  ", "!", '"', "'", "\\", "/", "=", "==", "!=", ">", ">=", "<", "<=", "~", ".", ",",
    "(", ")", "[", "]", ":", "*", "?", " in (", " notin (", "ns:", "owner:", "image:", "since:", "10m", "3",
    "-l ", "-f ", "deleted", ".spec.x", '["k y"]', "~a.b:", "|", "+", "\n", "\u202e", "\0",
]  # fmt: skip
texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))


@settings(max_examples=1500)
@given(texts)
@example('"/x"=y')
@example('"-l" ns:x')
def test_any_text_is_understood_or_refused_with_a_place_and_a_sentence(text: str) -> None:
    try:
        query = parse(text)
    except QuerySyntaxError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert error.message.endswith(".")
        return
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "x " * 5_000,
        "!" * 9_999 + "x",
        '"' + "\\" * 9_998 + '"',
        "." + "a." * 4_999 + "b",
        ".a" + "[0]" * 3_300,
        "app=" + "a," * 4_990 + "b",
        "env in (" + "a," * 4_990 + "b)",
        "-l " + "!a," * 3_300 + "b",
        "ns:" + "a," * 4_990 + "b",
        "~" + "a." * 4_990,
        "\x00\x1b[31m " * 1_000,
    ],
    ids=range(12),
)
def test_very_long_filters_are_understood(text: str) -> None:
    query = parse(text)
    assert query.terms
    assert parse(str(query)) == query


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "[" * 9_000, '."' * 5_000, "/" + "(" * 9_990 + "/", ".a[" + "(" * 9_000], ids=range(5)
)
def test_very_long_nonsense_is_text_or_refused(text: str) -> None:
    try:
        parse(text)
    except QuerySyntaxError as error:
        assert error.message
