"""The versions of an object above, what the chosen one changed below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult

from kwatch.history.coverage import Gap
from kwatch.history.reconstruction import MOST_EVENTS, ReconstructedEntry, events_about, joined, reconstruct
from kwatch.informer.errors import ApiError
from kwatch.informer.selectors import field_is
from kwatch.tui.features.object.comparisons import Comparisons, Sides, explained, gap_lines, previous
from kwatch.tui.features.object.history_rows import HistoryRows, Note, notes_of
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.time_travel.moment import read_moment
from kwatch.tui.kit.table.layout import ROOMY
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.protocol import Object
    from kwatch.session.ports import Cluster
    from kwatch.tui.features.object.subject import Subject


class HistoryTab(ObjectTab):
    """Live: a new version appears on top."""

    DEFAULT_CSS = """
    HistoryTab > VirtualTable { height: 3fr; }
    HistoryTab > TextView { height: 2fr; border-top: solid $panel; }
    """

    tab = "history"
    text: TextView

    def compose(self) -> ComposeResult:
        self._sequence = self._answers = -1
        self._state: tuple[object, ...] = ()
        self._versions: Sequence[Version] = ()
        self._rows: HistoryRows | None = None
        self._comparisons: Comparisons | None = None
        self._earlier = EarlierHistory(self.subject)
        self.table, self.text = VirtualTable(NoRows(), self.palette), TextView(self.palette, wrap=True)
        yield self.table
        yield self.text

    def on_resize(self) -> None:
        if self._comparisons is not None:
            self._comparisons.narrow = self.size.width < ROOMY

    @property
    def note(self) -> str:
        return str(len(self._versions)) if self._versions else ""

    @property
    def journal(self) -> Journal | None:
        return self.subject.session.journal

    def take_focus(self) -> None:
        self.table.focus()

    def tick(self, now: float) -> None:
        """Show new versions, and what was found out about earlier history."""
        journal = self.journal
        if not self._versions:
            self.table.set_empty(self._nothing(journal))
        if journal is None or (journal.last_sequence, self._earlier.answers) == (self._sequence, self._answers):
            return
        self._sequence, self._answers = journal.last_sequence, self._earlier.answers
        subject, key = self.subject, self.subject.key
        context, resource = subject.session.context, str(subject.resource)
        # What is cheap to ask comes first: there may be thousands of versions, and other objects change all the time.
        activity = journal.activities(context, resource).of((key,))
        gaps, evicted = journal.gaps_of(context, resource, key), journal.evicted_of(context, resource, key)
        state = (activity, len(gaps), evicted, self._answers)
        if state == self._state:
            return
        self._state, self._versions = state, journal.versions(context, resource, key)
        self._show(journal, self._versions, gaps, evicted, now)

    def _show(
        self, journal: Journal, versions: Sequence[Version], gaps: Sequence[Gap], evicted: int, now: float
    ) -> None:
        if versions and not self._answers:
            self._look_back(journal, versions[0], evicted)
        self._comparisons = self._comparisons or Comparisons(journal)
        self._comparisons.narrow = self.size.width < ROOMY
        is_first, past = self._rows is None, self.subject.past
        first = versions[0] if versions else None
        notes = notes_of(first, evicted, self._earlier.entries, self._earlier.problem, now)
        moment = past.moment if past is not None else None
        self._rows = HistoryRows(versions, gaps, self._comparisons, notes, now, moment)
        self.table.show(self._rows, keep_cursor=not is_first)
        if is_first and past is not None and past.version is not None:
            self.table.move_cursor_to(str(past.version.sequence))
        self.table.set_empty(self._nothing(journal))
        self._explain()

    def _nothing(self, journal: Journal | None) -> tuple[str, ...]:
        """Why there is no version: it is being listed, may not be, or there was none."""
        subject = self.subject
        if journal is None:
            return ("Nothing is remembered",)
        if subject.past is None and not subject.feed.status.synced:
            return subject.absence()
        return ("No version of it has arrived",) if subject.past is None else ("No version of it is known",)

    def _look_back(self, journal: Journal, first: Version, evicted: int) -> None:
        """An object that was created while it was watched has no earlier history."""
        obj = journal.object_or_none(first) if first.relisted or evicted else None
        if obj is not None:
            self._earlier.begin(first, obj)

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()
        self._explain()

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        message.stop()
        self._explain()

    def compared(self) -> tuple[Version | None, Version] | None:
        """The two versions to show side by side: the marked ones, or the one under the cursor and its predecessor."""
        rows, journal = self._rows, self.journal
        if rows is None or journal is None:
            return None
        marked = sorted(
            (version for key in self.table.marks if (version := rows.version(key))), key=lambda each: each.sequence
        )
        if len(marked) >= 2:
            return marked[0], marked[-1]
        key = self.table.cursor_key
        version = rows.version(key) if key is not None else None
        if version is None:
            return None
        return previous(journal, version), version

    def sides(self) -> Sides | None:
        """Those two."""
        pair = self.compared()
        return self._comparisons.sides(*pair) if pair is not None and self._comparisons is not None else None

    def step(self, by: int) -> bool:
        """To an older (1) or newer (-1) version and its predecessor; False where there is none."""
        self.table.clear_marks()
        return self.move(by)

    def move(self, by: int) -> bool:
        """Put the cursor on an older (1) or newer (-1) version, marks stay; False where there is none."""
        key = self._rows.neighbour(self.table.cursor_key, by) if self._rows is not None else None
        if key is None:
            return False
        self.table.move_cursor_to(key)
        return True

    def jump(self, words: str) -> None:
        """To the version that was in force at a moment, as people write it; raise ValueError with a sentence."""
        rows = self._rows
        if rows is None or not self._versions:
            raise ValueError("There is no version yet.")
        began, last = self._versions[0].at, self._versions[-1].at
        ended = last if self.subject.session.state.is_recording else self.clock.time()
        key = rows.key_as_of(read_moment(words, began, ended))
        if key is not None:
            self.table.move_cursor_to(key)

    def _explain(self) -> None:
        rows, comparisons = self._rows, self._comparisons
        key = self.table.cursor_key
        if rows is None or comparisons is None or key is None:
            return
        entry = rows.entry(key)
        if isinstance(entry, Note):
            self.text.set_lines(entry.lines)
        elif isinstance(entry, Gap):
            self.text.set_lines(gap_lines(entry, rows.found_after(entry)))
        elif (pair := self.compared()) is not None:
            self.text.set_lines(explained(comparisons.between(*pair), pair))


class EarlierHistory:
    """What the server still proves of an object from before it was watched: at once from the object, then from Events.

    `begin` returns at once; `answers` grows when more is known. Readable from any thread.
    """

    def __init__(self, subject: Subject) -> None:
        self.entries: tuple[ReconstructedEntry, ...] = ()
        """Newest first."""
        self.problem = ""
        """Why Events are missing."""
        self.answers = 0
        self._subject = subject

    def begin(self, first: Version, obj: KubeObject) -> None:
        """Reconstruct from the first version that is kept, and ask for the Events about it."""
        self._take(first, obj, ())
        session, namespace = self._subject.session, self._subject.namespace or None
        events = session.names.find("events.v1") if session.names is not None else None
        if events is None:
            return

        def ask(cluster: Cluster) -> tuple[tuple[Object, ...], bool]:
            of_it = cluster.lister_watcher(events, namespace, None, field_is("involvedObject.uid", first.uid))
            return events_about(of_it)

        def done(answer: tuple[tuple[Object, ...], bool] | Exception) -> None:
            if isinstance(answer, Exception):
                self.problem = answer.message if isinstance(answer, ApiError) else str(answer)
                self.answers += 1
            else:
                about, are_more = answer
                if are_more:
                    self.problem = f"there are more than the {MOST_EVENTS:,} that were asked for"
                self._take(first, obj, about)

        session.fetch(ask, done)

    def _take(self, first: Version, obj: KubeObject, events: tuple[Object, ...]) -> None:
        try:
            proved = reconstruct(obj, events)
        except (msgspec.DecodeError, RecursionError):
            self.problem = "the object cannot be read"
            proved = ()
        self.entries = tuple(entry for entry in reversed([*joined(proved)]) if entry.at < first.at)
        self.answers += 1
