"""A row whose object is asked for when somebody looks: the past makes every object anew."""

from __future__ import annotations

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.query.keys import namespace_of
from kwatch.query.row import Row, RowReader
from kwatch.view.source import Source

_NOTHING: Object = {}


class LazyRow(Row):
    """Keeps what was read, and not the object: there may be a hundred thousand of them, each unpacked."""

    __slots__ = ("_source",)

    def __init__(self, key: str, source: Source, reader: RowReader) -> None:
        super().__init__(key, _NOTHING, reader)
        self._source = source

    @property
    def obj(self) -> Object:
        """The object; one with nothing but its name if the source has lost it meanwhile."""
        obj = self._source.get_by_key(self.key)
        return obj if obj is not None else _nameplate(self.key)


def _nameplate(key: str) -> KubeObject:
    namespace, name = namespace_of(key), key.rpartition("/")[2]
    return KubeObject.of({"metadata": {"namespace": namespace, "name": name} if namespace else {"name": name}})
