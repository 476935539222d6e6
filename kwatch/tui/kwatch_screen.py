"""What all screens share: colours, commands, a footer, and a tick when something changed. And the screens that have a
filter line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual._compositor import Compositor
from textual.actions import SkipAction
from textual.await_complete import AwaitComplete
from textual.geometry import Offset, Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from kwatch.informer.errors import Closed
from kwatch.tui.base_app import Application
from kwatch.tui.commands.command import Command
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.footer import Footer, Hint
from kwatch.tui.kit.widgets.header import Header
from kwatch.tui.kit.widgets.prompt import LEAVE, Prompt
from kwatch.tui.navigation import Opened, Visit, make_screen
from kwatch.tui.palette import Palette

if TYPE_CHECKING:
    from kwatch.history.version import Moment
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.location import Location


R = TypeVar("R")


FULL = "-full"
"""The class of a screen whose text has all of it."""
_LATE = 0.002
"""Seconds after which another second has surely begun, by whichever clock."""


def until_next_second(now: float) -> float:
    """Seconds from a moment until the clock shows another second."""
    return 1.0 - now % 1.0 + _LATE


class LineCompositor(Compositor):
    """Asks widgets for the lines that are to be drawn; the toolkit's own asks each for all that it has."""

    _is_drawn: Callable[[int], bool]

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        self._is_drawn = is_rendered_line
        return super()._render_chops(crop, is_rendered_line)

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """What is seen of each widget, the ones in front first, and its lines."""
        lines = enumerate(filter(self._is_drawn, (crop or self.size.region).line_range))
        runs = [[y for _, y in run] for _, run in groupby(lines, key=lambda line: line[1] - line[0])]
        drawn = [Region(0, run[0], self.size.width, len(run)) for run in runs]
        for widget, (region, clip) in self.visible_widgets.items():
            for each in drawn:
                seen = region.intersection(clip).intersection(each)
                if seen and widget.is_attached:  # what has just gone is there until the next layout
                    yield seen, seen, widget.render_lines(seen.translate(-region.offset))


class KwatchScreen(Screen[R]):
    """A screen lists its COMMANDS and sets `BINDINGS = bindings(COMMANDS)`; the rest follows.

    A screen is pushed before it is composed, and taken apart after it was left, and both take a while on a busy
    machine. Before and after, nothing of ours happens on it: no tick, no command, and no message that its parts still
    had in their queues.
    """

    DEFAULT_CSS = """
    KwatchScreen:nocolor > .screen--selection { text-style: reverse; }
    KwatchScreen.-full Header, KwatchScreen.-full TabStrip, KwatchScreen.-full Footer { display: none; }
    KwatchScreen ToastRack { margin-bottom: 2; } /* what is typed, and what is wrong with it, stays in sight */
    """
    # Screens say themselves what has the focus; else it would be the first line to type into, though it is hidden.
    AUTO_FOCUS = ""

    COMMANDS_OF_SCREEN: ClassVar[Sequence[Command]] = ()

    filter_to_report = ""
    """What narrows a report that is made here."""
    visit: Visit | None = None
    """Its place in the navigation history, if it has one."""
    help_title: str
    """What the help calls it, after `You are on`."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = LineCompositor()

    @property
    def is_ready(self) -> bool:
        """Whether its parts are there: it is composed, and not left."""
        return self.is_mounted and not self._is_left

    @property
    def kwatch(self) -> Application:
        """The app, as what it is."""
        return cast("Application", self.app)

    @property
    def palette(self) -> Palette:
        return self.kwatch.palette

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """Leave it, once: what closes it may come twice (two Enters, a double click), or while another is on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    @property
    def is_on_top(self) -> bool:
        return self.kwatch.screen is self

    @property
    def is_typing(self) -> bool:
        """Whether something is typed into a line: letters are no keys then."""
        return isinstance(self.focused, Input)

    @property
    def has_journal(self) -> bool:
        """Whether anything is remembered."""
        session = self.kwatch.session
        return session is not None and session.journal is not None

    def has_favourite(self, number: int) -> bool:
        return len(self.kwatch.settings.favourites) >= number

    def open_screen(self, name: str, *args: Any) -> None:
        """One of navigation.SCREENS on top."""
        self.app.push_screen(make_screen(name, *args))

    def open_command_line(self) -> None:
        """Type a command, which may lead away from here."""
        self.query_one(CommandPrompt).open()

    @property
    def is_filtered(self) -> bool:
        """Whether Escape takes back a filter before it leaves."""
        return False

    def toggle_full_screen(self) -> None:
        """The text alone, without header and footer, or with them again."""
        self.toggle_class(FULL)
        self.show_hints()

    def clear_or_leave(self) -> None:
        """Escape: one thing at a time."""
        if self.has_class(FULL):
            self.toggle_full_screen()
        elif self.is_filtered:
            self.clear_filter()
            self.show_hints()
        else:
            self.leave()

    def clear_filter(self) -> None:
        """Show everything."""

    def leave(self) -> None:
        """Back the way one came."""
        self.dismiss()

    @property
    def has_selection(self) -> bool:
        """Whether the mouse selected some text."""
        return bool(self.selections)

    def copy_selection(self) -> bool:
        """Copy the text that is selected, by OSC 52, which works over ssh too; False where none is."""
        text = self.get_selected_text() if self.has_selection else None
        self.clear_selection()
        self.show_hints()
        if not text:
            return False
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.notify("Copied the selection." if lines == 1 else f"Copied {lines:,} lines.", markup=False, timeout=2)
        return True

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Where a selection begins or ends: not in what has just gone, e.g. a toast, and was not painted over yet."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is not None and widget.is_attached else (None, None)

    def action_copy_text(self) -> None:
        """Ctrl-C, before it quits."""
        if not self.copy_selection():
            raise SkipAction

    def on_text_selected(self) -> None:
        """It can be copied now, or no more."""
        self.show_hints()

    def moment_in_view(self) -> Moment | None:
        """The moment in the past that is shown; None for now. Whatever stands on the table is of its moment."""
        return self.kwatch.home.time_travel.moment()

    def session_in_view(self) -> Session | None:
        """Of several contexts that of what is under the cursor."""
        return self.kwatch.session

    def subject_to_report(self) -> tuple[Resource, str] | None:
        """The object that a report made here is of; None for everything."""
        return None

    def moment_to_mark(self) -> Moment | None:
        """The moment that a baseline set here is at; None for now."""
        return self.moment_in_view()

    def push_object(
        self, session: Session, place: Location, key: str, tab: str, past: PastObject | None = None
    ) -> None:
        """An object's screen on top; a sentence where its context was left meanwhile."""
        visit = Visit(place, Opened(session, key, tab, past))
        if self.push_visit(visit):
            self.kwatch.home.navigation.history.visit(visit)

    def push_visit(self, visit: Visit) -> bool:
        """An object that was looked at before on top, as it was left; False where its context is not open any more."""
        opened = visit.opened
        assert opened is not None, "of a table there is but one"
        try:
            made = make_screen("object", opened.session, visit.place, opened.key, opened.tab, opened.past)
        except Closed:
            self.notify("That context is not open any more.", severity="warning", markup=False)
            return False
        screen = cast("KwatchScreen[None]", made)
        screen.visit = visit
        self.app.push_screen(screen)
        return True

    def draw_now(self) -> None:
        """Draw what became another at once; where anything moves or changes its size, the next frame does."""
        if self.is_ready and self.is_on_top and not self.app._batch_count and not self._layout_required:
            self._compositor.update_widgets({*self._compositor.visible_widgets})
            self._compositor_refresh()

    def tick(self, now: float) -> None:
        """Called when something may have changed, and when `next_tick` says; `now` in seconds since the epoch."""

    def next_tick(self, now: float) -> float:
        """Seconds until the next tick if nothing happens before: 0 while something goes on that does not wake the app,
        else until another second begins, with which ages change.
        """
        return 0.0 if self.is_busy else until_next_second(now)

    @property
    def is_busy(self) -> bool:
        """Whether something goes on that is to be seen as it does."""
        return False

    def on_mount(self) -> None:
        self.kwatch.dress(self)
        self.show_hints()

    def on_screen_resume(self) -> None:
        """Back on top: colours or keys may have changed meanwhile."""
        self.apply_palette(self.palette)
        self.show_hints()

    def apply_palette(self, palette: Palette) -> None:
        """Hand other colours to every part that paints its own lines."""
        for widget in self.query("*"):
            set_palette = getattr(widget, "set_palette", None)
            if set_palette is not None:
                set_palette(palette)

    def use_settings(self) -> None:
        self.show_hints()

    def show_hints(self) -> None:
        """Fill the footer with what works now: from the commands, or of the line that is typed into."""
        line = self.line_in_use
        for footer in self.query(Footer):
            if line is not None:
                footer.show(line.hints(), (LEAVE,))
            else:
                footer.show(self.own_hints(), self.hints_everywhere())

    @property
    def line_in_use(self) -> Prompt | None:
        return next((each for each in self.query(Prompt) if each.is_open), None)

    def on_prompt_toggled(self) -> None:
        self.show_hints()

    def on_descendant_focus(self) -> None:
        self.show_hints()

    def own_hints(self) -> tuple[Hint, ...]:
        return self._hints(sorted(self.COMMANDS_OF_SCREEN, key=lambda command: command.rank))

    def hints_everywhere(self) -> tuple[Hint, ...]:
        return self._hints(APPLICATION_COMMANDS)

    def _hints(self, commands: Iterable[Command]) -> tuple[Hint, ...]:
        """One hint for each command that has a word for the footer and makes sense now."""
        keys = self.kwatch.keys_in_force
        return tuple(
            Hint(keys.display(command), command.footer_on(self), command.id, leaves=command.keys == "escape")
            for command in commands
            if command.footer and command.is_available(self)
        )

    def on_header_clicked(self, message: Header.Clicked) -> None:
        """Where one is leads to where else one could be; of an object, its resource to the table."""
        commands = {"context": "contexts", "namespace": "namespaces", "unhealthy": "unhealthy", "resource": "aliases"}
        if not self.is_active:
            return
        if message.what == "resource" and self is not self.kwatch.screen_stack[0]:
            self.kwatch.leave_for(self.kwatch.screen_stack[0])
        elif message.what in commands:
            self.kwatch.run_command_by_id(commands[message.what])

    def on_footer_clicked(self, message: Footer.Clicked) -> None:
        """A clicked hint does what its key does, unless another screen came on top meanwhile."""
        if not self.is_active:
            return
        line = self.line_in_use
        if line is not None:
            line.run_hint(message.action)
        self.kwatch.run_command_by_id(message.action)

    @property
    def _is_left(self) -> bool:
        return self._pruning or self._closing or self.app._exit or self not in self.app.screen_stack

    def _get_dispatch_methods(
        self, method_name: str, message: Message
    ) -> Iterable[tuple[type, Callable[[Message], Awaitable[Any]]]]:
        """The toolkit's own handlers always, ours while the screen is ready."""
        for cls, method in super()._get_dispatch_methods(method_name, message):
            if self.is_ready or not cls.__module__.startswith("kwatch.") or self._hears(method_name):
                yield cls, method

    def _hears(self, method_name: str) -> bool:
        """The end always; the beginning, unless it was left before."""
        return method_name == "on_unmount" or (method_name == "on_mount" and not self._is_left)


class FilteredScreen(KwatchScreen[None]):
    """A screen with a table and a prompt, both made in `compose`."""

    table: VirtualTable
    prompt: Prompt
    _filter_before = ""

    @property
    def filter(self) -> str:
        raise NotImplementedError

    def use_filter(self, text: str, *, typing: bool = False) -> bool:
        """Show only what matches; False where the text is broken, which is marked. `typing`: it may be half typed."""
        raise NotImplementedError

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter)

    def clear_filter(self) -> None:
        self.use_filter("")

    @property
    def is_typing(self) -> bool:
        return self.prompt.is_open or isinstance(self.focused, Input)

    def open_filter(self) -> None:
        """Type a filter."""
        self._filter_before = self.filter
        self.prompt.open("/", self.filter)

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        if self.prompt.is_open:
            self.use_filter(message.text, typing=True)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Keep it; a broken one stays to be mended."""
        if self.use_filter(message.text):
            self._close_prompt()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        self._close_prompt()
        self.use_filter(self._filter_before)

    def _close_prompt(self) -> None:
        if self.prompt.close():
            self.table.focus()
