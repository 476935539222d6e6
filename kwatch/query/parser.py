"""The filter language: terms separated by spaces, all of which must hold."""

from __future__ import annotations

import re
from dataclasses import replace

from kwatch.query.query import Query
from kwatch.query.reader import Reader
from kwatch.query.selector_syntax import requirements, rest_of_requirement
from kwatch.query.terms.labels import Labels, Requirement
from kwatch.query.terms.term import Negated, Span, Term
from kwatch.query.terms.text import Text

_NAME = re.compile(r"""[^\s=!<>~:(),"']+""")
_SELECTOR_FLAG = re.compile(r"-l\s+")


def parse(text: str) -> Query:
    """Understand a filter; raise QuerySyntaxError, which knows the place, if it breaks."""
    reader = Reader(text)
    terms: list[Term] = []
    reader.skip_spaces()
    while not reader.is_at_end:
        terms.append(_term(reader))
        if not reader.is_at_boundary:
            raise reader.error("A space must follow here, before the next term.", reader.at, reader.at + 1)
        reader.skip_spaces()
    return Query(tuple(terms))


def _term(reader: Reader) -> Term:
    start = reader.at
    negations = 0
    while reader.accept("!"):
        negations += 1
    if negations and reader.is_at_boundary:
        raise reader.error("! must stand directly before the term it negates.", start)
    term = _positive_term(reader)
    for _ in range(negations):
        term = Negated(term)
    return replace(term, span=Span(start, reader.at))


def _positive_term(reader: Reader) -> Term:
    if reader.match(_SELECTOR_FLAG):
        return _explicit_selector(reader)
    if reader.is_at_quote():
        return _after_quoted(reader)
    return _word_term(reader)


def _explicit_selector(reader: Reader) -> Labels:
    if not reader.is_at_quote():
        return Labels(requirements(reader), explicit=True)
    start = reader.at
    inner = Reader(reader.quoted())
    inner_requirements = requirements(inner)
    if not inner.is_at_end:
        raise reader.error("The selector between the quotes is broken.", start)
    return Labels(inner_requirements, explicit=True)


def _after_quoted(reader: Reader) -> Term:
    """A quoted text, or a quoted label key with its operator."""
    text = reader.quoted()
    selector = _selector(reader, text)
    return selector if selector is not None else Text(text, bare=False)


def _word_term(reader: Reader) -> Term:
    start = reader.at
    name = reader.match(_NAME)
    if name is not None:
        selector = _selector(reader, name[0])
        if selector is not None:
            return selector
    reader.at = start
    return Text(reader.word())


def _selector(reader: Reader, key: str) -> Labels | None:
    first = rest_of_requirement(reader, key)
    if first is None:
        return None
    more: tuple[Requirement, ...] = requirements(reader) if reader.accept(",") else ()
    return Labels((first, *more))
