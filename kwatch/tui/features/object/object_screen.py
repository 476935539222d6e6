"""One object: its tabs, live. A tab's module is imported when the tab is first shown: the first key answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.object_commands import OBJECT_COMMANDS
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.features.object.tabs import TABS
from kwatch.tui.features.table.header import object_header_state
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Tab, TabStrip
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import Mistake, Prompt
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwatch.history.version import Moment
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.features.object.comparisons import Comparable
    from kwatch.tui.features.object.containers_tab import ContainersTab
    from kwatch.tui.features.object.logs_tab import LogsTab
    from kwatch.tui.features.object.overview_tab import OverviewTab
    from kwatch.tui.features.object.related_tab import RelatedTab
    from kwatch.tui.features.object.rollouts_tab import RolloutsTab
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.features.object.suspects_tab import SuspectsTab
    from kwatch.tui.features.object.timeline_tab import TimelineTab
    from kwatch.tui.features.object.yaml_tab import YamlTab

PREVIOUS_LOGS, DECODED = "previous-logs", "decoded"
"""Tabs that begin otherwise than usual."""
SEARCH = "/"
MOMENT = "@"
"""What a moment is typed after."""
MOMENT_HELP = "14:02, 14:02:10, -10m (ago), +5m (from the beginning)"


class ObjectScreen(KwatchScreen[None]):
    """Holds a feed of its own, so that the table below may go elsewhere."""

    help_title = "an object"

    # The baseline's last: on the YAML m shows managedFields.
    COMMANDS_OF_SCREEN = OBJECT_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header
    _titles: TabStrip

    def __init__(self, session: Session, place: Location, key: str, tab: str, past: PastObject | None = None) -> None:
        super().__init__()
        feed = session.open(
            place.resource, place.namespace, place.label_selector, place.field_selector, purpose="an object"
        )
        self.subject = Subject(session, feed, key, past)
        self._tabs: dict[str, ObjectTab] = {}
        self._types = {each.id: each for each in TABS if each.applies_to(self.subject.resource)}
        self._way: list[str] = []
        """The tabs from which Enter led to another one."""
        self._previous_logs = tab == PREVIOUS_LOGS
        self._decoded = tab == DECODED
        self._searched = ""
        first = "logs" if self._previous_logs else tab
        self.active = first if first in self._types else "yaml"
        """The tab that is shown, or will be in a moment."""

    def compose(self) -> ComposeResult:
        self._header, self._titles = Header(self.palette), TabStrip(self.palette)
        yield self._header
        yield self._titles
        self._body = Vertical()
        yield self._body
        self._prompt = Prompt()
        yield self._prompt
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.show_tab(self.active)

    @property
    def tab_ids(self) -> tuple[str, ...]:
        return tuple(self._types)

    @property
    def on_top(self) -> ObjectTab | None:
        """The tab that is shown; None while it is being made."""
        return self._made(self.active)

    def tab_on_top(self, tab_id: str) -> ObjectTab | None:
        """A tab, if it is the one that is shown."""
        return self.on_top if self.active == tab_id else None

    @property
    def text(self) -> TextView | None:
        """The text on top; None where the tab is not one."""
        return self.on_top.text if self.on_top is not None else None

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
                cast("LogsTab", tab).panel.previous = self._previous_logs
            if tab_id == "yaml":
                cast("YamlTab", tab).unmasked, self._decoded = self._decoded, False
            self._body.mount(tab)
        for each_id, each in self._tabs.items():
            each.display = each_id == tab_id
        self.active = tab_id
        if self.visit is not None and self.visit.opened is not None:
            self.visit.opened.tab = tab_id
        if self.on_top is not None:
            self._come_on_top(self.on_top)

    def has_tab(self, tab_id: str) -> bool:
        return tab_id in self._types

    def can_show_tab(self, tab_id: str) -> bool:
        """Whether the object has it, and the tab on top means nothing else by the key."""
        return tab_id in self._types and (tab_id, self.active) != ("history", "timeline")

    def show_logs_of_container(self, previous: bool = False) -> None:
        """Bring the log of the container under the cursor on top, or the one before its last restart."""
        name = cast("ContainersTab", self.on_top).table.cursor_key
        if name is not None:
            self.step_to("logs")
            cast("LogsTab", self._tabs["logs"]).show_container(name, previous)

    @property
    def is_secret(self) -> bool:
        return self.subject.resource.kind == "Secret"

    def copy_text(self) -> None:
        """By OSC 52, which works over ssh too."""
        if self.text is not None:
            text = self.text.document.text()
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied {text.count(chr(10)) + 1:,} lines.", markup=False, timeout=2)

    def next_tab(self, by: int) -> None:
        """The next one to the right, or to the left."""
        ids = self.tab_ids
        self.show_tab(ids[(ids.index(self.active) + by) % len(ids)])

    def tick(self, now: float) -> None:
        """Carry on with the tab on top."""
        self.subject.feed.drain()
        if self.on_top is not None:
            self.on_top.tick(now)
        behind = self.on_top.behind if self.on_top is not None else ()
        self._header.show(object_header_state(self.kwatch, self.subject, float(int(now)), behind))
        titles = tuple(
            Tab(tab_id, each.title, note=tab.note if (tab := self._made(tab_id)) is not None else "")
            for tab_id, each in self._types.items()
        )
        self._titles.show(titles, self.active)

    def awaited(self) -> Iterator[object]:
        """What makes, in a thread, what a key asked for."""
        return self.on_top.awaited() if self.on_top is not None else iter(())

    @property
    def is_busy(self) -> bool:
        return self.on_top is None or self.on_top.is_busy

    def session_in_view(self) -> Session:
        return self.subject.session

    def subject_to_report(self) -> tuple[Resource, str]:
        return self.subject.resource, self.subject.key

    def moment_in_view(self) -> Moment | None:
        """The moment in the past that the object is shown at; None for now."""
        past = self.subject.past
        return past.moment if past is not None else None

    def open_object(self, resource: str, key: str, tab: str) -> None:
        """Another object on top, Escape comes back; this one's own tab if it is this one."""
        subject = self.subject
        if (resource, key) == (str(subject.resource), subject.key):
            self.step_to(tab)
            return
        names = subject.session.names
        for each in names.resources if names is not None else ():
            if str(each) == resource:
                place = Location(each, key.rpartition("/")[0] or None)
                self.push_object(subject.session, place, key, tab, subject.past_of(each, key))
                return

    @property
    def is_filtered(self) -> bool:
        """Whether the tab on top shows a part only, or marks what was searched for."""
        return self.on_top is not None and self.on_top.is_filtered

    @property
    def word_for_escape(self) -> str:
        return self.on_top.clears if self.on_top is not None and self.is_filtered else "back"

    def clear_filter(self) -> None:
        """Show all of it."""
        if self.on_top is not None:
            self.on_top.clear_filter()

    def leave(self) -> None:
        """To the tab from which Enter led here, else away from the object."""
        if self._way:
            self._bring(self._way.pop())
            return
        if self.visit is not None:
            self.kwatch.home.navigation.history.leave(self.visit)
        self.dismiss()

    def compare(self) -> None:
        """What the row under the cursor changed, side by side."""
        tab = cast("Comparable", self.on_top)
        if tab.sides() is not None:
            self.open_screen("diff", tab)

    def open_timeline_row(self) -> None:
        """What a row is about, as closely as it can be seen."""
        tab = cast("TimelineTab", self.on_top)
        line = tab.line
        if line is None:
            return
        if tab.end is not None:
            title = f"{tab.end.key} {tab.end.container}: {tab.end.words}"
            self.open_screen("logs", {self.subject.session: ()}, title, tab.end)
        elif line.is_comparable:
            self.open_screen("diff", tab)
        elif line.entry.relation is not None:
            self.open_object(line.entry.relation.resource, line.entry.relation.key, "yaml")
        else:
            self.notify("This row is about no object.", markup=False, timeout=2)

    def open_history_of_row(self) -> None:
        """Here, if it is this object's; else on top, and Escape comes back."""
        line = cast("TimelineTab", self.on_top).line
        if line is None or line.entry.relation is None:
            self.show_tab("history")
        else:
            subject = line.entry.relation.subject
            self.open_object(subject.resource, subject.key, "history")

    def open_suspect(self, place: int = 0) -> None:
        """What it changed, side by side; else what is known of when it was written, or what the server says of it. The
        overview has it in a place, from 1 on.
        """
        if place:
            cast("OverviewTab", self.on_top).choose(place)
        tab = cast("OverviewTab | SuspectsTab", self.on_top)
        suspect = tab.suspect
        if suspect is None:
            return
        evidence = suspect.evidence
        if tab.sides() is not None:
            self.open_screen("diff", tab)
        elif evidence is not None and evidence.is_there:
            self.open_object(evidence.resource, evidence.key, "history")
        else:
            self.step_to("events")

    def open_related(self) -> None:
        """On top; Escape comes back."""
        chosen = cast("RelatedTab | RolloutsTab", self.on_top).chosen()
        if chosen is not None:
            self._open_on_top(*chosen, "overview")

    def open_owner(self) -> None:
        """On top; Escape comes back."""
        from kwatch.view.relations import nearest_owner

        subject, names, obj = self.subject, self.subject.session.names, self.subject.object
        owner = nearest_owner(subject.resource, obj, names) if names is not None and obj is not None else None
        if owner is None:
            self.notify("It has no owner.", markup=False)
            return
        resource, key = owner
        self._open_on_top(Location(resource, key.rpartition("/")[0] or None), key, self.active)

    def _open_on_top(self, place: Location, key: str, tab: str) -> None:
        subject = self.subject
        self.open_screen("object", subject.session, place, key, tab, subject.past_of(place.resource, key))

    def on_virtual_table_chosen(self, message: VirtualTable.Chosen) -> None:
        if command := self._types[self.active].enter:
            self.kwatch.run_command_by_id(command)

    def on_object_tab_made(self, message: ObjectTab.Made) -> None:
        """A tab's parts are there; another one may have been asked for meanwhile."""
        if message.tab is self.on_top:
            self._come_on_top(message.tab)

    def on_object_tab_opens(self, message: ObjectTab.Opens) -> None:
        self.open_suspect(message.place)

    def on_object_tab_other_keys(self) -> None:
        self.show_hints()

    def on_tab_strip_clicked(self, message: TabStrip.Clicked) -> None:
        self.show_tab(message.tab)

    def on_unmount(self) -> None:
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

    # What is typed: a search or a filter of the tab on top, live as it is typed, or a moment to go to

    @property
    def is_typing(self) -> bool:
        """Whether something is typed into a line below."""
        return self._prompt.is_open or isinstance(self.focused, Input)

    def open_search(self, text: str = "") -> None:
        """Search or filter the tab on top; `text` is what it is filtered by."""
        self._searched = text
        self._prompt.open(SEARCH, text)

    def filter_timeline(self) -> None:
        self.open_search(cast("TimelineTab", self.on_top).filter)

    def ask_moment(self) -> None:
        """Ask for the time to go to."""
        self._prompt.open(MOMENT)
        self._prompt.mark(None, MOMENT_HELP)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        if self._prompt.is_open and message.sign == SEARCH:
            self._search(message.text, typing=True)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Stay at the match, or go to the moment."""
        if message.sign == MOMENT and message.text.strip() and self.on_top is not None:
            try:
                self.on_top.jump(message.text)
            except ValueError as error:
                self._prompt.mark(Mistake(0, len(message.text), str(error)))
                return
        is_filter = message.sign == SEARCH and self.on_top is not None and self.on_top.text is None
        if not is_filter or self._search(message.text) is None:
            self._close()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        if message.sign == SEARCH:
            self._search(self._searched)
        self._close()

    def on_text_view_found(self, message: TextView.Found) -> None:
        self._prompt.mark(*message.told)

    def _search(self, text: str, *, typing: bool = False) -> Mistake | None:
        """Where the text breaks, which is marked."""
        tab = self.on_top
        mistake = tab.search(text, typing=typing) if tab is not None else None
        if tab is not None and tab.text is None:
            self._prompt.mark(mistake)
        return mistake

    def _close(self) -> None:
        if self._prompt.close() and self.on_top is not None:
            self.on_top.take_focus()
