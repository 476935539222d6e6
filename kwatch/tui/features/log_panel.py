"""The logs of one or of many containers on a screen: followed, filtered, searched, unfolded, saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from kwatch.base.files import expand
from kwatch.base.printable import printable
from kwatch.base.timestamp import timestamp
from kwatch.informer.clock import Clock
from kwatch.query.syntax import QuerySyntaxError
from kwatch.session.container_log import LogWish
from kwatch.session.log_pods import ChoicesOf, LogChoice, log_places
from kwatch.session.logs import LogsState, MergedLogs
from kwatch.tui.exporting import save_lines
from kwatch.tui.features import log_text as said
from kwatch.tui.features.log_document import LogDocument
from kwatch.tui.features.log_text import LogState, LogStateLine, LogView, Told, remember, remembered
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.prompt import FILTER, SAVE, SEARCH, Mistake, Prompt
from kwatch.tui.navigation import load
from kwatch.tui.palette import Palette
from kwatch.view.log_lines import NANO, LogSource, kept_lines
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.last_lines import ContainerEnd
    from kwatch.session.session import Session
    from kwatch.tui.base_app import Application

AT_ONCE = 1_000
"""Lines that are taken over at once..."""
IN_A_TICK = 0.04
"""...and seconds for which more are, until the screen is drawn."""
TAIL_OF_ONE, TAIL_OF_MANY = 2_000, 500
"""Lines of each container that are fetched of what was written before, if nothing else is said."""
CONTEXTS = (0, 2, 5, 20)
SINCE = {"1m": 60, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "6h": 21_600, "all": None}
BEFORE = 900.0
"""Seconds before a moment in the past that are looked at, unless another time is chosen."""
TAIL = {"100": 100, "500": 500, "2000": 2_000, "10000": 10_000, "all": None}
_FILTER_HELP = "hides the other lines; !text: lines without it; /a|b/: a regular expression"


class LogPanel(Vertical):
    """Begins with `start`, ends with `stop`. `choices` are the objects whose pods' logs are read, by their contexts'
    sessions, None while that is not known yet; with `kept` only what was kept of a container that ended is shown.
    """

    DEFAULT_CSS = """
    LogPanel { height: 1fr; background: $background; }
    LogPanel > LogStateLine { height: 1; }
    LogPanel > TextView { height: 1fr; }
    """

    class OtherKeys(Message):
        """The commands that are available changed."""

    def __init__(
        self,
        session: Session,
        palette: Palette,
        clock: Clock,
        choices: Callable[[], ChoicesOf | None],
        whose: str,
        *,
        kept: ContainerEnd | None = None,
        until: float | None = None,
    ) -> None:
        """`whose` is what filter and search are remembered by. `until` is a moment in the past, in seconds since the
        epoch: what was written later is not shown.
        """
        super().__init__()
        self.session = session
        self.clock = clock
        self.kept = kept
        self.previous = False
        self.container: str | None = None
        """The name of the containers that are shown; None: all."""
        self.containers: Callable[[], Sequence[str]] = self._seen_containers
        """What may be chosen..."""
        self.default: Callable[[], str | None] = lambda: None
        """...and which of these kubectl would take."""
        self.absence: Callable[[], Sequence[str]] = tuple
        """Why there is nothing to read from, in sentences."""
        self.until = until
        self.since, self.tail = "all" if until is None else "15m", ""
        self.says_how_many = False
        """Whether `how_many` is said elsewhere."""
        self._choices = choices
        self._whose = whose
        self._logs: MergedLogs | None = None
        self._trouble = ""
        self._before_typing = ""
        self._seen_until = 0
        self._state = LogStateLine(palette)
        self.text = LogView(palette)
        self.prompt = Prompt()

    def compose(self) -> ComposeResult:
        yield self._state
        yield self.text
        yield self.prompt

    @property
    def is_live(self) -> bool:
        """Whether lines come; False for those that were kept."""
        return self.kept is None

    @property
    def is_of_now(self) -> bool:
        """Whether they may be followed: neither kept nor of a moment in the past."""
        return self.is_live and self.until is None

    @property
    def is_begun(self) -> bool:
        return self._logs is not None or bool(self._trouble) or not self.is_live

    @property
    def how_many(self) -> str:
        """`showing 50 of 213 containers`."""
        return printable(self._logs.state.words) if self._logs is not None else ""

    @property
    def document(self) -> LogDocument:
        return self.text.document

    def start(self) -> None:
        """Read, once it is known whose logs; what was filtered by and searched for the last time is again."""
        self.text.focus()
        if self.is_begun or not (self.session.state.is_recording or self._choices() is not None):
            return
        self.text.follow(True)
        filter_, wanted = remembered(self.session, self._whose)
        if filter_:
            self.use_filter(filter_)
        self.restart()
        if wanted:
            self.text.search(wanted)
            self.text.follow(True)

    def show_kept(self, kept: ContainerEnd) -> None:
        """What was kept, from its end, instead of what the server has."""
        self.kept = kept
        namespace, _, pod = kept.key.rpartition("/")
        self.text.add([*kept_lines(LogSource(namespace, pod, kept.container), kept.lines)])
        self.text.action_edge(1)

    def stop(self) -> None:
        """End every request; returns at once."""
        logs, self._logs = self._logs, None
        if logs is not None:
            logs.close()
        remember(self.session, self._whose, self.document.filter.text, self.text.found[0])

    def restart(self) -> None:
        """Read again, as it is wanted now."""
        choices = self._choices()
        if not self.is_live:
            return
        if self.session.state.is_recording:
            self._trouble = "a recording holds no logs"
            return
        if choices is None:
            return
        self.stop()
        self.text.show(lambda document: document.clear())
        self._seen_until, self._trouble = 0, ""
        try:
            places = log_places(choices, self.clock)
        except QuerySyntaxError as error:
            self._trouble = error.message
            return
        wish = self._wish([each for chosen in choices.values() for each in chosen])
        self._logs = MergedLogs(places, wish, self.clock, cast("Application", self.app).wake)

    def _wish(self, choices: Sequence[LogChoice]) -> LogWish:
        container, until, span = self.container, self.until, SINCE[self.since]
        wish = LogWish(previous=self.previous, wants=lambda source: container in (None, source.container))
        if until is not None:
            since = None if span is None else timestamp(until - span)
            return replace(wish, since_time=since, until=int(until * NANO))
        wanted = TAIL.get(self.tail, self._usual_tail(choices))
        tail = wanted if span is None or self.tail else None
        return replace(wish, tail_lines=tail, since_seconds=span)

    def tick(self) -> None:
        """Take over what came, and say how it stands."""
        if self.is_live and not self.is_begun:
            self.start()
        began = self.clock.monotonic()
        while self._logs is not None and (lines := self._logs.take(AT_ONCE)):
            self.text.add(lines)
            if trouble := self.document.filter.finder.trouble:
                self.app.notify(f"&{self.document.filter.text}: {trouble}", severity="warning", markup=False)
                self.use_filter("")
            if len(lines) < AT_ONCE or self.clock.monotonic() - began > IN_A_TICK:
                break
        if self.text.following:
            self._seen_until = self._until
        self.text.set_empty(self._nothing())
        status = self._status()
        if status != self._state.state:
            self._state.show(status)
            self.post_message(self.OtherKeys())

    # Commands

    def toggle_follow(self) -> None:
        self.text.follow(not self.text.following)

    def toggle_previous(self) -> None:
        self.previous = not self.previous
        self.restart()

    def toggle_times(self) -> None:
        self.text.show(lambda document: document.show(times=not document.times))

    def toggle_json(self) -> None:
        self.text.show(lambda document: document.show(folded_json=not document.folded_json))

    def next_context(self) -> None:
        """Show more lines around those that match the filter, or none again."""
        more = CONTEXTS[(CONTEXTS.index(self.document.context) + 1) % len(CONTEXTS)]
        self.text.show(lambda document: document.show(context=more))

    def choose_since(self) -> None:
        chosen = {key: "everything" if key == "all" else f"the last {key}" for key in SINCE}
        self._choose("Since", chosen, self.since, self.use_since)

    def choose_tail(self) -> None:
        chosen = {key: "every line" if key == "all" else f"the last {int(key):,} lines" for key in TAIL}
        self._choose("How many lines of each container", chosen, self.tail, self.use_tail)

    def choose_container(self) -> None:
        chosen = {"": "all containers", **{name: name for name in self.containers()}}
        notes = {default: "default"} if (default := self.default()) is not None and len(chosen) > 2 else {}
        self._choose("Containers", chosen, self.container or "", lambda name: self.show_container(name or None), notes)

    def use_since(self, since: str, tail: str = "") -> None:
        self.since, self.tail = since, tail
        self.restart()

    def use_tail(self, tail: str) -> None:
        self.tail = tail
        self.restart()

    def show_container(self, name: str | None) -> None:
        self.container = name
        if self.is_begun:
            self.restart()

    def _choose(self, *what: Any) -> None:
        load("kwatch.tui.features.choosing:choose_one")(self.screen, *what)

    # What is typed

    @property
    def is_filtered(self) -> bool:
        return bool(self.document.filter)

    def open_filter(self) -> None:
        self._before_typing = self.document.filter.text
        self.prompt.open(FILTER, self._before_typing)
        self.prompt.mark(None, _FILTER_HELP)

    def open_search(self) -> None:
        self._before_typing = self.text.found[0]
        self.prompt.open(SEARCH, self._before_typing)

    def ask_file(self) -> None:
        self.prompt.open(SAVE)
        self.prompt.mark(None, f"a new file for the {self.document.row_count:,} lines shown; only you can read it")

    def use_filter(self, text: str) -> Mistake | None:
        """Hide what does not match; the mistake in it, in which case what was shown stays."""
        try:
            self.text.filter(text)
        except ValueError as error:
            return Mistake(0, len(text), str(error))
        return None

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        message.stop()
        if self.prompt.is_open and message.sign == FILTER:
            self.prompt.mark(self.use_filter(message.text), self._filtered_words())
        elif self.prompt.is_open and message.sign == SEARCH:
            self.text.search(message.text)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        message.stop()
        if message.sign == FILTER and self.use_filter(message.text) is not None:
            return
        if message.sign == SAVE and message.text.strip():
            self.save(message.text.strip())
        self._close()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        message.stop()
        if message.sign == FILTER:
            self.use_filter(self._before_typing)
        elif message.sign == SEARCH:
            self.text.search(self._before_typing)
        self._close()

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        message.stop()

    def on_text_view_found(self, message: TextView.Found) -> None:
        if self.prompt.is_open and self.prompt.sign == SEARCH:
            message.stop()
            self.prompt.mark(*message.told)

    def _close(self) -> None:
        if self.prompt.close():
            self.text.focus()

    def save(self, name: str) -> None:
        """What is shown into a new file, in a thread of its own."""
        save_lines(cast("Application", self.app), expand(name), [*self.document.records()])

    # What is said

    @property
    def _until(self) -> int:
        return self.document.dropped + len(self.document.kept)

    def _usual_tail(self, choices: Sequence[LogChoice]) -> int:
        is_one = len(choices) == 1 and choices[0].name is not None and choices[0].resource.kind == "Pod"
        return TAIL_OF_ONE if is_one else TAIL_OF_MANY

    def _seen_containers(self) -> Sequence[str]:
        return sorted({source.container for source in self.document.sources})

    def _filtered_words(self) -> str:
        document = self.document
        few = f"{document.matching:,} of {len(document.kept):,} lines{document.filter.finder.within}"
        return few if document.filter else _FILTER_HELP

    def _nothing(self) -> tuple[str, ...]:
        """Why there are no lines."""
        if self.document.kept:
            return "No line matches the filter", "Esc clears it."
        if self.kept is not None:
            why = self.kept.missing or "it wrote nothing"
            return "There are no last lines", f"{why[:1].upper()}{why[1:]}."
        if self._trouble:
            return "There are no logs here", f"{self._trouble[:1].upper()}{self._trouble[1:]}."
        if self._logs is None:
            return tuple(self.absence()) or ("Asking for the log …",)
        return said.nothing_because(self._logs.state, is_past=self.until is not None)

    def _status(self) -> LogState:
        """What matters most stays longest where there is little room."""
        document, state = self.document, self._logs.state if self._logs is not None else LogsState()
        told = [Told(f"! as of {clock_time(self.until)[:8]}", 0)] if self.until is not None else []
        if self.previous:
            told.append(Told("before the last restart", 1))
        told += self._which(state)
        if self.is_of_now and not self._trouble:
            told.append(self._pace(state))
        told += said.told_of_lines(document, *self.text.found)
        if self.since != "all":
            told.append(Told(f"since {self.since}", 3))
        if self.tail:
            told.append(Told(f"tail {self.tail}", 3))
        if len(state.troubles) < state.containers and state.troubles and document.kept:
            told.append(Told(said.told_of(*state.troubles[0]), 7, is_bad=True))
        return tuple(told)

    def _which(self, state: LogsState) -> Iterator[Told]:
        if self.kept is not None:
            ended = f", its last lines before {clock_time(self.kept.at)[:8]}" if self.until is not None else ""
            yield Told(f"{self.kept.container}: {self.kept.words}{ended}", 1)
            return
        trouble = self._trouble or state.trouble
        if trouble:
            yield Told(f"! {trouble}", 0, is_bad=True)
        if name := self.container or "":
            containers = self.containers()
            among = f" ({containers.index(name) + 1} of {len(containers)})" if name in containers else ""
            yield Told(f"{name}{among if containers[1:] else ''}", 3, name)
        if not trouble and not self.says_how_many and (state.troubles or state.containers != 1):
            yield said.told_of_containers(state)

    def _pace(self, state: LogsState) -> Told:
        if state.ended:
            return Told("ended", 1)
        if self.text.following:
            return Told("following", 1)
        new = self._until - self._seen_until
        words = f"paused, {new:,} new" if new else "paused"
        return Told(f"{words} below, f follows" if new else f"{words}, f follows", 1, words)
