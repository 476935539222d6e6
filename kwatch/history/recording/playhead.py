"""Where in a recording playing is: runs, pauses, at any speed, and can be put anywhere."""

from __future__ import annotations

import threading

from kwatch.informer.clock import Clock, SystemClock


class Playhead:
    """Thread-safe. Positions are times of the recording, in seconds since the epoch; it begins paused."""

    def __init__(self, start: float, end: float, *, speed: float = 1.0, clock: Clock | None = None) -> None:
        self.start = start
        self.end = end
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._speed = speed
        self._playing = False
        self._position = start
        self._since = self._clock.monotonic()
        self._generation = 0
        self._listeners: frozenset[threading.Event] = frozenset()

    @property
    def position(self) -> float:
        """Where it is now; never beyond the end."""
        with self._lock:
            return self._now()

    @property
    def playing(self) -> bool:
        """Whether it moves."""
        return self._playing

    @property
    def speed(self) -> float:
        """Seconds of the recording in a second."""
        return self._speed

    @property
    def generation(self) -> int:
        """How often it was put elsewhere: whoever followed must begin again."""
        return self._generation

    def play(self) -> None:
        """Move on from where it is."""
        self._change(playing=True)

    def pause(self) -> None:
        """Stay where it is."""
        self._change(playing=False)

    def set_speed(self, speed: float) -> None:
        """Move so fast; raise ValueError unless it is above 0."""
        if not speed > 0:
            raise ValueError(f"a speed must be above 0, not {speed}")
        self._change(speed=speed)

    def seek(self, position: float) -> None:
        """Go elsewhere, within the recording."""
        self._change(position=min(max(position, self.start), self.end))

    def advance(self, position: float) -> None:
        """Pass over time in which nothing happens: whoever follows need not begin again."""
        with self._lock:
            is_ahead = self._now() < position
        if is_ahead:
            self._change(position=min(position, self.end), elsewhere=False)

    def until(self, moment: float) -> float | None:
        """Seconds until `moment` is reached, 0 if it is; None if it is not on the way."""
        with self._lock:
            left = moment - self._now()
            if left <= 0:
                return 0.0
            return left / self._speed if self._playing else None

    def attach(self, changed: threading.Event) -> None:
        """Have `changed` set whenever how it moves, or where it is, was changed."""
        with self._lock:
            self._listeners |= {changed}

    def detach(self, changed: threading.Event) -> None:
        """No more."""
        with self._lock:
            self._listeners -= {changed}

    def _now(self) -> float:
        if not self._playing:
            return self._position
        return min(self.end, self._position + (self._clock.monotonic() - self._since) * self._speed)

    def _change(
        self,
        *,
        playing: bool | None = None,
        speed: float | None = None,
        position: float | None = None,
        elsewhere: bool = True,
    ) -> None:
        with self._lock:
            self._position = self._now() if position is None else position
            self._since = self._clock.monotonic()
            self._playing = self._playing if playing is None else playing
            self._speed = self._speed if speed is None else speed
            self._generation += position is not None and elsewhere
            listeners = self._listeners
        for changed in listeners:
            changed.set()


class PlayheadClock:
    """A clock whose time of day is where a recording is played."""

    def __init__(self, playhead: Playhead, clock: Clock | None = None) -> None:
        self._playhead = playhead
        self._clock = clock or SystemClock()

    def monotonic(self) -> float:
        """As ever."""
        return self._clock.monotonic()

    def time(self) -> float:
        """Seconds since the epoch, in the recording."""
        return self._playhead.position

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """As ever."""
        return self._clock.wait(event, seconds)
