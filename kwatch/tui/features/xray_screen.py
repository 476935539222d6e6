"""`:xray KIND`: the objects of a kind as a tree of what they are made of, live, or as of the moment in view."""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.base.namespaces import in_words
from kwatch.catalog.column import Level
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt, Unclear, read_namespace
from kwatch.tui.commands.lists import XRAY_COMMANDS
from kwatch.tui.features.object.relation_caches import AsOfRelationCaches, RelationCaches
from kwatch.tui.features.object.subject import past_object
from kwatch.tui.features.object.tabs import WITH_PODS
from kwatch.tui.features.time_travel.moment import clock_text
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood, worst_freshness_of
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kwatch_screen import FilteredScreen, KwatchScreen
from kwatch.view.owner_tree import MOST_LINES, OwnerTree, TreeLine, roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kwatch.catalog.names import ResourceNames
    from kwatch.history.version import Moment
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.view.relations.relation import Relation

PERIOD = 0.5
COUNTED_EVERY = 5.0
"""Seconds between two counts of what is unhealthy."""
COUNTING = 0.01
"""Seconds of each tick spent on one."""
FEW = 20
"""Up to so many objects are open from the beginning."""
HEADINGS = (
    Heading("tree", "OBJECT", frozen=True, max_width=90),
    Heading("state", "STATE", fill=True),
)


class XrayScreen(FilteredScreen):
    """Watches what the tree needs only while it is open, and shares what runs."""

    help_title = "the tree of owners"

    DEFAULT_CSS = """
    XrayScreen > VirtualTable { height: 1fr; }
    """
    COMMANDS_OF_SCREEN = XRAY_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(
        self, session: Session, names: ResourceNames, resource: Resource, namespace: str | None, until: Moment | None
    ) -> None:
        """`until` is the moment in the past that is looked at; None is now."""
        super().__init__()
        self.session = session
        self._resource = resource
        self._namespace = namespace if resource.namespaced else None
        self._until = until
        journal = session.journal
        self._caches = (
            AsOfRelationCaches(session, journal, until)
            if until is not None and journal is not None
            else RelationCaches(session)
        )
        self._roots = roots_of(resource, self._namespace)
        self._count = UnhealthyCount(session, names, self._roots, self._caches if until is not None else None)
        self._tree = OwnerTree(self._roots, names, self._caches.cache_of, self._words, self._is_open)
        self._lines: Sequence[TreeLine] = ()
        self._toggled: set[str] = set()
        """Nodes that are open where they would be closed, and the other way round."""
        self._all: bool | None = None
        """Whether every node was opened, or closed; None: few are open, of many none."""
        self._roots_there = 0
        self._filter = ""
        self._is_stale, self._looked_at = True, 0.0

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.table = VirtualTable(ListedRows(HEADINGS, ()), self.palette, markable=False)
        self.prompt = Prompt(self.kwatch.prompt_history)
        yield self._header
        yield self.table
        yield self.prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.table.focus()

    def on_unmount(self) -> None:
        self._caches.release()
        self._count.release()

    def tick(self, now: float) -> None:
        """Twice a second at most, and at once after a key."""
        self._is_stale |= self._caches.drain()
        is_waiting = any(line.waits for line in self._lines) or not self._lines
        if now - self._looked_at >= PERIOD and (self._is_stale or is_waiting or int(now) % 10 == 0):
            self._draw()
        self._count.go_on(self._until.at if self._until is not None else now, now)
        self._header.show(self._state(float(int(now))))

    @property
    def is_busy(self) -> bool:
        return self._is_stale or self._count.is_under_way or any(line.waits for line in self._lines)

    def moment_in_view(self) -> Moment | None:
        return self._until

    @property
    def filter(self) -> str:
        return self._filter

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Objects whose kind, name or state have all the words, and what is above them."""
        self._filter = text.strip()
        self._draw()
        return True

    @property
    def line(self) -> TreeLine | None:
        """The one under the cursor."""
        return next((each for each in self._lines if each.id == self.table.cursor_key), None)

    @property
    def has_object(self) -> bool:
        return self.line is not None and self.line.obj is not None

    @property
    def has_logs(self) -> bool:
        """Whether what is under the cursor has pods."""
        return self.has_object and self.line is not None and str(self.line.resource) in WITH_PODS

    def toggle(self) -> None:
        """Open what is closed, close what is open."""
        line = self.line
        if line is not None and line.is_open is not None:
            self._toggled ^= {line.id}
            self._draw()

    def toggle_all(self) -> None:
        self._all = not any(line.is_open for line in self._lines)
        self._toggled.clear()
        self._draw()

    def go_in(self) -> None:
        if self.line is not None and self.line.is_open is False:
            self.toggle()

    def go_out(self) -> None:
        """Close it, or go to what it belongs to."""
        line = self.line
        if line is None:
            return
        if line.is_open:
            self.toggle()
        elif line.depth:
            place = self._lines.index(line)
            above = next((each for each in self._lines[place::-1] if each.depth < line.depth), None)
            if above is not None:
                self.table.move_cursor_to(above.id)

    def open_object(self, tab: str) -> None:
        """Of the line under the cursor; Escape comes back."""
        line, until, journal = self.line, self._until, self.session.journal
        if line is None or line.obj is None:
            return
        past = None
        if until is not None and journal is not None:
            past = past_object(journal, self.session.context, str(line.resource), line.key, until)
        place = self._caches.place_of(line.resource, line.key)
        self.push_object(self.session, place, line.key, tab, past)

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        self.open_object("overview")

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        self.show_hints()

    def _is_open(self, id_: str, depth: int) -> bool:
        if self._filter:
            return True
        usually = self._all if self._all is not None else self._roots_there <= FEW and depth < 2
        return usually is not (id_ in self._toggled)

    def _words(self, relation: Any) -> str:
        return self._caches.waiting_for(relation)[0]

    def _draw(self) -> None:
        now = self.kwatch.clock.time()
        self._is_stale, self._looked_at = False, now
        cache = self._caches.cache_of(self._roots)
        self._roots_there = len(tuple(self._roots.find(cache))) if cache is not None else 0
        at = self._until.at if self._until is not None else now
        self._lines = _matching(self._tree.lines(at), self._filter)
        self.table.show_listed(ListedRows(HEADINGS, [_row(line) for line in self._lines]))
        nothing = "Nothing matches the filter" if self._filter else f"There are no {self._resource.name} here"
        self.table.set_empty((nothing,))

    def _state(self, now: float) -> HeaderState:
        objects = sum(1 for line in self._lines if not line.waits)
        count = f"{objects:,} {'line' if objects == 1 else 'lines'}"
        if objects >= MOST_LINES:
            count = f"the first {MOST_LINES:,} lines; / narrows them"
        if self._until is not None:
            words, mood, stale = f"as it was at {clock_text(self._until.at, now, fine=False)}", Mood.PAST, ""
        elif self.session.state.is_recording:
            words, mood, stale = "recorded", Mood.PAST, ""
        else:
            words, mood, stale = worst_freshness_of(self._caches.statuses, now)
        return HeaderState(
            context=self.session.context,
            namespace=in_words(self._namespace) if self._resource.namespaced else "",
            resource=f"xray {self._resource.name}",
            freshness=words,
            mood=mood,
            stale=stale,
            count=count,
            unhealthy=self._count.words,
            narrowed=(f"/{self._filter}",) if self._filter else (),
            banner=self.kwatch.banner,
        )


class UnhealthyCount:
    """How many objects of the tree are unhealthy, also where it is closed; by what is watched anyway, bit by bit."""

    def __init__(self, session: Session, names: ResourceNames, roots: Relation, caches: RelationCaches | None) -> None:
        """`caches` are those of a moment in the past; None: now."""
        self._caches = caches or RelationCaches(session, only_running=True)
        self._is_ours = caches is None
        self._names, self._roots = names, roots
        self._walk: Iterator[TreeLine] | None = None
        self._began_at = -inf
        self._found: set[tuple[str, str]] = set()
        self._is_sure = True
        self.words = ""
        """`! 3 unhealthy`, `! 3+ unhealthy` where not all is watched; empty for none."""

    @property
    def is_under_way(self) -> bool:
        return self._walk is not None

    def go_on(self, at: float, now: float) -> None:
        """Look at some more of the tree as it is `at`, or again after a while."""
        if self._walk is None:
            if 0 <= now - self._began_at < COUNTED_EVERY:
                return
            tree = OwnerTree(self._roots, self._names, self._caches.cache_of, lambda _: "", lambda *_: True)
            self._walk, self._began_at, self._found, self._is_sure = tree.walk(at), now, set(), True
        deadline = perf_counter() + COUNTING
        for line in self._walk:
            self._is_sure = self._is_sure and not line.waits
            if line.level is Level.BAD:
                self._found.add((str(line.resource), line.key))
            if perf_counter() > deadline:
                return
        self._walk = None
        self.words = f"! {len(self._found):,}{'' if self._is_sure else '+'} unhealthy" if self._found else ""

    def release(self) -> None:
        if self._is_ours:
            self._caches.release()


def _matching(lines: Sequence[TreeLine], text: str) -> Sequence[TreeLine]:
    """Those that match, and what is above them."""
    words = text.casefold().split()
    if not words:
        return lines
    kept: list[TreeLine] = []
    depth = -1
    for line in reversed(lines):
        said = f"{line.resource.kind} {line.resource.name} {line.key} {line.state}".casefold()
        if line.depth < depth or all(word in said for word in words):
            kept.append(line)
            depth = line.depth
        elif not line.depth:
            depth = -1
    return kept[::-1]


def _row(line: TreeLine) -> ListedRow:
    if line.waits:
        cells = (Cell(f"{'  ' * line.depth}  {line.resource.name}"), Cell(line.waits, Level.PROGRESS))
        return ListedRow(line.id, cells, Look("◌", Level.PROGRESS))
    sign = {True: "▾", False: "▸", None: " "}[line.is_open]
    name = line.key if not line.depth else line.key.rpartition("/")[2]
    kind = line.resource.singular or line.resource.name
    bad = line.level is Level.BAD
    cells = (
        Cell(f"{'  ' * line.depth}{sign} {kind} {name}", line.level if bad else Level.NONE),
        Cell(line.state, line.level),
    )
    return ListedRow(line.id, cells, Look("!", line.level) if bad else PLAIN)


def open_xray(screen: KwatchScreen[Any], words: str = "") -> None:
    """`:xray deploy`, `:xray svc shop`, `:xray dp -A`; without a kind, of what the table shows."""
    app = screen.kwatch
    session, home = screen.session_in_view(), app.home
    if session is None or session.names is None:
        screen.notify(home.navigation.why_not_yet, severity="warning", markup=False)
        return
    try:
        given, rest = read_namespace(words)
    except Unclear as error:
        screen.notify(str(error), severity="error", markup=False)
        return
    kind, _, typed = rest.partition(" ")
    typed = typed.strip() if given is None else given or "all"
    place = home.place
    found = home.navigation.resolve_all(kind) if kind else place.resources if place is not None else ()
    if not found:
        return
    namespace = typed or home.navigation.namespace_in_use
    until = screen.moment_in_view()
    if until is not None:
        home.time_travel.hold()
    app.push_screen(XrayScreen(session, session.names, found[0], None if namespace == "all" else namespace, until))
