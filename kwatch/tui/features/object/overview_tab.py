"""What can be said of an object at a glance, live: its health in words, what may have caused it, the last rollout of a
workload, then what describe says of it and around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.catalog.health import assess
from kwatch.catalog.names import ResourceNames
from kwatch.catalog.overview import describe, describe_related
from kwatch.catalog.overview.facts import Fact, Section, sections
from kwatch.history.rollouts import KEPT_IN
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.relation_caches import RelatedReading, caches_for
from kwatch.tui.features.object.rollouts_tab import rollout_facts, rollout_reader
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.features.object.suspects_tab import summary_lines, suspect_sides, suspects_around
from kwatch.tui.features.object.yaml_tab import GLOW, mark_changed
from kwatch.tui.kit.text.columns import in_columns
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import MARGIN, TextView
from kwatch.tui.palette import INK_OF_LEVEL
from kwatch.view.relations import Relation, others_around

if TYPE_CHECKING:
    from kwatch.history.rollouts import Rollout
    from kwatch.informer.status import InformerStatus
    from kwatch.tui.features.object.comparisons import Sides
    from kwatch.view.relations.related import CacheOf
    from kwatch.view.suspects import Found, Suspect

SUSPECTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """What was found out in a thread: of what fails its suspects, of a workload its last rollout."""

    found: Found | None = None
    rollout: Rollout | None = None


class OverviewTab(ObjectTab):
    """Lines that another version changed are marked for a while, ages alone are no change."""

    tab = "overview"
    text: TextView

    def compose(self) -> ComposeResult:
        self._shown: KubeObject | None = None
        self._before: KubeObject | None = None
        self._around: Sequence[Section] = ()
        self._fade_at = 0.0
        self._second = self._width = 0
        self._place = 1
        """The place of the suspect that was looked at last, from 1 on."""
        self._places: dict[int, int] = {}
        """The suspects' places by the numbers of their lines."""
        self._surroundings = Surroundings(self.subject)
        self._rollouts = rollout_reader(self.subject)
        self._reading = RelatedReading(self.subject, self._explain, self.wake)
        self.text = TextView(self.palette, wrap=True)
        yield self.text

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        """How those around it are watched."""
        return [*self._surroundings.statuses, *self._reading.caches.statuses]

    @property
    def is_busy(self) -> bool:
        return self._shown is not None and self._is_explained(self._shown) and self._reading.is_busy

    @property
    def suspects(self) -> Sequence[Suspect]:
        """Those that are shown."""
        explained = self._reading.result
        found = explained.found if explained is not None else None
        return found.suspects[:SUSPECTS_SHOWN] if found is not None and found.is_failing else ()

    @property
    def suspect(self) -> Suspect | None:
        """The one that was chosen."""
        return self.suspects[self._place - 1] if self._place <= len(self.suspects) else None

    def choose(self, place: int) -> None:
        """Choose the suspect in a place, from 1 on."""
        self._place = place

    def sides(self) -> Sides | None:
        """What the chosen suspect changed; None where that is not known."""
        return suspect_sides(self.subject, self.suspect)

    def step(self, by: int) -> bool:
        """To what the next suspect (1), or the one before (-1) changed; False where there is none."""
        places = range(self._place + by, len(self.suspects) + 1 if by > 0 else 0, by)
        place = next((each for each in places if suspect_sides(self.subject, self.suspects[each - 1])), None)
        self._place = place or self._place
        return place is not None

    def take_focus(self) -> None:
        self.text.focus()

    def tick(self, now: float) -> None:
        """Show the newest version, with ages that go on; a deleted object keeps its last one."""
        present, now = now, self.subject.time(now)
        obj = self.subject.object or self._shown
        if obj is None:
            self.text.set_empty(self.subject.absence())
            return
        around = self._surroundings.sections(obj, present)
        is_explained = self._is_explained(obj) and self._reading.look(obj, present)
        if obj is not self._shown:
            self._before, self._shown = self._shown, obj
            self._fade_at = now + GLOW
        elif int(now) == self._second and around is self._around and not is_explained and self._width == self._room:
            return
        self._around = around
        self._second, self._width = int(now), self._room
        lines = self._lines(obj, now)
        if lines != self.text.document.lines:
            self.text.set_lines(lines)

    def on_click(self, event: events.Click) -> None:
        """On a suspect: what it changed."""
        offset = event.get_content_offset(self.text)
        document = self.text.document
        row = self.text.scroll_offset.y + offset.y if offset is not None else len(document.rows)
        place = self._places.get(document.line_of[row]) if row < len(document.line_of) else None
        if place is not None and self.text.text_selection is None:
            event.stop()
            self.post_message(self.Opens("suspects", place))

    def leave(self) -> None:
        self._surroundings.release()
        self._reading.release()

    def _is_explained(self, obj: KubeObject) -> bool:
        """Whether there is something to be found out: only then is anything watched for it."""
        is_doubtful = _is_doubtful(self.subject.resource, obj, self.subject.time(self.clock.time()))
        return is_doubtful or str(self.subject.resource) in KEPT_IN

    def _explain(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> Explained:
        resource = self.subject.resource
        is_doubtful = _is_doubtful(resource, obj, now)
        found = suspects_around(self.subject, obj, names, cache_of, now) if is_doubtful else None
        is_workload = str(resource) in KEPT_IN
        rollouts = self._rollouts.of(resource, obj, names, cache_of).rollouts if is_workload else ()
        return Explained(found, next(iter(rollouts), None))

    def _lines(self, obj: KubeObject, now: float) -> Sequence[Line]:
        told = [*self._told(obj, now)]
        head, lines = self._all_lines(obj, now, told)
        if self._before is not None and now < self._fade_at:
            old_head, old_lines = self._all_lines(self._before, now, told)
            marked = mark_changed([*old_head, *old_lines], [*head, *lines])
            head, lines = marked[: len(head)], marked[len(head) :]
        return [*head, *in_columns(lines, self._room)]

    @property
    def _room(self) -> int:
        return self.text.size.width - MARGIN - 1  # a scroll bar may come and go

    def _all_lines(self, obj: KubeObject, now: float, told: Sequence[Line]) -> tuple[list[Line], list[Line]]:
        """What is wrong and why; and what describe says."""
        resource, explained = self.subject.resource, self._reading.result
        health = [*health_lines(resource, obj, now)]
        first = len(health) + len(told) - len(self.suspects)
        self._places = {first + place: place + 1 for place in range(len(self.suspects))}
        rollout = explained.rollout if explained is not None else None
        own = sections(("Last Rollout", rollout_facts(rollout, now))) if rollout is not None else ()
        return [*health, *told], [*section_lines(resource, obj, now, self._around, own)]

    def _told(self, obj: KubeObject, now: float) -> Iterator[Line]:
        """What may have caused what is wrong; the suspects last, one line each."""
        explained = self._reading.result
        found = explained.found if explained is not None else None
        is_failing = assess(self.subject.resource, obj).at(now) is not None
        if not is_failing and (found is None or not found.is_failing):
            return
        yield plain("")
        if self._reading.problem:
            yield plain(self._reading.problem, "warning")
        elif found is None:
            yield plain("Looking for what changed before it began to fail …", "kwatch-muted")
        else:
            yield from summary_lines(found, now, SUSPECTS_SHOWN)


_INDENT = "  "
_LABEL_LIMIT = 28
_SIGNS = {Level.BAD: "✗", Level.WARNING: "!", Level.GOOD: "●", Level.PROGRESS: "◌", Level.DONE: "-"}
_AFTER_OTHERS = frozenset({"Pod Template", "System", "Images"})
_LINE_LIMIT = 2000
"""Lines shown of one value; config maps hold whole files."""
_LONGEST_LINE = 20_000
"""Characters shown of one line of it."""


def overview_lines(resource: Resource, obj: KubeObject, now: float, around: Sequence[Section] = ()) -> list[Line]:
    """The whole overview at `now`, in seconds since the epoch; `around` is what related objects add."""
    return [*health_lines(resource, obj, now), *section_lines(resource, obj, now, around)]


def section_lines(
    resource: Resource, obj: KubeObject, now: float, around: Sequence[Section], first: Sequence[Section] = ()
) -> Iterator[Line]:
    """What describe says, below `first`."""
    sections = (*first, *_with_surroundings(describe(resource, obj), around))
    labels = [len(fact.label) for section in sections for fact in section.facts]
    width = min(_LABEL_LIMIT, max(labels, default=0))
    for section in sections:
        yield plain("")
        yield from _section(section, width, now)
    if not sections:
        yield plain("")
        yield plain(f"{_INDENT}It cannot be read; the YAML may say more.", "kwatch-muted")


def _with_surroundings(own: Sequence[Section], around: Sequence[Section]) -> Sequence[Section]:
    """What is around the object stands after how it is, and before how its pods are made or what it is made of."""
    place = next((place for place, section in enumerate(own) if section.title in _AFTER_OTHERS), len(own))
    return (*own[:place], *around, *own[place:]) if own else ()


def _is_doubtful(resource: Resource, obj: KubeObject, now: float) -> bool:
    """Whether something is wrong with it, or will be if it stays as it is."""
    assessment = assess(resource, obj)
    return bool(assessment.all_at(now) or assessment.coming_at(now))


def health_lines(resource: Resource, obj: KubeObject, now: float) -> Iterator[Line]:
    assessment = assess(resource, obj)
    problems, coming = assessment.all_at(now), assessment.coming_at(now)
    for problem in problems:
        ink = INK_OF_LEVEL[problem.level]
        yield Line((Span(problem.reason, ink, strong=True),), sign="!")
    if problems:
        return
    for problem in coming:
        words = f"A problem in {humanize((problem.since or now) - now)}, unless that changes: {problem.reason}"
        yield Line((Span(words, INK_OF_LEVEL[Level.PROGRESS]),), sign=_SIGNS[Level.PROGRESS])
    if not coming:
        yield Line((Span("Nothing is known to be wrong with it.", INK_OF_LEVEL[Level.GOOD]),), sign="●")


def _section(section: Section, width: int, now: float) -> Iterator[Line]:
    yield Line((Span(section.title, "primary", strong=True),))
    before = ""
    for fact in section.facts:
        label = "" if fact.label == before else fact.label
        before = fact.label
        yield from _fact(fact, label, width, now)


def _fact(fact: Fact, label: str, width: int, now: float) -> Iterator[Line]:
    texts: Sequence[str] = fact.text(now).split("\n")[:_LINE_LIMIT]
    ink = INK_OF_LEVEL[fact.level]
    sign = f"{_SIGNS[fact.level]} " if fact.level in _SIGNS else ""
    shown = printable(label)
    if len(shown) > width:
        yield Line((Span(_INDENT + shown, "kwatch-muted"),))
        shown = ""
    for number, text in enumerate(texts):
        head = f"{_INDENT}{shown if number == 0 else '':<{width}}  "
        more = f"… {len(text) - _LONGEST_LINE:,} characters more, in the YAML" if len(text) > _LONGEST_LINE else ""
        value = Span(f"{sign if number == 0 else ''}{text[:_LONGEST_LINE]}{more}", ink)
        yield Line((Span(head, "kwatch-muted"), value), hang=len(head))


_UNKNOWN = (Level.WARNING, Level.DONE)
"""Levels of what is not known and not on its way."""
PERIOD = 1.0
"""Seconds between two looks while related objects change."""


class Surroundings:
    """What the overview says of related objects. Asks again when one of them changed, once a second at most."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._caches = caches_for(subject)
        self._obj: KubeObject | None = None
        self._looked_at = 0.0
        self._changed = False
        self._sections: Sequence[Section] = ()

    def sections(self, obj: KubeObject, now: float) -> Sequence[Section]:
        """What is known; `now` is the present, also while the past is shown."""
        names = self._subject.session.names
        if names is None:
            return ()
        self._changed |= self._caches.drain() or obj is not self._obj or not self._sections
        if self._changed and now - self._looked_at >= PERIOD:
            self._looked_at, self._obj, self._changed = now, obj, False
            self._sections = self._ask(obj, names)
        return self._sections

    def _ask(self, obj: KubeObject, names: ResourceNames) -> Sequence[Section]:
        """What related objects say, and which of them could not be asked."""
        resource, caches = self._subject.resource, self._caches
        silent: list[Relation] = []

        def cache_of(relation: Relation) -> IndexAccess | None:
            cache = caches.cache_of(relation)
            if cache is None:
                silent.append(relation)
            return cache

        found = describe_related(resource, obj, others_around(resource, obj, names, cache_of))
        waits = {relation.resource.name: caches.waiting_for(relation) for relation in silent}
        self._changed |= bool(waits)
        missing = [Fact(name, words, level) for name, (words, level) in waits.items() if level in _UNKNOWN]
        return (*found, *sections(("Not Known", missing)))

    @property
    def statuses(self) -> list[tuple[str, InformerStatus]]:
        return self._caches.statuses

    def release(self) -> None:
        self._caches.release()
