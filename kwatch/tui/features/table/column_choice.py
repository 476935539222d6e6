"""Which columns a table shows: the kind's, arranged by the settings, with those that the command line asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kwatch.catalog.arrangement import ArrangementError, arrange
from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind, Values
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.usage_columns import TITLES

_KNOWN_PATHS = {".metadata.name": "name", ".metadata.namespace": "namespace", ".metadata.creationTimestamp": "age"}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """`configured`: a resource's name -> the entries of its arrangement. `sort_by`: as kubectl's --sort-by takes it."""

    configured: Mapping[str, Sequence[str]] = field(default_factory=dict)
    labels: Sequence[str] = ()
    show_labels: bool = False
    sort_by: str = ""

    def of(self, resource: Resource, kind: Kind) -> Kind:
        """The kind as it is to be shown; raise ArrangementError, which says what is wrong with which entry."""
        entries = list(self._configured(resource))
        added = [f"{label.rpartition('/')[2]}:label:{label}" for label in self.labels]
        if self._sort_path:
            added.append(f"{self.sort_column}:{self._sort_path}")
        if entries or added:
            kind = arrange(
                kind, [*(entries or _titles(kind, spare=False)), *added, *_unlisted_spares(kind, entries)], TITLES
            )
        return _with_labels(kind) if self.show_labels else kind

    @property
    def sort_column(self) -> str:
        """The column to sort by at first; empty for none."""
        if not self._is_path:
            return self.sort_by
        path = self._path
        return _KNOWN_PATHS.get(path) or path.rpartition(".")[2].strip("[]'\"") or path

    @property
    def _is_path(self) -> bool:
        return self.sort_by.startswith((".", "{"))

    @property
    def _path(self) -> str:
        return self.sort_by.removeprefix("{").removesuffix("}")

    @property
    def _sort_path(self) -> str:
        """The path that needs a column of its own."""
        return self._path if self._is_path and self._path not in _KNOWN_PATHS else ""

    def _configured(self, resource: Resource) -> Sequence[str]:
        return self.configured.get(str(resource)) or self.configured.get(resource.name) or ()


def _titles(kind: Kind, *, spare: bool) -> list[str]:
    """Those of the columns shown by default, either of the kind's own or of what only takes room that is left over."""
    return [column.title for column in kind.columns if column.priority == 0 and column.spare is spare]


def _unlisted_spares(kind: Kind, entries: Sequence[str]) -> list[str]:
    """They follow what was asked for; but who lists columns gets no others."""
    return [] if entries else _titles(kind, spare=True)


def _with_labels(kind: Kind) -> Kind:
    """One more column: all labels, as kubectl's --show-labels writes them; only what is to spare stands behind it."""
    place = next((place for place, column in enumerate(kind.columns) if column.spare), len(kind.columns))

    def read(obj: KubeObject) -> Values:
        labels = ",".join(f"{key}={value}" for key, value in sorted(obj.labels.items()))
        values = kind.read(obj)
        return (*values[:place], labels or "<none>", *values[place:])

    columns = (*kind.columns[:place], Column("Labels", max_width=200), *kind.columns[place:])
    return Kind(kind.name, columns, read)


__all__ = ["ArrangementError", "ColumnChoice"]
