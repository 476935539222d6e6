"""`restarts>5`, `age<10m`, `cpu>500m`, `name~web`: a column, compared by its type, or a label's number."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import ColumnMatcher, Compare, find_column, operand_words, similar_columns
from kwatch.query.context import Context
from kwatch.query.syntax import QuerySyntaxError, quoted_name, quoted_value, shortened
from kwatch.query.term import Matcher, Term
from kwatch.query.terms.label import LabelMatcher, pairs_of

_AS_LABEL = {Compare.GREATER: Operator.GREATER_THAN, Compare.LESS: Operator.LESS_THAN}


@dataclass(frozen=True)
class ColumnTerm(Term):
    """Never with `=`, which asks for labels first. `>` and `<` fall back to a label's number, as in kubectl."""

    name: str
    compare: Compare
    operand: str

    def compile(self, context: Context) -> Matcher:
        """Find the column; raise QuerySyntaxError if there is none, or if the operand is not of its type."""
        place = find_column(context, self.name)
        if place is None:
            return self._label(context)
        matcher = ColumnMatcher.of(context, place, self.compare, self.operand)
        if matcher is None:
            words = operand_words(context.kind.columns[place])
            raise QuerySyntaxError(f"{shortened(self.name)} is compared with {words}.", self.span.start, self.span.end)
        return matcher

    def _label(self, context: Context) -> Matcher:
        operator = _AS_LABEL.get(self.compare)
        if operator is not None and _is_label_key(context, self.name):
            return LabelMatcher(Requirement(self.name, operator, (self.operand,)), context)
        hint = similar_columns(context, self.name)
        raise QuerySyntaxError(f"There is no column {shortened(self.name)}{hint}", self.span.start, self.span.end)

    def __str__(self) -> str:
        return f"{quoted_name(self.name)}{self.compare}{quoted_value(self.operand)}"


def _is_label_key(context: Context, key: str) -> bool:
    if not context.index.list_keys():
        return True  # nothing has come yet that could tell
    names = context.index.index_names
    if LABEL_INDEX in names:
        return bool(pairs_of(context.index, key))
    objects = map(context.index.get_by_key, context.index.list_keys())
    return any(key in labels_of(obj) for obj in objects if obj is not None)
