"""A filter while it is written: what is half typed, and values chosen in an index explorer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from kwatch.catalog.kind import Kind
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import Compare, column_name
from kwatch.query.completion import label_keys
from kwatch.query.context import Context
from kwatch.query.index_names import BUILT_IN, BY_NAME, IndexNames
from kwatch.query.parser import parse
from kwatch.query.patterns import value_predicate
from kwatch.query.query import Query
from kwatch.query.term import Negated, Term
from kwatch.query.terms.column import ColumnTerm
from kwatch.query.terms.field import Field
from kwatch.query.terms.label import Labels
from kwatch.query.terms.named_index import NamedIndex
from kwatch.query.terms.regex import Regex
from kwatch.query.terms.state import State, StateName
from kwatch.query.terms.text import Fuzzy, Text


def toggled(text: str, term: str, names: IndexNames = BUILT_IN) -> str:
    """The filter without the term if it has it, else with it at the end; the rest stays as it was typed."""
    wanted = set(parse(term, names).terms)
    there = [each.span for each in parse(text, names).terms if each in wanted]
    if not there:
        return f"{text.rstrip()} {term}".lstrip()
    for span in reversed(there):
        text = text[: span.start].rstrip() + " " + text[span.end :].lstrip()
    return text.strip()


def without_index(query: Query, index: str) -> Query:
    """The terms that do not ask for an index, or what it lacks."""

    def asks(term: Term) -> bool:
        meant = term.term if isinstance(term, Negated) else term
        return isinstance(meant, NamedIndex) and meant.index.index == index

    return Query(tuple(term for term in query.terms if not asks(term)))


def may_hold(query: Query, index: str, value: str) -> bool:
    """Whether all that a query asks of an index holds for a value."""
    for term in query.terms:
        meant = term.term if isinstance(term, Negated) else term
        if not isinstance(meant, NamedIndex) or meant.index.index != index:
            continue
        if value_predicate(meant.index, meant.patterns)(value) is isinstance(term, Negated):
            return False
    return True


def chosen_values(text: str, names: IndexNames = BUILT_IN) -> frozenset[tuple[str, str]]:
    """What a filter has chosen, as `(index name or label key=, value)`; raise QuerySyntaxError if it is broken."""
    return _chosen_by(parse(text, names).terms)


def excluded_values(text: str, names: IndexNames = BUILT_IN) -> frozenset[tuple[str, str]]:
    """What a filter leaves out, in the same form; raise QuerySyntaxError if it is broken."""
    return _chosen_by(term.term for term in parse(text, names).terms if isinstance(term, Negated))


def _chosen_by(terms: Iterable[Term]) -> frozenset[tuple[str, str]]:
    found = ((_facet(term), value) for term in terms for value in _values(term))
    return frozenset((facet, value) for facet, value in found if facet is not None)


def is_chosen(chosen: frozenset[tuple[str, str]], term: str, names: IndexNames = BUILT_IN) -> bool:
    """Whether the one value that `term` selects is among those chosen."""
    wanted = _term(term, names)
    facet = _facet(wanted)
    return facet is not None and all((facet, value) in chosen for value in _values(wanted))


def choose(text: str, term: str, names: IndexNames = BUILT_IN) -> str:
    """The filter with the value of `term` chosen, or not any more if it was; raise QuerySyntaxError if it is broken.

    A second value of the same index or label widens what is selected: `status:Failed,Pending`.
    """
    wanted = _term(term, names)
    facet = _facet(wanted)
    there = next((each for each in parse(text, names).terms if facet is not None and _facet(each) == facet), None)
    if there is None:
        return toggled(text, term, names)
    before, (value,) = _values(there), _values(wanted)
    values = [each for each in before if each != value] if value in before else [*before, value]
    start, end = there.span.start, there.span.end
    if values:
        return text[:start] + str(_with_values(there, values)) + text[end:]
    return f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()


def exclude(text: str, term: str, names: IndexNames = BUILT_IN) -> str:
    """The filter without what `term` selects, or with it again."""
    return toggled(text, f"!{term}", names)


@lru_cache(4096)
def _term(text: str, names: IndexNames) -> Term:
    (term,) = parse(text, names).terms
    return term


def _facet(term: Term) -> str | None:
    """What a term chooses values of; None if it does something else."""
    if isinstance(term, NamedIndex):
        return term.index.name
    if isinstance(term, Labels) and len(term.requirements) == 1:
        requirement = term.requirements[0]
        if requirement.operator in (Operator.EQUALS, Operator.IN):
            return f"{requirement.key}="
    return None


def _values(term: Term) -> Sequence[str]:
    if isinstance(term, NamedIndex):
        return term.patterns
    return term.requirements[0].values if isinstance(term, Labels) else ()


def _with_values(term: Term, values: Sequence[str]) -> Term:
    if isinstance(term, NamedIndex):
        return replace(term, patterns=tuple(values))
    assert isinstance(term, Labels)
    key = term.requirements[0].key
    operator = Operator.EQUALS if len(values) == 1 else Operator.IN
    return replace(term, requirements=(Requirement(key, operator, tuple(sorted(values))),))


Keys = Callable[[], Iterable[str]]
_SIGNS = frozenset({"-", ".", ".."})
"""Beginnings of `-l`, `-f` and of paths."""
_SETS = ("in", "notin")


def is_unfinished(query: Query, text: str, keys: Keys) -> bool:
    """Whether the end of `text`, read as `query`, may match more when it goes on. `keys`: see `known_keys`.

    A space finishes a term, unless ` in (` may follow it. A word that no key begins with is a text, and a longer text
    matches no more than a shorter one.
    """
    if not query.terms:
        return False
    *before, last = query.terms
    is_left = last.span.end < len(text)
    if isinstance(last, Text) and before and _may_be_a_set(before[-1], keys):
        word = last.text
        if word in _SETS or (not is_left and _begins_with(_SETS, word)):
            return True
    return _may_be_a_set(last, keys) if is_left else _may_widen(last, text, keys)


def _may_be_a_set(term: Term, keys: Keys) -> bool:
    """Whether ` in (` may come next."""
    if isinstance(term, Negated):
        return _may_be_a_set(term.term, keys)
    if isinstance(term, Labels):
        return term.requirements[-1].operator is Operator.EXISTS
    return isinstance(term, Text) and term.text.casefold() in map(str.casefold, keys())


def _may_widen(term: Term, text: str, keys: Keys) -> bool:
    match term:
        case Negated():
            return not isinstance(term.term, (Regex, State))
        case Text():
            return _begins_a_key(term.text, keys)
        case Regex() | Fuzzy() | State():
            return False
        case Labels():
            return not text.endswith(")")
        case ColumnTerm() | Field():
            return term.compare is not Compare.CONTAINS
    return True


def _begins_a_key(word: str, keys: Keys) -> bool:
    """Also with the first half of `!=`."""
    return word in _SIGNS or _begins_with(keys(), word.removesuffix("!"))


def _begins_with(keys: Iterable[str], word: str) -> bool:
    wanted = word.casefold()
    return any(key.casefold().startswith(wanted) for key in keys)


def known_keys(context: Context) -> Keys:
    """What may stand before an operator in a view, and the words that are terms."""

    def keys() -> Iterator[str]:
        yield from general_keys(context.names, context.kind)
        yield from label_keys(context)

    return keys


def general_keys(names: IndexNames, *kinds: Kind) -> Iterator[str]:
    """Those that are no labels."""
    yield "since"
    yield from StateName
    yield from BY_NAME
    yield from (each.name for each in names.of_user)
    for kind in kinds:
        yield from map(column_name, kind.columns)
