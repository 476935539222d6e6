"""One object: its tabs, live. A tab's module is imported when the tab is first shown: the first key answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from kwatch.tui.commands.baseline import BASELINE
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.going import GOING
from kwatch.tui.commands.leaving import LEAVING
from kwatch.tui.commands.object_screen import OBJECT_SCREEN
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kit.widgets.tab_strip import Tab, TabStrip
from kwatch.tui.place import Place
from kwatch.tui.screens.leaving_line import LeavingLine
from kwatch.tui.screens.object_prompting import ObjectPrompting
from kwatch.tui.screens.table_header import object_header_state

if TYPE_CHECKING:
    from kwatch.history.baseline import Baseline
    from kwatch.session.session import Session
    from kwatch.tui.features.object.logs_tab import LogsTab
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.trail import Visit

T = TypeVar("T", bound=ObjectTab)
PREVIOUS_LOGS = "previous-logs"


class ObjectScreen(ObjectPrompting):
    """Holds a feed of its own, so that the table below may go elsewhere."""

    help_title = "an object"

    # The baseline's last: on the YAML m shows managedFields.
    COMMANDS_OF_SCREEN: ClassVar[tuple[type[Command[Any]], ...]] = (*OBJECT_SCREEN, *GOING, *BASELINE, *LEAVING)
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header
    _titles: TabStrip

    def __init__(self, session: Session, place: Place, key: str, tab: str, past: PastObject | None = None) -> None:
        super().__init__()
        feed = session.open(place.resource, place.namespace, place.label_selector, place.field_selector)
        self.subject = Subject(session, feed, key, past)
        self._tabs: dict[str, ObjectTab] = {}
        self._types = {each.id: each for each in TABS if each.applies_to(self.subject.resource)}
        self.visit: Visit | None = None
        """Its stay on the trail, where it has one."""
        self._way: list[str] = []
        """The tabs from which Enter led to another one."""
        self._previous_logs = tab == PREVIOUS_LOGS
        first = "logs" if self._previous_logs else tab
        self.active = first if first in self._types else "yaml"
        """The tab that is shown, or will be in a moment."""

    def compose(self) -> ComposeResult:
        """Header, titles, the tab on top, search bar, footer."""
        self._header, self._titles = Header(self.palette), TabStrip(self.palette)
        yield self._header
        yield self._titles
        self._body = Vertical()
        yield self._body
        yield Prompt()
        yield LeavingLine(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        """Open the tab that was asked for."""
        self.show_tab(self.active)

    @property
    def tab_ids(self) -> tuple[str, ...]:
        """The tabs this object has."""
        return tuple(self._types)

    @property
    def on_top(self) -> ObjectTab | None:
        """The tab that is shown; None while it is being made."""
        return self._made(self.active)

    @property
    def text(self) -> TextView | None:
        """The text on top; None where the tab is not one."""
        return self.on_top.text if self.on_top is not None else None

    def tab_of(self, kind: type[T]) -> T:
        """A tab by its class; raise KeyError if it was not looked at yet."""
        tab = self._tabs[kind.tab]
        assert isinstance(tab, kind)
        return tab

    def show_tab(self, tab_id: str) -> None:
        """Bring a tab on top."""
        self._way.clear()
        self._bring(tab_id)

    def step_to(self, tab_id: str) -> None:
        """Bring a tab on top to which Enter leads; Escape comes back."""
        self._way.append(self.active)
        self._bring(tab_id)

    def _bring(self, tab_id: str) -> None:
        """A tab is made when it is first asked for, and tells when its parts are there."""
        tab = self._tabs.get(tab_id)
        if tab is None:
            tab = self._tabs[tab_id] = self._types[tab_id].load()(self.subject, self.palette, self.kwatch.clock)
            if tab_id == "logs":
                self._logs.previous = self._previous_logs
            self._body.mount(tab)
        for each_id, each in self._tabs.items():
            each.display = each_id == tab_id
        self.active = tab_id
        if self.visit is not None and self.visit.opened is not None:
            self.visit.opened.tab = tab_id
        if self.on_top is not None:
            self._come_on_top(self.on_top)

    def show_logs_of(self, container: str) -> None:
        """Bring the log of a container on top."""
        self.step_to("logs")
        self._logs.show_container(container)

    @property
    def _logs(self) -> LogsTab:
        from kwatch.tui.features.object.logs_tab import LogsTab

        return self.tab_of(LogsTab)

    def next_tab(self, by: int) -> None:
        """The next one to the right, or to the left."""
        ids = self.tab_ids
        self.show_tab(ids[(ids.index(self.active) + by) % len(ids)])

    def tick(self, now: float) -> None:
        """Carry on with the tab on top."""
        self.subject.feed.drain()
        if self.on_top is not None:
            self.on_top.tick(now)
        self._header.show(
            object_header_state(self.kwatch, self.subject, now, self.on_top.behind if self.on_top is not None else ())
        )
        titles = tuple(
            Tab(tab_id, each.title, note=tab.note if (tab := self._made(tab_id)) is not None else "")
            for tab_id, each in self._types.items()
        )
        self._titles.show(titles, self.active)

    def moment_in_view(self) -> Baseline | None:
        """That of the object; None for now."""
        from kwatch.history.baseline import Baseline

        past = self.subject.past
        return Baseline(past.moment.at, past.moment.sequence) if past is not None else None

    def open_object(self, resource: str, key: str, tab: str) -> None:
        """Another object on top, Escape comes back; this one's own tab if it is this one."""
        subject = self.subject
        if (resource, key) == (str(subject.resource), subject.key):
            self.step_to(tab)
            return
        names = subject.session.names
        for each in names.resources if names is not None else ():
            if str(each) == resource:
                place = Place(each, key.rpartition("/")[0] or None)
                self.push_object(subject.session, place, key, tab, subject.past_of(each, key))
                return

    @property
    def is_filtered(self) -> bool:
        """Whether the tab on top shows a part only."""
        return self.on_top is not None and self.on_top.is_filtered

    def clear_filter(self) -> None:
        """Show all of it."""
        if self.on_top is not None:
            self.on_top.search("")

    def leave(self) -> None:
        """To the tab from which Enter led here, else away from the object."""
        if self._way:
            self._bring(self._way.pop())
            return
        if self.visit is not None:
            self.kwatch.home.trail.leave(self.visit)
        self.dismiss()

    def compare_versions(self) -> None:
        """The chosen versions of the history side by side."""
        from kwatch.tui.features.object.history_tab import HistoryTab
        from kwatch.tui.screens.diff_screen import DiffScreen

        history = self.tab_of(HistoryTab)
        if history.compared() is not None:
            self.app.push_screen(DiffScreen(history))

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        """A double click on a row."""
        if command := self._types[self.active].enter:
            self.kwatch.run_command_by_id(command)

    def on_object_tab_made(self, message: ObjectTab.Made) -> None:
        """A tab's parts are there; another one may have been asked for meanwhile."""
        if message.tab is self.on_top:
            self._come_on_top(message.tab)

    def on_object_tab_other_keys(self) -> None:
        """The footer tells what they do."""
        self.show_hints()

    def on_tab_strip_clicked(self, message: TabStrip.Clicked) -> None:
        """A clicked title comes on top."""
        self.show_tab(message.tab)

    def on_unmount(self) -> None:
        """Let go of everything."""
        for tab_id in self._tabs:
            if (tab := self._made(tab_id)) is not None:
                tab.leave()
        self.subject.feed.release()

    def _made(self, tab_id: str) -> ObjectTab | None:
        """A tab whose parts are there."""
        tab = self._tabs.get(tab_id)
        return tab if tab is not None and tab.is_mounted else None

    def _come_on_top(self, tab: ObjectTab) -> None:
        tab.take_focus()
        self.tick(self.kwatch.clock.time())
        self.show_hints()
