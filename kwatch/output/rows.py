"""Rows as `kubectl get` prints them, plain or wide, and as `kubectl get -w` goes on."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.go_text import go_upper
from kwatch.catalog.kind import Kind
from kwatch.informer.clock import Clock
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.output.aligned import AlignedLines
from kwatch.output.change import Gap, ObjectChange
from kwatch.output.masking import Masking
from kwatch.output.names import type_prefix

CHUNK = 500
"""Objects that kubectl asks for at a time, unless it sorts them."""


class RowPrinter:
    """A table a resource; its header again when another resource was printed in between."""

    def __init__(
        self,
        clock: Clock,
        masking: Masking | None = None,
        *,
        wide: bool = False,
        with_namespace: bool = False,
        with_type: bool = False,
        label_columns: Sequence[str] = (),
        show_labels: bool = False,
        headers: bool = True,
        chunk: int | None = CHUNK,
    ) -> None:
        self._clock = clock
        self._masking = masking or Masking()
        self._chunk = chunk
        self._wide = wide
        self._with_namespace = with_namespace
        self._with_type = with_type
        self._label_columns = tuple(label_columns)
        self._show_labels = show_labels
        self._headers = headers
        self._aligned = AlignedLines()
        self._printed: tuple[Resource, tuple[str, ...]] | None = None

    def initial(self, changes: Sequence[ObjectChange], final: bool) -> str:
        """One table for each resource, a blank line between."""
        self._with_type |= len({each.resource for each in changes}) > 1  # categories such as `all`
        parts: list[str] = []
        start = 0
        for index in range(1, len(changes) + 1):
            if index == len(changes) or changes[index].resource != changes[start].resource:
                parts.append(self._table(changes[start:index]))
                start = index
        return "\n".join(parts)

    def change(self, change: ObjectChange) -> str:
        """A row; with its header if another resource was printed before."""
        return self._table([change])

    def gap(self, gap: Gap) -> str:
        """Rows are kubectl's, and it has none for this; the caller tells it on stderr."""
        return ""

    def _table(self, changes: Sequence[ObjectChange]) -> str:
        first = changes[0]
        header = self._header(first.resource, first.kind)
        new = self._printed != (first.resource, header)
        rows = [self._row(each.resource, each.kind, each.object) for each in changes]
        if new:
            self._aligned.reset()
        self._printed = (first.resource, header)
        # A list of kubectl's comes in chunks, and each is a table of its own.
        step = self._chunk or len(rows)
        return "".join(
            self._aligned.table(header if new and self._headers and start == 0 else None, rows[start : start + step])
            for start in range(0, len(rows), step)
        )

    def _shown(self, kind: Kind) -> list[int]:
        return [index for index, column in enumerate(kind.columns) if self._wide or column.priority == 0]

    def _header(self, resource: Resource, kind: Kind) -> tuple[str, ...]:
        titles = [go_upper(kind.columns[index].title) for index in self._shown(kind)]
        if self._with_namespace and resource.namespaced:
            titles.insert(0, "NAMESPACE")
        titles += [go_upper(key.rpartition("/")[2]) for key in self._label_columns]
        if self._show_labels:
            titles.append("LABELS")
        return tuple(titles)

    def _row(self, resource: Resource, kind: Kind, thing: KubeObject) -> tuple[str, ...]:
        values, now = kind.read(thing), self._clock.time()
        cells = [kind.columns[index].text(values[index], now) for index in self._shown(kind)]
        if self._with_type and cells:
            cells[0] = f"{type_prefix(resource)}/{cells[0]}"
        if self._with_namespace and resource.namespaced:
            cells.insert(0, thing.namespace)
        labels = self._masking.labels(thing)
        cells += [labels.get(key, "") for key in self._label_columns]
        if self._show_labels:
            cells.append(",".join(sorted(f"{key}={value}" for key, value in labels.items())) or "<none>")
        return tuple(cells)
