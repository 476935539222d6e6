"""The header: where we are, how much of it is shown, and how fresh it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from kwatch.base import threads
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.session.namespaces_feed import status_of
from kwatch.session.state import ConnectionPhase, SessionState
from kwatch.tui.kit.widgets.bar import Part, StateWidget, bar
from kwatch.tui.palette import Ground, Palette
from kwatch.view.freshness import Freshness, Severity, freshness, hindrance, stale_words

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus
    from kwatch.session.session import Session


class Mood(Enum):
    """What the freshness is coloured by; each has a sign of its own, so that colour is never alone."""

    LIVE = ("●", "success")
    WORKING = ("◌", "kwatch-progress")
    STALE = ("▲", "kwatch-stale")
    FAILED = ("✗", "kwatch-unhealthy")
    PAST = ("◀", "secondary")

    def __init__(self, sign: str, ink: str) -> None:
        self.sign = sign
        self.ink = ink


FROM_BEST = (Severity.LIVE, Severity.WORKING, Severity.STALE, Severity.FAILED)
MOODS = {
    Severity.LIVE: Mood.LIVE,
    Severity.WORKING: Mood.WORKING,
    Severity.STALE: Mood.STALE,
    Severity.FAILED: Mood.FAILED,
}
"""How each looks."""


def worst_freshness(sessions: Sequence[Session], now: float) -> tuple[str, Mood, str]:
    """What to say, how it looks, and since when nothing is certain; of several contexts how many are live."""
    if any(each.state.is_recording for each in sessions):
        return "recorded", Mood.PAST, ""
    return freshness_of_several([session_freshness(each, now) for each in sessions], now)


def worst_freshness_of(informers: Sequence[tuple[str, InformerStatus]], now: float) -> tuple[str, Mood, str]:
    """The same of some informers, by the names of their resources."""
    return freshness_of_several([freshness_of(informers, now)], now)


def freshness_of(
    informers: Sequence[tuple[str, InformerStatus]], now: float, state: SessionState | None = None
) -> Freshness:
    """The freshness of the worst of some informers; without any, of the connection."""
    known = [(name, freshness(status, now, name)) for name, status in informers]
    if known:
        resource, worst = max(known, key=lambda each: FROM_BEST.index(each[1].severity))
        words = "live" if worst.severity is Severity.LIVE else f"{resource}: {worst.text}"
        return Freshness(words, worst.severity, worst.stale_since)
    if state is None or state.phase is ConnectionPhase.CONNECTED:
        return Freshness("nothing is watched", Severity.STALE)
    return connection_freshness(state, now)


def connection_freshness(state: SessionState, now: float) -> Freshness:
    """Of a cluster of which nothing has come: why, in as few words as there are."""
    status = status_of(state)
    found = freshness(status, now)
    return Freshness(hindrance(status) or found.text, found.severity, found.stale_since)


def freshness_of_several(each: Sequence[Freshness], now: float) -> tuple[str, Mood, str]:
    """What to say, how it looks, and since when not all is certain: of one that, of several contexts how many live."""
    if not each:
        return "nothing is watched", Mood.STALE, ""
    worst = max(each, key=lambda found: FROM_BEST.index(found.severity))
    if worst.severity is Severity.LIVE:
        return max((found.text for found in each), key=len), Mood.LIVE, ""
    if len(each) == 1:
        return worst.text, MOODS[worst.severity], stale_words(worst, now)
    alive = sum(found.severity is Severity.LIVE for found in each)
    since = min((found.stale_since for found in each if found.stale_since is not None), default=None)
    words = f"{alive} of {len(each)} contexts live"
    return words, MOODS[worst.severity], stale_words(Freshness("", worst.severity, since), now)


def session_freshness(session: Session, now: float) -> Freshness:
    """Of the worst of what is watched there; of nothing, that of the connection."""
    informers = [(each.watched.resource.name, each.informer.status) for each in session.informers()]
    return freshness_of(informers, now, session.state)


@dataclass(frozen=True, slots=True)
class HeaderState:
    """Everything the header says; equal states need no repaint."""

    context: str = ""
    namespace: str = ""
    resource: str = ""
    title: str = ""
    """What is shown of the resource, e.g. an object's name."""
    freshness: str = ""
    stale: str = ""
    """Since when what is shown may not be so any more."""
    mood: Mood = Mood.WORKING
    count: str = ""
    unhealthy: str = ""
    """How many of those that are shown are."""
    unhealthy_hidden: str = ""
    """How many of those that are not shown are."""
    narrowed: tuple[str, ...] = ()
    """Filter and selectors in force."""
    progress: float | None = None
    """Between 0 and 1 while a list is under way."""
    facts: tuple[tuple[str, str, Level], ...] = ()
    """Title, text and level of what is said of one object."""
    trouble: str = ""
    """What went wrong inside kwatch; every header shows it."""
    notes: tuple[str, ...] = ()
    banner: str = ""


_CLICKED = "kwatch-clicked"


def _clickable(style: Style, what: str) -> Style:
    return style + Style(meta={_CLICKED: what})


class Header(StateWidget[HeaderState]):
    """Two lines; parts that do not fit give way by importance."""

    DEFAULT_CSS = """
    Header { height: 2; dock: top; }
    """

    @dataclass
    class Clicked(Message):
        """What was clicked: `context`, `namespace`, `resource`, `unhealthy`, or the title of a fact."""

        what: str

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, HeaderState())

    def on_click(self, event: events.Click) -> None:
        what = event.style.meta.get(_CLICKED)
        if what:
            self.post_message(self.Clicked(what))

    def show(self, state: HeaderState) -> None:
        """Show another state, and what went wrong inside of kwatch."""
        super().show(replace(state, trouble=printable(threads.CRASHES.words)))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return bar(self._place(), self._freshness(), width, self._palette.style(ground=Ground.PANEL))
        return bar(self._amounts(), self._progress(width), width, self._palette.style(ground=Ground.SURFACE))

    def _place(self) -> Sequence[Part]:
        state, style = self._state, self._palette.style
        muted = style("kwatch-muted", Ground.PANEL)
        parts = [Part(" ", muted), Part("◆ kwatch  ", style("primary", Ground.PANEL, bold=True), 5, "◆ ")]
        if state.banner and state.banner != state.context:
            parts.append(Part(f"{state.banner}  ", style("secondary", Ground.PANEL, italic=True), 6))
        places = (
            (state.context, "secondary", 4, "context"),
            (state.namespace, "accent", 1, "namespace"),
            (state.resource, "foreground", 0, "resource"),
            (state.title, "foreground", 0, ""),
        )
        for text, ink, rank, what in (each for each in places if each[0]):
            parts.append(Part(text, _clickable(style(ink, Ground.PANEL, bold=rank == 0), what), rank))
            parts.append(Part(" › ", muted, rank, joined=True))
        return parts[:-1] if parts[-1].joined else parts

    def _freshness(self) -> Sequence[Part]:
        state = self._state
        if not state.freshness:
            return ()
        style = self._palette.style(state.mood.ink, Ground.PANEL, bold=True)
        parts = [Part(f" {state.mood.sign} {state.freshness} ", style)]
        if state.stale:
            parts.append(Part(f"· {state.stale} ", style, 2))
        return parts

    def _amounts(self) -> Sequence[Part]:
        state, style = self._state, self._palette.style
        muted = style("kwatch-muted", Ground.SURFACE)
        parts = [Part(f"   {state.count}", style(ground=Ground.SURFACE))]
        for text in state.narrowed:
            parts.append(Part("  ", muted))
            parts.append(Part(text, style("accent", Ground.SURFACE)))
        if state.facts and (state.count or state.narrowed):
            parts.append(Part("   ", muted))
        for rank, (title, text, level) in enumerate(state.facts, 1):
            parts.append(Part(f"{title} ", muted, rank))
            ink = _clickable(style(self._palette.ink(level), Ground.SURFACE, bold=True), title)
            parts.append(Part(f"{text}   ", ink, rank, joined=True))
        if state.unhealthy:
            bad = style("kwatch-unhealthy", Ground.SURFACE)
            parts.append(Part(f"  {state.unhealthy}", _clickable(bad, "unhealthy"), 1))
        if state.unhealthy_hidden:
            parts.append(Part(f"  {state.unhealthy_hidden}", _clickable(muted, "unhealthy"), 2))
        if state.trouble:
            bad = style("kwatch-unhealthy", Ground.SURFACE, bold=True)
            parts.append(Part(f"  ! {state.trouble}, see :informers", bad, 1, f"  ! {state.trouble}"))
        for text in state.notes:
            parts.append(Part(f"  {text}", muted, 3))
        return parts

    def _progress(self, width: int) -> Sequence[Part]:
        progress = self._state.progress
        if progress is None:
            return ()
        length = min(30, max(10, width // 5))
        done = round(length * min(1.0, max(0.0, progress)))
        style = self._palette.style
        return [
            Part("━" * done, style("kwatch-progress", Ground.SURFACE), 2),
            Part("─" * (length - done) + " ", style("kwatch-muted", Ground.SURFACE), 2),
        ]
