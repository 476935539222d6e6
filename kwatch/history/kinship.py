"""Who hangs together with whom, of everything journalled: by owner's uid, by node, by the uid an Event regards.

It is brought up to date when someone asks, from what arrived since: a delta pays nothing for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from itertools import takewhile

from kwatch.history.archive import Archive
from kwatch.history.life import Life

_FORGETFUL = 100_000
"""Numbers of lives that may be filed and gone before everything is filed anew."""


class Kinship:
    """Safe to use from any thread; holds numbers of lives, so that it keeps nothing from being evicted."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._clear()

    def refresh(self) -> None:
        """Take in what arrived since the last time: the first time every life is looked at."""
        with self._lock:
            if self._filed > len(self._archive.lives) + _FORGETFUL:
                self._clear()
            for life in (*self._new(), *self._changed(), *self._unsettled()):
                self._file(life)

    def children_of(self, uid: str) -> list[Life]:
        """The lives that name it as an owner, in the order they came."""
        return self._lives(self._children, uid)

    def regarding(self, uid: str) -> list[Life]:
        """The Events about it."""
        return self._lives(self._events, uid)

    def bound_to(self, node: str) -> list[Life]:
        """What runs on a node."""
        return self._lives(self._guests, node)

    def nodes(self, context: str, name: str) -> list[Life]:
        """The lives of a node."""
        with self._archive.lock:
            stream = self._archive.streams.get((context, "nodes"))
            return stream.lives_of(name) if stream is not None else []

    def called(self, uids: Iterable[str]) -> list[Life]:
        """The lives with these uids. One that was not asked for before costs a look at every life."""
        wanted = set(filter(None, uids))
        with self._lock:
            unknown = wanted - self._sought.keys()
            if unknown:
                self._sought |= {uid: set() for uid in unknown}
                with self._archive.lock:
                    lives = list(self._archive.lives.values())
                for life in lives:
                    if life.uid in unknown:
                        self._sought[life.uid].add(life.number)
        return [life for uid in sorted(wanted) for life in self._lives(self._sought, uid)]

    def _clear(self) -> None:
        self._children: dict[str, set[int]] = {}
        self._events: dict[str, set[int]] = {}
        self._guests: dict[str, set[int]] = {}
        self._sought: dict[str, set[int]] = {}
        self._waiting: set[int] = set()
        """Events of which it is not known yet whom they regard."""
        self._filed = 0
        self._newest = -1
        self._sequence = 0

    def _new(self) -> list[Life]:
        """The lives that began: they are numbered as they come."""
        with self._archive.lock:
            newest_first = reversed(self._archive.lives.values())
            found = list(takewhile(lambda life: life.number > self._newest, newest_first))
        if found:
            self._newest = found[0].number
            self._filed += len(found)
        found.reverse()
        return found

    def _changed(self) -> list[Life]:
        """The lives that went on: a pod is bound, an orphan is adopted."""
        archive = self._archive
        with archive.lock:
            start = archive.log.after(self._sequence) if self._sequence else len(archive.log)
            numbers = {number for _, number in archive.log.entries(start, len(archive.log))}
            self._sequence = archive.log.last_sequence
            return [archive.lives[number] for number in numbers if number in archive.lives]

    def _unsettled(self) -> list[Life]:
        lives = self._archive.lives
        waiting, self._waiting = self._waiting, set()
        return [life for number in waiting if (life := lives.get(number)) is not None]

    def _file(self, life: Life) -> None:
        number = life.number
        for owner in life.owners:
            self._children.setdefault(owner, set()).add(number)
        if life.node:
            self._guests.setdefault(life.node, set()).add(number)
        if life.regarding:
            self._events.setdefault(life.regarding, set()).add(number)
        elif life.stream.holds_events:
            self._waiting.add(number)
        if life.uid in self._sought:
            self._sought[life.uid].add(number)

    def _lives(self, index: Mapping[str, set[int]], name: str) -> list[Life]:
        lives = self._archive.lives
        with self._lock:
            numbers = sorted(index.get(name, ()))
        return [life for number in numbers if (life := lives.get(number)) is not None]
