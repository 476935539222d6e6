"""Terms that are only half typed: `restarts` on the way to `restarts>3` matches nothing, and means nothing yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kwatch.catalog.kind import Kind
from kwatch.informer.selectors import Operator
from kwatch.query.columns import Compare, column_name
from kwatch.query.completion import label_keys
from kwatch.query.context import Context
from kwatch.query.index_names import BY_NAME, IndexNames
from kwatch.query.query import Query
from kwatch.query.term import Negated, Term
from kwatch.query.terms.column import ColumnTerm
from kwatch.query.terms.field import Field
from kwatch.query.terms.label import Labels
from kwatch.query.terms.regex import Regex
from kwatch.query.terms.state import State, StateName
from kwatch.query.terms.text import Fuzzy, Text

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
