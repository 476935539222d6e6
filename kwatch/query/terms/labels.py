"""`app=cart`, `tier!=data`, `env in (a,b)`, `-l app`: label selectors, as kubectl writes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kwatch.informer.index_functions import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.query.context import Context
from kwatch.query.matcher import All, Matcher, Not
from kwatch.query.quoting import quoted_if_needed
from kwatch.query.row import Row
from kwatch.query.terms.term import Term

LABEL_KEY_INDEX = "label-key"


class LabelOperator(StrEnum):
    """How a requirement is written between key and values."""

    EQUALS = "="
    NOT_EQUALS = "!="
    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    NOT_EXISTS = "!"


_NEGATIVE = frozenset({LabelOperator.NOT_EQUALS, LabelOperator.NOT_IN, LabelOperator.NOT_EXISTS})


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of the conditions between commas."""

    key: str
    operator: LabelOperator
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        key = quoted_if_needed(self.key)
        match self.operator:
            case LabelOperator.EXISTS:
                return key
            case LabelOperator.NOT_EXISTS:
                return f"!{key}"
            case LabelOperator.IN | LabelOperator.NOT_IN:
                return f"{key} {self.operator} ({','.join(map(quoted_if_needed, self.values))})"
        return f"{key}{self.operator}{quoted_if_needed(self.values[0]) if self.values[0] else ''}"

    def compile(self, context: Context) -> Matcher:
        """Ask the label index if there is one. `!=` and `notin` also mean objects without the label."""
        if self.operator in (LabelOperator.EXISTS, LabelOperator.NOT_EXISTS):
            found: Matcher = LabelKeyMatcher(self.key, context)
        else:
            found = LabelValueMatcher(self.key, self.values, context)
        return Not(found) if self.operator in _NEGATIVE else found


@dataclass(frozen=True)
class Labels(Term):
    """All requirements hold. `explicit` when written after `-l`, where a bare word is a label key."""

    requirements: tuple[Requirement, ...]
    explicit: bool = False

    def compile(self, context: Context) -> Matcher:
        """The requirements together."""
        parts = tuple(requirement.compile(context) for requirement in self.requirements)
        return parts[0] if len(parts) == 1 else All(parts)

    def __str__(self) -> str:
        text = ",".join(map(str, self.requirements))
        return f"-l {text}" if self.explicit else text


class LabelKeyMatcher(Matcher):
    """Objects that carry a label of that key."""

    cost = 0

    def __init__(self, key: str, context: Context) -> None:
        self._key = key
        self._index = context.index
        names = context.index.index_names
        self._by_key = LABEL_KEY_INDEX in names
        self.by_index = self._by_key or LABEL_INDEX in names
        self.answered_by = "label index" if self.by_index else "labels"

    def matches(self, row: Row, now: float) -> bool:
        """Whether the object has the label."""
        return self._key in labels_of(row.obj)

    def keys(self) -> set[str]:
        """From the index of label keys, or from every value of the key in that of labels."""
        if self._by_key:
            return self._index.index_key_set(LABEL_KEY_INDEX, (self._key,))
        prefix = f"{self._key}="
        pairs = [pair for pair in self._index.index_counts(LABEL_INDEX) if pair.startswith(prefix)]
        return self._index.index_key_set(LABEL_INDEX, pairs)


class LabelValueMatcher(Matcher):
    """Objects whose label has one of the values."""

    cost = 0

    def __init__(self, key: str, values: tuple[str, ...], context: Context) -> None:
        self._key = key
        self._values = frozenset(values)
        self._index = context.index
        self.by_index = LABEL_INDEX in context.index.index_names
        self.answered_by = "label index" if self.by_index else "labels"

    def matches(self, row: Row, now: float) -> bool:
        """Whether the label's value is one of them."""
        return labels_of(row.obj).get(self._key) in self._values

    def keys(self) -> set[str]:
        """The union over the values."""
        return self._index.index_key_set(LABEL_INDEX, [f"{self._key}={value}" for value in self._values])
