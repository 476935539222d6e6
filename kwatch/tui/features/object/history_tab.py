"""The versions of an object above, what the chosen one changed below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from textual.app import ComposeResult

from kwatch.base.printable import printable
from kwatch.catalog.tree import Tree
from kwatch.history.comparison import CREATED, FIRST_SEEN
from kwatch.history.reconstruction import ReconstructedEntry, joined, reconstruct
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions
from kwatch.informer.selectors import field_is
from kwatch.tui.features.object.comparisons import Comparisons
from kwatch.tui.features.object.history_rows import HistoryRows, notes_of
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.time_travel.moment import read_moment
from kwatch.tui.kit.table.layout import ROOMY
from kwatch.tui.kit.table.rows import NoRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.comparison import Comparison
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.history.watches import Gap
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.protocol import Object
    from kwatch.informer.resource import Resource
    from kwatch.session.ports import Cluster
    from kwatch.tui.features.object.subject import Subject


_MOST_EVENTS = 500


class Before:
    """`begin` returns at once; `answers` grows when more is known. Readable from any thread."""

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
        session = self._subject.session
        events = _events_resource(self._subject)
        if events is None:
            return
        namespace = self._subject.namespace or None

        def ask(cluster: Cluster) -> tuple[Object, ...]:
            door = cluster.lister_watcher(events, namespace, None, field_is("involvedObject.uid", first.uid))
            return tuple(door.list(ListOptions(limit=_MOST_EVENTS)).items)

        def done(answer: tuple[Object, ...] | Exception) -> None:
            if isinstance(answer, Exception):
                self.problem = answer.message if isinstance(answer, ApiError) else str(answer)
                self.answers += 1
            else:
                self._take(first, obj, answer)

        session.fetch(ask, done)

    def _take(self, first: Version, obj: KubeObject, events: tuple[Object, ...]) -> None:
        try:
            proved = reconstruct(obj, events)
        except (msgspec.DecodeError, RecursionError):
            self.problem = "the object cannot be read"
            proved = ()
        self.entries = tuple(entry for entry in reversed([*joined(proved)]) if entry.at < first.at)
        self.answers += 1


def _events_resource(subject: Subject) -> Resource | None:
    names = subject.session.names
    return names.find("events.v1") if names is not None else None


_TINTS = {"+": "kwatch-added", "-": "kwatch-deleted", "~": "kwatch-changed"}


class HistoryTab(ObjectTab):
    """Live: a new version appears on top."""

    DEFAULT_CSS = """
    HistoryTab > VirtualTable { height: 3fr; }
    HistoryTab > TextView { height: 2fr; border-top: solid $panel; }
    """

    tab = "history"

    def compose(self) -> ComposeResult:
        """Versions above, changes below."""
        self._sequence = self._answers = -1
        self._state: tuple[object, ...] = ()
        self._versions: Sequence[Version] = ()
        self._rows: HistoryRows | None = None
        self._comparisons: Comparisons | None = None
        self._before = Before(self.subject)
        self._table, self._text = VirtualTable(NoRows(), self.palette), TextView(self.palette)
        self._text.toggle_wrap()
        yield self._table
        yield self._text

    def on_resize(self) -> None:
        """What is told of a change depends on the room for it."""
        if self._comparisons is not None:
            self._comparisons.narrow = self.size.width < ROOMY

    @property
    def table(self) -> VirtualTable:
        """The versions."""
        return self._table

    @property
    def text(self) -> TextView:
        """The changes of the version under the cursor."""
        return self._text

    @property
    def note(self) -> str:
        """How many versions there are."""
        return str(len(self._versions)) if self._versions else ""

    @property
    def journal(self) -> Journal | None:
        """What remembers."""
        return self.subject.session.journal

    def take_focus(self) -> None:
        """The cursor moves over versions."""
        self.table.focus()

    def tick(self, now: float) -> None:
        """Show versions that came since, and what was found out of before."""
        journal = self.journal
        if not self._versions:
            self.table.set_empty(self._nothing(journal))
        if journal is None or (journal.last_sequence, self._before.answers) == (self._sequence, self._answers):
            return
        self._sequence, self._answers = journal.last_sequence, self._before.answers
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
        notes = notes_of(first, evicted, self._before.entries, self._before.problem, now)
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
        """What came while one watched has no other past."""
        if not (first.relisted or evicted):
            return
        try:
            self._before.begin(first, journal.object_of(first))
        except KeyError:
            return

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """Explain another version."""
        message.stop()
        self._explain()

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        """Two marked versions are compared with each other."""
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

    def is_created(self, comparison: Comparison | None) -> bool:
        """What was only found, in a list, was there before."""
        return comparison is not None and comparison.beginning == CREATED

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
        gap, note = rows.gap(key), rows.note(key)
        if note is not None:
            self.text.set_lines(list(note.lines))
            return
        if gap is not None:
            self.text.set_lines(gap_lines(gap, rows.found_after(gap)))
            return
        pair = self.compared()
        if pair is not None:
            self.text.set_lines(explained(comparisons.between(*pair), pair))


def previous(journal: Journal, version: Version) -> Version | None:
    """The version before it; None if there is none any more."""
    try:
        return journal.previous(version)
    except KeyError:
        return None


def gap_lines(gap: Gap, found: str) -> list[Line]:
    """A gap in sentences."""
    return [
        plain(""),
        plain(f"Not watched from {clock_time(gap.since)} to {clock_time(gap.until)}: {gap.cause}.", "warning"),
        plain(f"The object was {found}."),
        plain("Steps in between were not seen.", "kwatch-muted"),
    ]


def _beginning(comparison: Comparison) -> str:
    """How it began, as far as that is known."""
    words = printable(comparison.words())
    if comparison.beginning != FIRST_SEEN or comparison.event:
        return f"{words[:1].upper()}{words[1:]}."
    at = Tree(comparison.changes[0].new if comparison.changes else None).at("metadata", "creationTimestamp").text()
    said = f" The server says that it was created at {printable(at)}." if at else ""
    return f"First seen; what it was before is not known.{said}"


def explained(comparison: Comparison | None, pair: tuple[Version | None, Version]) -> list[Line]:
    """One line a change: sign, path, values, who."""
    old, new = pair
    title = f"{old.resource_version} → {new.resource_version}" if old is not None else new.resource_version
    head = [plain(f"{title}   {clock_time(new.at)}", "kwatch-muted")]
    if comparison is None:
        return [*head, plain("The content of this version had to make room for newer ones.", "kwatch-muted")]
    if comparison.version.deleted:
        return [*head, plain(f"It was {comparison.words()}; its last state is in the version before.", "error")]
    if comparison.previous is None:
        return [*head, plain(_beginning(comparison), "kwatch-muted")]
    if not comparison.changes:
        noise = ", ".join(printable(change.path) for change in comparison.noise)
        return [*head, plain(f"Nothing but noise: {noise}", "kwatch-muted")]
    lines = []
    for change, writer in zip(comparison.changes, comparison.who, strict=True):
        words = printable(change.words)
        path = printable(change.path)
        rest = words.removeprefix(path)
        spans = [Span(path, "kwatch-key"), Span(rest, "foreground")] if path else [Span(words)]
        spans.append(Span(f"   {writer!s}", "kwatch-muted"))
        if writer.subresource:
            spans.append(Span(f" ({writer.subresource})", "kwatch-muted"))
        lines.append(Line(tuple(spans), _TINTS.get(change.sign, ""), change.sign))
    return [*head, *lines]
