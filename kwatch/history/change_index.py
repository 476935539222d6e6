"""Which objects changed at which path, from which value to which, and when last: `~`, `~path`, `~path:old>new`."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from sys import intern
from typing import Any

from kwatch.history.change_pattern import ChangePattern, Pair, leaves_of, names_outside, segments_of
from kwatch.history.diff.change import Change
from kwatch.history.diff.path import ItemKey, Step, Steps, path_text

MOST_PAIRS = 2000
"""Different values of one path that are kept apart; of a path with more, only each object's latest change is."""
MOST_ENTRIES = 50_000
"""Changes of value of one path that are remembered..."""
ENTRIES_PER_OBJECT = 8
"""...or so many of each object, if that is more; beyond, again only each object's latest."""
MOST_PATHS = 20_000
"""Paths of one resource; beyond, items of lists are filed under their list."""
LEARNT = 30
"""Objects of a resource from which the index learns what fields they have."""
_MOST_PATTERNS = 100
_KEY_BYTES = 62
"""What an object takes, as measured, beside its key, which history counts, with the moment of its last change..."""
_PLACE_BYTES = 30
"""...in each of the dictionaries of paths and values..."""
_PAIR_BYTES = 160
"""...two values, beside their text, with the one object that had them..."""
_SEVERAL_BYTES = 60
"""...what a dictionary of several takes more..."""
_PATH_BYTES = 720
"""...and a path."""
_TEXT_BYTES = 56
"""What a text takes beside its characters."""
_MADE_UP = re.compile(r"(kube-api-access|[a-z0-9-]+-token)-[a-z0-9]{5}")
"""Names of volumes that are made for one pod: no query asks for one of them, and each would be a path of its own."""


class ChangeIndex:
    """Written by the background thread, read by any. It remembers changes whose versions are evicted."""

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
        """Whether it has yet to learn from more objects: those of one resource are much alike."""
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
            self.bytes += _KEY_BYTES
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

    def forget(self, keys: Iterable[str]) -> None:
        """Drop objects that are evicted completely."""
        with self._lock:
            for key in keys:
                if self._any.pop(key, None) is not None:
                    self.bytes -= _KEY_BYTES
                for changes in self._paths.values():
                    self.bytes -= changes.forget(key)
            for steps in [steps for steps, changes in self._paths.items() if not changes.last]:
                del self._paths[steps]
                self.bytes -= _PATH_BYTES
                self._matching.clear()

    def _path(self, steps: Steps) -> _PathChanges:
        found = self._paths.get(steps)
        if found is None:
            most = len(self._paths) >= MOST_PATHS
            steps = tuple(step for step in steps if isinstance(step, str) or not (most or _is_made_up(step)))
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
        self.segments = tuple(map(intern, segments_of(steps)))
        self.last: dict[str, float] = {}
        self.pairs: dict[Pair, tuple[str, float] | dict[str, float]] = {}
        """The objects that had these values, and when last; mostly only one, which takes a third of a dictionary."""
        self._entries = 0
        """How many there are in `pairs`."""
        self._latest: dict[str, tuple[float, Pair]] | None = None
        """Each object's latest change, where there are too many values to keep them apart."""

    def add(self, key: str, at: float, pair: Pair) -> int:
        """File a change; about how many bytes more it takes now."""
        more = 0 if key in self.last else _PLACE_BYTES
        self.last[key] = at
        who = self.pairs.get(pair)
        if isinstance(who, dict) and key in who:
            who[key] = at
        elif isinstance(who, tuple) and key == who[0]:
            self.pairs[pair] = (key, at)
        elif self._is_full(pair):
            if self._latest is None:
                self._latest = {}
            before = self._latest.get(key)
            self._latest[key] = (at, pair)
            more += _pair_bytes(pair) - (_pair_bytes(before[1]) if before is not None else 0)
        else:
            self._entries += 1
            more += self._add_to(pair, who, key, at)
        return more

    def _is_full(self, pair: Pair) -> bool:
        most = max(MOST_ENTRIES, ENTRIES_PER_OBJECT * len(self.last))
        return self._entries >= most or (pair not in self.pairs and len(self.pairs) >= MOST_PAIRS)

    def _add_to(self, pair: Pair, who: tuple[str, float] | dict[str, float] | None, key: str, at: float) -> int:
        if who is None:
            self.pairs[pair] = (key, at)
            return _pair_bytes(pair)
        if isinstance(who, dict):
            who[key] = at
            return _PLACE_BYTES
        self.pairs[pair] = {who[0]: who[1], key: at}
        return _SEVERAL_BYTES + _PLACE_BYTES

    def matching(self, pattern: ChangePattern) -> Iterator[Mapping[str, float]]:
        if pattern.any_value:
            yield self.last
            return
        ones: dict[str, float] = {}
        for pair, who in self.pairs.items():
            if not pattern.matches_pair(pair):
                continue
            if isinstance(who, dict):
                yield who
            else:
                key, at = who
                ones[key] = max(at, ones.get(key, -inf))
        yield ones
        if self._latest:
            yield {key: at for key, (at, pair) in self._latest.items() if pattern.matches_pair(pair)}

    def forget(self, key: str) -> int:
        """Drop an object; about how many bytes that frees."""
        freed = _PLACE_BYTES if self.last.pop(key, None) is not None else 0
        latest = self._latest.pop(key, None) if self._latest is not None else None
        if latest is not None:
            freed += _pair_bytes(latest[1])
        had = [pair for pair, who in self.pairs.items() if (key in who if isinstance(who, dict) else key == who[0])]
        self._entries -= len(had)
        for pair in had:
            who = self.pairs[pair]
            if isinstance(who, dict):
                del who[key]
                freed += _PLACE_BYTES
                if who:
                    continue
                freed += _SEVERAL_BYTES - _PLACE_BYTES
            del self.pairs[pair]
            freed += _pair_bytes(pair)
        return freed


def _is_made_up(step: Step) -> bool:
    return isinstance(step, ItemKey) and _MADE_UP.fullmatch(str(step)) is not None


def _pair_bytes(pair: Pair) -> int:
    """Two values, with one object that had them."""
    # CPython has single characters, and the empty text, only once.
    return _PAIR_BYTES + sum(_TEXT_BYTES + len(text) for text in pair if len(text) > 1)
