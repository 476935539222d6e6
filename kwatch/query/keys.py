"""Keys of rows: `namespace/name` or `name`; in a view of several resources, with the place of theirs before it.

`002:shop/web-1`, `000:/node-7`: such a key always has a slash, and before it a colon, which no namespace contains. So
it sorts by resource, namespace and name, and what follows holds for both forms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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
    if not is_qualified(key):
        return None
    plain = key[_DIGITS + 1 :]
    return int(key[:_DIGITS]), plain.removeprefix("/")


def is_qualified(key: str) -> bool:
    """Whether a key tells of which resource it is."""
    return key[_DIGITS : _DIGITS + 1] == ":" and key[:_DIGITS].isdecimal() and "/" in key


def namespace_of(key: str) -> str:
    """Empty for cluster-scoped objects."""
    namespace = key.rpartition("/")[0]
    return namespace[_DIGITS + 1 :] if namespace[_DIGITS : _DIGITS + 1] == ":" else namespace


def resource_finder(resources: Sequence[Resource]) -> Callable[[str], Resource]:
    """Which of the resources a key is of."""
    if len(resources) == 1:
        only = resources[0]
        return lambda key: only
    return lambda key: resources[int(key[:_DIGITS])]
