"""The keys in force on a screen, remapped ones included, the filter language, and what each sign means."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kwatch.config.settings import Settings
from kwatch.query.help import terms
from kwatch.query.index_names import UserIndices
from kwatch.tui.commands.command import Command, bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import HELP_COMMANDS
from kwatch.tui.features.explorer.explorer_panel import explorer_help
from kwatch.tui.keys import KeysInForce, readable
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.columns import in_columns, room_in
from kwatch.tui.kit.text.line import Line, Span, plain
from kwatch.tui.kit.text.text_view import MARGIN, TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.kwatch_screen import KwatchScreen

LEGEND: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Signs in front of rows": (
        ("▌", "the row under the cursor"),
        ("●", "marked with Space"),
        ("+", "just created; in lists of changes: created"),
        ("~", "just changed, or what changed"),
        ("-", "deleted; the row stays for a while"),
        ("!", "something is wrong with it; in lists of changes: another object under the same name"),
        ("±", "created and deleted in between"),
        ("×", "in the past: gone since that moment"),
        ("•", "an Event"),
        ("≈", "not watched then: what the server still proves"),
        ("◀", "the version that was looked at when you came here"),
        ("▸ ▾", "closed or open: Space or a click turns it"),
    ),
    "Signs in columns and texts": (
        ("↑ ↓", "sorted by this column, upwards or downwards"),
        ("› …", "there is more to the right; a word that is cut"),
        ("▁▂▃▄▅▆▇█", "changes in the last minute (CHURN), how full (usage), how many changes (time bar)"),
        ("▏▎▍▌▋▊▉█", "how many objects have this value, beside the others"),
        ("·", "nothing in that time; between words, a separator"),
        ("→", "from, to"),
        ("×", "before a number: how often"),
        ("⏎", "a line break in a value"),
        ("│ ···", "between two versions side by side; lines that are the same"),
        ("␛ ␡ �", "a character that may not reach the terminal, or that is none"),
        ("‥", "a level further up: an owner's owner"),
        ("Δ", "how many objects changed since the baseline"),
    ),
    "Signs of state": (
        ("●", "live, or healthy"),
        ("◌", "under way: loading, starting, waiting; what came so far is shown"),
        ("▲", "not up to date: the header says since when and why"),
        ("✗", "refused, or failed"),
        ("◀", "in the past"),
        ("━ ─", "how far it is"),
        ("◆", "kwatch; in the time bar: the baseline"),
    ),
    "Signs on the timeline": (
        ("●", "the object itself"),
        ("▲ ▲▲", "its owner, and the owner of that"),
        ("▼", "what it owns"),
        ("■", "its node"),
    ),
    "Signs in the time bar": (
        ("┃", "the moment that is shown"),
        ("╳", "not watched then"),
        ("▶ ‖ ■", "playing, paused, at the end"),
    ),
    "Signs of keys": (
        ("↵", "Enter"),
        ("← → ↑ ↓", "the arrow keys"),
    ),
}
"""By where they stand: signs, and what they mean there."""


KEY_WIDTH = 24
"""Columns of the keys; narrow screens give them less."""


@dataclass(frozen=True, slots=True)
class HelpTopic:
    """What to help with: a screen, and its commands. Those that make no sense there now come after the others."""

    title: str
    here: Sequence[Command]
    elsewhere: Sequence[Command] = ()

    @classmethod
    def of(cls, screen: KwatchScreen[Any]) -> HelpTopic:
        """A screen as it is now."""
        here: list[Command] = []
        elsewhere: list[Command] = []
        for command in screen.kwatch.commands_here():
            (here if command.is_available(screen) else elsewhere).append(command)
        return cls(screen.help_title, here, elsewhere)


_AFTER_COLON = (
    ("deploy", "A resource by any name that kubectl takes; several with commas: deploy,svc"),
    ("deploy shop, -n shop", "In a namespace; without one, where you are"),
    ("deploy -A, all", "In all namespaces"),
    ("deploy -l app=cart", "Only what a label selector selects on the server"),
    ("deploy @prod", "In another context"),
    ("deploy /cart", "Filtered, to the end of the line"),
    ("deploy/cart", "One object, with its history; describe, logs, yaml, ... deploy/cart: another of its tabs"),
    ("get deploy cart", "As kubectl has it; describe, logs, ... alone are about the row under the cursor"),
)


class HelpScreen(KwatchScreen[None]):
    """A text that is searched by `/`."""

    help_title = "help"

    COMMANDS_OF_SCREEN = HELP_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(COMMANDS_OF_SCREEN),
        Binding("slash", "search", show=False, id="help.search"),
    ]

    def __init__(self, topic: HelpTopic) -> None:
        super().__init__()
        self._topic = topic

    def compose(self) -> ComposeResult:
        yield Header(self.palette)
        yield TextView(self.palette)
        yield Prompt()
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self._write()
        self.query_one(TextView).focus()
        count = f"{self._topic.title}: keys, filters, signs"
        self.query_one(Header).show(HeaderState(resource="help", freshness="/ searches", mood=Mood.LIVE, count=count))

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        lines = help_lines(self._topic, self.kwatch.keys_in_force, self.kwatch.settings, self.size.width)
        self.query_one(TextView).set_lines(list(lines))

    def action_search(self) -> None:
        self.query_one(Prompt).open("/")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        if self.query_one(Prompt).is_open:
            self.query_one(TextView).search(message.text)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self._close_search()

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        self.query_one(TextView).search("")
        self._close_search()

    def on_text_view_found(self, message: TextView.Found) -> None:
        self.query_one(Prompt).mark(*message.told)

    def _close_search(self) -> None:
        if self.query_one(Prompt).close():
            self.query_one(TextView).focus()


def open_help(screen: KwatchScreen[Any]) -> None:
    """What works on a screen; on the help itself back from it."""
    if isinstance(screen, HelpScreen):
        screen.leave()
    else:
        screen.app.push_screen(HelpScreen(HelpTopic.of(screen)))


def help_lines(topic: HelpTopic, keys: KeysInForce, settings: Settings, width: int) -> Iterator[Line]:
    """What works here now by group, movement, filter terms, signs, and what works elsewhere on this screen."""
    groups = _commands(topic.here, keys, settings)
    groups["Moving"] = [
        (", ".join(readable(key) for key in keys.keys_of(each.id or "", each.key).split(",")), each.description)
        for each in VirtualTable.BINDINGS
        if isinstance(each, Binding) and each.description
    ]
    groups["Index explorer"] = explorer_help(keys)
    groups["Filter: all terms must hold"] = [
        (each.term, f"{each.meaning}  ({each.answered_by})") for each in terms(UserIndices(settings.indices).names)
    ]
    groups["After the colon"] = list(_AFTER_COLON)
    groups |= {group: list(signs) for group, signs in LEGEND.items()}
    for group, entries in _commands(topic.elsewhere, keys, settings).items():
        groups[f"{group}, when it applies"] = entries
    yield plain("")
    yield plain(f"You are on {topic.title}. / searches this text, Esc goes back.")
    lines: list[Line] = []
    for group, entries in groups.items():
        lines += plain(""), plain(group, "primary")
        for key, title in entries:
            lines += _entry(key, title, room_in(width - MARGIN - 1))
    yield from in_columns(lines, width - MARGIN - 1)
    yield plain("")


def _commands(commands: Sequence[Command], keys: KeysInForce, settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Keys and words, and what they do, by group."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for command in commands:
        names = ", ".join(readable(key) for key in keys.keys(command))
        words = ", ".join(f":{word}" for word in command.words[:2])
        entry = (", ".join(filter(None, (names, words))), command.title_for(settings))
        groups.setdefault(command.group, []).append(entry)
    return groups


def _entry(key: str, title: str, width: int) -> Iterator[Line]:
    """A key, and beside it what it does, in as many lines as that takes; below it where the key is a long one."""
    indent = min(KEY_WIDTH, width // 3) + 3
    lines = textwrap.wrap(title, max(10, width - indent)) or [""]
    if len(key) > indent - 3:
        yield from (Line((Span(f"  {each}", "kwatch-key"),)) for each in textwrap.wrap(key, max(10, width - 2)))
    else:
        yield Line((Span(f"  {key:<{indent - 2}}", "kwatch-key"), Span(lines.pop(0))))
    for line in lines:
        yield Line((Span(" " * indent + line),))
