"""A row whose object is asked for when somebody looks: the past makes every object anew."""

from __future__ import annotations

from kwatch.informer.keys import split_key
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.query.row import Row, RowReader
from kwatch.view.source import Source

_NOTHING: Object = {}


class LazyRow(Row):
    """Asks its source once."""

    __slots__ = ("_source",)

    def __init__(self, key: str, source: Source, reader: RowReader) -> None:
        super().__init__(key, _NOTHING, reader)
        self._source = source

    @property
    def obj(self) -> Object:
        """The object; one with nothing but its name if the source has lost it meanwhile."""
        if self._obj is _NOTHING:
            obj = self._source.get_by_key(self.key)
            self._obj = obj if obj is not None else _nameplate(self.key)
        return self._obj


def _nameplate(key: str) -> KubeObject:
    namespace, name = split_key(key)
    return KubeObject.of({"metadata": {"namespace": namespace, "name": name} if namespace else {"name": name}})
