"""How the informers are doing: one row each, with everything they say of themselves."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base import threads
from kwatch.base.limits import LIMIT, size_text
from kwatch.base.printable import printable
from kwatch.base.threads import Crashes
from kwatch.catalog.column import Level
from kwatch.informer.status import InformerStatus, Phase
from kwatch.session.background import PURPOSE, BackgroundKind, Bounds, Standing
from kwatch.session.memory import Books, books
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import INFORMERS_COMMANDS
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood, worst_freshness
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.view.freshness import instead, lately, phase_of
from kwatch.view.indexes_on_demand import indices_on_demand

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.session.informer_pool import OpenInformer
    from kwatch.session.session import Session


HEADINGS = (
    Heading("watched", "WATCHED", frozen=True, flexible=True),
    Heading("phase", "PHASE"),
    Heading("purposes", "FOR", max_width=40),
    Heading("objects", "OBJECTS", right=True),
    Heading("rate", "EVENTS/S", right=True),
    Heading("queue", "QUEUE", right=True),
    Heading("backlog", "BACKLOG", right=True),
    Heading("last", "LAST EVENT", right=True),
    Heading("events", "EVENTS", right=True),
    Heading("bytes", "RECEIVED", right=True),
    Heading("lists", "LISTS", right=True),
    Heading("relists", "RELISTS", max_width=40),
    Heading("watches", "WATCHES", right=True),
    Heading("bookmarks", "BOOKMARKS", right=True),
    Heading("retries", "RETRIES", right=True),
    Heading("odd", "ODD EVENTS", right=True),
    Heading("error", "LAST ERROR", max_width=200),
)
_LEVELS = {
    Phase.WATCHING: ("●", Level.GOOD),
    Phase.BACKING_OFF: ("!", Level.WARNING),
    Phase.POLLING: ("!", Level.WARNING),
    Phase.FORBIDDEN: ("!", Level.BAD),
    Phase.GONE: ("!", Level.BAD),
    Phase.STOPPED: ("-", Level.DONE),
}


class InformerRates:
    """Events a second of each informer, from one look to the next."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, int, float]] = {}

    def of(self, key: str, events: int, now: float) -> float:
        """Smoothed over about two looks."""
        before = self._last.get(key)
        if before is None or now <= before[0]:
            self._last[key] = (now, events, 0.0)
            return 0.0
        then, known, smooth = before
        rate = (events - known) / (now - then)
        rate = rate if smooth == 0 else (rate + smooth) / 2
        self._last[key] = (now, events, rate)
        return rate


def informer_row(
    key: str, informer: OpenInformer, rates: InformerRates, now: float, *, recorded: bool = False
) -> ListedRow:
    """One row. A recording is read, and nothing of it is watched."""
    status = informer.informer.status
    known = phase_of(status)
    sign, level = _LEVELS.get(known, ("◌", Level.PROGRESS))
    rate = rates.of(key, status.events, now)
    odd = status.quarantined + status.dropped
    error = status.last_error
    relists = ", ".join(f"{count} {cause}" for cause, count in sorted(status.relists.items()))
    forbidden = f"may not {' or '.join(status.refused)}" if status.refused else ""
    word = "read" if recorded and known is Phase.WATCHING else known
    phase = ", ".join(each for each in (word, forbidden, status.quiet) if each)
    cells = (
        Cell(key),
        Cell(phase, level),
        Cell(_purposes(informer)),
        Cell(f"{status.objects:,}"),
        Cell(f"{rate:,.1f}"),
        Cell(f"{status.queue_depth:,}", Level.WARNING if status.queue_depth > 1000 else Level.NONE),
        Cell(f"{status.handler_backlog:,}"),
        Cell(_ago(status.last_event_at, now)),
        Cell(f"{status.events:,}"),
        Cell(_bytes(status.bytes)),
        Cell(str(status.lists)),
        Cell(relists or "none"),
        Cell(str(status.watches)),
        Cell(str(status.bookmarks)),
        Cell(str(status.retries)),
        Cell(str(odd), Level.WARNING if odd else Level.NONE),
        Cell(error.message if error is not None else "", Level.WARNING),
    )
    return ListedRow(key, cells, Look(sign, level))


def absent_row(key: str, kind: BackgroundKind) -> ListedRow:
    """A kind that would be watched in the background, and is not."""
    where = key.removesuffix(f"{PURPOSE} {kind.name}")
    name = f"{where}{kind.watched if kind.watched is not None else kind.name}"
    level = Level.PROGRESS if kind.standing is Standing.WAITING else Level.DONE
    objects = f"{kind.objects:,}" if kind.objects is not None else ""
    known = {"phase": Cell(kind.standing.value, level), "purposes": Cell(PURPOSE), "objects": Cell(objects)}
    known |= {"watched": Cell(name), "error": Cell(kind.why)}
    cells = tuple(known.get(heading.id, Cell("")) for heading in HEADINGS)
    return ListedRow(key, cells, Look("-", level))


def absent_lines(kind: BackgroundKind, bounds: Bounds) -> list[Line]:
    """Why it is not watched, and what the bounds are."""
    name = str(kind.watched) if kind.watched is not None else kind.name
    most = f"of one kind at most {bounds.objects:,} objects, of all at most {size_text(bounds.bytes)}"
    return [
        plain(""),
        plain(name, "primary"),
        plain(f"not watched in the background: {kind.words}", "warning"),
        plain(f"{most}; background: in config.yaml says otherwise", "kwatch-muted"),
    ]


def history_words(journal: Journal) -> str:
    """How full history is, what had to go, and how far its index is behind."""
    kept, evicted = journal.versions_kept, journal.evicted
    words = f"history {_bytes(journal.bytes)} of {_bytes(journal.budget_bytes)}, {_counted_as(kept, 'version')}"
    if evicted.versions:
        until = time.strftime("%H:%M:%S", time.localtime(evicted.through_at))
        words += f"; {evicted.versions:,} from before {until} made room"
    else:
        words += ", nothing evicted"
    backlog = journal.backlog
    words += f"; index {_bytes(journal.index_bytes)}, "
    return words + (f"{_counted_as(backlog, 'object')} not looked at yet" if backlog else "up to date")


def memory_words(books: Books) -> str:
    """`memory 377 MB: objects 152 MB, ...`: what each part takes by its own count, and what is beyond."""
    parts = {
        "objects": books.objects,
        "indexes": books.indexes,
        "rows": books.rows,
        "search text": books.search_text,
        "history": books.history,
        "measurements": books.measurements,
        "the program itself": books.program,
    }
    words = ", ".join(f"{name} {_bytes(size)}" for name, size in parts.items() if size)
    if not books.resident:
        return f"memory by count: {words}"
    free = books.resident - books.counted
    most = f" of at most {_bytes(LIMIT.bytes)}" if LIMIT.bytes else ""
    return f"memory {_bytes(books.resident)}{most}: {words}" + (f", free in between {_bytes(free)}" if free > 0 else "")


def crash_lines(crashes: Crashes) -> list[Line]:
    """What nobody foresaw, newest first: where, why, how often, and whether that part goes on."""
    if not crashes.total:
        return []
    counts = crashes.counts
    often = ", ".join(f"{printable(work)}{f' {count:,} times' if count > 1 else ''}" for work, count in counts.items())
    lines = [plain(""), plain("Mistakes in kwatch itself", "primary"), plain(f"in {often}", "warning")]
    for crash in reversed(crashes.latest):
        at = Span(f"{time.strftime('%H:%M:%S', time.localtime(crash.at))}  ", "kwatch-muted")
        then = "" if crash.goes_on else "; it has ended"
        lines.append(Line((at, Span(f"{crash!s}{then}", "warning"))))
    return [*lines, plain("--log-file FILE keeps where they happened; please report them.", "kwatch-muted")]


def detail_lines(informer: OpenInformer) -> list[Line]:
    """Notes and errors, newest first."""
    status = informer.informer.status
    lines = [plain(""), plain(str(informer.watched), "primary"), _users(informer)]
    notes = (*status.notes, _refused(status)) if status.refused else status.notes
    lines += [Line((Span("note   ", "kwatch-muted"), Span(note))) for note in notes]
    lines += _counted(status)
    lines += _index_lines(informer)
    for error in reversed(status.errors):
        at = time.strftime("%H:%M:%S", time.localtime(error.at))
        code = f" {error.status}" if error.status else ""
        source = Span(f"{at}  {error.source}{code}  ", "kwatch-muted")
        lines.append(Line((source, Span(error.message, "warning"))))
    if not status.errors:
        lines.append(plain("No errors.", "kwatch-muted"))
    return lines


def _refused(status: InformerStatus) -> str:
    words = f"the server does not let this account {' or '.join(status.refused)}"
    return f"{words}: {means}" if (means := instead(status)) else words


def _users(informer: OpenInformer) -> Line:
    words = _purposes(informer)
    if informer.released_in is None:
        words = f"watched for {words}"
    elif informer.keeps_history:
        words += "; its history has a gap from then until it is watched again"
    return plain(words, "kwatch-muted")


def _purposes(informer: OpenInformer) -> str:
    """What it runs for, or when it ends."""
    seconds = informer.released_in
    if seconds is not None:
        return f"nobody, released in {seconds:.0f} s"
    counts = Counter(informer.purposes)
    return ", ".join(f"{each} ({count})" if count > 1 else each for each, count in counts.items())


def _counted_as(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _counted(status: InformerStatus) -> list[Line]:
    counts = {
        "objects that could not be read, set aside": status.quarantined,
        "events of the wrong kind, dropped": status.dropped,
        "errors in handlers": status.handler_errors,
        "errors in sinks": status.sink_errors,
        "errors in index functions": status.index_errors,
    }
    return [plain(f"{count:,} {what}", "warning") for what, count in counts.items() if count]


def _index_lines(informer: OpenInformer) -> list[Line]:
    """Each index with its size; of those made on demand, who uses them."""
    indexer = informer.informer.indexer
    users = indices_on_demand(indexer).users
    lines = []
    for name, size in indexer.index_sizes().items():
        text = f"{_counted_as(size.values, 'value')}, {_counted_as(size.keys, 'object')}"
        spans = [Span("index  ", "kwatch-muted"), Span(f"{printable(name):<24} "), Span(f"{text:<28}", "kwatch-muted")]
        if name in users:
            used = f"used by {_counted_as(users[name], 'view')}" if users[name] else "unused, goes soon"
            spans.append(Span(f" on demand, {used}", "kwatch-muted"))
        lines.append(Line(tuple(spans)))
    return lines


def _ago(at: float | None, now: float) -> str:
    if at is None:
        return "never"
    seconds = max(0.0, now - at)
    return f"{lately(seconds):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


PERIOD = 0.5
"""Seconds between looks: numbers that change faster cannot be read."""
COUNTED_EVERY = 8
"""Looks from one count of the memory to the next."""


class InformersScreen(KwatchScreen[None]):
    """Rows above, the errors and notes of the one under the cursor below."""

    help_title = "the informers"

    DEFAULT_CSS = """
    InformersScreen > VirtualTable { height: 1fr; }
    InformersScreen > TextView { height: 1fr; border-top: solid $panel; }
    """
    COMMANDS_OF_SCREEN = INFORMERS_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header
    _table: VirtualTable
    _details: TextView

    def __init__(self) -> None:
        super().__init__()
        self._rates = InformerRates()
        self._looked_at = 0.0
        self._looks = 0
        self._memory: list[Line] = []
        self._informers: dict[str, OpenInformer] = {}
        self._absent: dict[str, tuple[BackgroundKind, Bounds]] = {}

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self._table = VirtualTable(ListedRows(HEADINGS, ()), self.palette, markable=False)
        self._details = TextView(self.palette)
        yield self._header
        yield self._table
        yield self._details
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self._table.focus()

    def tick(self, now: float) -> None:
        """Look again, twice a second while anything happens."""
        if now - self._looked_at < PERIOD:
            return
        self._looked_at = now
        session, sessions = self.kwatch.session, self.kwatch.sessions
        self._informers = {
            f"{self._of(each)}{informer.watched}": informer for each in sessions for informer in each.informers()
        }
        recorded = session is not None and session.state.is_recording
        rows = [informer_row(key, each, self._rates, now, recorded=recorded) for key, each in self._informers.items()]
        self._absent = {key: found for each in sessions for key, found in self._absent_kinds(each).items()}
        rows += [absent_row(key, each) for key, (each, _) in self._absent.items()]
        table = self._table
        table.show_listed(ListedRows(HEADINGS, rows))
        table.set_empty(("No informer is running",))
        if self._looks % COUNTED_EVERY == 0:
            ends = session.container_ends if session is not None else None
            counted = (memory_words(self._books(session)), *((ends.words,) if ends is not None else ()))
            self._memory = [plain(each, "kwatch-muted") for each in counted]
        self._looks += 1
        self._detail()
        words, mood = self._state(session, now)
        self._header.show(
            HeaderState(
                context=self.kwatch.context_words,
                resource="informers",
                freshness=f"{len(self._informers)} {words}",
                mood=mood,
                count=history_words(session.journal) if session is not None and session.journal is not None else "",
                banner=self.kwatch.banner,
            )
        )

    def _of(self, session: Session) -> str:
        """Where several contexts are shown, which."""
        return f"{session.context}: " if self.kwatch.contexts else ""

    def _absent_kinds(self, session: Session) -> dict[str, tuple[BackgroundKind, Bounds]]:
        """What would be watched in the background, and is not, by the keys of its rows; and in which bounds."""
        background = session.background
        if background is None or session.state.is_recording:
            return {}
        absent = (each for each in background.kinds if each.standing is not Standing.WATCHED)
        return {f"{self._of(session)}{PURPOSE} {each.name}": (each, background.bounds) for each in absent}

    def _books(self, session: Session | None) -> Books:
        indexers = [each.informer.indexer for each in self._informers.values()]
        journal = session.journal if session is not None else None
        return books(indexers, [self.kwatch.home.all_rows], journal, [each.usages for each in self.kwatch.sessions])

    def _state(self, session: Session | None, now: float) -> tuple[str, Mood]:
        """What they do: how they are now, also while the table below shows another moment."""
        if session is not None and session.state.is_recording:
            return "read from the recording, to its end", Mood.PAST
        _, mood, _ = worst_freshness(self.kwatch.sessions, now)
        return "running now" if self.moment_in_view() is not None else "running", mood

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self._detail()

    def _detail(self) -> None:
        key = self._table.cursor_key or ""
        informer, absent = self._informers.get(key), self._absent.get(key)
        of_informer = detail_lines(informer) if informer is not None else []
        if absent is not None:
            of_informer = absent_lines(*absent)
        lines = [*self._memory, *crash_lines(threads.CRASHES), *of_informer]
        view = self._details
        if lines != view.document.lines:
            view.set_lines(lines)
