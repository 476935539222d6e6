"""What may have caused the failure of the object: suspects, the likeliest first, and the evidence of the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.history.attribution import writers
from kwatch.session.background import LEFT_OUT
from kwatch.tui.features.object.comparisons import PROVED, Sides, change_lines, rollout_sides, sides_at
from kwatch.tui.features.object.history_rows import moment_text
from kwatch.tui.features.object.related_tab import RelationTab
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.view.freshness import enumerated
from kwatch.view.suspects import Evidence, FormerObjects, Found, Suspect, surroundings_of, suspects_of

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.kube_object import KubeObject
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import Subject
    from kwatch.view.relations import Relation
    from kwatch.view.relations.related import CacheOf


class SuspectsTab(RelationTab[Found]):
    """Rows by their place, from 1 on."""

    tab = "suspects"
    headings = (
        Heading("place", "#", frozen=True, right=True, min_width=2),
        Heading("time", "TIME", min_width=len("≈ 14:02:10")),
        Heading("who", "WHO", max_width=20),
        Heading("object", "OBJECT", max_width=44),
        Heading("what", "WHAT CHANGED", fill=True),
    )
    period = 1.0

    def read(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> Found:
        return suspects_around(self.subject, obj, names, cache_of, now, self._why_not)

    def _why_not(self, relation: Relation) -> str:
        return self.reading.caches.waiting_for(relation)[0]

    def rows_of(self, found: Found, now: float) -> Sequence[ListedRow]:
        return [_row(place, each, now) for place, each in enumerate(found.suspects, 1)]

    def title_of(self, found: Found, now: float) -> str:
        return _title(found, now)

    def nothing(self, found: Found) -> tuple[str, ...]:
        now = self.subject.time(self.clock.time())
        missing = unwatched_words(found, self.subject.session, now)
        return ("Nothing is known to have changed that explains it", *missing)

    def lines_of(self, found: Found, key: str, now: float) -> Sequence[Line]:
        suspect = self.suspect
        missing = unwatched_words(found, self.subject.session, now)
        return _lines(suspect, found, now, missing) if suspect is not None else ()

    @property
    def note(self) -> str:
        return str(len(self.found.suspects)) if self.found is not None and self.found.suspects else ""

    @property
    def suspect(self) -> Suspect | None:
        """The one under the cursor."""
        return self._suspect(self.table.cursor_key)

    def _suspect(self, key: str | None) -> Suspect | None:
        suspects = self.found.suspects if self.found is not None else ()
        place = int(key) if key is not None and key.isdecimal() else 0
        return suspects[place - 1] if 0 < place <= len(suspects) else None

    def sides(self) -> Sides | None:
        """What the suspect under the cursor changed; None where that is not known."""
        return suspect_sides(self.subject, self.suspect)

    def step(self, by: int) -> bool:
        """To what the next suspect (1), or the one before (-1) changed; False where there is none."""
        return self.table.step(by, lambda key: has_sides(self._suspect(key)))


def has_sides(suspect: Suspect | None) -> bool:
    evidence = suspect.evidence if suspect is not None else None
    return evidence is not None and (evidence.rollout is not None or evidence.sequence is not None)


def suspect_sides(subject: Subject, suspect: Suspect | None) -> Sides | None:
    """What a suspect changed; None where that is not known, or not kept."""
    evidence, session = suspect.evidence if suspect is not None else None, subject.session
    if evidence is None:
        return None
    if evidence.rollout is not None:
        return rollout_sides(evidence.rollout, session.context, evidence.resource, evidence.key)
    if evidence.sequence is None or session.journal is None:
        return None
    return sides_at(session.journal, session.context, evidence.resource, evidence.key, evidence.sequence)


def suspects_around(
    subject: Subject,
    obj: KubeObject,
    names: ResourceNames,
    cache_of: CacheOf,
    now: float,
    why_not: Callable[[Relation], str] = lambda relation: "",
) -> Found:
    """As of the moment that is shown."""
    journal, context = subject.session.journal, subject.session.context
    until = subject.past.moment.sequence if subject.past is not None else None
    former = FormerObjects(journal, context, now, until) if journal is not None else None
    here = surroundings_of(subject.resource, obj, names, cache_of, now, why_not, former)
    return suspects_of(here, journal, context, now, until)


def _title(found: Found, now: float) -> str:
    failure = found.failure
    if not found.is_failing:
        return "Nothing is known to be wrong with it; what changed around it last"
    since = f", since {moment_text(failure.since, now)}" if failure.since is not None else ""
    sign = "" if failure.exact or failure.since is None else f" ({PROVED})"
    alike = f"; {found.alike} of {found.pods} pods fail alike" if found.alike > 1 else ""
    if found.alike == 1 < found.pods:
        alike = f"; the only one of {found.pods} pods"
    return f"{failure.kind.value[:1].upper()}{failure.kind.value[1:]}{since}{sign}{alike}"


def unwatched_words(found: Found, session: Session, now: float) -> tuple[str, ...]:
    """Where a cause may be hidden: what cannot be asked, and what was not watched yet when the failure began."""
    words = [f"Not known: {printable(', '.join(found.unknown))}"] if found.unknown else []
    late: dict[str, list[str]] = {}
    for name, at in found.seen_late:
        late.setdefault(moment_text(at, now), []).append(name)
    words += [f"Only watched from {at} on, after it began: {', '.join(names)}" for at, names in late.items()]
    if late and session.background is None and not session.state.is_recording:
        words.append("Nothing is watched in the background (--no-background, or background: off)")
    elif late and session.background is not None:
        left: dict[str, list[str]] = {}
        for each in session.background.kinds:
            if each.standing in LEFT_OUT:
                left.setdefault(each.words, []).append(each.name.partition(".")[0])
        words += [printable(f"Not watched in the background, {why}: {', '.join(names)}") for why, names in left.items()]
    return tuple(words)


def _row(place: int, suspect: Suspect, now: float) -> ListedRow:
    evidence = suspect.evidence
    at = evidence.at if evidence is not None else None
    when = moment_text(at, now) if at is not None else ""
    is_guess = evidence is not None and evidence.approximate and at is not None
    cells = (
        Cell(str(place)),
        Cell(f"{PROVED if is_guess else ' '} {when}"),
        Cell(printable(", ".join(map(str, writers(evidence.who)))) if evidence is not None else ""),
        Cell(printable(_object_of(evidence)) if evidence is not None else ""),
        Cell(printable(suspect.what)),
    )
    return ListedRow(str(place), cells)


def _object_of(evidence: Evidence) -> str:
    return f"{evidence.relation} {evidence.key.rpartition('/')[2]}"


def _lines(suspect: Suspect, found: Found, now: float, missing: Sequence[str]) -> list[Line]:
    evidence = suspect.evidence
    lines = [Line((Span("Why   ", "kwatch-muted"), Span(suspect.why)), hang=6)]
    if found.failure.message:
        lines.append(Line((Span("Said  ", "kwatch-muted"), Span(found.failure.message)), hang=6))
    if evidence is not None:
        lines.append(Line((Span("What  ", "kwatch-muted"), Span(f"{evidence.resource} {evidence.key}")), hang=6))
        if evidence.at is not None:
            lines.append(Line((Span("When  ", "kwatch-muted"), Span(f"{humanize(now - evidence.at)} ago")), hang=6))
        lines.append(plain(""))
        lines += change_lines(evidence.changes, evidence.who) if evidence.changes else []
    return [*lines, *([plain("")] if missing else []), *(plain(each, "kwatch-muted") for each in missing)]


def summary_lines(found: Found, now: float, most: int) -> Iterator[Line]:
    """What fails and since when; below it one line for each of the first suspects."""
    yield Line((Span(_title(found, now), strong=True),))
    if not found.suspects:
        missing = f"; not known: {enumerated(found.unknown)}" if found.unknown else ""
        yield plain(f"  Nothing is known to have changed that explains it{missing}", "kwatch-muted")
    for place, suspect in enumerate(found.suspects[:most], 1):
        evidence = suspect.evidence
        spans = [Span(f"  {place}  ", "kwatch-muted"), Span(suspect.what, strong=place == 1)]
        if evidence is not None:
            sign = f"{PROVED} " if evidence.approximate else ""
            at = f", {sign}{moment_text(evidence.at, now)}" if evidence.at is not None else ""
            who = ", ".join(map(str, writers(evidence.who)))
            spans.append(Span(f"; {_object_of(evidence)}{at}{f' by {who}' if who else ''}", "kwatch-key"))
        yield Line((*spans, Span(f"; {suspect.why}", "kwatch-muted")), hang=5)
