"""Asks index functions for the values of objects, and survives those that fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from kwatch.informer.index import Index, Values
from kwatch.informer.protocol import Object

log = logging.getLogger("kwatch.informer.indexer")


class IndexValues:
    """`on_error` is told of every new kind of failure; the object then has no values in that index."""

    def __init__(self, on_error: Callable[[str], None] | None = None) -> None:
        self._on_error = on_error
        self.errors = 0
        self.last_error = ""

    def of(self, index: Index, obj: Object) -> Values:
        """The values under which an index files an object."""
        [values] = self.of_each((index,), obj)
        return values

    def of_each(self, indices: Iterable[Index], obj: Object) -> list[Values]:
        """The values under which each of these indices files an object."""
        of_each: list[Values] = []
        for index in indices:
            try:
                values = index.func(obj)
                if type(values) is not tuple:
                    if isinstance(values, str | bytes):
                        raise TypeError(f"an index function returns a sequence of values, not the one value {values!r}")
                    values = tuple(values)
                "".join(values)  # what is no text must fail here, not half-way through a change
            except Exception as error:  # noqa: BLE001 - the user's function; counted, and the cache goes on
                self._failed(f"{type(error).__name__}: {error}")
                values = ()
            of_each.append(values)
        return of_each

    def _failed(self, message: str) -> None:
        self.errors += 1
        # A function that fails for one object fails for thousands: the same words are said once.
        if message != self.last_error:
            self.last_error = message
            log.warning("an index function failed: %s", message)
            if self._on_error is not None:
                self._on_error(message)
