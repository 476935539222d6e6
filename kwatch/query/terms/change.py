"""`~`, `~image`, `~status.phase:Running>Failed`, `since:10m`: what happened to an object, by the journal."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from kwatch.query.context import Context, JournalAccess
from kwatch.query.row import Row
from kwatch.query.syntax import QuerySyntaxError, quoted_value
from kwatch.query.term import Matcher, Term, moment_after

JOURNAL_INDEX = "journal index"
"""What answers, where the journal keeps one."""
_UNSETTLED = 0.1
"""Seconds until a row is looked at again whose latest change the journal's index has not reached."""


@dataclass(frozen=True)
class Change(Term):
    """The object changed; at a path, if one is given; from and to values, None being any.

    `within` is in seconds, None for as long as the journal remembers; it comes from a `since:` beside the term.
    """

    path: str = ""
    old: str | None = None
    new: str | None = None
    within: float | None = None

    def compile(self, context: Context) -> Matcher:
        if context.journal is None:
            message = "Changes are not remembered here, so they cannot be filtered by."
            raise QuerySyntaxError(message, self.span.start, self.span.end)
        return ChangeMatcher(self, context.journal, context)

    def __str__(self) -> str:
        text = f"~{self.path}"
        if self.old is not None or self.new is not None:
            text += f":{_written(self.old)}>{_written(self.new)}"
        return text


def _written(value: str | None) -> str:
    return "" if value is None else quoted_value(value)


@dataclass(frozen=True)
class Since(Term):
    """Bounds every `~` term; alone, the object changed within that time."""

    seconds: float
    text: str = field(compare=False)
    """As it was written."""

    def compile(self, context: Context) -> Matcher:
        return Change(within=self.seconds, span=self.span).compile(context)

    def __str__(self) -> str:
        return f"since:{self.text}"


class ChangeMatcher(Matcher):
    """Asks the journal's index of changes."""

    timed = True

    def __init__(self, term: Change, journal: JournalAccess, context: Context) -> None:
        self.by_index = journal.is_indexed
        self.cost = 1 if self.by_index else 3
        self.answered_by = JOURNAL_INDEX if self.by_index else "versions"
        self._term = term
        self._journal = journal
        self._clock = context.clock
        self._index = context.index

    def keys(self) -> set[str]:
        term = self._term
        changes = self._journal.last_changes(term.path, term.old, term.new)
        if term.within is None:
            return set(changes)
        oldest = self._clock.time() - term.within
        return {key for key, at in changes.items() if at >= oldest}

    def matches(self, row: Row, now: float) -> bool:
        at = self._last(row)
        return at is not None and (self._term.within is None or now - at <= self._term.within)

    def unsettled(self) -> AbstractSet[str]:
        if not self._journal.unsettled:
            return frozenset()
        is_settled = self._journal.is_settled
        return {key for key in self._index.list_keys() if not is_settled(key)}

    def next_due(self, row: Row, now: float) -> float | None:
        """When the change is no longer recent, or soon, if the journal has not looked at it yet."""
        if not self._journal.is_settled(row.key):
            return now + _UNSETTLED
        at = self._last(row)
        return None if at is None or self._term.within is None else moment_after(at + self._term.within, now)

    def _last(self, row: Row) -> float | None:
        return self._journal.last_change(row.key, self._term.path, self._term.old, self._term.new)
