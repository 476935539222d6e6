"""Finds out beside the list of problems what the past of its lines is, and what may have caused them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.tui.features.object.relation_caches import KnownPastCaches, RelationCaches
from kwatch.view.problem_lines import ProblemLine
from kwatch.view.problem_past import MOST_MEMBERS, ProblemPast, past_of
from kwatch.view.problems import UnhealthyObject
from kwatch.view.suspects import CauseGroup, FailingObject, clocks_apart, group_by_cause

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.version import Moment
    from kwatch.informer.clock import Clock
    from kwatch.informer.kube_object import KubeObject
    from kwatch.session.session import Session

MOST_KEPT = 2_000
"""Lines of which something is remembered."""
RENEWED = 10.0
"""Seconds after which causes are looked for again, if anything arrived."""


ObjectOf = Callable[[UnhealthyObject], "KubeObject | None"]


MOST_RANKED = 1_000
"""Causes that are looked for: each takes some milliseconds."""
MOST_DATED = 200
"""Lines whose onset is looked for though they are not in sight: for what is new to be on top."""
PATIENCE = 20
"""How many times as long as looking for the causes took is waited until they are looked for again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about a line. `read_from` says of which objects, in which versions."""

    read_from: tuple[object, ...]
    past: ProblemPast


class Investigator:
    """Finds out in a thread what the past of some lines is, and what may have caused them."""

    def __init__(
        self, sessions: Mapping[str, Session], until: Moment | None, clock: Clock, on_news: Callable[[], object]
    ) -> None:
        """`clock` shows the moment that is looked at. `on_news` is called in the thread."""
        self.known: dict[str, Known] = {}
        """By the keys of lines."""
        self.causes: Mapping[str, CauseGroup] = {}
        """By the keys of what fails alike; without a suspect where nothing explains it."""
        self.version = 0
        """Grows with everything that is found out."""
        self._sessions, self._until, self._clock, self._on_news = sessions, until, clock, on_news
        self._journal = next((each.journal for each in sessions.values()), None)
        self._is_at_work = False
        self._asked: tuple[list[str], Mapping[str, UnhealthyObject], int] | None = None
        """What was looked at last, and after which delta."""
        self._rests_until = self._renews_at = 0.0
        self._sequence = -1
        """After which delta causes were looked for last."""
        self._closed = threading.Event()
        self._caches = {context: _caches(session, until) for context, session in sessions.items()}

    def read(self, seen: Sequence[ProblemLine], alike: Mapping[str, UnhealthyObject], object_of: ObjectOf) -> None:
        """Begin with what is not known: the past of what is seen, in this order, and the causes of all that fails
        alike; unless it is at work. On the UI thread.
        """
        journal = self._journal
        asked = [line.key for line in seen], alike, journal.last_sequence if journal is not None else 0
        is_same = self._asked is not None and asked[0] == self._asked[0] and asked[1] is self._asked[1]
        is_news = self._until is None and self._asked is not None and asked[2] != self._asked[2]
        if self._is_at_work or self._clock.monotonic() < self._rests_until or (is_same and not is_news):
            return
        self._asked, self._is_at_work = asked, True

        def work() -> None:
            apart = {each: clocks_apart(journal, each) if journal is not None else 0.0 for each in self._sessions}
            for line in seen:
                if self._closed.is_set():
                    return
                context = line.first.context
                read_from = _read_from(line, object_of)
                if line.key not in self.known or self.known[line.key].read_from != read_from:
                    past = past_of(line.members, object_of, journal, context, self._until, apart[context])
                    self._learn(line, Known(read_from, past))
            ranked = dict(islice(alike.items(), MOST_RANKED))
            known = {key: cause for key, cause in self.causes.items() if key in ranked}
            wanted = ranked if self._is_outdated else {key: each for key, each in ranked.items() if key not in known}
            if wanted:
                self.causes = known | self._causes_of(wanted, object_of)
                self.version += 1
            self._is_at_work = False
            self._on_news()

        spawn("kwatch-problems-past", work, self._crashed)

    def close(self) -> None:
        self._closed.set()
        for each in self._caches.values():
            each.release()

    @property
    def _is_outdated(self) -> bool:
        journal = self._journal
        has_news = journal is not None and journal.last_sequence != self._sequence
        return has_news and self._until is None and self._clock.monotonic() >= self._renews_at

    def _learn(self, line: ProblemLine, known: Known) -> None:
        self.known.pop(line.key, None)
        self.known[line.key] = known
        while len(self.known) > MOST_KEPT:
            del self.known[next(iter(self.known))]
        self.version += 1

    def _causes_of(self, wanted: Mapping[str, UnhealthyObject], object_of: ObjectOf) -> dict[str, CauseGroup]:
        """All that fail alike in one place have one cause: it is looked for once, in each context by itself."""
        if self._journal is not None:
            self._sequence = self._journal.last_sequence
        began, found = self._clock.monotonic(), dict[str, CauseGroup]()
        for context, session in self._sessions.items():
            here = {key: each for key, each in wanted.items() if each.context == context}
            if here and session.names is not None:
                found |= self._causes_in(context, session.names, here, object_of)
        now = self._clock.monotonic()
        self._renews_at = now + max(RENEWED, PATIENCE * (now - began))
        return found

    def _causes_in(
        self, context: str, names: ResourceNames, wanted: Mapping[str, UnhealthyObject], object_of: ObjectOf
    ) -> dict[str, CauseGroup]:
        failing: dict[tuple[str, str], tuple[str, FailingObject]] = {}
        for key, each in wanted.items():
            obj = object_of(each)
            if obj is not None:
                failing[each.id] = key, FailingObject(each.resource, obj, each.problem.reason)
        groups = group_by_cause(
            [each for _, each in failing.values()],
            names,
            self._caches[context].cache_of,
            self._journal,
            context,
            self._clock.time(),
            self._until.sequence if self._until is not None else None,
            is_stopped=self._closed.is_set,
        )
        return {failing[str(each.resource), each.obj.key][0]: group for group in groups for each in group.objects}

    def _crashed(self, error: BaseException) -> None:
        self._rests_until = self._clock.monotonic() + RENEWED
        self._asked, self._is_at_work = None, False


def _caches(session: Session, until: Moment | None) -> RelationCaches:
    if until is not None and session.journal is not None:
        return KnownPastCaches(session, session.journal, until)
    return RelationCaches(session, only_running=True)


def cause_keys(causes: Mapping[str, CauseGroup]) -> dict[str, str]:
    """What tells one cause from others, where there is one: by the keys of what fails alike."""
    found = {}
    for key, group in causes.items():
        if group.suspect is not None:
            evidence = group.suspect.evidence
            when = (evidence.sequence, evidence.at) if evidence is not None else group.objects[0].obj.namespace
            found[key] = f"{group.words}\n{when}"
    return found


def _read_from(line: ProblemLine, object_of: ObjectOf) -> tuple[object, ...]:
    found = [(each, object_of(each)) for each in line.members[:MOST_MEMBERS]]
    return tuple((each.id, obj.resource_version if obj is not None else "") for each, obj in found)
