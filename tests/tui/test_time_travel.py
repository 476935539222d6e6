"""The table as it was."""

from __future__ import annotations

from dataclasses import replace

from kwatch.config.settings import Settings
from kwatch.session.state import RECORDING
from kwatch.tui.features.time_travel.moment import Replay
from kwatch.tui.features.time_travel.time_bar import TimeBar
from kwatch.tui.location import StartView
from tests.query.cluster import FakeClock
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, EVENTS, PODS, FakeSession, make, pod


def with_past() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("cart-1"), pod("web-1", phase="ContainerCreating"))
    feed.put(pod("web-1", version=2))
    feed.put(pod("web-2"))
    feed.remove("shop/cart-1")
    return session


async def test_stepping_from_delta_to_delta_and_back_to_now() -> None:
    session = with_past()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t")
        await user.see("paused .*- deleted shop/cart-1")
        await user.see("as it was")
        await user.press("left")
        await user.see("× +cart-1 +1/1 +Running")
        await user.see("added shop/web-2")
        await user.press("left")
        await user.see_no("web-2 +1/1")
        await user.press("left")
        await user.see("~ +web-1 +0/1 +ContainerCreating")
        await user.press("right")
        await user.see("web-1 +1/1 +Running")
        await user.press("end")
        await user.see("● live")
        await user.see("2 pods")
        assert "cart-1" not in user.text
        assert "web-2 1/1 Running 0" in " ".join(user.line_with("web-2").split())


async def test_filters_and_order_work_in_the_past_and_stay() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "left", "slash")
        await user.type("cart")
        await user.press("enter")
        await user.see("1 of 3 pods +/cart")
        await user.press("N")
        await user.see("NAME↓")
        await user.press("end")
        await user.see("● live")
        await user.see("0 of 2 pods +/cart")
        await user.see("NAME↓")


async def test_indices_of_ones_own_are_known_in_the_past() -> None:
    settings = Settings(indices={"pods": ("phase:.metadata.name",)})
    async with running(with_past(), settings=settings) as user:
        await user.see("2 pods")
        await user.press("slash")
        await user.type("phase:cart*")
        await user.press("enter")
        await user.see("0 of 2 pods +/phase")
        await user.press("t", "left")
        await user.see("1 of 3 pods +/phase")


async def test_the_present_goes_on_behind_the_past() -> None:
    session = with_past()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t", "left")
        await user.see("added shop/web-2")
        session.feed(PODS).put(pod("new-1"))
        await user.pilot.pause(0.2)
        assert "new-1" not in user.text
        await user.press("t")
        await user.see("3 pods")
        await user.see("new-1")


async def test_there_is_a_first_and_a_newest_delta() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "right")
        await user.see("That is the newest delta")
        await user.press(*["left"] * 8)
        await user.see("Nothing before is remembered")


async def test_a_moment_can_be_named() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("colon")
        await user.type("at noon")
        await user.press("enter")
        await user.see("not a moment: write 14:02")
        await user.press("colon")
        await user.type("at -10s")
        await user.press("enter")
        await user.see("as it was")
        await user.press("colon")
        await user.type("at now")
        await user.press("enter")
        await user.see("● live")


async def test_going_elsewhere_is_now() -> None:
    async with running(with_past()) as user:
        await user.see("2 pods")
        await user.press("t", "left", "2")
        await user.see("No deployments")
        assert "paused" not in user.text
        await user.press("left_square_bracket")
        await user.see("2 pods")


BEGAN = 1_790_000_000.0


def recorded() -> FakeSession:
    """web-1 is listed, becomes ready after 10 s, is gone after 20; web-2 is created after 30."""
    session = FakeSession()
    session.state = replace(session.state, version=RECORDING)
    feed = session.feed(PODS, None)
    feed.at = BEGAN
    feed.put(pod("web-1", phase="ContainerCreating"), pod("cart-1"), listed=True)
    feed.at = BEGAN + 10
    feed.put(pod("web-1", version=2))
    feed.at = BEGAN + 20
    feed.remove("shop/web-1")
    feed.at = BEGAN + 30
    feed.put(pod("web-2"))
    return session


def replaying(replay: Replay | None = None) -> StartView:
    return StartView(all_namespaces=True, replay=replay or Replay(paused=True))


async def test_a_recording_opens_at_its_beginning_and_is_never_live() -> None:
    clock = FakeClock(BEGAN + 100)
    async with running(recorded(), start=replaying(), clock=clock) as user:
        await user.see("recorded, as it was at")
        await user.see("paused .*0:00 of 0:30")
        assert "ContainerCreating" in user.line_with("web-1")
        await user.press("right")
        await user.see("0:10 of 0:30")
        await user.see("~ .*web-1 +1/1")
        await user.press("end")
        await user.see("■ end .*0:30 of 0:30")
        await user.see("web-2")
        assert "web-1" not in user.text and "live" not in user.text
        await user.press("t", "escape")
        await user.see("recorded, as it was at")
        await user.press("home")
        await user.see("0:00 of 0:30")


async def test_a_recording_plays_by_itself() -> None:
    clock = FakeClock(BEGAN + 100)
    async with running(recorded(), start=replaying(Replay(speed=10.0)), clock=clock) as user:
        await user.see("▶ playing 10x")
        clock.now += 1.05
        await user.see("web-1 +1/1 +Running")
        clock.now += 1.0
        await user.see("- .*web-1")  # it lingers, struck through
        await user.press("space")
        await user.see("paused 10x")
        await user.press("greater_than_sign", "space")
        await user.see("playing 20x")
        clock.now += 60.0
        await user.see("■ end")


async def test_a_replay_begins_where_it_is_asked_to() -> None:
    async with running(recorded(), start=replaying(Replay(paused=True, start="-5s")), clock=FakeClock(BEGAN)) as user:
        await user.see("0:25 of 0:30")
        await user.press("colon")
        await user.type("at 2026-01-01T10:00")
        await user.press("enter")
        await user.see("is outside of what is known")
        await user.see("0:25 of 0:30")


async def test_what_could_not_be_read_is_told() -> None:
    replay = Replay(paused=True, problems=lambda: ("It ends in the middle of a frame.",))
    async with running(recorded(), start=replaying(replay), clock=FakeClock(BEGAN)) as user:
        await user.see("It ends in the middle of a frame")


async def test_speed_and_idle_limit_are_typed() -> None:
    async with running(recorded(), start=replaying(), clock=FakeClock(BEGAN)) as user:
        for text, seen in (
            ("speed 50", "paused 50x"),
            ("speed 5000", "not a speed: write a number from 0.25 to 1000"),
            ("idle soon", "is not a number of seconds"),
        ):
            await user.press("colon")
            await user.type(text)
            await user.press("enter")
            await user.see(seen)
        await user.press("less_than_sign")
        await user.see("paused 20x")


async def test_an_object_is_opened_as_it_was() -> None:
    clock = FakeClock(BEGAN + 100)
    async with running(recorded(), start=replaying(), clock=clock) as user:
        await user.see("0:00 of 0:30")
        await user.press("down", "y")
        await user.see("shop › pods › web-1")
        await user.see("phase: Pending")
        await user.see("recorded, as it was at")
        await user.press("v")
        await user.see("▌= .*listed")
        await user.press("e")
        await user.see("Events were not watched")


async def test_opening_an_object_holds_the_moment() -> None:
    clock = FakeClock(BEGAN + 100)
    async with running(recorded(), start=replaying(Replay()), clock=clock) as user:
        await user.see("playing")
        await user.press("down", "d")
        await user.see("pods › web-1")
        clock.now += 60
        await user.press("escape")
        await user.see("paused .*0:00 of 0:30")


async def test_a_live_past_is_played_until_it_is_now() -> None:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.at = BEGAN
    feed.put(pod("web-1"), listed=True)
    feed.at = BEGAN + 10
    feed.put(pod("web-1", version=2, restarts=3))
    clock = FakeClock(BEGAN + 60)
    async with running(session, clock=clock) as user:
        await user.see("1 pod")
        await user.press("t", "home", "space")
        await user.see("playing 1x")
        await user.see("1 min ago|60 s ago")
        clock.now += 1
        await user.press(*["greater_than_sign"] * 5)
        await user.see("playing 50x")
        clock.now += 2
        await user.see("● live")
        await user.see("Caught up: this is live")


async def test_another_place_is_shown_at_the_same_moment_if_that_is_known() -> None:
    session = with_past()
    session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"replicas": 1}), listed=True)
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t", "2")
        await user.see("deployments.apps .*as it was at")
        await user.press("colon")
        await user.type("secrets")
        await user.press("enter")
        await user.see("secrets were not watched then; this is now")


async def test_a_click_on_the_track_goes_there() -> None:
    async with running(recorded(), start=replaying(), clock=FakeClock(BEGAN + 100)) as user:
        await user.see("0:00 of 0:30")
        await user.pilot.click(TimeBar, offset=(100, 1))
        await user.see("0:2[4-8] of 0:30")


async def test_what_was_not_watched_is_told_and_marked_in_the_track() -> None:
    session = recorded()
    session.feed(PODS, None)._sink.on_gap(BEGAN + 12, BEGAN + 19, "connection lost")
    async with running(session, start=replaying(Replay(paused=True, start="+15s")), clock=FakeClock(BEGAN)) as user:
        await user.see("! not watched then")
        await user.see("╳╳╳")
        await user.press("left")
        await user.see_no("! not watched then")


async def test_how_busy_an_object_was_is_told_as_of_then() -> None:
    session = with_past()
    async with running(session, size=(140, 30)) as user:
        await user.see("2 pods")
        assert "DELTAS" in user.text
        assert user.line_with("web-1").split()[-2:] == ["2", "app=web"], "it came long ago: no churn"
        await user.press("t", "left", "left", "left")
        await user.see("web-1 +0/1 +ContainerCreating")
        assert user.line_with("web-1").split()[-2:] == ["1", "·········▁"]
        await user.press("right")
        await user.see("web-1 +1/1 +Running")
        assert user.line_with("web-1").split()[-2:] == ["2", "·········▂"]
        await user.press("slash")
        await user.type("deltas>1")
        await user.press("enter")
        await user.see("1 of 2 pods")
        await user.press("left")
        await user.see("0 of 2 pods")


def over_time() -> FakeSession:
    """web-1 and cart-1 at 1000, web-1 runs at 1010, web-2 comes at 1020, cart-1 goes at 1030."""
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("cart-1"), pod("web-1", phase="ContainerCreating"))
    feed.at = 1010.0
    feed.put(pod("web-1", version=2))
    feed.at = 1020.0
    feed.put(pod("web-2"))
    feed.at = 1030.0
    feed.remove("shop/cart-1")
    return session


async def test_what_is_gone_since_is_not_shown_as_deleted_then() -> None:
    session = over_time()
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t", "left")
        await user.see("× +cart-1 +1/1 +Running")
        session.feed(PODS).set_status(synced_at=None)
        await user.see("^▌  cart-1 +1/1 +Running")


async def test_what_counts_until_now_is_not_counted_in_the_past() -> None:
    async with running(over_time()) as user:
        await user.see("2 pods")
        await user.press("m")
        await user.see("Δ 0 since")
        await user.press("t", "left")
        await user.see("2 pods|3 pods")
        await user.see(r"baseline [A-Z]?[a-z0-9: ]*\d\d:\d\d:\d\d")
        assert "Δ" not in user.text


async def test_a_history_in_the_past_says_where_one_is() -> None:
    async with running(over_time(), size=(160, 30)) as user:
        await user.see("2 pods")
        await user.press("t", "home", "down", "v")
        await user.see("◀ .*the moment you look at; 1 version above came later")
        assert user.line_with("▌").startswith("▌+"), "the version that was in force"
        await user.press("up")
        await user.see("What stands above came later")
        await user.press("T")
        await user.see("2, 1 of them later")
        await user.press("r")
        await user.see("As it was then, as far as it was watched")


async def test_the_informers_are_those_of_now_and_say_so() -> None:
    session = over_time()
    async with running(session) as user:
        await user.see("2 pods")
        session.informers = lambda: ()  # type: ignore[method-assign] # what they say of themselves is tested elsewhere
        await user.press("t", "left", "I")
        await user.see("0 running now")
        await user.press("escape", "end", "I")
        await user.see("0 running$")


async def test_a_list_of_changes_in_the_past_names_nothing_that_is_watched_now() -> None:
    session = over_time()
    session.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("M")
        await user.see("watched: pods, deployments")
        await user.press("escape", "t", "left", "M")
        await user.see("up to ")
        assert "watched: " not in user.text


async def test_owners_of_then_are_guessed_by_names_and_that_is_said() -> None:
    async with running(over_time()) as user:
        await user.see("2 pods")
        await user.press("t", "left", "slash")
        await user.type("owner:deploy/web")
        await user.press("enter")
        await user.see("owner: goes by names here")


async def test_what_was_recorded_later_says_that_another_moment_is_shown() -> None:
    session = over_time()
    session.state = replace(session.state, version=RECORDING)
    feed = session.feed(DEPLOYMENTS)
    feed.at = 1025.0
    feed.put(make("Deployment", "web"), listed=True)
    async with running(session) as user:
        await user.see("recorded, as it was at")
        await user.press("space", "home")
        await user.see("cart-1")
        await user.press(*":deploy", "enter")
        await user.see("Deployments are known from .*00:17:05 on")
        await user.see("1 deployment")


async def test_events_that_were_watched_but_did_not_come_are_none() -> None:
    session = over_time()
    events = session.feed(EVENTS)
    events.at = 1005.0
    events.put(make("Event", "early", involvedObject={"kind": "Pod", "name": "x", "namespace": "shop"}), listed=True)
    async with running(session) as user:
        await user.see("2 pods")
        await user.press("t", "left", "down", "e")
        await user.see("No events about it were known then")
        assert "those of now" not in user.text
        await user.press("escape", "home", "e")
        await user.see("Events were not watched at .*: these are those of now")
