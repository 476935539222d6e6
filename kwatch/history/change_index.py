"""Which objects changed at which path, from what to what, and when last: answers `~`, `~path`, `~path:old>new`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from math import inf
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.noise import is_noise
from kwatch.history.diff.path import ItemKey, Steps, path_text

MOST_PAIRS = 2000
"""Different values of one path that are told apart; of a path with more, only each object's latest change is."""
MOST_PATHS = 20_000
"""Paths of one resource; beyond, items of lists are filed under their list."""
_MOST_LEAVES = 200
_LONGEST_TEXT = 100

Pair = tuple[str, str]


class ChangeIndex:
    """Of one resource. Written by the background thread, read by any; it remembers what the journal had to evict."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._any: dict[str, float] = {}
        self._paths: dict[Steps, _PathChanges] = {}
        self._matching: dict[str, tuple[int, list[_PathChanges]]] = {}

    def add(self, key: str, at: float, changes: Iterable[Change]) -> None:
        """File what changed between two versions."""
        with self._lock:
            for change in changes:
                self._any[key] = at
                for steps, old, new in _leaves(change):
                    self._path(steps).add(key, at, (_text(old), _text(new)))

    def touch(self, key: str, at: float) -> None:
        """File that an object came or went."""
        with self._lock:
            self._any[key] = at

    def last_changes(self, path: str = "", old: str | None = None, new: str | None = None) -> Mapping[str, float]:
        """Key -> when it last changed in that way, in seconds since the epoch.

        An empty path is any change. A path matches where its names follow each other (`image`, `status.phase`,
        `containers[web].image`), case ignored, with `*` and `?`; so do values, of which None is any, and of images
        the tag alone will do.
        """
        with self._lock:
            if not path:
                return dict(self._any)
            found: dict[str, float] = {}
            for changes in self._matched(path):
                for last in changes.matching(old, new):
                    for key, at in last.items():
                        if at > found.get(key, -inf):
                            found[key] = at
            return found

    def last_change(self, key: str, path: str = "", old: str | None = None, new: str | None = None) -> float | None:
        """The same for one key; None if it did not change in that way."""
        with self._lock:
            if not path:
                return self._any.get(key)
            return max(
                (
                    last[key]
                    for changes in self._matched(path)
                    if key in changes.last
                    for last in changes.matching(old, new)
                    if key in last
                ),
                default=None,
            )

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there: for completion and facets."""
        with self._lock:
            return {changes.path: len(changes.last) for changes in self._paths.values()}

    def values(self, path: str) -> tuple[Pair, ...]:
        """The changes of value known of a path, e.g. `("Pending", "Running")`; an absent value is empty."""
        with self._lock:
            return tuple(dict.fromkeys(pair for changes in self._matched(path) for pair in changes.pairs))

    def forget(self, keys: Iterable[str]) -> None:
        """Drop objects of which nothing is left."""
        with self._lock:
            for key in keys:
                self._any.pop(key, None)
                for changes in self._paths.values():
                    changes.forget(key)

    def _path(self, steps: Steps) -> _PathChanges:
        found = self._paths.get(steps)
        if found is None:
            if len(self._paths) >= MOST_PATHS:
                steps = tuple(step for step in steps if isinstance(step, str))
            found = self._paths.get(steps)
            if found is None:
                found = self._paths[steps] = _PathChanges(steps)
        return found

    def _matched(self, path: str) -> list[_PathChanges]:
        known = self._matching.get(path)
        if known is None or known[0] != len(self._paths):
            wanted = _segments(path)
            known = len(self._paths), [each for each in self._paths.values() if _matches(wanted, each.segments)]
            if len(self._matching) > 100:
                self._matching.clear()
            self._matching[path] = known
        return known[1]


class _PathChanges:
    __slots__ = ("_latest", "last", "pairs", "path", "segments")

    def __init__(self, steps: Steps) -> None:
        self.path = path_text(steps)
        self.segments = tuple(
            part.lower() for step in steps for part in ([str(step)] if not isinstance(step, int) else [])
        )
        self.last: dict[str, float] = {}
        self.pairs: dict[Pair, dict[str, float]] = {}
        self._latest: dict[str, tuple[float, Pair]] = {}
        """Of each object the latest change whose values are too many to be told apart."""

    def add(self, key: str, at: float, pair: Pair) -> None:
        self.last[key] = at
        keys = self.pairs.get(pair)
        if keys is None:
            if len(self.pairs) >= MOST_PAIRS:
                self._latest[key] = (at, pair)
                return
            keys = self.pairs[pair] = {}
        keys[key] = at

    def matching(self, old: str | None, new: str | None) -> Iterator[Mapping[str, float]]:
        if old is None and new is None:
            yield self.last
            return
        for pair, keys in self.pairs.items():
            if _is_value(old, pair[0]) and _is_value(new, pair[1]):
                yield keys
        if self._latest:
            yield {
                key: at
                for key, (at, pair) in self._latest.items()
                if _is_value(old, pair[0]) and _is_value(new, pair[1])
            }

    def forget(self, key: str) -> None:
        self.last.pop(key, None)
        self._latest.pop(key, None)
        for keys in self.pairs.values():
            keys.pop(key, None)


def _is_value(wanted: str | None, text: str) -> bool:
    if wanted is None or wanted == text:
        return True
    lowered, folded = wanted.lower(), text.lower()
    if "*" in lowered or "?" in lowered:
        return fnmatchcase(folded, lowered)
    return folded == lowered or folded.endswith(f":{lowered}")


def _segments(path: str) -> tuple[str, ...]:
    """`containers[web].image` -> ("containers", "web", "image")."""
    segments: list[str] = []
    rest = path.lower().removeprefix(".")
    while rest:
        if rest[0] == "[":
            part, _, rest = rest[1:].partition("]")
        else:
            end = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            part, rest = rest[:end], rest[end:]
        rest = rest.removeprefix(".")
        if part:
            segments.append(part)
    return tuple(segments)


def _matches(wanted: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    """Whether the wanted names follow each other somewhere; the names of items may be left out."""
    return any(_follows(wanted, segments[start:]) for start in range(len(segments)))


def _follows(wanted: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    if not segments or not fnmatchcase(segments[0], wanted[0]):
        return False
    return any(_follows(wanted[1:], segments[skip:]) for skip in (1, 2))


def _leaves(change: Change) -> Iterator[tuple[Steps, Any, Any]]:
    """A part that came or went as a whole, as the values in it."""
    if change.old is ABSENT:
        for steps, value in _values(change.new, change.steps, _MOST_LEAVES):
            if not is_noise(steps):
                yield steps, ABSENT, value
    elif change.new is ABSENT:
        for steps, value in _values(change.old, change.steps, _MOST_LEAVES):
            if not is_noise(steps):
                yield steps, value, ABSENT
    else:
        yield change.steps, change.old, change.new


def _values(value: Any, steps: Steps, most: int) -> Iterator[tuple[Steps, Any]]:
    waiting = [(steps, value)]
    while waiting and most > 0:
        place, each = waiting.pop()
        if isinstance(each, dict) and each:
            waiting.extend(((*place, name), child) for name, child in each.items())
        elif isinstance(each, list) and each:
            waiting.extend(((*place, _item(child, at)), child) for at, child in enumerate(each))
        else:
            most -= 1
            yield place, each


def _item(child: Any, at: int) -> ItemKey | int:
    name = child.get("name", child.get("type")) if isinstance(child, dict) else None
    return ItemKey((("name", name),)) if isinstance(name, str) else at


def _text(value: Any) -> str:
    if value is ABSENT or value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:_LONGEST_TEXT]
