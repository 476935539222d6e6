"""One index: which keys are filed under which value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kwatch.informer.protocol import Object

Values = Sequence[str]


@dataclass(frozen=True, slots=True)
class IndexSize:
    """How many distinct values an index has, and how many keys are filed under any."""

    values: int
    keys: int


class Index:
    """Keeps the values of every key, so that removing one never asks the index function about an old object.

    Not locked: the Indexer that owns it is.
    """

    __slots__ = ("func", "keys_by_value", "values_by_key")

    def __init__(self, func: Callable[[Object], Values]) -> None:
        self.func = func
        self.keys_by_value: dict[str, set[str]] = {}
        self.values_by_key: dict[str, Values] = {}

    @property
    def size(self) -> IndexSize:
        """How large it is."""
        return IndexSize(len(self.keys_by_value), len(self.values_by_key))

    def put(self, key: str, values: Values) -> None:
        """File a key under exactly these values."""
        old = self.values_by_key.get(key, ())
        if old == values:
            return
        for value in old:
            if value not in values:
                self._withdraw(key, value)
        for value in values:
            keys = self.keys_by_value.get(value)
            if keys is None:
                self.keys_by_value[value] = {key}
            else:
                keys.add(key)
        if values:
            self.values_by_key[key] = values
        else:
            self.values_by_key.pop(key, None)

    def remove(self, key: str) -> None:
        """Withdraw a key from all its values."""
        for value in self.values_by_key.pop(key, ()):
            self._withdraw(key, value)

    def _withdraw(self, key: str, value: str) -> None:
        keys = self.keys_by_value.get(value)
        if keys is None:
            return
        keys.discard(key)
        # Values come and go (a uid, a hash); empty sets of dead values would be a leak.
        if not keys:
            del self.keys_by_value[value]
