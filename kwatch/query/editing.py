"""Changing a filter term by term: what the index explorer does when a value is chosen."""

from __future__ import annotations

from kwatch.query.index_names import BUILT_IN, IndexNames
from kwatch.query.parser import parse


def has_term(text: str, term: str, names: IndexNames = BUILT_IN) -> bool:
    """Whether a filter contains a term, however that is written; raise QuerySyntaxError if either is broken."""
    wanted = set(parse(term, names).terms)
    return wanted <= set(parse(text, names).terms)


def toggled(text: str, term: str, names: IndexNames = BUILT_IN) -> str:
    """The filter without the term if it has it, else with it at the end; the rest stays as it was typed."""
    wanted = set(parse(term, names).terms)
    there = [each.span for each in parse(text, names).terms if each in wanted]
    if not there:
        return f"{text.rstrip()} {term}".lstrip()
    for span in reversed(there):
        text = text[: span.start].rstrip() + " " + text[span.end :].lstrip()
    return text.strip()
