"""Time travel on the table screen. It is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from kwatch.tui.live_table import LiveTable, Step
    from kwatch.tui.past.journey import Journey
    from kwatch.tui.past.time_bar import TimeBar
    from kwatch.tui.screens.table_screen import TableScreen


class Travelling(Widget):
    """Part of the table screen."""

    journey: Journey | None = None
    """Where one is in time; None for now."""

    @property
    def is_travelling(self) -> bool:
        """Whether the table shows the past."""
        return self.journey is not None

    def travel(self) -> None:
        """Open the time bar, standing at the newest delta."""
        from kwatch.tui.past.journey import Journey

        screen = self._traveller
        session = screen.kwatch.session
        if self.journey is not None or screen.live is None or session is None or session.journal is None:
            return
        self.journey = Journey(screen.live, session.journal, session.context, screen.kwatch.clock)
        self._put(self.journey.past)
        self.run_worker(self._open_bar(self.journey), group="time", exclusive=True)

    def travel_to(self, words: str) -> None:
        """Go to `14:02` or `-10m`."""
        from kwatch.tui.past.past_table import read_moment

        try:
            moment = read_moment(words, self._traveller.kwatch.clock.time())
        except ValueError as error:
            self._traveller.notify(str(error), severity="error", markup=False)
            return
        self.travel()
        if self.journey is not None:
            self._moved(self.journey.past.move_to_time(moment))

    def step_in_time(self, direction: int) -> None:
        """From delta to delta."""
        if self.journey is None:
            return
        step = self.journey.past.move_by(direction)
        if step is None:
            words = "That is the newest delta; End is live again." if direction > 0 else "Nothing before is remembered."
            self._traveller.notify(words, timeout=2, markup=False)
        else:
            self._moved(step)

    def jump_in_time(self, seconds: float) -> None:
        """By a time."""
        if self.journey is not None:
            self._moved(self.journey.past.move_to_time(self.journey.past.at + seconds))

    def return_to_now(self) -> None:
        """Live again, filtered and ordered as in the past."""
        journey, self.journey = self.journey, None
        if journey is not None:
            journey.close_bar()
            self._put(journey.end())

    def follow_in_time(self, now: float) -> None:
        """Let the bar go on."""
        if self.journey is not None:
            self.journey.show(now)

    def on_time_bar_chosen(self, message: TimeBar.Chosen) -> None:
        """A moment was clicked."""
        if self.journey is not None:
            self._moved(self.journey.past.move_to_time(message.moment))

    async def _open_bar(self, journey: Journey) -> None:
        screen = self._traveller
        await screen.mount(journey.open_bar(screen.palette), before="#prompt")
        journey.show(screen.kwatch.clock.time())

    def _moved(self, step: Step) -> None:
        table = self._traveller.table
        table.rows_changed(step.changed, moved=True)
        table.refresh_cells()

    def _put(self, table: LiveTable) -> None:
        screen = self._traveller
        screen.live = table
        screen.amended(new_columns=True)
        screen.show_hints()

    @property
    def _traveller(self) -> TableScreen:
        from kwatch.tui.screens.table_screen import TableScreen

        assert isinstance(self, TableScreen)
        return self
