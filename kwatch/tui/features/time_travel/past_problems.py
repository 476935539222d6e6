"""What was wrong at a moment, as far as it was watched then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kwatch.base.threads import reason_of, spawn
from kwatch.history.watches import Coverage, Scope
from kwatch.tui.features.problems.problem_feeds import TALK, TELLING
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.widgets.header import Mood
from kwatch.view.problems import ProblemList
from kwatch.view.source import ViewScope, filtered

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.session.session import Session


class PastProblems:
    """Asked like ProblemFeeds. Found in the journal by a thread, after which nothing changes any more."""

    are_wider = False

    def __init__(
        self, session: Session, names: ResourceNames, journal: Journal, until: Moment, namespace: str | None
    ) -> None:
        self.problems = ProblemList()
        self.missing: Mapping[str, str] = {}
        """What is not looked at -> why."""
        self.doubts: Sequence[str] = ()
        """What was not watched at the moment, but before: it is as it was known then."""
        self.is_synced = False
        self.kinds = self.objects = 0
        self._session = session
        self._names = names
        self._journal = journal
        self._until = until
        self._namespace = namespace
        self._made: tuple[ProblemList, Mapping[str, str], Sequence[str], int, int] | None = None
        spawn("kwatch-past-problems", self._make, self._crashed)

    def take(self) -> None:
        if self._made is not None and not self.is_synced:
            self.problems, self.missing, self.doubts, self.kinds, self.objects = self._made
            self.is_synced = True

    def freshness(self, now: float) -> tuple[str, Mood, str]:
        recorded = "recorded, " if self._session.state.is_recording else ""
        return f"{recorded}as it was at {clock_text(self._until.at, now, fine=False)}", Mood.PAST, ""

    def release(self) -> None: ...

    def _make(self) -> None:
        """In the thread."""
        journal, context, until = self._journal, self._session.context, self._until
        problems, doubts, kinds, objects = ProblemList(), [], 0, 0
        missing = dict.fromkeys(self._telling(), "not watched then")
        known = journal.resources(context) - TALK
        for resource in self._names.resources:
            name = str(resource)
            if name not in known:
                continue
            as_of = journal.as_of(context, name, sequence=until.sequence)
            where = self._namespace if resource.namespaced else None
            source = filtered(as_of, ViewScope(where))
            coverage = journal.coverage(context, name, Scope(where), until.at)
            if coverage is Coverage.NONE and not source.list_keys():
                continue
            problems.watch(name, resource, source)
            kinds, objects = kinds + 1, objects + len(source.list_keys())
            missing.pop(resource.name, None)
            if coverage is not Coverage.ALL:
                doubts.append(resource.name)
        self._made = problems, missing, doubts, kinds, objects

    def _telling(self) -> list[str]:
        return [found.name for name in TELLING if (found := self._names.find(name)) is not None]

    def _crashed(self, error: BaseException) -> None:
        self._made = ProblemList(), {"everything": f"internal error: {reason_of(error)}"}, (), 0, 0
