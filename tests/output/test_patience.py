"""How long plain output waits for a server that fails: as long as kubectl repeats its requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kwatch.base.threads import Crashes, report
from kwatch.informer.errors import ApiError, patience
from kwatch.informer.status import ATTEMPT, ErrorRecord, InformerStatus, Phase
from kwatch.output.opening import Health, Run, StreamError, ask, await_connection
from kwatch.session.informer_pool import Feed
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase, SessionState

LOST = ApiError(0, "ConnectionLost", "it broke off")
BUSY = ApiError(503, "ServiceUnavailable", "come back", retry_after=2.0)


class Clock:
    """Time passes by waiting, and otherwise not."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.now += seconds
        return event.is_set()


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (LOST, 10),
        (BUSY, 20),
        (ApiError(429, "TooManyRequests", "m", retry_after=1.0), 10),
        (ApiError(500, "InternalError", "m", retry_after=0.5), 5),
        (ApiError(429, "TooManyRequests", "m", retry_after=1e9), 1200),
        (ApiError(500, "InternalError", "m"), 0),
        (ApiError(429, "TooManyRequests", "m"), 0),
        (ApiError(403, "Forbidden", "m", retry_after=1.0), 0),
        (ApiError(0, "CutOff", "m"), 0),
        (ApiError(0, "ConnectionRefused", "m"), 0),
        (ApiError(0, "NameResolution", "m"), 0),
        (ApiError(0, "TLS", "m"), 0),
        (ApiError(0, "Malformed", "m"), 0),
        (ValueError("m"), 0),
        (None, 0),
    ],
)
def test_what_kubectl_repeats(error: Exception | None, seconds: float) -> None:
    assert patience(error) == seconds


def session(state: SessionState | None = None, request_timeout: float | None = None, **more: Any) -> Session:
    return cast(
        Session,
        SimpleNamespace(state=state, request_timeout=request_timeout, on_change=lambda callback: None, **more),
    )


def running(session: Session, clock: Clock) -> Run:
    return Run(session, lambda sentence: None, clock, threading.Event())


def failing(*errors: Exception, phase: Phase = Phase.BACKING_OFF, **more: Any) -> Feed:
    records = tuple(
        ErrorRecord(1.0, ATTEMPT, str(error), error.status if isinstance(error, ApiError) else 0, patience(error))
        for error in errors
    )
    status = InformerStatus(phase, records[-1], records, **more)
    return feed(status)


def feed(status: InformerStatus, listed: str = "") -> Feed:
    informer = SimpleNamespace(last_sync_resource_version=listed)
    return cast(Feed, SimpleNamespace(status=status, resource="pods", informer=informer))


def given_up_after(one: Feed, request_timeout: float | None = None, begun: bool = False) -> float | None:
    """Seconds until the stream gives up; None if it has not within a minute."""
    clock = Clock()
    health = Health(running(session(request_timeout=request_timeout), clock), [one])
    try:
        while clock.now < 60:
            health.look(begun)
            clock.now += 1
    except StreamError:
        return clock.now
    return None


def test_a_failure_that_kubectl_does_not_repeat_ends_it_at_once() -> None:
    for error in (ApiError(500, "InternalError", "no"), ApiError(0, "Malformed", "no"), ApiError(410, "Expired", "no")):
        assert given_up_after(failing(error)) == 0


def test_one_that_may_pass_is_waited_for() -> None:
    assert given_up_after(failing(LOST)) == 10
    assert given_up_after(failing(BUSY)) == 20


def test_the_request_timeout_goes_before() -> None:
    assert given_up_after(failing(BUSY), request_timeout=3) == 3
    assert given_up_after(failing(BUSY), request_timeout=300) == 20


def test_what_works_goes_on() -> None:
    assert given_up_after(failing(BUSY), begun=True) is None
    assert given_up_after(failing(ApiError(500, "InternalError", "no"), synced_at=1.0)) is None
    streaming = ErrorRecord(1.0, "streaming list", "busy", 429)
    streams = feed(InformerStatus(Phase.BACKING_OFF, streaming, (streaming,)))
    assert given_up_after(streams) is None, "a list is still to be tried"


@pytest.mark.parametrize("code", [403, 404, 422])
def test_a_list_that_came_is_printed_whatever_becomes_of_the_watch(code: int) -> None:
    """A large one is still on its way into the cache when the watch is refused."""
    phase = Phase.FORBIDDEN if code == 403 else Phase.BACKING_OFF
    refused = ErrorRecord(1.0, ATTEMPT, "no", code)
    status = InformerStatus(phase, refused, (refused,), queue_depth=100_000)
    assert given_up_after(feed(status, listed="5")) is None
    assert given_up_after(feed(status)) == 0


def test_a_trouble_that_lasts_is_said_once() -> None:
    said: list[str] = []
    busy = failing(BUSY)
    health = Health(Run(session(), said.append, Clock(), threading.Event()), [busy])
    troubled, trying = busy.status, failing(BUSY, phase=Phase.LISTING).status
    synced = InformerStatus(Phase.WATCHING, synced_at=1.0)
    for status in (troubled, trying, troubled, synced, troubled):
        cast(Any, busy).status = status
        health.look(begun=False)
    assert said == ["pods: come back"] * 2, "again only after it was over"


def test_a_crash_before_the_first_look_is_said_once(crashes: Crashes) -> None:
    said: list[str] = []
    run = Run(session(), said.append, Clock(), threading.Event())
    report("kwatch-informer pods", ValueError("of a batch"))
    health = Health(run, [feed(InformerStatus(Phase.WATCHING, synced_at=1.0))])
    health.look(begun=False)
    health.say_crashes()
    assert said == ["internal error in informer pods: ValueError: of a batch"]
    assert crashes.total == 1


def test_an_attempt_under_way_is_waited_for() -> None:
    assert given_up_after(failing(ApiError(500, "InternalError", "no"), phase=Phase.LISTING)) is None


def test_a_connection_that_fails() -> None:
    for error, seconds in ((LOST, 10.0), (ApiError(0, "ConnectionRefused", "no"), 0.0)):
        clock = Clock()
        state = SessionState(ConnectionPhase.FAILED, str(error), patience=patience(error))
        with pytest.raises(StreamError, match=str(error)):
            await_connection(running(session(state), clock))
        assert seconds <= clock.now < seconds + 1


def test_a_question_is_asked_again() -> None:
    answers: list[str | Exception] = [BUSY, LOST, "at last"]
    clock = Clock()
    fetch: Callable[..., None] = lambda question, done: done(answers.pop(0))  # noqa: E731
    assert ask(running(session(fetch=fetch), clock), lambda cluster: "") == "at last"
    assert clock.now >= 3.0, "after the pauses that the server wanted"
    answers = [ApiError(404, "NotFound", "no")]
    found = ask(running(session(fetch=fetch), Clock()), lambda cluster: "")
    assert isinstance(found, ApiError)
    answers = [BUSY] * 100
    found = ask(running(session(fetch=fetch), Clock()), lambda cluster: "")
    assert isinstance(found, ApiError) and len(answers) == 89, "once, and ten times more"
