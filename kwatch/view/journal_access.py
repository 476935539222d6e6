"""The journal as a view asks it: of several resources as of one, within its scope, and how far it is behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import Object
from kwatch.query.context import JournalAccess
from kwatch.query.row import RowKeys
from kwatch.query.term import Answer
from kwatch.query.terms.change import JOURNAL_INDEX
from kwatch.view.scope import ViewScope

V = TypeVar("V")


def changes_in(parts: Sequence[tuple[JournalAccess, ViewScope]]) -> JournalAccess:
    """What is remembered of the changes of one resource or several, each as far as its scope goes."""
    (changes, scope), *others = parts
    return ViewChanges(parts) if others or not scope.is_everything else changes


class ViewChanges:
    """A JournalAccess over others, in the order of a view's resources. A view looks up what it shows, so only what it
    does not show any more, because it was deleted elsewhere, must be kept from it.
    """

    def __init__(self, parts: Sequence[tuple[JournalAccess, ViewScope]]) -> None:
        self._parts = tuple(parts)
        self._keys = RowKeys(len(parts))

    @property
    def is_indexed(self) -> bool:
        """Whether all answer `last_changes` at once."""
        return all(changes.is_indexed for changes, _ in self._parts)

    def last_changes(self, path: str, old: str | None, new: str | None) -> Mapping[str, float]:
        """Key -> when it last changed in that way."""
        return self._united([changes.last_changes(path, old, new) for changes, _ in self._parts])

    def last_change(self, key: str, path: str, old: str | None, new: str | None) -> float | None:
        """The same for one key."""
        changes, plain = self._of(key)
        return changes.last_change(plain, path, old, new)

    def is_settled(self, key: str) -> bool:
        """Whether every change received of the key has been looked at."""
        changes, plain = self._of(key)
        return changes.is_settled(plain)

    @property
    def unsettled(self) -> int:
        """How many keys are not settled."""
        return sum(changes.unsettled for changes, _ in self._parts)

    def paths(self) -> Mapping[str, int]:
        """Every path that changed -> how many objects changed there."""
        return sum((Counter(changes.paths()) for changes, _ in self._parts), Counter[str]())

    def deleted_objects(self) -> Mapping[str, Object]:
        """Key -> last object of what was deleted in the view and is still remembered."""
        return self._united([_within(scope, changes.deleted_objects()) for changes, scope in self._parts])

    def _of(self, key: str) -> tuple[JournalAccess, str]:
        place, plain = self._keys.locate(key)
        return self._parts[place][0], plain

    def _united(self, answers: Sequence[Mapping[str, V]]) -> Mapping[str, V]:
        if len(answers) == 1:
            return answers[0]
        return {
            row: value
            for place, answer in enumerate(answers)
            for row, value in zip(self._keys.of(place, answer), answer.values(), strict=True)
        }


def _within(scope: ViewScope, objects: Mapping[str, Object]) -> Mapping[str, Object]:
    return {
        key: obj
        for key, obj in objects.items()
        if scope.covers(key) and (not isinstance(obj, KubeObject) or scope.selects(obj))
    }


PERIOD = 0.5
"""Seconds between counts: each looks at every object."""


class ChangeLag:
    """Counts only while a filter has terms that the index answers. What is caught up by the next look is not told."""

    def __init__(self, journal: JournalAccess | None = None) -> None:
        self._journal = journal
        self._counted_at: float | None = None
        self._before = self._count = 0

    def of(self, answers: Iterable[Answer], now: float) -> int:
        """How many objects are yet to be looked at that the terms, answered so, may be about."""
        if self._journal is None or not any(answer.by == JOURNAL_INDEX for answer in answers):
            self._counted_at = None
            return 0
        if self._counted_at is None or not 0 <= now - self._counted_at < PERIOD:
            is_first = self._counted_at is None
            self._counted_at, self._before, self._count = now, self._count, self._journal.unsettled
            self._before = self._count if is_first else self._before
        return self._count if self._before else 0


NO_LAG = ChangeLag()
"""Where nothing is behind."""
