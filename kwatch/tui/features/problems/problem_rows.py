"""The rows of the list of problems, and what is said of the one under the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.attribution import writers
from kwatch.tui.features.object.comparisons import PROVED
from kwatch.tui.features.object.history_rows import moment_text
from kwatch.tui.features.problems.investigator import MOST_DATED, Investigator, Known
from kwatch.tui.kit.table.rows import Cell, Heading, Look
from kwatch.tui.kit.text.line import Line, Span
from kwatch.view.activity_columns import shares_text
from kwatch.view.problem_lines import ProblemLine, ProblemLines
from kwatch.view.problem_past import MOST_MEMBERS, WINDOWS, ProblemAge, window_text
from kwatch.view.suspects import CauseGroup, Suspect

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource

BARS = 10
"""Parts of the time that is shown."""


_CONTEXT = Heading("context", "CONTEXT", frozen=True, quiet=True, max_width=24)
_KIND = Heading("kind", "KIND", frozen=True, quiet=True, min_width=len("Deployment"))
_NAMESPACE = Heading("namespace", "NAMESPACE", quiet=True, max_width=30)
_NAME = Heading("name", "NAME", flexible=True, max_width=80)
_SINCE = Heading("since", "SINCE", min_width=len("≈ 14:02:10"))
_TIMES = Heading("times", "TIMES", right=True)
_PROBLEM = Heading("problem", "PROBLEM", fill=True)
_LONG_KIND = 13
"""Letters of a kind that are too many."""
_ROOM_FOR_PAST = 110
_ROOM_FOR_CAUSE = 150
"""Cells of a screen; below the list the same is said of the line under the cursor."""


class ProblemRows:
    """Shows one list after the other. `several`: there may be several namespaces, `contexts`: several contexts."""

    sorted_by: tuple[str, bool] | None = ("since", True)

    def __init__(self, found_out: Investigator, *, several: bool, contexts: bool = False) -> None:
        self.lines = ProblemLines()
        self.now = 0.0
        """The moment that is looked at, in seconds since the epoch."""
        self.window = WINDOWS[0]
        """Seconds before it that are shown."""
        self.headings: Sequence[Heading] = ()
        self._found_out = found_out
        self._several, self._contexts = several, contexts
        self.fit((), 0)

    def __len__(self) -> int:
        return len(self.lines.lines)

    def fit(self, seen: Sequence[str], width: int) -> bool:
        """Columns that tell something of the lines in sight, and have room; whether they are others now."""
        lines = [line for key in seen if (line := self.line(key)) is not None]
        known = [known for line in lines if (known := self.known(line)) is not None]
        ages = [each.past.at(self.now) for each in known]
        headings = [_CONTEXT] if self._contexts else []
        headings += [_KIND, *((_NAMESPACE,) if self._several else ()), _NAME, _SINCE]
        if any(age.times > 1 for age in ages):
            headings.append(_TIMES)
        if width >= _ROOM_FOR_PAST and any(map(self.bars, known)):
            headings.append(Heading("past", f"LAST {window_text(self.window).upper()}", min_width=BARS))
        if width >= _ROOM_FOR_CAUSE and any(self.suspect(line) is not None for line in lines):
            headings.append(Heading("cause", "LIKELY CAUSE", max_width=max(40, width // 3)))
        headings.append(_PROBLEM)
        before, self.headings = self.headings, headings
        return before != headings

    def key_at(self, row: int) -> str:
        return self.lines.lines[row].key

    def row_of(self, key: str) -> int | None:
        return self.lines.places.get(key)

    def line(self, key: str | None) -> ProblemLine | None:
        place = self.lines.places.get(key) if key is not None else None
        return self.lines.lines[place] if place is not None else None

    def known(self, line: ProblemLine) -> Known | None:
        return self._found_out.known.get(line.key)

    @property
    def dated(self) -> list[ProblemLine]:
        """The lines whose onset says where they stand."""
        return [*islice((line for line in self.lines.lines if not line.depth), MOST_DATED)]

    def onsets(self) -> dict[str, float]:
        """By the keys of lines: since when, as far as that was found out."""
        known = {line.key: self.known(line) for line in self.dated}
        ages = {key: each.past.at(self.now) for key, each in known.items() if each is not None}
        return {key: age.since for key, age in ages.items() if age.since is not None}

    def cause(self, line: ProblemLine) -> CauseGroup | None:
        """None until it was looked for."""
        return self._found_out.causes.get(line.parts[0]) if line.first.healing is None else None

    def suspect(self, line: ProblemLine) -> Suspect | None:
        """The likeliest cause."""
        cause = self.cause(line)
        return cause.suspect if cause is not None else None

    def cells(self, key: str) -> Sequence[Cell]:
        line, known = self.lines.lines[self.lines.places[key]], self._found_out.known.get(key)
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
                return Cell(kind_text(first.resource))
            case "context":
                return Cell(printable(first.context))
            case "namespace":
                return Cell(line.namespace)
            case "name":
                return Cell("  " * line.depth + line.name)
            case "since":
                return Cell(self._since(line, age))
            case "times":
                return Cell(f"{age.times}" if age is not None else "")
            case "past":
                return Cell(self.bars(known) if known is not None else "")
            case "cause":
                suspect = self.suspect(line)
                return Cell(cause_words(suspect, self.now) if suspect is not None else "")
            case _:
                level = first.problem.level if first.healing is None else Level.DONE
                return Cell(f"{healed_words(line, self.now)}{line.reason}", level)

    def _since(self, line: ProblemLine, age: ProblemAge | None) -> str:
        healing = line.first.healing
        if healing is not None:
            began = min((each.healing.began or 0.0 for each in line.members if each.healing is not None), default=0.0)
            return f"  {since_text(began, self.now)}" if began else ""
        if age is None or age.since is None:
            return ""
        return f"{PROVED if age.approximate else ' '} {since_text(age.since, self.now)}"


def kind_text(resource: Resource) -> str:
    """`Deployment`, `hpa`: a long word has a short one."""
    is_long = len(resource.kind) > _LONG_KIND
    return resource.short_names[0] if is_long and resource.short_names else resource.kind


def since_text(at: float, now: float) -> str:
    """`14:02:10`, `Nov 20`, `2025-11-20`: of another day the time is told below the list."""
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%b %d" if then[0] == today[0] else "%Y-%m-%d", then)


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
    # What several share is itself to one of them.
    relation = evidence.resource.partition(".")[0] if evidence.relation == "itself" else evidence.relation
    return f"{relation} {name}: {suspect.what}{by}{at}"


def details(line: ProblemLine, rows: ProblemRows, keys: Callable[[str], str]) -> list[Line]:
    """What is wrong, what may have caused it, since when, and what was before. `keys` gives the key of a command."""
    now, first, known = rows.now, line.first, rows.known(line)
    lines = [Line((Span(f"{healed_words(line, now)}{line.reason}"),))]
    cause, suspect = rows.cause(line), rows.suspect(line)
    if suspect is not None:
        why = Span(f"  {keys('problems.suspects')} shows all", "kwatch-muted")
        lines.append(Line((Span("Likely  ", "kwatch-muted"), Span(cause_words(suspect, now)), why), hang=8))
    elif cause is not None:
        words = f"nothing that is watched changed and explains it; {keys('problems.suspects')} looks further"
        lines.append(Line((Span("Likely  ", "kwatch-muted"), Span(words, "kwatch-muted")), hang=8))
    if known is None:
        return lines
    said = _age_words(known.past.at(now), now) if first.healing is None else []
    if line.is_group:
        among = f"the first {MOST_MEMBERS} of " if len(line.members) > MOST_MEMBERS else ""
        said.append(f"as {among}{len(line.members):,} tell; keys are about {first.key.rpartition('/')[2]}")
    if said:
        lines.append(Line((Span("Since   ", "kwatch-muted"), Span(" · ".join(said))), hang=8))
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
