"""A view's share of an informer: its cache, its own dirty keys, and the way to let go of it."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.catalog.kind import Kind
from kwatch.informer.indexer import Indexer
from kwatch.informer.resource import Resource
from kwatch.informer.shared_informer import SharedInformer
from kwatch.informer.status import InformerStatus
from kwatch.session.dirty_set import DirtySet
from kwatch.session.open_informer import OpenInformer
from kwatch.session.watched import Watched


class Feed:
    """Safe to use on the UI thread: nothing here blocks."""

    def __init__(self, open_informer: OpenInformer, dirty: DirtySet, on_release: Callable[[], None]) -> None:
        self._open = open_informer
        self._dirty = dirty
        self._on_release = on_release
        self._released = False

    @property
    def watched(self) -> Watched:
        """What is watched."""
        return self._open.watched

    @property
    def resource(self) -> Resource:
        """Its resource."""
        return self._open.watched.resource

    @property
    def kind(self) -> Kind:
        """How its objects look; replaced by a better one when the server has told its columns."""
        return self._open.kind

    @property
    def kind_version(self) -> int:
        """Grows whenever `kind` is replaced."""
        return self._open.kind_version

    @property
    def informer(self) -> SharedInformer:
        """The informer itself, e.g. for handlers."""
        return self._open.informer

    @property
    def indexer(self) -> Indexer:
        """The cache."""
        return self._open.informer.indexer

    @property
    def status(self) -> InformerStatus:
        """A snapshot of how the informer is."""
        return self._open.informer.status

    def drain(self) -> frozenset[str]:
        """The keys that changed since the last drain; the first one brings every key in the cache."""
        return self._dirty.drain()

    def release(self) -> None:
        """Let go; the informer ends some time after its last feed did. Idempotent."""
        if not self._released:
            self._released = True
            self._open.informer.remove_sink(self._dirty)
            self._on_release()
