"""The command line of a screen that stands before the table: what is typed leads back there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from kwatch.tui.commands.command_line import broken_filter, complete_command, mistake_in, run_text
from kwatch.tui.kit.widgets.prompt import Candidates, Prompt

if TYPE_CHECKING:
    from kwatch.config.prompt_history import PromptHistory
    from kwatch.tui.base_app import Application
    from kwatch.tui.palette import Palette

SIGN = ":"


class LeavingLine(Vertical):
    """Hidden until opened. What its prompt says stays in here, for the screen has a prompt of its own."""

    DEFAULT_CSS = """
    LeavingLine { height: auto; }
    """

    def __init__(self, palette: Palette, history: PromptHistory) -> None:
        super().__init__()
        self._candidates = Candidates(palette)
        self._prompt = Prompt(history)
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield self._candidates
        yield self._prompt

    def open(self) -> None:
        app = cast("Application", self.app)
        self._before = self.screen.focused
        self._prompt.open(SIGN, "", lambda typed: complete_command(app, typed))

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Nothing happens before Enter; a broken filter is marked."""
        message.stop()
        if self._prompt.is_open:
            self._prompt.mark(broken_filter(self.screen, message.text))

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        message.stop()
        self._candidates.show(message.completions, message.chosen)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        message.stop()
        mistake = mistake_in(self.screen, message.text)
        if mistake is not None:
            self._prompt.mark(mistake)
            return
        self._close()
        run_text(self.screen, message.text)

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        message.stop()
        self._close()

    def _close(self) -> None:
        if self._prompt.close():
            self.screen.set_focus(self._before, scroll_visible=False)
