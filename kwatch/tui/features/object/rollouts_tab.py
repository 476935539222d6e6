"""The rollouts of the object's workload: each template against the one before, what the chosen one changed below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.catalog.overview.facts import Fact
from kwatch.history.attribution import writers
from kwatch.history.rollouts import Rollout, change_words, rollout_words
from kwatch.tui.features.object.comparisons import PROVED, Sides, change_lines, rollout_sides
from kwatch.tui.features.object.history_rows import moment_text
from kwatch.tui.features.object.related_tab import RelationTab
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, Look
from kwatch.tui.kit.text.line import Line, plain
from kwatch.tui.location import Location
from kwatch.view.rollouts import RolloutReader, WorkloadRollouts

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.kube_object import KubeObject
    from kwatch.tui.features.object.subject import Subject
    from kwatch.view.relations.related import CacheOf


class RolloutsTab(RelationTab[WorkloadRollouts]):
    """Rows by the number of the revision."""

    tab = "rollouts"
    headings = (
        Heading("revision", "REVISION", frozen=True, right=True),
        Heading("time", "TIME", min_width=len("≈ Nov 23 14:02:10")),
        Heading("who", "WHO", max_width=24),
        Heading("pods", "READY", right=True),
        Heading("changes", "CHANGES", fill=True),
    )
    _reader: RolloutReader | None = None

    def read(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> WorkloadRollouts:
        self._reader = self._reader or rollout_reader(self.subject)
        return self._reader.of(self.subject.resource, obj, names, cache_of)

    def rows_of(self, found: WorkloadRollouts, now: float) -> Sequence[ListedRow]:
        return [_row(each, now) for each in found.rollouts]

    def title_of(self, found: WorkloadRollouts, now: float) -> str:
        return f"Rollouts of {found.resource.kind} {found.workload.key}" if found.workload is not None else ""

    def nothing(self, found: WorkloadRollouts) -> tuple[str, ...]:
        if found.waits_for is not None:
            return (self.reading.caches.waiting_for(found.waits_for)[0] or "Reading …",)
        return (printable(found.why) or "No rollout is known",)

    def lines_of(self, found: WorkloadRollouts, key: str, now: float) -> Sequence[Line]:
        rollout = self.rollout
        return rollout_lines(rollout) if rollout is not None else ()

    @property
    def note(self) -> str:
        return str(len(self.found.rollouts)) if self.found is not None and self.found.rollouts else ""

    @property
    def rollout(self) -> Rollout | None:
        """The one under the cursor."""
        rollouts = self.found.rollouts if self.found is not None else ()
        return next((each for each in rollouts if f"{each.number}" == self.table.cursor_key), None)

    def sides(self) -> Sides | None:
        """The template of the rollout under the cursor, and the one before."""
        rollout, found = self.rollout, self.found
        if rollout is None or found is None or found.workload is None:
            return None
        return rollout_sides(rollout, self.subject.session.context, str(found.resource), found.workload.key)

    def step(self, by: int) -> bool:
        """To the rollout before (1) or after (-1); False where there is none."""
        return self.table.step(by, lambda key: True)

    def chosen(self) -> tuple[Location, str] | None:
        """Where the row under the cursor leads."""
        rollout, kept = self.rollout, self.found.kept if self.found is not None else None
        if rollout is None or kept is None or not rollout.kept_in:
            return None
        key = f"{kept.namespace}/{rollout.kept_in}"
        return self.reading.caches.place_of(kept.resource, key), key


def rollout_reader(subject: Subject) -> RolloutReader:
    """As of the moment that is shown."""
    until = subject.past.moment.sequence if subject.past is not None else None
    return RolloutReader(subject.session.journal, subject.session.context, until)


def _row(rollout: Rollout, now: float) -> ListedRow:
    at = moment_text(rollout.at, now) if rollout.at is not None else "not known"
    ready = (
        "" if not rollout.pods else f"{rollout.pods if rollout.ready is None else f'{rollout.ready}/{rollout.pods}'}"
    )
    is_short = rollout.pods is not None and rollout.ready is not None and rollout.ready < rollout.pods
    cells = (
        Cell(f"{rollout.number}" if rollout.number else "waits"),
        Cell(f"{PROVED} {at}" if rollout.approximate else f"  {at}"),
        Cell(printable(", ".join(map(str, writers(rollout.who))))),
        Cell(ready if rollout.pods else "", Level.WARNING if is_short else Level.NONE),
        Cell(printable(change_words(rollout))),
    )
    return ListedRow(f"{rollout.number}", cells, Look("●", Level.PROGRESS) if rollout.is_current else PLAIN)


def rollout_facts(rollout: Rollout, now: float) -> Iterator[Fact]:
    """What is told of it at a glance."""
    words = rollout_words(rollout)
    yield Fact("Revision", f"{words.removeprefix('revision ')}")
    if rollout.at is not None:
        sign = f"{PROVED} " if rollout.approximate else ""
        yield Fact("Rolled Out", f"{sign}{moment_text(rollout.at, now)}", at=rollout.at)
    if who := ", ".join(map(str, writers(rollout.who))):
        yield Fact("By", who)
    yield Fact("Changed", change_words(rollout))


def rollout_lines(rollout: Rollout) -> list[Line]:
    words = rollout_words(rollout)
    head = [plain(f"{words[:1].upper()}{words[1:]}. {rollout.kept_in}", "kwatch-muted")]
    if rollout.approximate:
        head.append(
            plain(f"{PROVED} reconstructed from what the server keeps: it was rolled out unseen.", "kwatch-muted")
        )
    return [*head, plain(""), *change_lines(rollout.changes, rollout.who)]
