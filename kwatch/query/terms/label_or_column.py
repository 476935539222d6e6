"""`status=Running`, `name=web-1`: a label's value, or where the object has no such label the cell of that name."""

from __future__ import annotations

from kwatch.informer.metadata import labels_of
from kwatch.informer.selectors import Operator, Requirement
from kwatch.query.columns import ColumnMatcher, indexed_column
from kwatch.query.comparison import Compare
from kwatch.query.context import Context
from kwatch.query.matcher import Matcher
from kwatch.query.row import Row
from kwatch.query.terms.label_matcher import LabelMatcher


class LabelOrColumn(Matcher):
    """Answered by the indices of labels and that of the column, which is made on demand."""

    def __init__(self, requirement: Requirement, context: Context, place: int) -> None:
        self._requirement = requirement
        self._labels = LabelMatcher(requirement, context)
        self._carriers = LabelMatcher(Requirement(requirement.key, Operator.EXISTS), context)
        cells = [ColumnMatcher.of(context, place, Compare.EQUAL, value) for value in requirement.values]
        self._cells = [cell for cell in cells if cell is not None]
        self._index = context.index
        self.columns = frozenset({context.kind.columns[place].title})
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
        """Ask the label first."""
        labels = labels_of(row.obj)
        if self._requirement.key in labels:
            return self._requirement.matches(labels)
        return any(cell.matches(row, now) for cell in self._cells)

    def keys(self) -> set[str]:
        """Those with the label's value, and those with that cell of the ones that have no such label."""
        return self._labels.keys() | (self._filed() - self._carriers.keys())

    def next_due(self, row: Row, now: float) -> float | None:
        """When the cell says something else."""
        dues = [due for cell in self._cells if cell.timed and (due := cell.next_due(row, now)) is not None]
        return min(dues, default=None)

    def _filed(self) -> set[str]:
        column = self._column
        if column is None:
            return set().union(*(cell.keys() for cell in self._cells))
        texts = self._index.index_counts(column.index)
        meant = [text for text in texts if any(cell.means(text) for cell in self._cells)]
        return self._index.index_key_set(column.index, meant)
