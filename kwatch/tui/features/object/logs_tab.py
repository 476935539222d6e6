"""Logs as a tab: of a pod's container, or of all that a workload, a service or a node runs, merged; and on a screen of
their own: of many objects, or what a container that ended wrote last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from kwatch.base.namespaces import in_words
from kwatch.catalog.tree import Tree
from kwatch.informer.clock import Clock
from kwatch.session.log_pods import ChoicesOf, LogChoice, has_pods
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.object_commands import LOGS_SCREEN_COMMANDS
from kwatch.tui.features.log_panel import BEFORE, LogPanel
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood, worst_freshness
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.navigation import CLEAR_FILTER
from kwatch.tui.palette import Palette
from kwatch.view.containers import container_names, default_container
from kwatch.view.timeline import clock_time

if TYPE_CHECKING:
    from kwatch.history.last_lines import ContainerEnd


class LogsTab(ObjectTab):
    """Of a pod the container that kubectl would take, unless another one or all are chosen."""

    tab = "logs"
    clears = CLEAR_FILTER
    text: TextView

    def __init__(self, subject: Subject, palette: Palette, clock: Clock) -> None:
        super().__init__(subject, palette, clock)
        whose = f"{subject.resource} {subject.key}"
        until = subject.past.moment.at if subject.past is not None else None
        self.panel = LogPanel(subject.session, palette, clock, self._choices, whose, until=until)
        self.panel.containers = self._containers
        if str(subject.resource) == "pods":
            self.panel.default = lambda: default_container(self.subject.object)
        self.panel.absence = self._absence
        self._is_chosen = False

    def compose(self) -> ComposeResult:
        self.text = self.panel.text
        yield self.panel

    def take_focus(self) -> None:
        if not self.panel.is_begun and (kept := self._last_lines()) is not None:
            self.panel.show_kept(kept)
        self.panel.start()

    def show_container(self, name: str, previous: bool) -> None:
        self._is_chosen, self.panel.previous = True, previous
        self.panel.show_container(name)

    def _last_lines(self) -> ContainerEnd | None:
        """In the past: what was kept of the container that ended last before, if any was; nodes have it no more."""
        past, obj, journal = self.subject.past, self.subject.object, self.subject.session.journal
        if past is None or obj is None or journal is None or str(self.subject.resource) != "pods":
            return None
        until, chosen = past.moment.at, self.panel.container
        found = journal.last_lines.of(self.subject.session.context, obj.uid)
        meant = [each for each in found if each.count and until - BEFORE <= each.at <= until]
        return next((each for each in reversed(meant) if chosen in (None, each.container)), None)

    @property
    def is_filtered(self) -> bool:
        return self.panel.is_filtered

    def clear_filter(self) -> None:
        self.panel.use_filter("")

    def tick(self, now: float) -> None:
        self.panel.tick()

    def leave(self) -> None:
        self.panel.stop()

    def on_log_panel_other_keys(self) -> None:
        self.post_message(self.OtherKeys())

    def _choices(self) -> ChoicesOf | None:
        """Known once the containers are: of a pod with several one is meant."""
        subject, panel = self.subject, self.panel
        names = subject.session.names
        if names is None or not has_pods(subject.resource, names):
            return None
        if str(subject.resource) == "pods" and not panel.is_begun and not self._is_chosen:
            default = default_container(subject.object)
            if default is None and subject.past is None and not subject.feed.status.synced:
                return None
            self._is_chosen, panel.container = True, default
        return {subject.session: (LogChoice(subject.resource, subject.namespace or None, subject.name),)}

    def _containers(self) -> Sequence[str]:
        """Of a workload those of its template, and those that wrote."""
        obj = self.subject.object
        if str(self.subject.resource) == "pods":
            return container_names(obj)
        try:
            spec = Tree(obj.tree() if obj is not None else None).at("spec", "template", "spec")
        except (ValueError, RecursionError):
            spec = Tree(None)
        names = [each["name"].text() for part in ("containers", "initContainers") for each in spec[part]]
        seen = (source.container for source in self.panel.document.sources)
        return tuple(name for name in dict.fromkeys((*names, *sorted(seen))) if name)

    def _absence(self) -> Sequence[str]:
        names = self.subject.session.names
        if names is not None and not has_pods(self.subject.resource, names):
            return ("There are no logs here", f"A {self.subject.resource.kind} has no pods.")
        return self.subject.absence()


class LogsScreen(KwatchScreen[None]):
    """`title` says whose logs they are, of the pods of several contexts as of one. With `kept` nothing is asked for."""

    help_title = "logs"

    COMMANDS_OF_SCREEN = LOGS_SCREEN_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    _header: Header

    def __init__(
        self,
        choices: ChoicesOf,
        title: str,
        kept: ContainerEnd | None = None,
    ) -> None:
        super().__init__()
        self.sessions = tuple(choices)
        self.session = self.sessions[0]
        self.choices = choices
        self._title = title
        self._kept = kept
        self.panel: LogPanel

    def compose(self) -> ComposeResult:
        self._header = Header(self.palette)
        self.panel = LogPanel(
            self.session, self.palette, self.kwatch.clock, lambda: self.choices, self._title, kept=self._kept
        )
        self.panel.says_how_many = True
        yield self._header
        yield self.panel
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.panel.start()
        if self._kept is not None:
            self.panel.show_kept(self._kept)
        self.tick(self.kwatch.clock.time())
        self.show_hints()

    def on_unmount(self) -> None:
        self.panel.stop()

    def tick(self, now: float) -> None:
        self.panel.tick()
        kept = self._kept
        words, mood, stale = worst_freshness(self.sessions, float(int(now)))
        if kept is not None:
            words, mood, stale = f"ended {clock_time(kept.finished_at)[:8]}", Mood.PAST, ""
        self._header.show(
            HeaderState(
                context=in_words(",".join(each.context for each in self.sessions)),
                resource="logs",
                title=self._title,
                freshness=words,
                mood=mood,
                stale=stale,
                count=self.panel.how_many,
                banner=self.kwatch.banner,
            )
        )

    def tab_on_top(self, tab_id: str) -> LogsScreen | None:
        """The commands of the tab with logs are its own."""
        return self if tab_id == "logs" else None

    @property
    def text(self) -> TextView:
        return self.panel.text

    @property
    def is_typing(self) -> bool:
        return self.panel.prompt.is_open or isinstance(self.focused, Input)

    @property
    def is_filtered(self) -> bool:
        return self.panel.is_filtered

    def clear_filter(self) -> None:
        self.panel.use_filter("")

    def open_search(self) -> None:
        self.panel.open_search()

    def copy_text(self) -> None:
        """By OSC 52, which works over ssh too."""
        text = self.text.document.text()
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {text.count(chr(10)) + 1:,} lines.", markup=False, timeout=2)

    def on_log_panel_other_keys(self) -> None:
        self.show_hints()
