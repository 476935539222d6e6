"""What other screens and commands ask of the moment that the table screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.tui.screens.kwatch_screen import KwatchScreen

if TYPE_CHECKING:
    from kwatch.history.baseline import Baseline
    from kwatch.history.version import Version
    from kwatch.informer.resource import Resource
    from kwatch.session.session import Session
    from kwatch.tui.features.object.subject import PastObject
    from kwatch.tui.features.time_travel.journey import Journey
    from kwatch.tui.features.time_travel.moment import Moment
    from kwatch.tui.screens.table_screen import TableScreen


class Moments(KwatchScreen[None]):
    """Part of the table screen. Everything is None for now."""

    journey: Journey | None = None
    """Where one is in time; None for now."""

    @property
    def is_travelling(self) -> bool:
        """Whether the table shows the past."""
        return self.journey is not None

    @property
    def is_replaying(self) -> bool:
        """Whether there is no now, because a recording is looked at."""
        session = self._session_in_time
        return session is not None and session.state.is_recording

    @property
    def delta_in_time(self) -> Version | None:
        """The last delta of the place up to the moment shown."""
        return self.journey.journal.last_delta(self.journey.past.stands.sequence) if self.journey is not None else None

    def moment_in_view(self) -> Baseline | None:
        """Where one is in time."""
        from kwatch.history.baseline import Baseline

        if self.journey is None:
            return None
        stands = self.journey.past.stands
        return Baseline(stands.at, stands.sequence)

    def past_of(self, resource: Resource, key: str) -> PastObject | None:
        """An object at the moment shown."""
        if self.journey is None or not self.is_past_shown:
            return None
        return self._past_object(resource, key, self.journey.past.stands)

    def past_with(self, version: Version) -> PastObject | None:
        """An object with one of its versions, while one travels in time."""
        from kwatch.tui.features.time_travel.moment import Moment

        if self.journey is None:
            return None
        return self._past_object(version.resource, version.key, Moment(version.sequence, version.at))

    @property
    def is_past_shown(self) -> bool:
        """Whether the past is on the screen already: the present stays until it is made."""
        return self.journey is not None and self._traveller.live is self.journey.past

    @property
    def _session_in_time(self) -> Session | None:
        return self._traveller.kwatch.session

    def _past_object(self, resource: Resource | str, key: str, moment: Moment) -> PastObject | None:
        from kwatch.tui.features.object.subject import past_object

        session = self._session_in_time
        if session is None or session.journal is None:
            return None
        return past_object(session.journal, session.context, str(resource), key, moment)

    @property
    def _traveller(self) -> TableScreen:
        from kwatch.tui.screens.table_screen import TableScreen

        assert isinstance(self, TableScreen)
        return self
