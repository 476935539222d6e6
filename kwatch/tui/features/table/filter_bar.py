"""Typing into the table screen: the filter, live as it is typed, and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.commands.command_line import broken_filter, complete_command, mistake_in, run_text
from kwatch.tui.kit.widgets.prompt import NO_MATCH_YET, Completion, Completions, Mistake, Prompt

if TYPE_CHECKING:
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen
    from kwatch.tui.features.table.table_model import RefusedFilter

FILTER = "/"
COMMAND = ":"


class FilterBar:
    """What is typed into the prompt of a table, and what it does there."""

    def __init__(self, screen: LiveTableScreen, prompt: Prompt) -> None:
        self._screen = screen
        self.prompt = prompt
        self._filter_before = ""
        self._refused_before: RefusedFilter | None = None
        self._is_unanswered = False
        """Whether the rows that are shown do not match what is typed so far."""

    @property
    def is_filtering(self) -> bool:
        """Whether a filter is being typed."""
        return self.prompt.is_open and self.prompt.sign == FILTER

    def open(self, text: str | None = None) -> None:
        """Edit the filter that was asked for, in force or not; or another one, which is not in force so far."""
        live = self._screen.live
        self._filter_before = live.place.filter if live is not None else ""
        self._refused_before = live.refused if live is not None else None
        if text is None:
            text = live.place_asked_for.filter if live is not None else ""
        self.prompt.open(FILTER, text, self.complete_filter, can_be_saved=True)

    def open_command_line(self, text: str = "") -> None:
        """Type a command."""
        app = self._screen.kwatch
        self.prompt.open(COMMAND, text, lambda typed: complete_command(app, typed))

    def ask_view_name(self) -> None:
        """For what is shown, or for the filter that is being typed, once that is sound."""
        filtering = self.is_filtering
        if not filtering or self._use_filter(self.prompt.text, finished=True):
            self.open_command_line("save-filter " if filtering else "save ")

    def changed(self, message: Prompt.Changed) -> None:
        """Filter while it is typed; a broken one is marked, and the last good one stays."""
        if message.sign == FILTER and self.prompt.is_open:
            self._use_filter(message.text, finished=False)
        elif self.prompt.is_open:
            self.prompt.mark(broken_filter(self._screen, message.text))

    def submitted(self, message: Prompt.Submitted) -> None:
        """Keep the filter, or run the command; a broken filter stays to be mended."""
        if message.sign == FILTER:
            if self._use_filter(message.text, finished=True):
                self._close()
            return
        mistake = mistake_in(self._screen, message.text)
        if mistake is not None:
            self.prompt.mark(mistake)
            return
        self._close()
        run_text(self._screen, message.text)

    def cancelled(self, message: Prompt.Cancelled) -> None:
        """Escape takes back what was typed."""
        self._close()
        live = self._screen.live
        if message.sign == FILTER and live is not None and live.place.filter != self._filter_before:
            self._screen.use_filter(self._filter_before)
            live.refused = self._refused_before

    def tick(self) -> None:
        """What was tried may have been found to match something."""
        live = self._screen.live
        if self._is_unanswered and self.is_filtering and live is not None:
            self._answer(is_in_force=live.place.filter == self.prompt.text)

    def _use_filter(self, text: str, *, finished: bool) -> bool:
        """False where the filter is broken, which is marked."""
        from kwatch.query.syntax import QuerySyntaxError

        screen = self._screen
        self._is_unanswered = False
        if screen.live is None:
            if finished:
                screen.filter_ahead = text
            return True
        try:
            is_in_force = True
            if finished:
                screen.live.filter(text)
            else:
                is_in_force = screen.live.try_filter(text)
        except QuerySyntaxError as error:
            self.prompt.mark(Mistake(error.start, error.end, error.message))
            return False
        self._answer(is_in_force=is_in_force)
        return True

    def _answer(self, *, is_in_force: bool) -> None:
        """By what the filter was answered: an index and how fast, or a scan; or that nothing was found so far."""
        from kwatch.query.query import explanation

        self._is_unanswered = not is_in_force
        live = self._screen.live
        if is_in_force and live is not None:
            self.prompt.mark(None, explanation(live.projection.explain))
            self._screen.amended()
        else:
            self.prompt.mark(None, NO_MATCH_YET)

    def complete_filter(self, text: str) -> Completions:
        """Candidates for the last term, with counts from the indexes."""
        from kwatch.query.completion import complete

        live = self._screen.live
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

    def _close(self) -> None:
        if self.prompt.close():
            self._screen.table.focus()
        self._screen.call_after_refresh(self._screen.show_hints)
