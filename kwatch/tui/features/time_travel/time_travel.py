"""Time travel of one table: where it stands, whether time is played, and going elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from kwatch.history.recording.playback import Playhead
from kwatch.history.version import Moment
from kwatch.tui.features.table.table_model import QUIET, Step, TableModel
from kwatch.tui.features.time_travel.as_of_table import AsOfTable, Run, in_thread
from kwatch.tui.features.time_travel.moment import faster, slower
from kwatch.tui.features.time_travel.table_journal import Arrivals, TableJournal

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.informer.clock import Clock


READING = 0.005
"""Seconds of a tick spent on reading what arrived."""


class TimeTravel:
    """Ends with `end`, which gives the live table back. UI thread only."""

    def __init__(
        self,
        present: TableModel,
        journal: Journal,
        contexts: Sequence[str],
        clock: Clock,
        *,
        recorded: bool = False,
        playhead: Playhead | None = None,
        run: Run = in_thread,
    ) -> None:
        """`recorded`: what there is ends with the last delta, and nothing is now. `playhead`: go on from there."""
        self.journal = TableJournal(journal, contexts, present.place)
        self.recorded = recorded
        self.arrivals = Arrivals(self.journal)
        self.arrivals.follow(READING)
        self.idleness = Idleness(self.journal)
        self._journal = journal
        self._clock = clock
        self._last = self._end_of_recording() if recorded else 0.0
        self.playhead = playhead or Playhead(-inf, self.ended, clock=clock)
        self.playhead.end = self.ended
        first = self._opening() if playhead is None else self._arrival(playhead.position)
        self.past = AsOfTable(present, journal, contexts, clock, first, compares=not recorded, run=run)
        if first.at != self.playhead.position:
            self.playhead.seek(first.at)
        if self.is_playing:
            self.past.play_at(self.playhead.speed)

    @property
    def ended(self) -> float:
        """Where the past ends: now, or at the recording's end."""
        return self._last if self.recorded else self._clock.time()

    @property
    def began(self) -> float:
        """The first moment at which everything is known."""
        return self.arrivals.began if self.arrivals.began is not None else self.past.at

    @property
    def is_playing(self) -> bool:
        return self.playhead.playing

    @property
    def is_at_end(self) -> bool:
        return self.playhead.position >= self.ended

    def tick(self) -> Step:
        """Let time pass, if it is played."""
        self.arrivals.follow(READING)
        self.playhead.end = self.ended
        if not self.is_playing:
            return QUIET
        here = self.past.stands
        self.idleness.hop(self.playhead, here.sequence)
        moment = self._moment_at(self.playhead.position)
        step = self.past.go(moment, news=True) if moment != here else QUIET
        if self.is_at_end:
            self.pause()
        return step

    def play(self) -> Step:
        """Let time pass from here; from the beginning, where a recording has ended."""
        step = self.go_to_time(self.began) if self.recorded and self.is_at_end else QUIET
        self.playhead.play()
        self.past.play_at(self.playhead.speed)
        return step

    def pause(self) -> None:
        self.playhead.pause()
        self.past.play_at(0.0)

    def set_speed(self, speed: float) -> None:
        self.playhead.set_speed(speed)
        if self.is_playing:
            self.past.play_at(speed)

    def change_speed(self, direction: int) -> None:
        self.set_speed((faster if direction > 0 else slower)(self.playhead.speed))

    def move_by(self, direction: int) -> Step | None:
        """To the next (1) or the previous (-1) delta of the place, and stay there; None where there is none."""
        here = (self.past.goal or self.past.stands).sequence
        neighbour = self.journal.next_sequence if direction > 0 else self.journal.previous_sequence
        sequence = neighbour(here)
        if sequence is None or sequence < self.arrivals.first_sequence:
            return None
        self.pause()
        version = self.journal.last_delta(sequence)
        return self._go(Moment(sequence, version.at if version is not None else self.past.at), news=direction > 0)

    def go_to_time(self, at: float) -> Step:
        """To a moment, in seconds since the epoch; playing goes on from there."""
        at = min(at, self.ended)
        if self.arrivals.began is not None:
            at = max(at, self.arrivals.began)
        return self._go(self._moment_at(at))

    def end(self) -> TableModel:
        """The live table, with the filter, order and columns that were chosen meanwhile."""
        past = self.past
        past.close()
        past.present.take_over(past.place_asked_for)
        return past.present

    def _go(self, moment: Moment, *, news: bool = False) -> Step:
        self.playhead.seek(moment.at)
        return self.past.go(moment, news=news)

    def _moment_at(self, at: float) -> Moment:
        sequence = self._journal.sequence_at(at)
        if self.arrivals.began is not None and at >= self.arrivals.began:
            sequence = max(sequence, self.arrivals.first_sequence)
        return Moment(sequence, at)

    def _arrival(self, at: float) -> Moment:
        """The same moment in another place; what a recording listed a little later is shown from then on."""
        return self._moment_at(max(at, self.arrivals.began or at) if self.recorded else at)

    def _opening(self) -> Moment:
        """The newest delta; of a recording, what was first listed."""
        if self.recorded and self.arrivals.began is not None:
            return Moment(self.arrivals.first_sequence, self.arrivals.began)
        newest = self.journal.last_delta(self._journal.last_sequence)
        if newest is not None:
            return Moment(newest.sequence, newest.at)
        return Moment(self._journal.last_sequence, self.ended)

    def _end_of_recording(self) -> float:
        found = self._journal.log(self._journal.last_sequence - 1, 1)
        return found[0].at if found else self._clock.time()


class Idleness:
    """`limit` is the longest wait for a delta, in seconds of the time that is played; None waits as long as it was."""

    def __init__(self, journal: TableJournal, limit: float | None = None) -> None:
        self.limit = limit
        self.skipped = 0.0
        """How many seconds were left out last."""
        self.skipped_to = 0.0
        """The moment that was gone to for that."""
        self._journal = journal

    def hop(self, playhead: Playhead, sequence: int) -> None:
        """Go to the next delta if there was enough of waiting for it; `sequence` is where one stands."""
        limit, at = self.limit, playhead.position
        if limit is None:
            return
        last = self._journal.last_delta(sequence)
        if last is None or at - last.at < limit:
            return
        following = self._journal.next_delta(sequence)
        if following is not None and following.at > at + limit * 0.1 + 0.05:
            self.skipped, self.skipped_to = following.at - at, following.at
            playhead.seek(following.at)
