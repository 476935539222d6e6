"""The filter language: terms separated by spaces, all of which must hold."""

from __future__ import annotations

import re
from dataclasses import replace

from kwatch.base.duration import parse_duration
from kwatch.query.change_syntax import change_term
from kwatch.query.field_syntax import at_field, comparison, field_term, operand
from kwatch.query.index_names import BUILT_IN, IndexName, IndexNames
from kwatch.query.query import Query
from kwatch.query.reader import Reader
from kwatch.query.selector_syntax import one_value, requirements, rest_of_requirement
from kwatch.query.terms.change import Since
from kwatch.query.terms.column import ColumnTerm
from kwatch.query.terms.fuzzy import Fuzzy
from kwatch.query.terms.labels import Labels
from kwatch.query.terms.named_index import NamedIndex
from kwatch.query.terms.regex import Regex, check_pattern
from kwatch.query.terms.state import State, StateName
from kwatch.query.terms.term import Negated, Span, Term
from kwatch.query.terms.text import Text

_NAME = re.compile(r"""[^\s=!<>~:(),"']+""")
_SELECTOR_FLAG = re.compile(r"-l(?:\s+|\Z)")
_FUZZY_FLAG = re.compile(r"-f(?:\s+|\Z)")
_REGEX = re.compile(r"/((?:[^\\]|\\.)*?)/(?=\s|\Z)", re.DOTALL)
_SINCE = "since"


def parse(text: str, names: IndexNames = BUILT_IN) -> Query:
    """Understand a filter; raise QuerySyntaxError, which knows the place, if it breaks. `names` are those in force."""
    reader = Reader(text)
    terms: list[Term] = []
    reader.skip_spaces()
    while not reader.is_at_end:
        terms.append(_term(reader, names))
        if not reader.is_at_boundary:
            raise reader.error("A space must stand here, before the next term.", reader.at, reader.at + 1)
        reader.skip_spaces()
    return Query(tuple(terms))


def _term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    negated = False
    while reader.accept("!"):
        negated = not negated
    if reader.at > start and reader.is_at_boundary:
        raise reader.error("! must stand directly before the term it negates.", start)
    term = replace(_positive_term(reader, names), span=Span(start, reader.at))
    return Negated(term, span=term.span) if negated else term


def _positive_term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    if reader.match(_SELECTOR_FLAG):
        return _explicit_selector(reader, start)
    if reader.match(_FUZZY_FLAG):
        return _fuzzy(reader, start)
    if reader.is_at_quote():
        return _after_quoted(reader)
    if reader.peek() == "/":
        return _regex(reader)
    if reader.accept("~"):
        return change_term(reader)
    if at_field(reader):
        return field_term(reader)
    return _word_term(reader, names)


def _explicit_selector(reader: Reader, start: int) -> Labels:
    if reader.is_at_end:
        raise reader.error("-l needs a label selector after it.", start)
    if not reader.is_at_quote():
        return Labels(requirements(reader), explicit=True)
    quote = reader.at
    inner = Reader(reader.quoted())
    found = requirements(inner)
    if not inner.is_at_end:
        raise reader.error("The selector in these quotes is broken.", quote)
    return Labels(found, explicit=True)


def _fuzzy(reader: Reader, start: int) -> Fuzzy:
    text = reader.quoted() if reader.is_at_quote() else reader.word()
    if not text:
        raise reader.error("-f needs letters of a name after it.", start)
    return Fuzzy(text)


def _after_quoted(reader: Reader) -> Term:
    """A quoted text, or a quoted key or column with its operator."""
    text = reader.quoted()
    return _named(reader, text) or Text(text, bare=False)


def _regex(reader: Reader) -> Regex:
    start = reader.at
    found = reader.match(_REGEX)
    if found is None:
        message = "A regular expression ends with /; put a text that begins with a slash in quotes."
        raise reader.error(message, start, len(reader.text))
    if not found[1]:
        raise reader.error("The regular expression is empty.", start)
    check_pattern(found[1], start, reader.at)
    return Regex(found[1])


def _word_term(reader: Reader, names: IndexNames) -> Term:
    start = reader.at
    name = reader.match(_NAME)
    if name is not None:
        index = names.get(name[0]) if reader.peek() == ":" else None
        if index is not None:
            reader.accept(":")
            return _named_index(reader, index, start)
        if name[0] == _SINCE and reader.accept(":"):
            return _since(reader, start)
        named = _named(reader, name[0])
        if named is not None:
            return named
    reader.at = start
    word = reader.word()
    return State(StateName(word)) if word in _STATES else Text(word)


_STATES = frozenset(StateName)


def _named(reader: Reader, name: str) -> Term | None:
    """A label selector or a comparison with a column, whose name was just read; None if no operator follows."""
    first = rest_of_requirement(reader, name)
    if first is not None:
        return Labels((first, *(requirements(reader) if reader.accept(",") else ())))
    compare = comparison(reader)
    return ColumnTerm(name, compare, operand(reader, compare)) if compare is not None else None


def _named_index(reader: Reader, index: IndexName, start: int) -> NamedIndex:
    patterns: list[str] = []
    while True:
        pattern = one_value(reader)
        if not pattern:
            raise reader.error(f"{index.name}: needs a value, for example {index.example}.", start)
        patterns.append(pattern)
        if not reader.accept(","):
            return NamedIndex(index, tuple(patterns))


def _since(reader: Reader, start: int) -> Since:
    word = reader.word()
    seconds = parse_duration(word)
    if seconds is None:
        raise reader.error("since: needs a duration such as 90s, 10m or 2d.", start)
    return Since(seconds, word)
