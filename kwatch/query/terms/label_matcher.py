"""One requirement of a label selector, answered by the indices of labels."""

from __future__ import annotations

from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.context import Context
from kwatch.query.matcher import Matcher
from kwatch.query.row import Row

LABEL_KEY_INDEX = "label-key"


class LabelMatcher(Matcher):
    """One requirement that is not negative, answered by the index of labels or that of their keys."""

    cost = 0

    def __init__(self, requirement: Requirement, context: Context) -> None:
        self._requirement = requirement
        self._index = context.index
        names = context.index.index_names
        self._has_keys = LABEL_KEY_INDEX in names
        exists = requirement.operator is Operator.EXISTS
        self.by_index = LABEL_INDEX in names or (exists and self._has_keys)
        self.answered_by = "label index" if self.by_index else "labels"

    def matches(self, row: Row, now: float) -> bool:
        """Whether the labels fulfil it."""
        return self._requirement.matches(labels_of(row.obj))

    def keys(self) -> set[str]:
        """The union over the values that fulfil it."""
        requirement = self._requirement
        key = requirement.key
        if requirement.operator in (Operator.EQUALS, Operator.IN):
            return self._index.index_key_set(LABEL_INDEX, [f"{key}={value}" for value in requirement.values])
        if requirement.operator is Operator.EXISTS and self._has_keys:
            return self._index.index_key_set(LABEL_KEY_INDEX, (key,))
        prefix = f"{key}="
        pairs = [pair for pair in self._index.index_counts(LABEL_INDEX) if pair.startswith(prefix)]
        fulfilling = [pair for pair in pairs if requirement.matches({key: pair[len(prefix) :]})]
        return self._index.index_key_set(LABEL_INDEX, fulfilling)
