"""Keys of rows: `namespace/name` or `name`; in a view of several resources, with the place of theirs before it.

`002:shop/web-1`, `000:/node-7`: such a key always has a slash, and before it a colon, which no namespace contains. So
it sorts by resource, namespace and name, and what follows holds for both forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from kwatch.informer.resource import Resource

_DIGITS = 3


def qualify(place: int, keys: Iterable[str]) -> list[str]:
    """The keys of one resource as those of a view in which it is the one at `place`."""
    prefix = f"{place:0{_DIGITS}}:"
    of_cluster = f"{prefix}/"
    return [prefix + key if "/" in key else of_cluster + key for key in keys]


def qualified(place: int, key: str) -> str:
    """The same for one key."""
    return qualify(place, (key,))[0]


def located(key: str) -> tuple[int, str] | None:
    """The place of the resource and the key there; None for a key that does not tell."""
    start = _DIGITS + 1
    if key[_DIGITS:start] != ":" or "/" not in key:
        return None
    return int(key[:_DIGITS]), key[start + 1 :] if key[start] == "/" else key[start:]


def part_of(key: str) -> int:
    """The place of the resource that a qualified key is of."""
    return int(key[:_DIGITS])


class QualifiedKeys(dict[str, str]):
    """Keys of one resource -> the same in a view of several: always the same texts, which sets then find at once."""

    LIMIT = 500_000
    """From so many on it begins anew, for keys come and go."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place

    def __missing__(self, key: str) -> str:
        if len(self) >= self.LIMIT:
            self.clear()
        found = self[key] = qualified(self._place, key)
        return found

    def of(self, keys: Iterable[str]) -> Iterator[str]:
        """Each of them."""
        return map(self.__getitem__, keys)


class RowKeys:
    """How keys of `count` resources become those of one table, and back; of a single resource they are the same."""

    def __init__(self, count: int) -> None:
        self._is_mixed = count > 1

    def of(self, place: int, keys: Iterable[str]) -> Iterable[str]:
        """The keys of the resource at `place` as they are in the table, in their order."""
        return qualify(place, keys) if self._is_mixed else keys

    def locate(self, key: str) -> tuple[int, str]:
        """The place of the resource that a key of the table is of, and the key there."""
        return (self._is_mixed and located(key)) or (0, key)


def namespace_of(key: str) -> str:
    """Empty for cluster-scoped objects."""
    namespace = key.rpartition("/")[0]
    return namespace[_DIGITS + 1 :] if namespace[_DIGITS : _DIGITS + 1] == ":" else namespace


def resource_finder(resources: Sequence[Resource]) -> Callable[[str], Resource]:
    """Which of the resources a key is of."""
    if len(resources) == 1:
        only = resources[0]
        return lambda key: only
    return lambda key: resources[part_of(key)]
