"""The rows of the list of problems, what is said of the one under the cursor, and the thread that finds out both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kwatch.base.duration import humanize
from kwatch.base.threads import spawn
from kwatch.catalog.column import Level
from kwatch.history.attribution import writers
from kwatch.tui.features.object.history_rows import PROVED, moment_text
from kwatch.tui.features.object.relation_caches import AsOfRelationCaches, RelationCaches
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.kit.text.line import Line, Span
from kwatch.view.activity_columns import shares_text
from kwatch.view.problem_past import MOST_MEMBERS, ProblemAge, ProblemPast, past_of
from kwatch.view.problems import ProblemLine, ProblemLines, UnhealthyObject
from kwatch.view.suspects import CauseGroup, FailingObject, Suspect, group_by_cause

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Moment
    from kwatch.informer.clock import Clock
    from kwatch.informer.kube_object import KubeObject
    from kwatch.query.context import IndexAccess
    from kwatch.session.session import Session
    from kwatch.view.relations import Relation

MOST_KEPT = 2_000
"""Lines of which something is remembered."""
RENEWED = 10.0
"""Seconds after which causes are looked for again, if anything arrived."""
BARS = 10
"""Parts of the time that is shown."""
WINDOWS = (300.0, 900.0, 3600.0, 21_600.0, 86_400.0)
"""Seconds that may be shown: the first that holds all that is remembered."""


def window_for(journal: Journal | None, now: float) -> float:
    """The seconds that hold all that is remembered, in round numbers."""
    oldest = journal.log_window(0, 1) if journal is not None else ()
    remembered = now - oldest[0].at if oldest else 0.0
    return next((each for each in WINDOWS if each >= remembered), WINDOWS[-1])


def window_text(seconds: float) -> str:
    """`15m`, `1h`, `24h`."""
    return f"{seconds / 3600:.0f}h" if seconds % 3600 == 0 else humanize(seconds)


ObjectOf = Callable[[UnhealthyObject], "KubeObject | None"]


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about a line. `read_from` says of which objects, in which versions."""

    read_from: tuple[object, ...]
    past: ProblemPast
    cause: CauseGroup | None = None
    """What may have caused it; None until that was looked for."""
    at: float = 0.0
    """When it was, in seconds since the epoch..."""
    sequence: int = -1
    """...and after which delta."""

    @property
    def suspect(self) -> Suspect | None:
        """The likeliest one."""
        return self.cause.suspect if self.cause is not None else None


class Investigator:
    """Finds out in a thread what the past of some lines is, and what caused them; `known`, by their keys, grows."""

    def __init__(self, session: Session, until: Moment | None, clock: Clock, on_news: Callable[[], object]) -> None:
        """`clock` shows the moment that is looked at. `on_news` is called in the thread."""
        self.known: dict[str, Known] = {}
        self.version = 0
        """Grows with everything that is found out."""
        self._session, self._until, self._clock, self._on_news = session, until, clock, on_news
        self._is_at_work = False
        self._rests_until = 0.0
        self._closed = threading.Event()
        self._caches: RelationCaches
        if until is not None and session.journal is not None:
            self._caches = KnownPastCaches(session, session.journal, until)
        else:
            self._caches = RelationCaches(session, only_running=True)

    def read(self, lines: Sequence[ProblemLine], object_of: ObjectOf) -> None:
        """Begin with those of which something is not known, in this order; unless it is at work. On the UI thread."""
        if self._is_at_work or self._clock.monotonic() < self._rests_until:
            return
        wanted = [(line, read_from) for line in lines if self._is_due(line, read_from := _read_from(line, object_of))]
        if not wanted:
            return
        self._is_at_work = True

        def work() -> None:
            journal, context = self._session.journal, self._session.context
            for line, read_from in wanted:
                before = self.known.get(line.key)
                known = Known(read_from, past_of(line.members, object_of, journal, context, self._until))
                if before is not None:
                    known = replace(known, cause=before.cause, at=before.at, sequence=before.sequence)
                self._learn(line, known)
                if self._closed.is_set():
                    return
            self._find_causes([line for line, _ in wanted], object_of)
            self._end()

        spawn("kwatch-problems-past", work, self._crashed)

    def close(self) -> None:
        self._closed.set()
        self._caches.release()

    def _is_due(self, line: ProblemLine, read_from: tuple[object, ...]) -> bool:
        known, journal = self.known.get(line.key), self._session.journal
        if known is None or known.read_from != read_from:
            return True
        has_news = journal is not None and journal.last_sequence != known.sequence
        return has_news and self._until is None and self._clock.time() - known.at >= RENEWED

    def _learn(self, line: ProblemLine, known: Known) -> None:
        self.known.pop(line.key, None)
        self.known[line.key] = known
        while len(self.known) > MOST_KEPT:
            del self.known[next(iter(self.known))]
        self.version += 1

    def _find_causes(self, lines: Sequence[ProblemLine], object_of: ObjectOf) -> None:
        """All that fail alike have one cause: that of the first of them is looked for."""
        session, until, now = self._session, self._until, self._clock.time()
        journal, names = session.journal, session.names
        sequence = journal.last_sequence if journal is not None else -1
        for line in lines:
            self._learn(line, replace(self.known[line.key], at=now, sequence=sequence))
        by_place: dict[tuple[str, str, str], ProblemLine] = {}
        failing = []
        for line in lines:
            first, obj = line.first, object_of(line.first)
            if obj is not None and first.healing is None:
                failing.append(FailingObject(first.resource, obj, first.problem.reason))
                by_place[*first.id, first.problem.reason] = line
        if names is None:
            return
        found = group_by_cause(
            failing,
            names,
            self._caches.cache_of,
            journal,
            session.context,
            now,
            until.sequence if until is not None else None,
            is_stopped=self._closed.is_set,
        )
        for group in found:
            for each in group.objects:
                line = by_place[str(each.resource), each.obj.key, each.reason]
                self._learn(line, replace(self.known[line.key], cause=group))

    def _end(self) -> None:
        self._is_at_work = False
        self._on_news()

    def _crashed(self, error: BaseException) -> None:
        self._rests_until = self._clock.monotonic() + RENEWED
        self._end()


def _read_from(line: ProblemLine, object_of: ObjectOf) -> tuple[object, ...]:
    found = [(each, object_of(each)) for each in line.members[:MOST_MEMBERS]]
    return tuple((each.id, obj.resource_version if obj is not None else "") for each, obj in found)


class KnownPastCaches(AsOfRelationCaches):
    """As of a moment, for one thread: the one in which the indexes are made."""

    def cache_of(self, relation: Relation) -> IndexAccess | None:
        return super().cache_of(relation) or super().cache_of(relation)  # the first time the index may be made

    def _begin(self, cache: object, work: Callable[[], None]) -> None:
        work()


_KIND = Heading("kind", "KIND", frozen=True, quiet=True, min_width=len("Deployment"))
_NAMESPACE = Heading("namespace", "NAMESPACE", quiet=True, max_width=30)
_NAME = Heading("name", "NAME", flexible=True, max_width=80)
_SINCE = Heading("since", "SINCE", min_width=len("≈ 14:02:10"))
_TIMES = Heading("times", "TIMES", right=True)
_PROBLEM = Heading("problem", "PROBLEM", max_width=240)
_ROOM_FOR_PAST = 110
_ROOM_FOR_CAUSE = 150
"""Cells of a screen; below the list the same is said of the line under the cursor."""


class ProblemRows:
    """Shows one list after the other. `several`: there may be several namespaces."""

    sorted_by: tuple[str, bool] | None = None

    def __init__(self, known: Mapping[str, Known], *, several: bool) -> None:
        self.lines = ProblemLines()
        self.now = 0.0
        """The moment that is looked at, in seconds since the epoch."""
        self.window = WINDOWS[0]
        """Seconds before it that are shown."""
        self.headings: Sequence[Heading] = ()
        self._known = known
        self._several = several
        self.fit((), 0)

    def __len__(self) -> int:
        return len(self.lines.lines)

    def fit(self, seen: Sequence[str], width: int) -> bool:
        """Columns that tell something of the lines in sight, and have room; whether they are others now."""
        known = [known for key in seen if (known := self._known.get(key)) is not None]
        ages = [each.past.at(self.now) for each in known]
        headings = [_KIND, *((_NAMESPACE,) if self._several else ()), _NAME, _SINCE]
        if any(age.times > 1 for age in ages):
            headings.append(_TIMES)
        if width >= _ROOM_FOR_PAST and any(map(self.bars, known)):
            headings.append(Heading("past", f"LAST {window_text(self.window).upper()}", min_width=BARS))
        is_explained = width >= _ROOM_FOR_CAUSE and any(each.suspect is not None for each in known)
        if is_explained:
            headings.append(Heading("cause", "LIKELY CAUSE", max_width=max(40, width // 3)))
        headings.append(replace(_PROBLEM, fill=True) if is_explained else _PROBLEM)
        before, self.headings = self.headings, headings
        return before != headings

    def key_at(self, row: int) -> str:
        return self.lines.lines[row].key

    def row_of(self, key: str) -> int | None:
        return self.lines.places.get(key)

    def line(self, key: str | None) -> ProblemLine | None:
        place = self.lines.places.get(key) if key is not None else None
        return self.lines.lines[place] if place is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        line, known = self.lines.lines[self.lines.places[key]], self._known.get(key)
        age = known.past.at(self.now) if known is not None else None
        return [self._cell(heading.id, line, known, age) for heading in self.headings]

    def look(self, key: str) -> Look:
        """What is wrong, what healed, and whether the members of a group are listed."""
        line = self.lines.lines[self.lines.places[key]]
        healing = line.first.healing
        if line.is_group:
            level = Level.NONE if healing is not None else line.first.problem.level
            return Look("▾" if line.is_open else "▸", level, heads=True)
        if healing is not None:
            return Look("-", Level.DONE) if healing.is_gone else Look("✓", Level.GOOD)
        return Look("!", line.first.problem.level)

    def hint(self, key: str, column: int) -> str | None:
        return None

    def bars(self, known: Known) -> str:
        """How much of the time it was ill; empty if it always was, as far as is known."""
        shares = known.past.shares(self.now - self.window, self.now, BARS)
        return shares_text(shares) if any(share is not None and share < 1 for share in shares) else ""

    def _cell(self, column: str, line: ProblemLine, known: Known | None, age: ProblemAge | None) -> Cell:
        first = line.first
        match column:
            case "kind":
                return Cell(first.resource.kind)
            case "namespace":
                return Cell(first.namespace)
            case "name":
                return Cell("  " * line.depth + name_of(line))
            case "since":
                return Cell(self._since(line, age))
            case "times":
                return Cell(f"{age.times}" if age is not None else "")
            case "past":
                return Cell(self.bars(known) if known is not None else "")
            case "cause":
                suspect = known.suspect if known is not None else None
                return Cell(cause_words(suspect, self.now) if suspect is not None else "")
            case _:
                level = first.problem.level if first.healing is None else Level.DONE
                return Cell(f"{healed_words(line, self.now)}{line.reason}", level)

    def _since(self, line: ProblemLine, age: ProblemAge | None) -> str:
        healing = line.first.healing
        if healing is not None:
            began = min((each.healing.began or 0.0 for each in line.members if each.healing is not None), default=0.0)
            return f"  {moment_text(began, self.now)}" if began else ""
        if age is None or age.since is None:
            return ""
        return f"{PROVED if age.approximate else ' '} {moment_text(age.since, self.now)}"


def name_of(line: ProblemLine) -> str:
    """`web-1`; of several `web-1234 ×12`, by what controls them, or `×12`."""
    if not line.is_group:
        return line.first.key.rpartition("/")[2]
    return f"{line.first.owner.partition('/')[2]} ×{len(line.members):,}".strip()


def healed_words(line: ProblemLine, now: float) -> str:
    """`healed 14:05:10 after 3m20s: `; empty for what is still wrong."""
    healing = line.first.healing
    if healing is None:
        return ""
    lasted = f" after {humanize(healing.ended - healing.began)}" if healing.began is not None else ""
    word = "deleted" if healing.is_gone else "healed"
    return f"{word} {moment_text(healing.ended, now)}{lasted}: "


def cause_words(suspect: Suspect, now: float) -> str:
    """`image nginx:1 → nginx:2 (Deployment web) by helm at 14:02:10`."""
    evidence = suspect.evidence
    if evidence is None:
        return f"{suspect.what}: {suspect.why}"
    name = evidence.key.rpartition("/")[2]
    who = ", ".join(map(str, writers(evidence.who)))
    by = f" by {who}" if who else ""
    sign = f"{PROVED} " if evidence.approximate else ""
    at = f" at {sign}{moment_text(evidence.at, now)}" if evidence.at is not None else ""
    return f"{evidence.relation} {name}: {suspect.what}{by}{at}"


def details(line: ProblemLine, known: Known | None, rows: ProblemRows, keys: Callable[[str], str]) -> list[Line]:
    """What is wrong, what may have caused it, since when, and what was before. `keys` gives the key of a command."""
    now, first = rows.now, line.first
    lines = [Line((Span(f"{healed_words(line, now)}{line.reason}"),))]
    if known is None:
        return lines
    if known.suspect is not None:
        why = Span(f"  {keys('problems.suspects')} shows all", "kwatch-muted")
        lines.append(Line((Span("Likely  ", "kwatch-muted"), Span(cause_words(known.suspect, now)), why), hang=8))
    elif known.cause is not None:
        words = f"nothing that is watched changed and explains it; {keys('problems.suspects')} looks further"
        lines.append(Line((Span("Likely  ", "kwatch-muted"), Span(words, "kwatch-muted")), hang=8))
    said = _age_words(known.past.at(now), now) if first.healing is None else []
    if line.is_group:
        among = f"the first {MOST_MEMBERS} of " if len(line.members) > MOST_MEMBERS else ""
        said.append(f"as {among}{len(line.members):,} tell; keys are about {first.key.rpartition('/')[2]}")
    lines.append(Line((Span("Since   ", "kwatch-muted"), Span(" · ".join(said) or "it is not known when")), hang=8))
    bars = rows.bars(known)
    if bars:
        span = Span(f"  the last {window_text(rows.window)}: ▁ to █ is how much of the time it was ill", "kwatch-muted")
        lines.append(Line((Span("Past    ", "kwatch-muted"), Span(bars), span), hang=8))
    return lines


def _age_words(age: ProblemAge, now: float) -> list[str]:
    said = []
    if age.since is not None:
        about = ", as far as the object itself says" if age.approximate else ""
        said.append(f"{moment_text(age.since, now)}, for {humanize(max(0.0, now - age.since))}{about}")
    if age.times > 1:
        said.append(f"something was wrong with it {age.times} times since it is remembered")
    if age.well_for is not None:
        said.append(f"well for {humanize(age.well_for)} before that")
    if age.before:
        said.append(f"before that: {age.before}")
    return said
