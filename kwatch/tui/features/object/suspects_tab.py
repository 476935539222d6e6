"""What may have caused the failure of the object: suspects, the likeliest first, and the evidence of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.base.threads import reason_of, spawn
from kwatch.history.attribution import writers
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.comparisons import change_lines
from kwatch.tui.features.object.history_rows import PROVED, moment_text
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.relation_caches import caches_for
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Words
from kwatch.view.freshness import enumerated
from kwatch.view.suspects import Evidence, Found, Suspect, surroundings_of, suspects_of

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus

PERIOD = 1.0
"""Seconds between two looks while something changes."""
_HEADINGS = (
    Heading("place", "#", frozen=True, right=True, min_width=2),
    Heading("time", "TIME", min_width=len("≈ 14:02:10")),
    Heading("who", "WHO", max_width=20),
    Heading("object", "OBJECT", max_width=44),
    Heading("what", "WHAT CHANGED", fill=True),
)


class SuspectsTab(ObjectTab):
    """Watches what is related only while it is open; a thread reads what changed."""

    DEFAULT_CSS = """
    SuspectsTab > VirtualTable { height: 1fr; }
    SuspectsTab > TextView { height: 1fr; border-top: solid $panel; }
    """

    tab = "suspects"
    text: TextView

    def compose(self) -> ComposeResult:
        self._caches = caches_for(self.subject)
        self._looked_at = 0.0
        self._sequence = -1
        self._last: KubeObject | None = None
        self._is_reading = False
        self._found: Found | None = None
        self._shown: Found | None = None
        self._problem = ""
        self._title = Words("")
        self.table = VirtualTable(ListedRows(_HEADINGS, ()), self.palette, markable=False)
        self.text = TextView(self.palette, wrap=True)
        yield self._title
        yield self.table
        yield self.text

    @property
    def note(self) -> str:
        return str(len(self._shown.suspects)) if self._shown is not None and self._shown.suspects else ""

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        return self._caches.statuses

    @property
    def is_busy(self) -> bool:
        """Until anything is known."""
        return self._shown is None and not self._problem

    @property
    def evidence(self) -> Evidence | None:
        """That of the suspect under the cursor."""
        suspect = self._suspect()
        return suspect.evidence if suspect is not None else None

    def take_focus(self) -> None:
        self.table.focus()

    def tick(self, now: float) -> None:
        """Look again when something changed, and show what was found."""
        obj = self.subject.object or self._last
        if obj is None:
            self.table.set_empty(self.subject.absence())
            return
        if self._found is not self._shown and self._found is not None:
            self._show(self._found, self.subject.time(now))
        if self._problem:
            self.table.set_empty((self._problem,))
        if now - self._looked_at >= PERIOD and not self._is_reading:
            self._looked_at = now
            self._look(obj, now)

    def leave(self) -> None:
        self._caches.release()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()
        self._explain(self.subject.time(self.clock.time()))

    def _look(self, obj: KubeObject, now: float) -> None:
        session, journal = self.subject.session, self.subject.session.journal
        sequence = journal.last_sequence if journal is not None else 0
        changed = self._caches.drain() or obj is not self._last or sequence != self._sequence
        is_whole = self._shown is not None and not self._shown.unknown
        if session.names is None or (is_whole and not changed):
            return
        self._last, self._sequence, self._is_reading = obj, sequence, True
        time, wake = self.subject.time(now), self.wake
        past = self.subject.past
        until = past.moment.sequence if past is not None else None
        here = surroundings_of(self.subject.resource, obj, session.names, self._caches.cache_of, time)

        def read() -> None:
            self._found = suspects_of(here, journal, session.context, time, until)
            self._problem, self._is_reading = "", False
            wake()

        def crashed(error: BaseException) -> None:
            self._problem = f"internal error: {reason_of(error)}"
            self._is_reading = False
            wake()

        spawn("kwatch-suspects", read, crashed)

    def _show(self, found: Found, now: float) -> None:
        self._shown = found
        self._title.say(_title(found, now))
        rows = [_row(place, each, now) for place, each in enumerate(found.suspects, 1)]
        if rows != list(getattr(self.table.rows, "rows", ())):
            self.table.show(ListedRows(_HEADINGS, rows), keep_cursor=bool(len(self.table.rows)))
        self.table.set_empty(_nothing(found))
        self._explain(now)

    def _suspect(self) -> Suspect | None:
        key = self.table.cursor_key
        if self._shown is None or key is None or not key.isdecimal():
            return None
        return self._shown.suspects[int(key) - 1] if int(key) <= len(self._shown.suspects) else None

    def _explain(self, now: float) -> None:
        suspect = self._suspect()
        if suspect is not None and self._shown is not None:
            self.text.set_lines(_lines(suspect, self._shown, now))


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


def _nothing(found: Found) -> tuple[str, ...]:
    missing = (f"Not known, or not listed yet: {enumerated(found.unknown)}",) if found.unknown else ()
    return ("Nothing is known to have changed that explains it", *missing)


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


def _lines(suspect: Suspect, found: Found, now: float) -> list[Line]:
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
    if found.unknown:
        lines += [plain(""), plain(f"Not known: {enumerated(found.unknown)}", "kwatch-muted")]
    return lines
