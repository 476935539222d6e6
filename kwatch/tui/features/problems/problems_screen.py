"""Everything that is wrong, across all watched kinds, in one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import PROBLEMS_COMMANDS
from kwatch.tui.features.object.history_rows import PROVED, moment_text
from kwatch.tui.features.problems.problem_feeds import PastProblems, ProblemFeeds, ProblemPasts
from kwatch.tui.features.table.header import ALL_NAMESPACES
from kwatch.tui.kit.table.rows import Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line, Span
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kwatch_screen import FilteredScreen, KwatchScreen
from kwatch.tui.location import Location
from kwatch.view.freshness import enumerated
from kwatch.view.problems import ProblemPast, UnhealthyObject

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.history.version import Moment
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject

PERIOD = 0.5
"""Seconds between looks at the list."""
LOOKING = 0.01
"""Seconds of each tick spent on finding out what is wrong."""
LIMIT = 2000
"""Rows at most; more problems than that are one."""
_KIND = Heading("kind", "KIND", frozen=True, quiet=True, min_width=len("Deployment"))
_NAMESPACE = Heading("namespace", "NAMESPACE", quiet=True, max_width=30)
_NAME = Heading("name", "NAME", flexible=True, max_width=80)
_SINCE = Heading("since", "SINCE", min_width=len("≈ 14:02:10"))
_TIMES = Heading("times", "TIMES", right=True)
_PROBLEM = Heading("problem", "PROBLEM", max_width=240)
ROOMY = 18
"""Height from which the problem under the cursor is shown in full below."""


class ProblemsScreen(FilteredScreen):
    """Watches the telling kinds only while it is open; of a moment in the past, what the journal knows."""

    help_title = "the list of problems"

    DEFAULT_CSS = """
    ProblemsScreen > VirtualTable { height: 1fr; }
    ProblemsScreen > TextView { height: 5; border-top: solid $panel; }
    """
    COMMANDS_OF_SCREEN = PROBLEMS_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(
        self, session: Session, names: ResourceNames, namespace: str | None, until: Moment | None = None
    ) -> None:
        """`until` is the moment in the past that is looked at; None is now."""
        super().__init__()
        self._filter = ""
        self._session = session
        self._namespace = namespace
        self._until = until
        self._feeds: ProblemFeeds | PastProblems
        if until is not None and session.journal is not None:
            self._feeds = PastProblems(session, names, session.journal, until, namespace)
        else:
            self._feeds = ProblemFeeds(session, namespace)
        self._pasts = ProblemPasts(session.journal, session.context, lambda: self.kwatch.wake())
        self._pasts_shown = 0
        self._listed: dict[str, UnhealthyObject] = {}
        self._looked_at = 0.0
        self._stale = True

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(self._rows({}), self.palette, markable=False)
        self.prompt = Prompt()
        self._below = TextView(self.palette, wrap=True)
        yield self._header
        yield self.table
        yield self._below
        yield self.prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.table.focus()
        self.show_hints()

    def on_resize(self) -> None:
        self._below.display = self.size.height >= ROOMY

    def on_unmount(self) -> None:
        self._pasts.close()
        self._feeds.release()

    def tick(self, now: float) -> None:
        """Find out more, and show it from time to time."""
        self._feeds.take()
        at = self._until.at if self._until is not None else now
        self._stale |= self._feeds.problems.look(at, LOOKING)
        if now - self._looked_at < PERIOD:
            return
        self._looked_at = now
        self._pasts.read(self._listed.values(), self._feeds.problems, at)
        if self._stale or len(self._pasts.known) != self._pasts_shown:
            self._stale = False
            self._show()
        self.table.set_empty(self._empty())
        self._header.show(self._state(now))

    @property
    def is_busy(self) -> bool:
        return self._stale or not self._feeds.problems.is_complete

    def moment_in_view(self) -> Moment | None:
        """The moment in the past that is looked at."""
        return self._until

    @property
    def filter(self) -> str:
        return self._filter

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only problems that contain all words."""
        self._filter = text
        self._show()
        return True

    @property
    def problem(self) -> UnhealthyObject | None:
        """The one under the cursor."""
        return self._listed.get(self.table.cursor_key or "")

    @property
    def is_on_pod(self) -> bool:
        return self.problem is not None and str(self.problem.resource) == "pods"

    def open_object(self, tab: str) -> None:
        """The object of the problem under the cursor."""
        problem = self.problem
        if problem is not None:
            namespace = self._namespace if problem.resource.namespaced else None
            place = Location(problem.resource, namespace)
            self.push_object(self._session, place, problem.key, tab, self._past_of(problem))

    def _past_of(self, unhealthy: UnhealthyObject) -> PastObject | None:
        """Its object at the moment that is looked at; None for now."""
        from kwatch.tui.features.object.subject import past_object

        until, session = self._until, self._session
        if until is None or session.journal is None:
            return None
        return past_object(session.journal, session.context, str(unhealthy.resource), unhealthy.key, until)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_object("overview")

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        """A pod has logs, others have none."""
        self.show_hints()
        self._explain()

    def _show(self) -> None:
        problems = self._feeds.problems.list(self.filter)
        self._listed = {f"{problem.resource}\n{problem.key}": problem for problem in problems[:LIMIT]}
        self._pasts_shown = len(self._pasts.known)
        self.table.show(self._rows(self._listed), keep_cursor=True)
        self._explain()

    def _explain(self) -> None:
        """The problem under the cursor, at length."""
        problem = self.problem
        past = self._pasts.known.get(problem) if problem is not None else None
        self._below.set_lines(_lines(problem, past, self._now()) if problem is not None else ())

    def _now(self) -> float:
        return self._until.at if self._until is not None else self.kwatch.clock.time()

    def _rows(self, listed: Mapping[str, UnhealthyObject]) -> ListedRows:
        """With the namespaces where there may be several."""
        several = self._namespace is None or self._feeds.are_wider
        pasts = {key: self._pasts.known.get(problem) for key, problem in listed.items()}
        is_again = any(past is not None and past.times > 1 for past in pasts.values())
        names = (_KIND, _NAMESPACE, _NAME) if several else (_KIND, _NAME)
        headings = (*names, _SINCE, _TIMES, _PROBLEM) if is_again else (*names, _SINCE, _PROBLEM)
        now = self._now() if listed else 0.0
        return ListedRows(
            headings,
            [_row(key, each, pasts[key], now, several=several, is_again=is_again) for key, each in listed.items()],
        )

    def _state(self, now: float) -> HeaderState:
        problems = self._feeds.problems
        words, mood, stale = self._feeds.freshness(now)
        count = len(problems.list())
        shown = f"{len(problems.list(self.filter)):,} of " if self.filter else ""
        complete = self._feeds.is_synced and self._feeds.problems.is_complete
        return HeaderState(
            context=self._session.context,
            namespace=self._where,
            resource="problems",
            freshness=words if complete or mood is not Mood.LIVE else "looking",
            stale=stale,
            mood=mood if complete or mood is not Mood.LIVE else Mood.WORKING,
            count=f"{shown}{count:,} {'problem' if count == 1 else 'problems'} in {self._looked_through}",
            notes=self._missing,
            narrowed=(f"/{self.filter}",) if self.filter else (),
            banner=self.kwatch.banner,
        )

    @property
    def _where(self) -> str:
        """The namespace; more than it, where more is watched anyway."""
        if self._namespace is None:
            return ALL_NAMESPACES
        return f"{self._namespace} and what else is watched" if self._feeds.are_wider else self._namespace

    @property
    def _looked_through(self) -> str:
        objects, kinds, missing = self._feeds.objects, self._feeds.kinds, len(self._feeds.missing)
        of_kinds = f"{kinds} of {kinds + missing} kinds" if missing else f"{kinds} {'kind' if kinds == 1 else 'kinds'}"
        return f"{objects:,} {'object' if objects == 1 else 'objects'} of {of_kinds}"

    @property
    def _missing(self) -> tuple[str, ...]:
        """What is not looked at, and why."""
        by_reason: dict[str, list[str]] = {}
        for name, why in self._feeds.missing.items():
            # A server says of each what is not allowed: the first one will do.
            by_reason.setdefault("forbidden" if "forbidden" in why.casefold() else printable(why), []).append(name)
        without = [f"without {enumerated(names)}: {why}" for why, names in by_reason.items()]
        doubts = self._feeds.doubts
        return (*without, *((f"{enumerated(doubts)} not wholly watched then",) if doubts else ()))

    def _empty(self) -> tuple[str, ...]:
        problems = self._feeds.problems
        if self.filter and problems.list():
            return ("No problem contains these words", "Esc shows all of them.")
        if not self._feeds.is_synced or not problems.is_complete:
            return (f"Looking through {self._looked_through} …",)
        if not self._feeds.kinds:
            return ("Nothing can be looked at", *self._missing)
        return ("Nothing is known to be wrong", f"{self._looked_through} are well.", *self._missing)


def open_problems(screen: KwatchScreen[Any]) -> None:
    """In the namespace one is in, at the moment that is shown."""
    app = screen.kwatch
    session, home = app.session, app.home
    if session is None or session.names is None:
        screen.notify(home.navigation.why_not_yet, severity="warning", markup=False)
        return
    place = home.place
    namespaced = place is not None and place.namespaced
    namespace = place.namespace if place is not None and namespaced else home.navigation.home_namespace
    until = screen.moment_in_view()
    if until is not None:
        home.time_travel.hold()
    app.push_screen(ProblemsScreen(session, session.names, namespace, until))


def _row(
    key: str, unhealthy: UnhealthyObject, past: ProblemPast | None, now: float, *, several: bool, is_again: bool
) -> ListedRow:
    namespace, _, name = unhealthy.key.rpartition("/")
    problem = unhealthy.problem
    where = (Cell(namespace),) if several else ()
    times = (Cell(f"{past.times}" if past is not None else ""),) if is_again else ()
    cells = (
        Cell(unhealthy.resource.kind),
        *where,
        Cell(name),
        Cell(_since(past, now)),
        *times,
        Cell(problem.reason, problem.level),
    )
    return ListedRow(key, cells, Look("!", problem.level))


def _since(past: ProblemPast | None, now: float) -> str:
    if past is None or past.since is None:
        return ""
    return f"{PROVED if past.approximate else ' '} {moment_text(past.since, now)}"


def _lines(unhealthy: UnhealthyObject, past: ProblemPast | None, now: float) -> list[Line]:
    """What is wrong, since when, and what was before."""
    lines = [Line((Span(unhealthy.problem.reason),))]
    if past is None:
        return lines
    said = []
    if past.since is not None:
        about = ", as far as the object itself says" if past.approximate else ""
        said.append(f"for {humanize(now - past.since)}{about}")
    if past.times > 1:
        said.append(f"something was wrong with it {past.times} times since it is remembered")
    if past.before:
        said.append(f"before that: {past.before}")
    return [*lines, *(Line((Span(text, "kwatch-muted"),)) for text in said)]
