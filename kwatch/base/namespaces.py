"""Which namespaces are meant, in a word: `shop`, several as `shop,payments`, all but some as `!kube-system`.

Everywhere such a word is called a `namespace`; None is all of them. What is asked of a server is always one namespace
or all: `asked_of_server` says which questions a word is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

ALL_NAMESPACES = "all namespaces"
HIDING = "!"
MOST_NAMESPACES = 100
"""So many namespaces are watched one by one where all may not be listed at once: each is a connection."""
_NAMED = 4
"""From so many on, only some are named where there is little room."""


class Asked(NamedTuple):
    """One question to the server: a namespace, None for all of them, and a field selector."""

    namespace: str | None
    fields: str | None


def read_namespaces(text: str) -> str:
    """The word as it is used everywhere: each once, in the order given. Raise ValueError with a sentence."""
    if "," not in text and HIDING not in text:
        return text
    names = [each.strip() for each in text.split(",")]
    if not all(each.removeprefix(HIDING) for each in names):
        raise ValueError(f"{text!r} lacks a name beside a comma or a {HIDING}; write shop,payments or !kube-system")
    if 0 < sum(each.startswith(HIDING) for each in names) < len(names):
        raise ValueError(f"{text!r} names namespaces and hides others; give either those to watch or those to hide")
    return ",".join(dict.fromkeys(names))


def is_hiding(namespace: str | None) -> bool:
    """Whether all are meant but some."""
    return namespace is not None and namespace.startswith(HIDING)


def is_one(namespace: str | None) -> bool:
    """Whether a single one is meant."""
    return namespace is not None and "," not in namespace and not is_hiding(namespace)


def is_everywhere(namespace: str | None) -> bool:
    """Whether the server is asked about all namespaces at once."""
    return namespace is None or is_hiding(namespace)


@lru_cache(maxsize=256)
def named(namespace: str | None) -> tuple[str, ...]:
    """Those that are meant by name; none where all are, or all but some."""
    return () if namespace is None or is_hiding(namespace) else tuple(namespace.split(","))


@lru_cache(maxsize=256)
def hidden(namespace: str | None) -> tuple[str, ...]:
    """Those that are left out by name."""
    return tuple(each.removeprefix(HIDING) for each in (namespace or "").split(",")) if is_hiding(namespace) else ()


def holds(namespace: str | None, name: str) -> bool:
    """Whether a namespace is among those meant."""
    if namespace is None or namespace == name:
        return True
    return name not in hidden(namespace) if is_hiding(namespace) else name in named(namespace)


def asked_of_server(namespace: str | None, fields: str | None = None) -> tuple[Asked, ...]:
    """What to ask for, so that all comes that is meant: what is hidden never leaves the server."""
    if is_hiding(namespace):
        without = [f"metadata.namespace!={each}" for each in hidden(namespace)]
        return (Asked(None, ",".join([*([fields] if fields else []), *without])),)
    return tuple(Asked(each, fields) for each in named(namespace) or (None,))


def in_words(namespace: str | None, most: int = _NAMED) -> str:
    """`shop, payments`, `all namespaces but kube-system`; of many some."""
    names = hidden(namespace) or named(namespace)
    more = f" and {len(names) - most + 1} more" if len(names) > most else ""
    listed = ", ".join(names[: most - 1] if more else names) + more
    if not named(namespace):
        return f"{ALL_NAMESPACES} but {listed}" if listed else ALL_NAMESPACES
    return listed
