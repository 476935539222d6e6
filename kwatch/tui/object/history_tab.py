"""The versions of an object above, what the chosen one changed below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.object.history_rows import HistoryRows, clock_time
from kwatch.tui.object.object_tab import ObjectTab
from kwatch.tui.table.no_rows import NoRows
from kwatch.tui.table.virtual_table import VirtualTable
from kwatch.tui.text.line import Line, Span, plain
from kwatch.tui.text.text_view import TextView
from kwatch.view.printable import printable

if TYPE_CHECKING:
    from kwatch.history.comparison import Comparison
    from kwatch.history.gap import Gap
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version

_TINTS = {"+": "kwatch-added", "-": "kwatch-deleted", "~": "kwatch-changed"}


class HistoryTab(ObjectTab):
    """Live: a new version appears on top."""

    DEFAULT_CSS = """
    HistoryTab > VirtualTable { height: 3fr; }
    HistoryTab > TextView { height: 2fr; border-top: solid $panel; }
    """

    tab = "history"
    title = "History"

    def compose(self) -> ComposeResult:
        """Versions above, changes below."""
        self._sequence = -1
        self._count = -1
        self._rows: HistoryRows | None = None
        self._comparisons: Comparisons | None = None
        self._table, self._text = VirtualTable(NoRows(), self.palette), TextView(self.palette)
        yield self._table
        yield self._text

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
        return str(self._count) if self.is_mounted and self._count > 0 else ""

    @property
    def journal(self) -> Journal | None:
        """What remembers."""
        return self.subject.session.journal

    def take_focus(self) -> None:
        """The cursor moves over versions."""
        self.table.focus()

    def tick(self, now: float) -> None:
        """Show versions that came since."""
        journal = self.journal
        if journal is None or journal.last_sequence == self._sequence:
            return
        self._sequence = journal.last_sequence
        subject = self.subject
        context, resource = subject.session.context, str(subject.resource)
        versions = journal.versions(context, resource, subject.key)
        gaps = journal.gaps(context, resource)
        if len(versions) + len(gaps) == self._count:
            return
        self._count = len(versions) + len(gaps)
        self._comparisons = self._comparisons or Comparisons(journal)
        first = self._rows is None
        self._rows = HistoryRows(versions, gaps, self._comparisons)
        self.table.show(self._rows, keep_cursor=not first)
        self.table.set_empty(("No version of it has arrived yet",))
        self._explain()

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

    def step(self, by: int) -> bool:
        """Move to an older (1) or newer (-1) version and its predecessor; False where there is none."""
        self.table.clear_marks()
        before = self.table.cursor_key
        self.table.action_move(by)
        return self.table.cursor_key != before

    def _explain(self) -> None:
        rows, comparisons = self._rows, self._comparisons
        key = self.table.cursor_key
        if rows is None or comparisons is None or key is None:
            return
        gap = rows.gap(key)
        if gap is not None:
            self.text.set_lines(gap_lines(gap))
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


def gap_lines(gap: Gap) -> list[Line]:
    """A gap in a sentence."""
    return [
        plain(""),
        plain(
            f"Not watched from {clock_time(gap.since)} to {clock_time(gap.until)}: {printable(gap.cause)}.", "warning"
        ),
        plain("What changed meanwhile is in the version above; steps in between were not seen.", "kwatch-muted"),
    ]


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
        return [*head, plain(f"{comparison.words().capitalize()}; nothing before it is known.", "kwatch-muted")]
    if not comparison.changes:
        noise = ", ".join(printable(change.path) for change in comparison.noise)
        return [*head, plain(f"Nothing but noise: {noise}", "kwatch-muted")]
    lines = []
    for change, writer in zip(comparison.changes, comparison.who, strict=True):
        words = printable(change.words)
        path = printable(change.path)
        rest = words.removeprefix(path)
        spans = [Span(path, "kwatch-key"), Span(rest, "foreground")] if path else [Span(words)]
        spans.append(Span(f"   {printable(str(writer))}", "kwatch-muted"))
        if writer.subresource:
            spans.append(Span(f" ({printable(writer.subresource)})", "kwatch-muted"))
        lines.append(Line(tuple(spans), _TINTS.get(change.sign, ""), change.sign))
    return [*head, *lines]
