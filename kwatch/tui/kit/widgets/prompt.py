"""One line to type into: the filter after `/`, a command after `:`. With history, completion and marked mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input

from kwatch.config.prompt_history import PromptHistory
from kwatch.tui.kit.table.painter import fit
from kwatch.tui.kit.widgets.bar import PaintedWidget, Part, Words, bar
from kwatch.tui.kit.widgets.footer import Hint
from kwatch.tui.palette import Ground, Palette

NO_MATCH_YET = "nothing matches yet; the rows stay"
"""Said while a filter is typed whose last term may be only half typed."""


LONGEST_LINE = 8_192
"""Characters; the whole line is parsed with each key."""
SEARCH = "/"
"""What a filter or what is searched for is typed after; it takes effect while it is typed."""
FILTER = "&"
"""What a filter is typed after where SEARCH searches; so does this."""
SAVE = ">"
"""What the name of a file is typed after."""
_ENTER = {SEARCH: "apply", FILTER: "apply", "@": "go there", SAVE: "save"}
"""What Enter does, by the sign in front."""
LEAVE = Hint("Esc", "cancel", "cancel")
"""The key that ends it, in the footer."""


class Mistake(NamedTuple):
    """Where a text breaks, and why. `end` is exclusive."""

    start: int
    end: int
    message: str


class Completion(NamedTuple):
    """What a word may become; `note` is said beside it, e.g. how often it occurs."""

    text: str
    note: str = ""


class Completions(NamedTuple):
    """Candidates for the text from `start` to the end of the input."""

    start: int = 0
    candidates: Sequence[Completion] = ()


Complete = Callable[[str], Completions]


class _Marker(Highlighter):
    """Underlines the mistake."""

    def __init__(self) -> None:
        self.mistake: Mistake | None = None
        self.style = "underline"

    def highlight(self, text: Text) -> None:
        if self.mistake is not None:
            start = min(self.mistake.start, max(0, len(text) - 1))
            text.stylize(self.style, start, max(self.mistake.end, start + 1))


class _PromptInput(Input):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", show=False, id="prompt.cancel"),
        Binding("up,ctrl+p", "recall(-1)", show=False, id="prompt.older"),
        Binding("down,ctrl+n", "recall(1)", show=False, id="prompt.newer"),
        Binding("tab", "complete(1)", show=False, id="prompt.complete"),
        Binding("shift+tab", "complete(-1)", show=False, id="prompt.complete-back"),
    ]

    def action_cancel(self) -> None:
        self._prompt.cancel()

    def action_recall(self, by: int) -> None:
        self._prompt.recall(by)

    def action_complete(self, by: int) -> None:
        self._prompt.complete(by)

    def on_blur(self) -> None:
        """Something else was clicked, unless it is only the terminal's window that another one has the keyboard of."""
        if self.app.app_focus and self.screen.focused is not self:
            self._prompt.leave()

    @property
    def _prompt(self) -> Prompt:
        prompt = self.parent
        assert isinstance(prompt, Prompt)
        return prompt

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "backspace" and not self.value:
            event.stop()
            self._prompt.cancel()
        else:
            await super()._on_key(event)


class Prompt(Horizontal):
    """Hidden until opened. `sign` is what it was opened with: `/` or `:`."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $panel; padding: 0 1; }
    Prompt > #sign { width: 2; color: $primary; text-style: bold; background: $panel; }
    Prompt > Input, Prompt > Input:focus {
        width: 1fr; height: 1; border: none; padding: 0; background: $panel; background-tint: $panel 0%;
    }
    Prompt > #note { width: auto; max-width: 60%; color: $kwatch-muted; background: $panel; padding: 0 0 0 1; }
    Prompt > #note.-mistake { color: $kwatch-unhealthy; }
    """

    @dataclass
    class Changed(Message):
        """Another text stands there."""

        sign: str
        text: str

    @dataclass
    class Submitted(Message):
        """Enter."""

        sign: str
        text: str

    @dataclass
    class Cancelled(Message):
        """Escape, or backspace on nothing."""

        sign: str

    @dataclass
    class Toggled(Message):
        """It was opened or closed: other keys work now. Posted to the screen itself."""

    @dataclass
    class Offered(Message):
        """Candidates to show, with the one that Tab chose."""

        completions: Completions
        chosen: int | None

    def __init__(self, history: PromptHistory | None = None) -> None:
        super().__init__(id="prompt")
        self.sign = ""
        self._marker = _Marker()
        self._all_history = history or PromptHistory()
        self._recalled = 0
        self._complete: Complete | None = None
        self._offer = Completions()
        self._chosen: int | None = None
        self._typed = ""
        self._can_be_saved = False

    def compose(self) -> ComposeResult:
        yield Words(id="sign")
        yield _PromptInput(highlighter=self._marker, select_on_focus=False, compact=True, max_length=LONGEST_LINE)
        yield Words(id="note")

    @property
    def input(self) -> Input:
        """The input."""
        return self.query_one(Input)

    def open(self, sign: str, text: str = "", complete: Complete | None = None, *, can_be_saved: bool = False) -> None:
        """Show it and take the focus. `can_be_saved`: whether Ctrl-S keeps what is typed."""
        self.sign, self._complete, self._can_be_saved = sign, complete, can_be_saved
        self._recalled = len(self._history)
        self.query_one("#sign", Words).say(sign)
        self.mark(None)
        self.display = True
        self._set(text)
        self.screen.set_focus(self.input, scroll_visible=False)
        self.screen.post_message(self.Toggled())

    def close(self) -> bool:
        """Hide it; whether it had the focus, which another widget should have then."""
        had_focus = self.input.has_focus
        self.display = False
        self._withdraw()
        self.screen.post_message(self.Toggled())
        return had_focus

    def hints(self) -> tuple[Hint, ...]:
        """What works while one types, for the footer."""
        hints = [Hint("↵", _ENTER.get(self.sign, "run"), "submit")]
        if self._complete is not None:
            hints.append(Hint("Tab", "complete", "complete"))
        if self._history:
            hints.append(Hint("↑", "older", "older"))
        if self._can_be_saved:
            hints.append(Hint("Ctrl-S", "save", "views.save"))
        return tuple(hints)

    def run_hint(self, action: str) -> None:
        """What a hint stands for."""
        match action:
            case "submit":
                self.input.call_later(self.input.action_submit)
            case "complete":
                self.complete(1)
            case "older":
                self.recall(-1)
            case LEAVE.action:
                self.cancel()

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return bool(self.display)

    @property
    def text(self) -> str:
        return self.input.value

    def mark(self, mistake: Mistake | None, note: str = "") -> None:
        """Underline a mistake and say why; or say something else in its place."""
        self._marker.mistake = mistake
        label = self.query_one("#note", Words)
        label.set_class(mistake is not None, "-mistake")
        label.say(mistake.message if mistake is not None else note)
        self.input.refresh()

    def set_palette(self, palette: Palette) -> None:
        self._marker.style = "underline" if palette.plain else f"underline {palette.color('kwatch-unhealthy').hex}"

    def cancel(self) -> None:
        """What Escape does: first the candidates go, then the prompt."""
        self.post_message(self.Cancelled(self.sign))

    def leave(self) -> None:
        """The focus went elsewhere: what is searched for or filtered by stays, anything else was not meant."""
        if self.is_open:
            kept = self.Submitted(self.sign, self.text) if self.sign in (SEARCH, FILTER) else self.Cancelled(self.sign)
            self.post_message(kept)

    def recall(self, by: int) -> None:
        """An older or newer text of the history; or another candidate while some are shown."""
        if self._offer.candidates and (self._chosen is not None or by > 0):
            self.complete(by)
            return
        history = self._history
        self._recalled = max(0, min(len(history), self._recalled + by))
        self._set(history[self._recalled] if self._recalled < len(history) else "")

    def complete(self, by: int) -> None:
        """Take the next candidate; one alone is simply taken."""
        candidates = self._offer.candidates
        if not candidates:
            return
        if self._chosen is None:
            self._typed = self.input.value
            self._chosen = 0 if by > 0 else len(candidates) - 1
        else:
            self._chosen = (self._chosen + by) % len(candidates)
        value = self._typed[: self._offer.start] + candidates[self._chosen].text
        with self.input.prevent(Input.Changed):
            self._set(value)
        self.post_message(self.Changed(self.sign, value))
        self.post_message(self.Offered(self._offer, self._chosen))
        if len(candidates) == 1:
            self._withdraw()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Tell the text, and offer what it may become."""
        message.stop()
        if not self.is_open:
            return
        self.post_message(self.Changed(self.sign, message.value))
        self._chosen = None
        self._offer = self._complete(message.value) if self._complete is not None else Completions()
        self.post_message(self.Offered(self._offer, None))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Keep it in the history and tell."""
        message.stop()
        text = message.value.strip()
        if text:
            self._all_history.add(self.sign, text)
        self.post_message(self.Submitted(self.sign, message.value))

    @property
    def _history(self) -> Sequence[str]:
        return self._all_history.of(self.sign)

    def _set(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)

    def _withdraw(self) -> None:
        self._offer, self._chosen = Completions(), None
        self.post_message(self.Offered(self._offer, None))


MAX_LINES = 8


class Candidates(PaintedWidget):
    """As many lines as there are candidates, at most MAX_LINES, with the chosen one always among them."""

    DEFAULT_CSS = """
    Candidates { height: 0; max-height: 8; }
    """

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette)
        self._offer = Completions()
        self._chosen: int | None = None

    def show(self, offer: Completions, chosen: int | None) -> None:
        """Show other candidates."""
        self._offer, self._chosen = offer, chosen
        self.styles.height = min(MAX_LINES, len(offer.candidates))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        candidates = self._offer.candidates
        top = max(0, (self._chosen or 0) - MAX_LINES + 1)
        index = top + y
        style, width = self._palette.style, self.size.width
        if index >= len(candidates):
            return Strip.blank(width, style(ground=Ground.PANEL))
        ground = Ground.CURSOR if index == self._chosen else Ground.PANEL
        widest = min(width // 2, max(len(candidate.text) for candidate in candidates))
        candidate = candidates[index]
        parts = [
            Part("   " + fit(candidate.text, widest) + "  ", style("foreground", ground, bold=index == self._chosen)),
            Part(candidate.note, style("kwatch-muted", ground), 1),
        ]
        return bar(parts, (), width, style(ground=ground))
