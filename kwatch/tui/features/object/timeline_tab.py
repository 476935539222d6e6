"""The timeline of the object: its deltas between those of its owners, children, node and the Events about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.catalog.kind import Kind
from kwatch.history.rollouts import KEPT_IN
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.editing import general_keys, is_unfinished
from kwatch.query.index_names import BUILT_IN
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.related_feeds import TimelineFeeds
from kwatch.tui.features.object.comparisons import Comparisons, Sides, previous, rollout_sides
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.relation_caches import RelatedReading
from kwatch.tui.features.object.rollouts_tab import rollout_reader
from kwatch.tui.features.object.timeline_reader import (
    Shown,
    TimelineFilter,
    TimelineLine,
    TimelineReader,
    TimelineSnapshot,
)
from kwatch.tui.features.object.timeline_rows import BarState, TimelineBar, TimelineRows, layout_of, timeline_lines
from kwatch.tui.features.time_travel.moment import read_moment
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.prompt import NO_MATCH_YET, Mistake
from kwatch.tui.navigation import CLEAR_FILTER
from kwatch.view.freshness import enumerated

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.journal import Journal
    from kwatch.history.last_lines import ContainerEnd
    from kwatch.informer.status import InformerStatus
    from kwatch.view.relations.related import CacheOf
    from kwatch.view.rollouts import WorkloadRollouts

ROOMY = 14
"""Height from which the row under the cursor is shown in full below."""
LATE = 1.0
"""Seconds after which it is read again though nothing arrived: what an Event is about is known a little later."""
LATEST = 5.0
"""Seconds since the last arrival after which nothing more becomes known."""
PERIOD = 0.25
"""Seconds between two looks for what else must be watched."""


ROLLED_OUT = ("pods", "replicasets.apps")
"""What a workload makes: its rollouts are shown with them."""


class TimelineTab(ObjectTab):
    """Opening it watches the objects related to this one, for as long as the screen is open."""

    DEFAULT_CSS = """
    TimelineTab > VirtualTable { height: 3fr; }
    TimelineTab > TextView { height: 1fr; min-height: 6; border-top: solid $panel; }
    """

    tab = "timeline"
    clears = CLEAR_FILTER

    def compose(self) -> ComposeResult:
        self.filter = ""
        self._is_awaited = False
        self._is_half_typed = self._is_waiting = False
        self._shown = Shown.CHANGES
        self._feeds = TimelineFeeds(self.subject.session)
        self._reader: TimelineReader | None = None
        self._rollouts = rollout_reader(self.subject)
        self._reading = RelatedReading(self.subject, self._read_rollouts, self.wake)
        self._comparisons: Comparisons | None = None
        self._snapshot = TimelineSnapshot()
        self._explained: TimelineLine | None = None
        self._sequence = (-1, -1)
        self._looked_at = self._read_at = self._arrived_at = 0.0
        self._rows = TimelineRows(layout_of(self.app.size.width), self._snapshot, self.clock.time())
        self._bar = TimelineBar(self.palette)
        self.table = VirtualTable(self._rows, self.palette, markable=False)
        self._below = TextView(self.palette, wrap=True)
        yield self._bar
        yield self.table
        yield self._below

    @property
    def note(self) -> str:
        return f"{len(self._rows):,}" if len(self._rows) else ""

    @property
    def journal(self) -> Journal | None:
        return self.subject.session.journal

    @property
    def line(self) -> TimelineLine | None:
        return self._rows.line(self.table.cursor_key)

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        return self._feeds.statuses

    def take_focus(self) -> None:
        self.table.focus()
        journal, subject = self.journal, self.subject
        if journal is not None and self._reader is None:
            self._comparisons = Comparisons(journal)
            self._reader = TimelineReader(
                journal, subject.session.context, str(subject.resource), subject.key, self.wake, self._look_at_pod
            )

    def tick(self, now: float) -> None:
        """Watch what there is to watch, and show what was read."""
        reader, journal = self._reader, self.journal
        if reader is None or journal is None:
            self.table.set_empty(("Nothing is remembered",))
            return
        if now - self._looked_at >= PERIOD or now < self._looked_at:
            self._looked_at = now
            self._watch(journal)
        sequence = (journal.last_sequence, journal.last_lines.changes)
        arrived = sequence != self._sequence
        if arrived:
            self._arrived_at = now
        if arrived or (now - self._read_at >= LATE and abs(self._read_at - self._arrived_at) < LATEST):
            self._sequence, self._read_at = sequence, now
            reader.refresh()
        self._look_for_rollouts(reader, now)
        is_done = reader.is_done
        if reader.snapshot is not self._snapshot:
            self._show(reader.snapshot)
        self._is_awaited = self._is_awaited and not is_done
        if not self._snapshot.keys:
            self.table.set_empty(self._nothing())
        self._bar.show(self._bar_state())

    def awaited(self) -> Iterator[object]:
        """The thread, until what it read for a key is shown."""
        reader = self._reader
        if reader is not None and self._is_awaited:
            yield reader

    def cycle(self) -> None:
        self.pick(self._shown.next)

    def pick(self, shown: Shown) -> None:
        self._shown = shown
        self._ask()

    def search(self, text: str, *, typing: bool = False) -> Mistake | None:
        """Show only what matches; where the filter breaks, in which case the last good one stays."""
        try:
            query = parse(text)
        except QuerySyntaxError as error:
            return Mistake(error.start, error.end, error.message)
        self._is_half_typed = typing and is_unfinished(query, text, self._keys)
        self.filter = text.strip()
        self._ask()
        return None

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter)

    def jump(self, words: str) -> None:
        """To what had happened last at a moment, as people write it; raise ValueError with a sentence."""
        oldest = self._snapshot.oldest
        if oldest is None:
            raise ValueError("Nothing has happened yet.")
        self._go_to(read_moment(words, oldest.entry.at, self.clock.time()))

    def sides(self) -> Sides | None:
        """What the row under the cursor changed: a version, or a rollout; None where there is nothing to compare."""
        line, comparisons = self.line, self._comparisons
        if line is None or comparisons is None or not line.is_comparable:
            return None
        entry = line.entry
        if entry.version is not None:
            return comparisons.sides(previous(comparisons.journal, entry.version), entry.version)
        assert entry.rollout is not None and entry.relation is not None, "it is comparable"
        context = self.subject.session.context
        return rollout_sides(entry.rollout, context, entry.relation.resource, entry.relation.key)

    def step(self, by: int) -> bool:
        """Move to the next older (1) or newer (-1) row that changed something; False where there is none."""
        lines = self._snapshot.lines
        return self.table.step(by, lambda key: lines[key].is_comparable)

    @property
    def end(self) -> ContainerEnd | None:
        """The end of a container that the row under the cursor tells; None for another row."""
        return self.line.entry.end if self.line is not None else None

    def leave(self) -> None:
        self._feeds.release()
        self._reading.release()
        if self._reader is not None:
            self._reader.close()

    def on_resize(self) -> None:
        """Another width may have room for other columns, and little height is for rows."""
        self._below.display = self.size.height >= ROOMY
        layout = layout_of(self.size.width)
        if layout != self._rows.layout:
            self._rows = TimelineRows(layout, self._snapshot, self.clock.time())
            self.table.show(self._rows, keep_cursor=True)

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()
        self._explain()

    def on_timeline_bar_picked(self, message: TimelineBar.Picked) -> None:
        message.stop()
        self.pick(message.shown)

    def _look_for_rollouts(self, reader: TimelineReader, now: float) -> None:
        obj, resource = self.subject.object, str(self.subject.resource)
        if obj is None or not (resource in KEPT_IN or resource in ROLLED_OUT):
            return
        if self._reading.look(obj, now) and self._reading.result is not None:
            reader.tell(self._reading.result)

    def _read_rollouts(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> WorkloadRollouts:
        return self._rollouts.of(self.subject.resource, obj, names, cache_of)

    def _watch(self, journal: Journal) -> None:
        """What is gone is known by its last version."""
        subject = self.subject
        obj = subject.object
        if obj is None:
            versions = journal.versions(subject.session.context, str(subject.resource), subject.key)
            obj = journal.object_or_none(versions[-1]) if versions else None
        if isinstance(obj, KubeObject):
            self._feeds.look(subject.resource, obj)

    def _look_at_pod(self, key: str) -> None:
        """What its containers wrote last is asked for. Called in the reader's thread."""
        session, journal = self.subject.session, self.journal
        ends = session.container_ends
        if ends is None or journal is None:
            return
        versions = journal.versions(session.context, "pods", key)
        pod = journal.object_or_none(versions[-1]) if versions and not versions[-1].deleted else None
        if pod is not None:
            ends.ask(pod)

    def _ask(self) -> None:
        reader, journal = self._reader, self.journal
        if reader is None or journal is None:
            return
        query = parse(self.filter)
        only = TimelineFilter(query, journal, self._kind_of, self.clock) if query else None
        reader.show(self._shown, only)
        self._is_awaited = True

    def _keys(self) -> Iterator[str]:
        return general_keys(BUILT_IN, *(each.kind for each in self.subject.session.informers()))

    def _show(self, snapshot: TimelineSnapshot) -> None:
        self._is_waiting = self._is_half_typed and bool(self._snapshot.keys) and not snapshot.keys
        if self._is_waiting:
            return
        same_part = snapshot.shown is self._snapshot.shown
        is_first = not self._snapshot.keys
        self._snapshot = self._rows.snapshot = snapshot
        self._rows.now = self.clock.time()
        if not same_part:
            self.table.show(self._rows, keep_cursor=True)
        self.table.rows_changed(snapshot.growing, moved=True)
        self.table.set_empty(self._nothing())
        if is_first and snapshot.keys and self.subject.past is not None:
            self._go_to(self.subject.past.moment.at)
        self._explain()

    def _go_to(self, moment: float) -> None:
        """The cursor stands on what had happened last by then; on the oldest, if that is later."""
        line = next((line for line in self._snapshot.newest_first if line.entry.at <= moment), self._snapshot.oldest)
        if line is not None:
            self.table.move_cursor_to(line.entry.id)

    def _explain(self) -> None:
        line, comparisons = self.line, self._comparisons
        if comparisons is None or line == self._explained:
            return
        self._explained = line
        self._below.set_lines(timeline_lines(line, comparisons) if line is not None else ())

    def _nothing(self) -> tuple[str, ...]:
        """Why the line is empty: it is still being read or listed, something may not be, or nothing happened."""
        snapshot, subject = self._snapshot, self.subject
        if not snapshot.is_read:
            return ("Reading what happened …",)
        if snapshot.unread:
            return (f"Reading {snapshot.total - snapshot.unread:,} of {snapshot.total:,} …",)
        if self.filter:
            return "Nothing on the line matches the filter", "Esc clears it."
        if not snapshot.total and subject.past is None and not subject.feed.status.synced:
            return subject.absence()
        said = f"Nothing to show: {self._shown.value}" if snapshot.total else "Nothing is known to have happened to it"
        waits = [name for name, why in self._feeds.troubles.items() if not why]
        if waits:
            return (f"{said} so far", f"{enumerated(waits)} {'is' if len(waits) == 1 else 'are'} still being listed.")
        denied = [name for name, why in self._feeds.troubles.items() if why]
        missing = (f"What happened to {enumerated(denied)} is missing: they cannot be listed.",) if denied else ()
        return (said, *(("f shows another part.",) if snapshot.total else ()), *missing)

    def _bar_state(self) -> BarState:
        snapshot = self._snapshot
        shown = len(snapshot.keys)
        count = f"{shown:,} of {snapshot.total:,}" if shown != snapshot.total else f"{shown:,}"
        if self._is_waiting:
            count = NO_MATCH_YET
        elif snapshot.unread:
            count = f"reading {snapshot.total - snapshot.unread:,} of {snapshot.total:,}"
        elif snapshot.older:
            count += f", the newest of {snapshot.total + snapshot.older:,}"
        past = self.subject.past
        if past is not None:
            later = sum(1 for _ in takewhile(lambda line: line.entry.at > past.moment.at, snapshot.newest_first))
            count += f", {later:,} of them later" if later else ""
        return BarState(self._shown, self.filter, count, snapshot.mistake, self._feeds.troubles)

    def _kind_of(self, resource: str) -> tuple[Kind, Resource] | None:
        """How the objects of a watched resource look."""
        for informer in self.subject.session.informers():
            if str(informer.watched.resource) == resource:
                return informer.kind, informer.watched.resource
        return None
