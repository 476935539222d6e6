"""Playing, stepping and jumping through the journal."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.tui.features.table.live_table import LiveTable
from kwatch.tui.features.time_travel.as_of_table import NEAR
from kwatch.tui.features.time_travel.time_travel import TimeTravel
from kwatch.tui.location import Location
from tests.query.cluster import FakeClock
from tests.tui.fakes import NODES, PODS, FakeSession, make, pod

BEGAN = 1000.0


class Trip:
    """web-1 is listed at 1000, and has as many restarts as there are seconds since."""

    def __init__(self, deltas: int = 20, *, recorded: bool = False, filter_text: str = "") -> None:
        self.session = FakeSession()
        self.clock = FakeClock(BEGAN + 100.0)
        self.jobs: list[Callable[[], None]] = []
        feed = self.session.feed(PODS)
        feed.put(pod("web-1"), pod("other-1"), listed=True)
        for number in range(1, deltas + 1):
            feed.at = BEGAN + number
            feed.put(pod("web-1", version=number + 1, restarts=number))
        self.live = LiveTable([self.session], Location(PODS, "shop", filter=filter_text), self.clock)  # type: ignore[list-item]
        self.live.step()
        self.travel = TimeTravel(
            self.live,
            self.session.journal,
            ["demo"],
            self.clock,
            recorded=recorded,
            run=lambda work, on_crash: self.jobs.append(work),
        )

    @property
    def restarts(self) -> str:
        past = self.travel.past
        title = [column.title for column in past.projection.kind.columns].index("Restarts")
        return past.rows.cells("shop/web-1")[title].text

    def wait(self, seconds: float) -> None:
        """Let time pass, twenty beats a second."""
        for _ in range(round(seconds * 20)):
            self.clock.now += 0.05
            self.travel.tick()
            self.travel.past.step()

    def close(self) -> None:
        self.travel.end().close()
        self.session.close()


def test_a_live_past_begins_at_the_newest_delta_and_a_recording_at_its_first() -> None:
    live, recorded = Trip(), Trip(recorded=True)
    assert live.travel.past.at == BEGAN + 20 and live.restarts.startswith("20")
    assert recorded.travel.past.at == BEGAN and recorded.restarts.startswith("0")
    assert recorded.travel.ended == BEGAN + 20
    live.close()
    recorded.close()


def test_time_passes_as_fast_as_asked() -> None:
    trip = Trip(recorded=True)
    trip.wait(2.0)
    assert trip.travel.past.at == BEGAN  # it does not play by itself
    trip.travel.play()
    trip.wait(3.05)
    assert trip.restarts.startswith("3")
    trip.travel.set_speed(5.0)
    trip.wait(2.0)
    assert trip.restarts.startswith("13")
    trip.travel.pause()
    trip.wait(5.0)
    assert trip.restarts.startswith("13")
    trip.close()


def test_a_recording_ends_and_is_played_again_from_its_beginning() -> None:
    trip = Trip(recorded=True)
    trip.travel.play()
    trip.wait(25.0)
    assert (trip.travel.is_playing, trip.travel.is_at_end) == (False, True)
    assert trip.restarts.startswith("20")
    trip.travel.play()
    trip.wait(1.05)
    assert (trip.travel.is_playing, trip.restarts) == (True, "1")
    trip.close()


def test_steps_pause_and_end_where_nothing_is_known() -> None:
    trip = Trip(deltas=2, recorded=True)
    trip.travel.play()
    assert trip.travel.move_by(1) is not None
    assert not trip.travel.is_playing and trip.travel.past.at == BEGAN + 1
    assert trip.travel.move_by(1) is not None
    assert trip.travel.move_by(1) is None
    trip.travel.move_by(-1)
    trip.travel.move_by(-1)
    assert trip.travel.past.at == BEGAN
    # What the first list brought is one moment, not one for each object.
    assert trip.travel.move_by(-1) is None
    trip.close()


def test_jumps_stay_within_what_is_known() -> None:
    trip = Trip()
    trip.travel.go_to_time(0.0)
    assert trip.travel.past.at == BEGAN and trip.restarts.startswith("0")
    trip.travel.go_to_time(BEGAN + 5.5)
    assert trip.travel.past.at == BEGAN + 5.5 and trip.restarts.startswith("5")
    trip.travel.go_to_time(BEGAN + 10_000)
    assert trip.travel.past.at == trip.clock.now
    trip.close()


def test_what_is_far_is_made_in_a_thread_and_the_newest_wish_wins() -> None:
    trip = Trip(deltas=3 * NEAR)
    past = trip.travel.past
    assert past.is_ready
    trip.travel.go_to_time(BEGAN + 10)
    assert past.at > BEGAN + 2 * NEAR
    trip.travel.go_to_time(BEGAN + 20)
    assert len(trip.jobs) == 1
    trip.jobs.pop()()
    assert past.step().replaced
    assert (past.at, trip.restarts, past.goal) == (BEGAN + 20, "20", None)
    trip.close()


def test_what_was_made_for_another_filter_is_made_again() -> None:
    trip = Trip(deltas=3 * NEAR)
    past = trip.travel.past
    assert past.is_ready
    trip.travel.go_to_time(BEGAN + 10)
    past.filter("other")
    trip.jobs.pop()()
    past.step()
    trip.jobs.pop()()
    past.step()
    assert list(past.projection.order) == ["shop/other-1"] and past.at == BEGAN + 10
    trip.close()


def test_filters_by_time_and_change_are_those_of_the_moment() -> None:
    trip = Trip(filter_text="since:5s")
    past = trip.travel.past
    trip.travel.go_to_time(BEGAN + 4)
    assert past.projection.shown == 1
    trip.travel.go_to_time(BEGAN + 50)
    assert past.projection.shown == 0
    trip.travel.go_to_time(BEGAN + 3)
    assert past.projection.shown == 1
    past.filter("~status.containerStatuses")
    assert list(past.projection.order) == ["shop/web-1"]
    trip.travel.go_to_time(BEGAN)
    assert past.projection.shown == 0
    trip.close()


def test_a_deleted_object_is_deleted_only_after_it_was() -> None:
    trip = Trip(deltas=3)
    feed = trip.session.feed(PODS)
    feed.at = BEGAN + 50
    feed.remove("shop/web-1")
    past = trip.travel.past
    trip.travel.go_to_time(BEGAN + 60)
    past.filter("deleted")
    assert list(past.projection.order) == ["shop/web-1"]
    trip.travel.go_to_time(BEGAN + 2)
    past.filter("")
    assert past.projection.total == 2
    past.filter("deleted")
    assert past.projection.shown == 0
    trip.close()


def test_idle_stretches_are_cut_short_if_asked() -> None:
    trip = Trip(deltas=3, recorded=True)
    feed = trip.session.feed(PODS)
    feed.at = BEGAN + 1000
    feed.put(pod("web-1", version=90, restarts=90))
    trip.travel._last = feed.at
    trip.travel.idleness.limit = 2.0
    trip.travel.play()
    trip.wait(6.0)
    assert trip.restarts.startswith("90")
    assert trip.travel.idleness.skipped > 900
    trip.close()


def test_another_place_goes_on_from_the_same_moment() -> None:
    trip = Trip(recorded=True)
    trip.travel.play()
    trip.travel.set_speed(5.0)
    trip.wait(1.05)
    trip.travel.end()
    feed = trip.session.feed(NODES)
    feed.at = BEGAN + 8
    feed.put(make("Node", "node-1", ""), listed=True)
    live = LiveTable([trip.session], Location(NODES), trip.clock)  # type: ignore[list-item]
    there = TimeTravel(live, trip.session.journal, ["demo"], trip.clock, recorded=True, playhead=trip.travel.playhead)
    # It was listed a little later than one is: before that nothing could be shown.
    assert (there.past.at, there.past.projection.total) == (BEGAN + 8, 1)
    assert (there.is_playing, there.playhead.speed) == (True, 5.0)
    there.end().close()
    trip.live.close()
    trip.session.close()
