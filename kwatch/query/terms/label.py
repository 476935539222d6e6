"""`app=cart`, `tier!=data`, `env in (a,b)`, `-l app`: label selectors, as kubectl writes them."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import ColumnMatcher, Compare, find_column, indexed_column
from kwatch.query.context import Context, IndexAccess
from kwatch.query.row import Row
from kwatch.query.syntax import quoted, quoted_name, quoted_value
from kwatch.query.term import All, Matcher, Not, Term, earliest


def pairs_of(index: IndexAccess, key: str) -> list[str]:
    """The values of the label index with this key: `app=cart`."""
    prefix = f"{key}="
    return [pair for pair in index.index_counts(LABEL_INDEX) if pair.startswith(prefix)]


class LabelMatcher(Matcher):
    """One requirement that is not negative, answered by the index of labels."""

    cost = 0

    def __init__(self, requirement: Requirement, context: Context) -> None:
        self._requirement = requirement
        self._index = context.index
        self.by_index = LABEL_INDEX in context.index.index_names
        self.answered_by = "label index" if self.by_index else "labels"

    def matches(self, row: Row, now: float) -> bool:
        return self._requirement.matches(labels_of(row.obj))

    def keys(self) -> set[str]:
        requirement = self._requirement
        key = requirement.key
        if requirement.operator in (Operator.EQUALS, Operator.IN):
            return self._index.index_key_set(LABEL_INDEX, [f"{key}={value}" for value in requirement.values])
        pairs = pairs_of(self._index, key)
        fulfilling = [pair for pair in pairs if requirement.matches({key: pair[len(key) + 1 :]})]
        return self._index.index_key_set(LABEL_INDEX, fulfilling)


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


class LabelOrColumn(Matcher):
    """Answered by the indexes of labels and that of the column, which is made on demand."""

    def __init__(self, requirement: Requirement, context: Context, place: int) -> None:
        self._requirement = requirement
        self._labels = LabelMatcher(requirement, context)
        self._carriers = LabelMatcher(Requirement(requirement.key, Operator.EXISTS), context)
        cells = [ColumnMatcher.of(context, place, Compare.EQUAL, value) for value in requirement.values]
        self._cells = [cell for cell in cells if cell is not None]
        self.columns = frozenset({context.kind.columns[place].title})
        self._index = context.index
        self._by_name = all(cell.by_index for cell in self._cells)
        self._column = None if self._by_name else indexed_column(context, place)
        names = context.index.index_names
        is_filed = self._by_name or (self._column is not None and self._column.index in names)
        self.by_index = is_filed and self._labels.by_index and self._carriers.by_index
        self.timed = any(cell.timed for cell in self._cells)
        title = "names" if self._by_name else f"{context.kind.columns[place].title.lower()} index"
        self.answered_by = f"label index and {title}" if self.by_index else "labels and cells"
        if self._column is not None and self._column.func is not None:
            self.indices = {self._column.index: self._column.func}

    def matches(self, row: Row, now: float) -> bool:
        labels = labels_of(row.obj)
        if self._requirement.key in labels:
            return self._requirement.matches(labels)
        return any(cell.matches(row, now) for cell in self._cells)

    def keys(self) -> set[str]:
        """Those with the label's value, and those with that cell of the ones that have no such label."""
        return self._labels.keys() | (self._filed() - self._carriers.keys())

    def next_due(self, row: Row, now: float) -> float | None:
        return earliest(cell.next_due(row, now) for cell in self._cells if cell.timed)

    def _filed(self) -> set[str]:
        column = self._column
        if column is None:
            return set().union(*(cell.keys() for cell in self._cells))
        texts = self._index.index_counts(column.index)
        meant = [text for text in texts if any(cell.means(text) for cell in self._cells)]
        return self._index.index_key_set(column.index, meant)
