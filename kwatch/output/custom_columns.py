"""`-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kwatch.catalog.go_text import go_print
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.output.aligned import AlignedLines
from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking

_COMMA = re.compile(r",(?![^\[(]*[\])])")


class CustomColumnsPrinter:
    """Raise JSONPathError when the columns' text is broken."""

    def __init__(self, text: str, masking: Masking, headers: bool = True) -> None:
        self._columns = []
        for each in _COMMA.split(text):
            title, colon, path = each.partition(":")
            if not title or not colon or not path:
                raise JSONPathError(f"{each!r} is no column; write NAME:.json.path")
            self._columns.append((title, parse_json_path(path)))
        self._masking = masking
        self._headers = headers
        self._begun = False
        self._aligned = AlignedLines()

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """A table of what was there at first."""
        return self._lines(changes)

    def change(self, change: ObjectChange) -> str:
        """One row."""
        return self._lines([change])

    def gap(self, gap: Gap) -> str:
        """Rows have no place for it."""
        return ""

    def _lines(self, changes: Sequence[ObjectChange]) -> str:
        rows = [self._row(each) for each in changes]
        if self._headers and not self._begun:
            rows.insert(0, [title for title, _ in self._columns])
        self._begun = True
        return self._aligned.lines(rows)

    def _row(self, change: ObjectChange) -> list[str]:
        tree = self._masking.tree(change.object)
        found = (path.find(tree) for _, path in self._columns)
        return [",".join(map(go_print, values)) if values else "<none>" for values in found]
