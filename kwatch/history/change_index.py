"""Which objects changed at which path, from what to what, and when last: answers `~`, `~path`, `~path:old>new`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any

from kwatch.history.change_pattern import ChangePattern, Pair, leaves_of, names_outside, segments_of
from kwatch.history.diff.change import Change
from kwatch.history.diff.path import Steps, path_text

MOST_PAIRS = 2000
"""Different values of one path that are told apart; of a path with more, only each object's latest change is."""
MOST_ENTRIES = 50_000
"""Changes of value of one path that are remembered..."""
ENTRIES_PER_OBJECT = 8
"""...or so many of each object, if that is more; beyond, again only each object's latest."""
MOST_PATHS = 20_000
"""Paths of one resource; beyond, items of lists are filed under their list."""
LEARNT = 30
"""Objects of a resource from which is learnt what fields they have."""
_MOST_PATTERNS = 100
_PLACE_BYTES = 40
"""What an object takes in one of the dictionaries here, as measured..."""
_PAIR_BYTES = 330
"""...two values, beside their text, with the dictionary of who had them..."""
_PATH_BYTES = 700
"""...and a path."""


class ChangeIndex:
    """Of one resource. Written by the background thread, read by any; it remembers what the journal had to evict."""

    def __init__(self) -> None:
        self.bytes = 0
        """About how much memory it takes."""
        self._lock = threading.Lock()
        self._any: dict[str, float] = {}
        self._paths: dict[Steps, _PathChanges] = {}
        self._matching: dict[str, tuple[int, int, list[_PathChanges]]] = {}
        self._learnt = 0
        self.outside: frozenset[str] = frozenset()
        """The names of fields that the objects have outside of their status, for a ChangePattern."""

    @property
    def learns(self) -> bool:
        """Whether more objects are to be learnt from: those of one resource are much alike."""
        return self._learnt < LEARNT

    def learn(self, tree: Mapping[str, Any]) -> None:
        """Note which fields an object has."""
        self._learnt += 1
        self.outside |= names_outside(tree)

    def add(self, key: str, at: float, changes: Iterable[Change]) -> None:
        """File what changed between two versions."""
        with self._lock:
            for change in changes:
                self._touch(key, at)
                for steps, pair in leaves_of(change):
                    filed_under = self._path(steps)
                    self.bytes += filed_under.add(key, at, pair)

    def touch(self, key: str, at: float) -> None:
        """File that an object came or went."""
        with self._lock:
            self._touch(key, at)

    def _touch(self, key: str, at: float) -> None:
        if key not in self._any:
            self.bytes += _PLACE_BYTES
        self._any[key] = at

    def last_changes(self, path: str = "", old: str | None = None, new: str | None = None) -> Mapping[str, float]:
        """Key -> when it last changed in that way (see ChangePattern), in seconds since the epoch."""
        pattern = ChangePattern(path, old, new, self.outside)
        with self._lock:
            if not path and pattern.any_value:
                return dict(self._any)
            found: dict[str, float] = {}
            for changes in self._matched(path, pattern):
                for last in changes.matching(pattern):
                    for key, at in last.items():
                        if at > found.get(key, -inf):
                            found[key] = at
            return found

    def last_change(self, key: str, path: str = "", old: str | None = None, new: str | None = None) -> float | None:
        """The same for one key; None if it did not change in that way."""
        pattern = ChangePattern(path, old, new, self.outside)
        with self._lock:
            if not path and pattern.any_value:
                return self._any.get(key)
            return max(
                (
                    last[key]
                    for changes in self._matched(path, pattern)
                    if key in changes.last
                    for last in changes.matching(pattern)
                    if key in last
                ),
                default=None,
            )

    def count_since(self, time: float) -> int:
        """How many objects came, went or changed after a time, in seconds since the epoch."""
        with self._lock:
            return sum(at > time for at in self._any.values())

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there: for completion and facets."""
        with self._lock:
            return {changes.path: len(changes.last) for changes in self._paths.values()}

    def values(self, path: str) -> tuple[Pair, ...]:
        """The changes of value known of a path, e.g. `("Pending", "Running")`; an absent value is empty."""
        pattern = ChangePattern(path, outside=self.outside)
        with self._lock:
            return tuple(dict.fromkeys(pair for changes in self._matched(path, pattern) for pair in changes.pairs))

    def forget(self, keys: Iterable[str]) -> None:
        """Drop objects of which nothing is left."""
        with self._lock:
            for key in keys:
                if self._any.pop(key, None) is not None:
                    self.bytes -= _PLACE_BYTES
                for changes in self._paths.values():
                    self.bytes -= changes.forget(key)
            for steps in [steps for steps, changes in self._paths.items() if not changes.last]:
                del self._paths[steps]
                self.bytes -= _PATH_BYTES
                self._matching.clear()

    def _path(self, steps: Steps) -> _PathChanges:
        found = self._paths.get(steps)
        if found is None:
            if len(self._paths) >= MOST_PATHS:
                steps = tuple(step for step in steps if isinstance(step, str))
            found = self._paths.get(steps)
            if found is None:
                found = self._paths[steps] = _PathChanges(steps)
                self.bytes += _PATH_BYTES
        return found

    def _matched(self, path: str, pattern: ChangePattern) -> list[_PathChanges]:
        known, size = self._matching.get(path), (len(self._paths), len(self.outside))
        if known is None or known[:2] != size:
            known = (*size, [each for each in self._paths.values() if pattern.matches_path(each.segments)])
            if len(self._matching) > _MOST_PATTERNS:
                self._matching.clear()
            self._matching[path] = known
        return known[2]


class _PathChanges:
    __slots__ = ("_entries", "_latest", "last", "pairs", "path", "segments")

    def __init__(self, steps: Steps) -> None:
        self.path = path_text(steps)
        self.segments = segments_of(steps)
        self.last: dict[str, float] = {}
        self.pairs: dict[Pair, dict[str, float]] = {}
        self._entries = 0
        """How many there are in `pairs`."""
        self._latest: dict[str, tuple[float, Pair]] = {}
        """Of each object the latest change whose values are too many to be told apart."""

    def add(self, key: str, at: float, pair: Pair) -> int:
        """File a change; about how many bytes more it takes now."""
        more = 0 if key in self.last else _PLACE_BYTES
        self.last[key] = at
        keys = self.pairs.get(pair)
        if keys is None or key not in keys:
            most = max(MOST_ENTRIES, ENTRIES_PER_OBJECT * len(self.last))
            if self._entries >= most or (keys is None and len(self.pairs) >= MOST_PAIRS):
                before = self._latest.get(key)
                self._latest[key] = (at, pair)
                return more + _latest_bytes(pair) - (_latest_bytes(before[1]) if before is not None else 0)
            self._entries += 1
            more += _PLACE_BYTES if keys is not None else _pair_bytes(pair)
            keys = self.pairs.setdefault(pair, {})
        keys[key] = at
        return more

    def matching(self, pattern: ChangePattern) -> Iterator[Mapping[str, float]]:
        if pattern.any_value:
            yield self.last
            return
        for pair, keys in self.pairs.items():
            if pattern.matches_pair(pair):
                yield keys
        if self._latest:
            yield {key: at for key, (at, pair) in self._latest.items() if pattern.matches_pair(pair)}

    def forget(self, key: str) -> int:
        """Drop an object; about how many bytes that frees."""
        freed = _PLACE_BYTES if self.last.pop(key, None) is not None else 0
        latest = self._latest.pop(key, None)
        if latest is not None:
            freed += _latest_bytes(latest[1])
        for pair in [pair for pair, keys in self.pairs.items() if key in keys]:
            keys = self.pairs[pair]
            del keys[key]
            self._entries -= 1
            freed += _PLACE_BYTES
            if not keys:
                del self.pairs[pair]
                freed += _pair_bytes(pair) - _PLACE_BYTES
        return freed


def _pair_bytes(pair: Pair) -> int:
    """Two values, with one object that had them."""
    return _PAIR_BYTES + len(pair[0]) + len(pair[1])


def _latest_bytes(pair: Pair) -> int:
    return _PAIR_BYTES // 2 + _PLACE_BYTES + len(pair[0]) + len(pair[1])
