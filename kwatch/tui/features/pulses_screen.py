"""The pulse of the cluster: how many objects of each kind there are, how many are unhealthy, and of what. Of what is
watched anyway, for a view or in the background: nothing is listed for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.namespaces import in_words
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.informer.errors import Closed
from kwatch.query.syntax import quoted_value
from kwatch.session.background import LEFT_OUT, BackgroundKind
from kwatch.session.ports import Watched
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import PULSES_COMMANDS
from kwatch.tui.features.table.contexts_header import CountOfContext, Fact, facts_by_context
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, session_freshness, worst_freshness
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.location import Location
from kwatch.view.freshness import phase_of
from kwatch.view.problems import HealthMonitor

if TYPE_CHECKING:
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session

PERIOD = 0.5
LOOKING = 0.01
"""Seconds of each tick spent on finding out what is wrong, all kinds together."""
_NAMED = 3
_BAR = 10
HEADINGS = (
    Heading("kind", "KIND", frozen=True),
    Heading("where", "IN", min_width=6, max_width=30, quiet=True),
    Heading("objects", "OBJECTS", right=True),
    Heading("unhealthy", "UNHEALTHY", right=True),
    Heading("share", "HEALTHY", min_width=_BAR, from_width=100),
    Heading("why", "WHAT IS WRONG", fill=True),
)


_CONTEXT = Heading("context", "CONTEXT", frozen=True, quiet=True, max_width=24)


class Pulse:
    """One watch that is shared, and what is wrong with its objects; `close` lets go of it."""

    def __init__(self, context: str, feed: Feed) -> None:
        self.context, self.feed = context, feed
        self.watched = feed.watched
        self.key = f"{context} {feed.watched}"
        self._monitor = HealthMonitor(feed.resource, feed.indexer) if feed.watched.is_whole else None

    def look(self, now: float, seconds: float) -> bool:
        """Find out more for so long; whether there is more to find out."""
        dirty = self.feed.drain()
        if self._monitor is None:
            return False
        self._monitor.touch(dirty)
        self._monitor.look(now, seconds)
        return not self._monitor.is_complete

    @property
    def unhealthy(self) -> int | None:
        """None where that cannot be known: of some kinds only the metadata is watched."""
        return len(self._monitor.found) if self._monitor is not None else None

    def row(self, *, with_context: bool) -> ListedRow:
        status, total, unhealthy = self.feed.status, len(self.feed.objects), self.unhealthy
        reasons = Counter(each.reason for each in self._monitor.found.values()) if self._monitor is not None else {}
        most = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
        words = [f"{count:,} × {reason}" for reason, count in most[:_NAMED]]
        more = f"{len(most) - _NAMED:,} more" if len(most) > _NAMED else ""
        why = "" if status.synced else f"{phase_of(status)} …"
        healthy = "" if unhealthy is None or not total else "█" * (_BAR * (total - unhealthy) // total)
        place = in_words(self.watched.namespace) if self.watched.resource.namespaced else ""
        bad = Level.BAD if unhealthy else Level.NONE
        cells = (
            Cell(self.watched.resource.name),
            Cell(place),
            Cell(f"{total:,}"),
            Cell("not known" if unhealthy is None else f"{unhealthy:,}", bad),
            Cell(healthy.ljust(_BAR, "·") if healthy or unhealthy else "", bad or Level.GOOD),
            Cell(", ".join(part for part in (why, *words, more) if part), bad),
        )
        where = (Cell(printable(self.context)),) if with_context else ()
        return ListedRow(self.key, (*where, *cells), Look("!", Level.BAD) if unhealthy else PLAIN)

    def close(self) -> None:
        self.feed.release()


class PulsesScreen(KwatchScreen[None]):
    """A row for each watch that is not narrowed by a selector, of each context that is shown."""

    help_title = "the pulse of the cluster"

    DEFAULT_CSS = """
    PulsesScreen > VirtualTable { height: 1fr; }
    """
    COMMANDS_OF_SCREEN = PULSES_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self, sessions: Mapping[str, Session]) -> None:
        """`sessions` by their contexts."""
        super().__init__()
        self._sessions = sessions
        self._several = len(sessions) > 1
        self._headings = (_CONTEXT, *HEADINGS) if self._several else HEADINGS
        self._pulses: dict[tuple[str, Watched], Pulse] = {}
        self._looked_at = 0.0
        self._is_looking = True

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(ListedRows(self._headings, ()), self.palette, markable=False)
        yield self._header
        yield self.table
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.table.focus()

    def on_unmount(self) -> None:
        for each in self._pulses.values():
            each.close()

    @property
    def is_busy(self) -> bool:
        return self._is_looking

    def tick(self, now: float) -> None:
        """Look at what changed, and show it twice a second."""
        self._follow_watches()
        share = LOOKING / max(1, len(self._pulses))
        busy = [each for each in self._pulses.values() if each.look(now, share)]
        self._is_looking = bool(busy)
        if now - self._looked_at < PERIOD:
            return
        self._looked_at = now
        shown = sorted(self._pulses.values(), key=lambda each: (not each.unhealthy, str(each.watched), each.context))
        listed = [each.row(with_context=self._several) for each in shown]
        self.table.show_listed(ListedRows(self._headings, [*listed, *self._left_out()]))
        self.table.set_empty(("Nothing is watched yet",))
        self._header.show(self._state(now))

    def open_kind(self) -> None:
        """Its rows: the unhealthy ones, if there are any; of several contexts those of its own."""
        pulse = next((each for each in self._pulses.values() if each.key == self.table.cursor_key), None)
        if pulse is not None:
            watched = pulse.watched
            terms = [f"ctx:{quoted_value(pulse.context)}"] if self._several else []
            terms += ["unhealthy"] if pulse.unhealthy else []
            place = Location.of((watched.resource,), watched.namespace)
            self.kwatch.home.navigation.go(replace(place, filter=" ".join(terms)))

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_kind()

    def _follow_watches(self) -> None:
        """Share what runs, and let go of what is narrowed or has ended."""
        wanted = {(context, each) for context, session in self._sessions.items() for each in _worth_it(session)}
        for context, watched in wanted - self._pulses.keys():
            try:
                feed = self._sessions[context].open(
                    watched.resource,
                    watched.namespace,
                    purpose="the pulses",
                    metadata_only=watched.metadata_only,
                    digested=watched.digested,
                )
            except Closed:
                continue
            self._pulses[context, watched] = Pulse(context, feed)
        for which in self._pulses.keys() - wanted:
            self._pulses.pop(which).close()

    def _left_out(self) -> Iterator[ListedRow]:
        """What would be watched in the background, and is not: why."""
        for context, session in self._sessions.items():
            background = session.background
            for each in background.kinds if background is not None else ():
                if each.standing in LEFT_OUT:
                    yield _absent(each, context if self._several else "")

    def _facts(self, now: float) -> tuple[Fact, ...]:
        """How much is unhealthy in each of several contexts, and what is in its way."""
        counts = Counter[str]()
        for each in self._pulses.values():
            counts[each.context] += each.unhealthy or 0
        found = [(name, session_freshness(session, now), counts[name]) for name, session in self._sessions.items()]
        return facts_by_context([CountOfContext(*each, f"! {each[2]:,}" if each[2] else "0") for each in found], now)

    def _state(self, now: float) -> HeaderState:
        words, mood, stale = worst_freshness(self.kwatch.sessions, now)
        unhealthy = sum(each.unhealthy or 0 for each in self._pulses.values())
        moment = self.kwatch.home.time_travel.moment()
        past = (f"of now; the table is as it was at {clock_text(moment.at, now, fine=False)}",) if moment else ()
        return HeaderState(
            context=self.kwatch.context_words,
            resource="pulses",
            freshness=words,
            mood=mood,
            stale=stale,
            count=f"{sum(len(each.feed.objects) for each in self._pulses.values()):,} objects of what is watched",
            unhealthy=f"! {unhealthy:,} unhealthy" if unhealthy else "",
            facts=self._facts(now) if self._several else (),
            notes=past,
            banner=self.kwatch.banner,
        )


def _whole(watched: Watched) -> Watched:
    return replace(watched, metadata_only=False, digested=False)


def _worth_it(session: Session) -> AbstractSet[Watched]:
    """What runs and is not narrowed; of what is watched in two ways the whole."""
    running = {each.watched for each in session.informers()}
    found = {each for each in running if not each.label_selector and not each.field_selector}
    return found - {each for each in found if not each.is_whole and _whole(each) in found}


def _absent(kind: BackgroundKind, context: str) -> ListedRow:
    objects = f"{kind.objects:,}" if kind.objects is not None else ""
    cells = (Cell(kind.name), Cell(""), Cell(objects), Cell("not known"), Cell(""), Cell(kind.words))
    where = (Cell(printable(context)),) if context else ()
    return ListedRow(f"left out {context} {kind.name}", (*where, *cells), Look("-", Level.DONE))


def open_pulses(screen: KwatchScreen[Any]) -> None:
    """Over what one looks at."""
    app = screen.kwatch
    if app.home.navigation.is_connecting:
        screen.notify(app.home.navigation.why_not_yet, severity="warning", markup=False)
        return
    app.push_screen(PulsesScreen(app.sessions_by_context))
