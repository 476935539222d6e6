"""Typing into the table screen: the filter, live as it is typed, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from kwatch.tui.commands.command_line import broken_filter, complete_command, mistake_in, say
from kwatch.tui.kit.widgets.prompt import NO_MATCH_YET, Candidates, Completion, Completions, Mistake, Prompt
from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.tui.features.table.table_model import RefusedFilter
    from kwatch.tui.screens.table_screen import TableScreen

FILTER = "/"
COMMAND = ":"


class Prompting(KwatchScreen[None]):
    """Part of the table screen."""

    _filter_before = ""
    _refused_before: RefusedFilter | None = None
    filter_ahead = ""
    """What was typed before there was anything to filter."""
    _is_unanswered = False
    """Whether the rows that are shown do not match what is typed so far."""

    @property
    def is_typing(self) -> bool:
        """Whether the filter bar or the command line is open, or something else is typed into."""
        return self._prompt.is_open or isinstance(self.screen.focused, Input)

    @property
    def is_filtering(self) -> bool:
        """Whether a filter is being typed."""
        return self._prompt.is_open and self._prompt.sign == FILTER

    def open_filter(self, text: str | None = None) -> None:
        """Edit the filter that was asked for, in force or not; or another one, which is not in force so far."""
        live = self._table_screen.live
        self._filter_before = live.place.filter if live is not None else ""
        self._refused_before = live.refused if live is not None else None
        if text is None:
            text = live.place_asked_for.filter if live is not None else ""
        self._prompt.open(FILTER, text, self._complete_filter, can_be_saved=True)

    def open_command_line(self, text: str = "") -> None:
        """Type a command."""
        self._prompt.open(COMMAND, text, lambda typed: complete_command(self._table_screen, typed))

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Filter while it is typed; a broken one is marked, and the last good one stays."""
        if message.sign == FILTER and self._prompt.is_open:
            self._use_filter(message.text, finished=False)
        elif self._prompt.is_open:
            self._prompt.mark(broken_filter(self._table_screen, message.text))

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        """Show the candidates."""
        self.query_one(Candidates).show(message.completions, message.chosen)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Keep the filter, or run the command; a broken filter stays to be mended."""
        if message.sign == FILTER:
            if self._use_filter(message.text, finished=True):
                self._close_prompt()
            return
        mistake = mistake_in(self._table_screen, message.text)
        if mistake is not None:
            self._prompt.mark(mistake)
            return
        self._close_prompt()
        say(self._table_screen, message.text)

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        """Escape takes back what was typed."""
        self._close_prompt()
        live = self._table_screen.live
        if message.sign == FILTER and live is not None and live.place.filter != self._filter_before:
            self._table_screen.use_filter(self._filter_before)
            live.refused = self._refused_before

    def settle_filter(self) -> bool:
        """What is typed is finished: show what matches. False where it is broken, which is marked."""
        return not self.is_filtering or self._use_filter(self._prompt.text, finished=True)

    def follow_in_prompt(self) -> None:
        """What was tried may have been found to match something."""
        screen = self._table_screen
        if self._is_unanswered and self.is_filtering and screen.live is not None:
            self._answer(screen, is_in_force=screen.live.place.filter == self._prompt.text)

    def _use_filter(self, text: str, *, finished: bool) -> bool:
        """False where the filter is broken, which is marked."""
        from kwatch.query.syntax import QuerySyntaxError

        screen = self._table_screen
        self._is_unanswered = False
        if screen.live is None:
            if finished:
                self.filter_ahead = text
            return True
        try:
            is_in_force = True
            if finished:
                screen.live.filter(text)
            else:
                is_in_force = screen.live.try_filter(text)
        except QuerySyntaxError as error:
            self._prompt.mark(Mistake(error.start, error.end, error.message))
            return False
        self._answer(screen, is_in_force=is_in_force)
        return True

    def _answer(self, screen: TableScreen, *, is_in_force: bool) -> None:
        """By what the filter was answered: an index and how fast, or a scan; or that nothing was found so far."""
        from kwatch.query.query import explanation

        self._is_unanswered = not is_in_force
        live = screen.live
        if is_in_force and live is not None:
            self._prompt.mark(None, explanation(live.projection.explain))
            screen.amended()
        else:
            self._prompt.mark(None, NO_MATCH_YET)

    def _complete_filter(self, text: str) -> Completions:
        from kwatch.query.completion import complete

        live = self._table_screen.live
        if live is None or not text:
            return Completions()
        found = complete(text, len(text), live.projection.context)
        typed = text[found.start :]
        candidates = [
            Completion(each.text, f"{each.count:,} {each.note}" if each.count is not None else each.note)
            for each in found.suggestions
            if each.text != typed
        ]
        return Completions(found.start, candidates)

    def _close_prompt(self) -> None:
        if self._prompt.close():
            self._table_screen.table.focus()
        self.call_after_refresh(self._table_screen.show_hints)

    @property
    def _prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def _table_screen(self) -> TableScreen:
        from kwatch.tui.screens.table_screen import TableScreen

        assert isinstance(self, TableScreen)
        return self
