"""Time travel on the table screen. It is imported when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.features.time_travel.moment import is_distance, read_moment
from kwatch.tui.screens.moments import Moments

if TYPE_CHECKING:
    from kwatch.history.recording.playback import Playhead
    from kwatch.tui.features.table.table_model import Step, TableModel
    from kwatch.tui.features.time_travel.journey import Journey
    from kwatch.tui.features.time_travel.time_bar import BarState, TimeBar
    from kwatch.tui.place import Place


SAME_LISTS = 5.0
"""Seconds between the first lists of what was recorded together, of which nobody need be told."""


class Travelling(Moments):
    """Part of the table screen."""

    time_bar: TimeBar | None = None
    _bar_state: BarState | None = None
    _carried: Playhead | None = None
    """Where one was in time when one went elsewhere."""
    _idle_limit: float | None = None
    _was_playing = False

    def travel(self, playhead: Playhead | None = None) -> None:
        """Open the time bar at the newest delta, at the beginning of a recording, or where one was before."""
        from kwatch.tui.features.time_travel.journey import Journey
        from kwatch.tui.features.time_travel.time_bar import BarState

        screen = self._traveller
        session = screen.kwatch.session
        if self.journey is not None or screen.live is None or session is None or session.journal is None:
            return
        if playhead is None:
            screen.begin_to_travel()
        journal, context = session.journal, session.context
        self.journey = Journey(
            screen.live, journal, context, screen.kwatch.clock, recorded=self.is_replaying, playhead=playhead
        )
        self.journey.idleness.limit = self._idle_limit
        self._bar_state = BarState(journal, context)
        if self.journey.past.is_ready:
            self._put(self.journey.past)
        self._open_bar()

    def replay(self) -> None:
        """Begin a recording as the command line asks."""
        asked = self._traveller.kwatch.start.replay
        self._idle_limit = asked.idle
        self.travel()
        for problem in asked.problems():
            self._traveller.notify(problem, severity="warning", timeout=10, markup=False)
        journey = self.journey
        if journey is None:
            return
        journey.set_speed(asked.speed)
        if asked.start:
            self.travel_to(asked.start)
        if not asked.paused:
            self._moved(journey.play())

    def travel_to(self, words: str) -> None:
        """Go to `14:02`, `-10m` or `+5m`."""
        self.travel()
        from kwatch.tui.features.time_travel.moment import clock_text

        journey = self.journey
        if journey is None:
            return
        try:
            moment = read_moment(words, journey.began, journey.ended)
        except ValueError as error:
            self._traveller.notify(str(error), severity="error", markup=False)
            return
        if is_distance(words) or journey.began <= moment <= journey.ended:
            self._moved(journey.go_to_time(moment))
            return
        now = self._traveller.kwatch.clock.time()
        known = " to ".join(clock_text(each, now, fine=False) for each in (journey.began, journey.ended))
        self._traveller.notify(f"{words} is outside of what is known: {known}.", severity="warning", markup=False)

    def step_in_time(self, direction: int) -> None:
        """From delta to delta."""
        if self.journey is None:
            return
        step = self.journey.move_by(direction)
        if step is not None:
            self._moved(step)
            return
        end = "That is the last delta." if self.is_replaying else "That is the newest delta; End is live again."
        self._traveller.notify(end if direction > 0 else "Nothing before is remembered.", timeout=2, markup=False)

    def jump_in_time(self, seconds: float) -> None:
        """By a time."""
        if self.journey is not None:
            self._moved(self.journey.go_to_time(self.journey.playhead.position + seconds))

    def go_to_beginning(self) -> None:
        """The first moment that is known."""
        if self.journey is not None:
            self._moved(self.journey.go_to_time(self.journey.began))

    def go_to_end(self) -> None:
        """Live again; in a recording, its end."""
        if self.journey is not None and self.is_replaying:
            self.journey.pause()
            self._moved(self.journey.go_to_time(self.journey.ended))
        else:
            self.return_to_now()

    def toggle_playing(self) -> None:
        """Let time pass, or stay."""
        journey = self.journey
        if journey is None:
            return
        if journey.is_playing:
            journey.pause()
            self._moved()
        else:
            self._moved(journey.play())
        self._traveller.show_hints()

    def limit_idleness(self, seconds: float | None) -> None:
        """The longest wait for a delta while time is played; None: as long as it was."""
        self._idle_limit = seconds
        if self.journey is not None:
            self.journey.idleness.limit = seconds

    def hold_moment(self) -> None:
        """What is opened is of this moment: time does not pass meanwhile."""
        if self.journey is not None:
            self.journey.pause()

    def return_to_now(self) -> None:
        """Live again, filtered and ordered as in the past."""
        journey, self.journey = self.journey, None
        if journey is not None:
            if self.time_bar is not None:
                self.time_bar.remove()
                self.time_bar = None
            self._put(journey.end())

    def leave_moment(self) -> None:
        """Another place will be shown: at this moment too."""
        if self.journey is not None:
            self._carried = self.journey.playhead
            self._traveller.live = self.journey.end()
            self.journey = None

    def arrive_at_moment(self) -> None:
        """The other place is there: as it was, if that is known."""
        playhead, self._carried = self._carried, None
        screen = self._traveller
        if playhead is None and self.is_replaying:
            self.replay()
            return
        if playhead is None or screen.live is None:
            return
        place, asked = screen.live.place, playhead.position
        self.travel(playhead)
        journey = self.journey
        if journey is None:
            return
        if self.is_replaying:
            self._tell_if_later(journey, place, asked)
            return
        if journey.arrivals.began is None or playhead.position < journey.arrivals.began:
            self.return_to_now()
            screen.notify(f"{place.things} were not watched then; this is now.", markup=False)

    def _tell_if_later(self, journey: Journey, place: Place, asked: float) -> None:
        """What was recorded from a later moment on is shown as it was then."""
        from kwatch.tui.features.time_travel.moment import clock_text

        at, screen = journey.playhead.position, self._traveller
        if at - asked > SAME_LISTS:
            then = clock_text(at, screen.kwatch.clock.time(), fine=False)
            screen.notify(f"{place.things.capitalize()} are known from {then} on: this is then.", markup=False)

    def follow_in_time(self, now: float) -> None:
        """Let the bar go on, and time, if it is played."""
        journey = self.journey
        if journey is None:
            return
        if not self.is_past_shown and journey.past.is_ready:
            self._put(journey.past)
        elif not self.is_past_shown and journey.past.failure:
            self.return_to_now()
            self._traveller.notify(journey.past.failure, severity="error", markup=False)
            return
        step = journey.beat()
        if journey.is_playing or step.changed or step.moved:
            self._moved(step)
        if self._was_playing and not journey.is_playing and journey.is_at_end and not self.is_replaying:
            self._was_playing = False
            self.return_to_now()
            self._traveller.notify("Caught up: this is live.", timeout=3, markup=False)
            return
        if self._was_playing != journey.is_playing:
            self._was_playing = journey.is_playing
            self._traveller.show_hints()
        self._show_bar(now)

    def on_time_bar_chosen(self, message: TimeBar.Chosen) -> None:
        """A moment was clicked."""
        if self.journey is not None:
            self._moved(self.journey.go_to_time(message.moment))

    def _open_bar(self) -> None:
        from kwatch.tui.features.time_travel.time_bar import TimeBar

        screen = self._traveller
        if self.time_bar is None:
            self.time_bar = TimeBar(screen.palette)
            screen.mount(self.time_bar, before="#prompt")
        self._show_bar(screen.kwatch.clock.time())

    def _show_bar(self, now: float) -> None:
        if self.journey is not None and self._bar_state is not None and self.time_bar is not None:
            mark = self._traveller.kwatch.baseline
            baseline = mark.baseline.at if mark is not None else None
            self.time_bar.show(self._bar_state.of(self.journey, now, baseline))

    def _moved(self, step: Step | None = None) -> None:
        table = self._traveller.table
        if not self.is_past_shown:
            return
        if step is not None and (step.changed or step.moved):
            table.rows_changed(step.changed, moved=step.moved)
        table.refresh_cells()

    def _put(self, table: TableModel) -> None:
        screen = self._traveller
        screen.live = table
        screen.amended(new_columns=True)
        screen.show_hints()
