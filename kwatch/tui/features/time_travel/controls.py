"""Time travel on the table screen: the time bar, stepping, playing, and what others ask of the moment shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.history.version import Moment
from kwatch.tui.features.time_travel.moment import clock_text, is_distance, read_moment, read_speed
from kwatch.tui.navigation import TRAVEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kwatch.history.recording.playback import Playhead
    from kwatch.history.version import Moment, Version
    from kwatch.informer.resource import Resource
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.features.table.live_table_screen import LiveTableScreen
    from kwatch.tui.features.table.table_model import Step, TableModel
    from kwatch.tui.features.time_travel.time_bar import BarState, TimeBar
    from kwatch.tui.features.time_travel.time_travel import TimeTravel
    from kwatch.tui.location import Location


SAME_LISTS = 5.0
"""Seconds between the first lists of what was recorded together, which need no notice."""


class TimeTravelControls:
    """Shows the past in a live table's place. What it plays with is imported when time travel is first asked for."""

    def __init__(self, screen: LiveTableScreen) -> None:
        self._screen = screen
        self.travel: TimeTravel | None = None
        """Where one is in time; None for now."""
        self._time_bar: TimeBar | None = None
        self._bar_state: BarState | None = None
        self._carried: Playhead | None = None
        """Where one was in time when one went elsewhere."""
        self._idle_limit: float | None = None
        self._was_playing = False

    @property
    def can_begin(self) -> bool:
        """Whether anything is remembered."""
        return self._screen.live is not None and self._screen.has_journal

    @property
    def is_active(self) -> bool:
        """Whether the table shows the past."""
        return self.travel is not None

    @property
    def is_playing(self) -> bool:
        return self.travel is not None and self.travel.is_playing

    def awaited(self) -> Iterator[object]:
        """The table of another moment, while it is made for a key."""
        travel = self.travel
        if travel is not None and not travel.is_playing and travel.past.goal is not None:
            yield travel.past

    @property
    def is_busy(self) -> bool:
        """Whether time passes, a moment is being made, or arrivals are still being read."""
        travel = self.travel
        if travel is None:
            return False
        is_made = self.is_past_shown and travel.past.goal is None
        return travel.is_playing or not is_made or not travel.arrivals.is_complete

    @property
    def is_replaying(self) -> bool:
        """Whether there is no now, because a recording is looked at."""
        session = self._screen.kwatch.session
        return session is not None and session.state.is_recording

    @property
    def is_past_shown(self) -> bool:
        """Whether the past is on the screen already: the present stays until it is made."""
        return self.travel is not None and self._screen.live is self.travel.past

    @property
    def has_newer_deltas(self) -> bool:
        """Whether anything of the place arrived that one can step to."""
        return self.travel is not None and bool(self.travel.arrivals.count)

    def last_delta(self) -> Version | None:
        """The last delta of the place up to the moment shown; None for now."""
        return self.travel.journal.last_delta(self.travel.past.stands.sequence) if self.travel is not None else None

    def moment(self) -> Moment | None:
        """Where one is in time; None for now."""

        if self.travel is None:
            return None
        stands = self.travel.past.stands
        return stands

    def past_of(self, context: str, resource: Resource, key: str) -> PastObject | None:
        """An object at the moment shown; None for now."""
        if self.travel is None or not self.is_past_shown:
            return None
        return self._past_object(context, str(resource), key, self.travel.past.stands)

    def past_with(self, version: Version) -> PastObject | None:
        """An object with one of its versions, while one travels in time."""
        if self.travel is None:
            return None
        return self._past_object(version.context, version.resource, version.key, Moment(version.sequence, version.at))

    def _past_object(self, context: str, resource: str, key: str, moment: Moment) -> PastObject | None:
        from kwatch.tui.features.object.subject import past_object

        session = self._screen.kwatch.session
        if session is None or session.journal is None:
            return None
        return past_object(session.journal, context, resource, key, moment)

    def toggle(self) -> None:
        """Open the time bar, or come back to now; a recording has no now."""
        if self.is_active and not self.is_replaying:
            self.return_to_now()
        else:
            self.begin()

    def go_to(self, words: str) -> None:
        """`:at 14:02`, `:at -10m`, `:at +5m`, `:at now`; without words as the key does."""
        if words in ("now", "live", "end"):
            self.go_to_end()
        elif words:
            self._go_to_moment(words)
        else:
            self.toggle()

    def change_speed(self, direction: int) -> None:
        """Slower (-1) or faster (1)."""
        if self.travel is not None:
            self.travel.change_speed(direction)

    def use_speed(self, words: str) -> None:
        """`:speed 10`."""
        try:
            speed = read_speed(words)
        except ValueError as error:
            self._screen.notify(str(error), severity="error", markup=False)
            return
        if self.travel is not None:
            self.travel.set_speed(speed)

    def use_idle_limit(self, words: str) -> None:
        """`:idle 5`, `:idle off`: the longest wait for a delta while time is played."""
        if words == "off":
            self._limit_idleness(None)
        elif words.replace(".", "", 1).isdecimal():  # not isdigit: of ² no number can be made
            self._limit_idleness(float(words))
        else:
            complaint = f"{words!r} is not a number of seconds: write :idle 5 or :idle off"
            self._screen.notify(complaint, severity="error", markup=False)

    def begin(self, playhead: Playhead | None = None) -> None:
        """Open the time bar at the newest delta, at the beginning of a recording, or where one was before."""
        from kwatch.tui.features.time_travel.time_bar import BarState
        from kwatch.tui.features.time_travel.time_travel import TimeTravel

        screen, session = self._screen, self._screen.kwatch.session
        if self.travel is not None or screen.live is None or session is None or session.journal is None:
            return
        if playhead is None and screen.visit is not None:
            screen.visit.steps.append(TRAVEL)
        journal, contexts = session.journal, screen.live.place.contexts or (session.context,)
        self.travel = TimeTravel(
            screen.live, journal, contexts, screen.kwatch.clock, recorded=self.is_replaying, playhead=playhead
        )
        self.travel.idleness.limit = self._idle_limit
        self._bar_state = BarState(journal)
        if self.travel.past.is_ready:
            self._put(self.travel.past)
        self._open_bar()

    def replay(self) -> None:
        """Begin a recording as the command line asks."""
        asked = self._screen.kwatch.start.replay
        self._idle_limit = asked.idle
        self.begin()
        for problem in asked.problems():
            self._screen.notify(problem, severity="warning", timeout=10, markup=False)
        travel = self.travel
        if travel is None:
            return
        travel.set_speed(asked.speed)
        if asked.start:
            self._go_to_moment(asked.start)
        if not asked.paused:
            self._moved(travel.play())

    def _go_to_moment(self, words: str) -> None:
        """Go to `14:02`, `-10m` or `+5m`."""
        self.begin()
        travel = self.travel
        if travel is None:
            return
        try:
            moment = read_moment(words, travel.began, travel.ended)
        except ValueError as error:
            self._screen.notify(str(error), severity="error", markup=False)
            return
        if is_distance(words) or travel.began <= moment <= travel.ended:
            self._moved(travel.go_to_time(moment))
            return
        now = self._screen.kwatch.clock.time()
        known = " to ".join(clock_text(each, now, fine=False) for each in (travel.began, travel.ended))
        self._screen.notify(f"{words} is outside of what is known: {known}.", severity="warning", markup=False)

    def step(self, direction: int) -> None:
        """From delta to delta."""
        if self.travel is None:
            return
        step = self.travel.move_by(direction)
        if step is not None:
            self._moved(step)
            return
        end = "That is the last delta." if self.is_replaying else "That is the newest delta; End is live again."
        self._screen.notify(end if direction > 0 else "Nothing before is remembered.", timeout=2, markup=False)

    def jump(self, seconds: float) -> None:
        if self.travel is not None:
            self._moved(self.travel.go_to_time(self.travel.playhead.position + seconds))

    def go_to_beginning(self) -> None:
        """The first moment that is known."""
        if self.travel is not None:
            self._moved(self.travel.go_to_time(self.travel.began))

    def go_to_end(self) -> None:
        """Live again; in a recording, its end."""
        if self.travel is not None and self.is_replaying:
            self.travel.pause()
            self._moved(self.travel.go_to_time(self.travel.ended))
        else:
            self.return_to_now()

    def toggle_playing(self) -> None:
        """Let time pass, or stay."""
        travel = self.travel
        if travel is None:
            return
        if travel.is_playing:
            travel.pause()
            self._moved()
        else:
            self._moved(travel.play())
        self._screen.show_hints()

    def _limit_idleness(self, seconds: float | None) -> None:
        """The longest wait for a delta while time is played; None: as long as it was."""
        self._idle_limit = seconds
        if self.travel is not None:
            self.travel.idleness.limit = seconds

    def hold(self) -> None:
        """What is opened is of this moment: time does not pass meanwhile."""
        if self.travel is not None:
            self.travel.pause()

    def return_to_now(self) -> None:
        """Live again, filtered and ordered as in the past."""
        travel, self.travel = self.travel, None
        if travel is not None:
            if self._time_bar is not None:
                self._time_bar.remove()
                self._time_bar = None
            self._put(travel.end())

    def leave_place(self) -> None:
        """Another place will be shown: at this moment too."""
        if self.travel is not None:
            self._carried = self.travel.playhead
            self._screen.live = self.travel.end()
            self.travel = None

    def arrive_at_place(self) -> None:
        """The other place is there: as it was, if that is known."""
        playhead, self._carried = self._carried, None
        screen = self._screen
        if playhead is None and self.is_replaying:
            self.replay()
            return
        if playhead is None or screen.live is None:
            return
        place, asked = screen.live.place, playhead.position
        self.begin(playhead)
        travel = self.travel
        if travel is None:
            return
        if self.is_replaying:
            self._tell_if_later(travel, place, asked)
            return
        if travel.arrivals.began is None or playhead.position < travel.arrivals.began:
            self.return_to_now()
            screen.notify(f"{place.things} were not watched then; this is now.", markup=False)

    def _tell_if_later(self, travel: TimeTravel, place: Location, asked: float) -> None:
        """What was recorded from a later moment on is shown as it was then."""
        at, screen = travel.playhead.position, self._screen
        if at - asked > SAME_LISTS:
            then = clock_text(at, screen.kwatch.clock.time(), fine=False)
            screen.notify(f"{place.things.capitalize()} are known from {then} on: this is then.", markup=False)

    def tick(self, now: float) -> None:
        """Let the bar go on, and time, if it is played."""
        travel = self.travel
        if travel is None:
            return
        if not self.is_past_shown and travel.past.is_ready:
            self._put(travel.past)
        elif not self.is_past_shown and travel.past.failure:
            self.return_to_now()
            self._screen.notify(travel.past.failure, severity="error", markup=False)
            return
        step = travel.tick()
        if travel.is_playing or step.changed or step.moved:
            self._moved(step)
        if self._was_playing and not travel.is_playing and travel.is_at_end and not self.is_replaying:
            self._was_playing = False
            self.return_to_now()
            self._screen.notify("Caught up: this is live.", timeout=3, markup=False)
            return
        if self._was_playing != travel.is_playing:
            self._was_playing = travel.is_playing
            self._screen.show_hints()
        self._show_bar(now)

    def go_to_time(self, at: float) -> None:
        """A moment was clicked."""
        if self.travel is not None:
            self._moved(self.travel.go_to_time(at))

    def _open_bar(self) -> None:
        from kwatch.tui.features.time_travel.time_bar import TimeBar

        screen = self._screen
        if self._time_bar is None:
            self._time_bar = TimeBar(screen.palette)
            screen.mount(self._time_bar, before="#prompt")
        self._show_bar(screen.kwatch.clock.time())

    def _show_bar(self, now: float) -> None:
        if self.travel is not None and self._bar_state is not None and self._time_bar is not None:
            baseline = self._screen.kwatch.baseline
            since = baseline.moment.at if baseline is not None else None
            self._time_bar.show(self._bar_state.of(self.travel, now, since))

    def _moved(self, step: Step | None = None) -> None:
        table = self._screen.table
        if not self.is_past_shown:
            return
        if step is not None and (step.changed or step.moved):
            table.rows_changed(step.changed, moved=step.moved)
        table.refresh_cells()

    def _put(self, table: TableModel) -> None:
        screen = self._screen
        screen.live = table
        screen.amended(new_columns=True)
        screen.show_hints()
