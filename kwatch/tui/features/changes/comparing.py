"""The thread that compares what was touched with how it was and makes lists of it; two versions side by side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.history.baseline import BaselineDiff
from kwatch.tui.features.changes.change_list import ChangeList, Wish, change_list_of

if TYPE_CHECKING:
    from kwatch.history.comparison import Comparison, Difference
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version

_AT_ONCE = 20
"""Objects compared between looks at what is wanted: some 10 ms."""
_SHARE = 5
"""While objects are compared, how many times as long as making a list took is waited until the next."""
_SOONEST = 0.2
"""Seconds between lists while objects are compared."""


class Comparing:
    """Everything here returns at once. `version` grows with every list in `changes`; `close` ends the thread."""

    def __init__(self, since: BaselineDiff, wish: Wish) -> None:
        self.changes = ChangeList(wish)
        self.version = 0
        self.through = -1
        """The sequence of the last delta that `changes` knows; -1 before the first."""
        self.progress: tuple[int, int] | None = None
        """How many objects were compared, and of how many; None between rounds."""
        self.problem = ""
        """Why the last round came to nothing; empty if it did not."""
        self._since = since
        self._wish = wish
        self._is_due = True
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._made_at = 0.0
        self._making = 0.0
        self._wake.set()
        self._thread = spawn("kwatch-baseline", self._run, self._crashed, until=self._closed)

    @property
    def wish(self) -> Wish:
        """What was asked for last."""
        return self._wish

    def ask(self, wish: Wish) -> None:
        """Show it otherwise."""
        self._wish = wish
        self._wake.set()

    def look(self) -> None:
        """Something arrived."""
        self._is_due = True
        self._wake.set()

    def close(self) -> None:
        """End soon."""
        self._closed.set()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._is_due and not self._closed.is_set():
                self._is_due = False
                self._compare()
            self._show()
            self.problem = ""

    def _crashed(self, error: BaseException) -> None:
        """What was found before stays, and nothing more is promised."""
        self.problem = f"internal error: {reason_of(error)}"
        self.progress = None

    def _compare(self) -> None:
        since = self._since
        since.take()
        self.progress = (0, since.total)
        while since.compare(_AT_ONCE) and not self._closed.is_set():
            self.progress = (since.total - since.waiting, since.total)
            if self._wake.is_set() or perf_counter() - self._made_at > max(_SOONEST, self._making * _SHARE):
                self._wake.clear()
                self._show()
        self.through = since.through

    def _show(self) -> None:
        began = perf_counter()
        self.changes = change_list_of(self._since.found(), self._wish)
        self._made_at = perf_counter()
        self._making = self._made_at - began
        if not self._since.waiting:
            self.progress = None
        self.version += 1


class BaselineVersions:
    """The older side stays; the newer one steps through what came after it."""

    def __init__(self, journal: Journal, difference: Difference, until: int | None = None) -> None:
        """`until` is the sequence of the last version that may be compared; None is any."""
        self.journal: Journal | None = journal
        self._old = difference.old
        self._newer: Sequence[Version] = [
            version
            for version in journal.versions(difference.new.context, difference.new.resource, difference.new.key)
            if (self._old is None or version.sequence > self._old.sequence)
            and (until is None or version.sequence <= until)
        ]
        self._at = len(self._newer) - 1

    def compared(self) -> tuple[Version | None, Version] | None:
        """The baseline's version, None if there was none, and the one stepped to."""
        return (self._old, self._newer[self._at]) if self._newer else None

    def is_created(self, comparison: Comparison | None) -> bool:
        """Whatever was not there at the baseline is compared with nothing."""
        return True

    def step(self, by: int) -> bool:
        """The newer side becomes an older (1) or newer (-1) version; False where there is none."""
        at = self._at - by
        if not 0 <= at < len(self._newer):
            return False
        self._at = at
        return True
