"""Indices that a cache is given when somebody first needs them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from kwatch.informer.index_functions import IndexFunc
from kwatch.query.access import IndexAccess

log = logging.getLogger("kwatch.view.on_demand")


@runtime_checkable
class _Indexable(Protocol):
    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None: ...


def ensure_indices(cache: IndexAccess, indexers: Mapping[str, IndexFunc]) -> None:
    """Add those that the cache lacks, if it takes any; reads every object, so not on the UI thread."""
    missing = {name: func for name, func in indexers.items() if name not in cache.index_names}
    if not missing or not isinstance(cache, _Indexable):
        return
    try:
        cache.add_indexers(missing)
    except ValueError:
        log.debug("somebody else has added one of %s meanwhile", ", ".join(missing))
