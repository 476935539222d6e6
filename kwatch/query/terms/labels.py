"""`app=cart`, `tier!=data`, `env in (a,b)`, `-l app`: label selectors, as kubectl writes them."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import find_column
from kwatch.query.context import Context
from kwatch.query.matcher import All, Matcher, Not
from kwatch.query.quoting import quoted, quoted_name, quoted_value
from kwatch.query.terms.label_matcher import LabelMatcher
from kwatch.query.terms.label_or_column import LabelOrColumn
from kwatch.query.terms.term import Term

_OPPOSITES = {
    Operator.NOT_EQUALS: Operator.EQUALS,
    Operator.NOT_IN: Operator.IN,
    Operator.DOES_NOT_EXIST: Operator.EXISTS,
}


@dataclass(frozen=True)
class Labels(Term):
    """All requirements hold; `!=` and `notin` also hold for objects without the label.

    `explicit` when written after `-l`: then a bare word is a key. Otherwise an object without such a label is judged by
    the column of that name, if there is one: `status=Running`.
    """

    requirements: tuple[Requirement, ...]
    explicit: bool = False

    def compile(self, context: Context) -> Matcher:
        """The requirements together."""
        parts = tuple(self._matcher(requirement, context) for requirement in self.requirements)
        return parts[0] if len(parts) == 1 else All(parts)

    def _matcher(self, requirement: Requirement, context: Context) -> Matcher:
        opposite = _OPPOSITES.get(requirement.operator)
        if opposite is not None:
            return Not(self._matcher(Requirement(requirement.key, opposite, requirement.values), context))
        labels = LabelMatcher(requirement, context)
        if self.explicit or requirement.operator not in (Operator.EQUALS, Operator.IN):
            return labels
        column = find_column(context, requirement.key)
        if column is None or context.kind.columns[column].compare == "duration":
            return labels
        return LabelOrColumn(requirement, context, column)

    def __str__(self) -> str:
        text = ",".join(map(requirement_text, self.requirements))
        if not self.explicit:
            return text
        # A quote right after -l holds the whole selector.
        return "-l " + (quoted(text) if text.startswith('"') else text)


def requirement_text(requirement: Requirement) -> str:
    """A requirement as it is written in a filter, where quotes keep odd characters."""
    key = quoted_name(requirement.key)
    match requirement.operator:
        case Operator.EXISTS:
            return key
        case Operator.DOES_NOT_EXIST:
            return f"!{key}"
        case Operator.IN | Operator.NOT_IN:
            return f"{key} {requirement.operator} ({','.join(map(quoted_value, requirement.values))})"
    value = requirement.values[0]
    return f"{key}{requirement.operator}{quoted_value(value) if value else ''}"
