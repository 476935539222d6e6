"""How current what is on screen is, in a few words: `live 4 s ago`, `reconnecting in 8 s: connection refused`; and
why there is nothing to show of a resource: it is still being listed, refused, gone, or out of reach.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from kwatch.base.printable import printable
from kwatch.informer.reflector_state import LIST, WATCH
from kwatch.informer.retries import POLL
from kwatch.informer.status import InformerStatus, Phase

_BEHIND = 500
"""Changes waiting in the queue from which on what is shown is not called live without saying so."""
_UNLOOKED = 20.0
"""Seconds; who reads a watch looks every five."""
_MOMENT = 2.0
"""Seconds."""
_EXACTLY, _ROUGHLY = 10.0, 5.0
"""Seconds."""
_LONGEST_REASON = 40
"""Beside it a header of 80 cells has room for the namespace and the resource."""
_REASONS = (
    (re.compile(r"connection refused|refuses connections", re.IGNORECASE), "connection refused"),
    (
        re.compile(r"connection reset|broken pipe|connection (?:was )?(?:lost|aborted)|broke off", re.IGNORECASE),
        "connection lost",
    ),
    (re.compile(r"timed? ?out", re.IGNORECASE), "timed out"),
    (re.compile(r"does not answer", re.IGNORECASE), "no answer"),
    (re.compile(r"cannot be reached", re.IGNORECASE), "host or network unreachable"),
    (re.compile(r"name (?:or service|resolution)|getaddrinfo|no such host|host \S+ cannot be found"), "unknown host"),
    (re.compile(r"client certificate", re.IGNORECASE), "client certificate not accepted"),
    (re.compile(r"certificate .*(?:out of date|expired)", re.IGNORECASE), "certificate out of date"),
    (re.compile(r"certificate .*(?:for another name|mismatch)", re.IGNORECASE), "certificate for another name"),
    (re.compile(r"certificate", re.IGNORECASE), "certificate not trusted"),
    (re.compile(r"not accept the credentials|Unauthorized", re.IGNORECASE), "log in again"),
    (re.compile(r"login command", re.IGNORECASE), "the login command fails"),
    (re.compile(r"not speak TLS", re.IGNORECASE), "server does not speak TLS"),
    (re.compile(r"forbidden"), "forbidden"),
)
_TOO_MANY = re.compile(r", packed, and more follow")


class Severity(Enum):
    """How far what is shown can be relied upon."""

    LIVE = "live"
    WORKING = "working"
    """On the way: nothing is wrong."""
    STALE = "stale"
    """What is shown was true once."""
    FAILED = "failed"
    """Nothing can be shown, or nothing will change without help."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`text` fits into a header; `stale_since` is since when nothing is certain, in seconds since the epoch."""

    text: str
    severity: Severity
    stale_since: float | None = None


def freshness(status: InformerStatus, now: float, resource: str = "objects") -> Freshness:
    """Say it. `now` is in seconds since the epoch, `resource` as in `cannot list pods`."""
    match phase_of(status):
        case Phase.POLLING:
            return Freshness(_polling(status, now), Severity.STALE)
        case Phase.STARTING:
            return Freshness("starting", Severity.WORKING)
        case Phase.LISTING | Phase.STREAMING:
            return Freshness(_syncing(status), Severity.WORKING, status.disconnected_since or _unfollowed(status, now))
        case Phase.WATCHING:
            found = _watching(status, now)
            if found.severity is Severity.LIVE and status.left_out:
                return Freshness(limit_words(status), Severity.STALE, found.stale_since)
            return found
        case Phase.BACKING_OFF:
            severity = Severity.STALE if status.synced or status.unconfirmed else Severity.FAILED
            return Freshness(_reconnecting(status, now), severity, status.disconnected_since)
        case Phase.FORBIDDEN:
            verb = WATCH if status.refused == (WATCH,) else LIST
            return Freshness(f"forbidden: cannot {verb} {resource}", Severity.FAILED, status.disconnected_since)
        case Phase.GONE:
            return Freshness(f"gone: the server has no {resource}", Severity.FAILED, status.disconnected_since)
        case Phase.STOPPED:
            return Freshness("stopped", Severity.STALE, status.last_event_at)


def stale_words(fresh: Freshness, now: float) -> str:
    """`stale for 40 s`, for where there is room; empty if it is not."""
    return "" if fresh.stale_since is None else f"stale for {ago(now - fresh.stale_since)}"


def unconfirmed_words(status: InformerStatus) -> str:
    """`2,546 not confirmed`: what a list brought that broke off, as far as no other has brought it since."""
    return f"{status.unconfirmed:,} not confirmed" if status.unconfirmed else ""


def limit_words(status: InformerStatus) -> str:
    """`showing 12,300 of about 100,000: memory limit`; empty where there is room for all."""
    return f"showing {fitting_words(status)}: memory limit" if status.left_out else ""


def fitting_words(status: InformerStatus) -> str:
    """`12,300 of about 100,000`: how many there is room for."""
    held = status.objects if status.synced else status.received - status.left_out
    return f"{held:,} of about {max(status.expected or 0, held + status.left_out):,}"


def ago(seconds: float) -> str:
    """`0 s`, `42 s`, `5 min`, `3 h`, `2 d`; a clock that was set back gives 0 s."""
    seconds = max(0.0, seconds)
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def lately(seconds: float) -> float:
    """Where nothing is wrong, five seconds more from ten on at a time: to write more often is work for nothing."""
    return seconds if seconds < _EXACTLY else seconds - seconds % _ROUGHLY


def _polling(status: InformerStatus, now: float) -> str:
    """How old what is shown is, and when it will be asked for again; the header has little room."""
    listed = f", listed {ago(now - status.last_event_at)} ago" if status.last_event_at is not None else ""
    wait = status.next_retry_at - now if status.next_retry_at is not None else 0.0
    return f"forbidden to watch{listed}" + (f", again in {wait:.0f} s" if wait >= 0.5 else "")


def instead(status: InformerStatus) -> str:
    """What is done where the server refuses the usual verb, in a sentence; empty where it does not."""
    if status.polls or status.phase is Phase.POLLING:
        wait = status.next_retry_at - status.last_event_at if status.next_retry_at and status.last_event_at else POLL
        return f"listed again every {max(POLL, wait):.0f} s or so instead, and what happens in between is not seen"
    if status.refused == (LIST,) and status.phase in (Phase.STREAMING, Phase.WATCHING):
        return "a watch brings what a list would"
    return ""


def _watching(status: InformerStatus, now: float) -> Freshness:
    if not status.synced:
        return Freshness(_syncing(status), Severity.WORKING, status.disconnected_since)
    answers = status.quiet.startswith("quiet")
    if status.quiet and not answers:
        return Freshness(status.quiet.partition(" since ")[0], Severity.STALE, status.last_event_at)
    if status.looked_at is not None and now - status.looked_at > _UNLOOKED:
        return Freshness("no news yet", Severity.STALE, status.looked_at)  # the process or machine was stopped
    if answers:
        return Freshness(_quiet(status, now), Severity.LIVE)
    if status.queue_depth > _BEHIND:
        return Freshness(f"live, {status.queue_depth:,} changes behind", Severity.WORKING)
    if status.last_event_at is None or now - status.last_event_at < 1.0:
        return Freshness("live", Severity.LIVE)
    return Freshness(f"live {ago(lately(now - status.last_event_at))} ago", Severity.LIVE)


def _quiet(status: InformerStatus, now: float) -> str:
    """The informer says it when it asks the server; the seconds go on."""
    _, comma, rest = status.quiet.partition(",")
    silence = f"quiet {ago(lately(now - status.last_event_at))}" if status.last_event_at is not None else "quiet"
    return f"{silence}{comma}{rest}"


def _unfollowed(status: InformerStatus, now: float) -> float | None:
    """Since when the list is there, but not the watch that follows it; as a rule that is a moment."""
    listed = status.last_event_at if status.synced else None
    return listed if listed is not None and now - listed > _MOMENT else None


def _syncing(status: InformerStatus) -> str:
    again = "syncing again" if status.synced else "syncing"
    if status.expected:
        return f"{again} {status.received:,} of about {max(status.expected, status.received):,}"
    return f"{again} {status.received:,}" if status.received else again


def _reconnecting(status: InformerStatus, now: float) -> str:
    wait = status.next_retry_at - now if status.next_retry_at is not None else 0.0
    when = f" in {wait:.0f} s" if wait >= 0.5 else ""
    reason = short_reason(status.last_error.message) if status.last_error is not None else ""
    return f"reconnecting{when}: {reason}" if reason else f"reconnecting{when}"


def short_reason(message: str) -> str:
    """A server's or library's message in a few words: the usual ones are recognised, others are cut."""
    for pattern, words in _REASONS:
        if pattern.search(message):
            return words
    text = " ".join(printable(message).split()).rstrip(".")
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1].rstrip()}…"


REFUSED = frozenset({Phase.FORBIDDEN, Phase.GONE})
"""These do not end by themselves; what several kinds show is shown without them."""
_WORST_FIRST = (
    Phase.BACKING_OFF,
    Phase.STOPPED,
    Phase.STARTING,
    Phase.LISTING,
    Phase.STREAMING,
    Phase.POLLING,
    Phase.WATCHING,
)


def phase_of(status: InformerStatus) -> Phase:
    """The phase to show: what is polled stays that while it is listed again."""
    return Phase.POLLING if status.polls else status.phase


def is_missing(status: InformerStatus) -> bool:
    """Whether nothing of it is shown, nor will be by itself; what was there before it was refused still is."""
    return status.phase in REFUSED and not (status.synced and status.objects)


def worst_of(statuses: Sequence[InformerStatus]) -> int:
    """The place of the one that is worst off, leaving out what the server refuses as long as there is anything else."""
    working = [place for place, status in enumerate(statuses) if not is_missing(status)]
    if not working:
        return 0
    return min(working, key=lambda place: _badness(statuses[place]))


def merged_status(statuses: Sequence[InformerStatus]) -> InformerStatus:
    """The worst one's phase and error, the sums of what is counted, and synced when all are that will ever be."""
    if len(statuses) == 1:
        return statuses[0]
    worst = statuses[worst_of(statuses)]
    working = [status for status in statuses if not is_missing(status)] or list(statuses)
    synced = [status.synced_at for status in working]
    listing = [status for status in working if not status.synced]
    expected = [status.expected for status in listing]
    return replace(
        worst,
        synced_at=None if None in synced else max(at for at in synced if at is not None),
        queue_depth=sum(status.queue_depth for status in working),
        last_event_at=worst.last_event_at
        if worst.polls
        else min((at for each in working if (at := each.last_event_at) is not None), default=None),
        looked_at=min((at for each in working if (at := each.looked_at) is not None), default=None),
        received=sum(status.received for status in listing),
        unconfirmed=sum(status.unconfirmed for status in listing),
        objects=sum(status.objects for status in working),
        left_out=sum(status.left_out for status in working),
        expected=None if None in expected or not expected else sum(each or 0 for each in expected),
    )


def _badness(status: InformerStatus) -> tuple[bool, int, bool, float]:
    """Smaller is worse: not synced yet, by phase, silent, silent for longest."""
    known = phase_of(status)
    phase = _WORST_FIRST.index(known) if known in _WORST_FIRST else 0
    return (status.synced and phase != 0, phase, not status.quiet, status.last_event_at or 0.0)


def absence(status: InformerStatus, things: str) -> tuple[str, ...]:
    """Sentences, the first one a heading; none once the first list is there. `things` as in `Listing pods …`."""
    if status.synced:
        return ()
    error = printable(status.last_error.message) if status.last_error is not None else ""
    match status.phase:
        case Phase.FORBIDDEN:
            verb = WATCH if status.refused == (WATCH,) else LIST
            return (f"You may not {verb} {things} here", error)
        case Phase.GONE:
            return (f"The server does not know {things}", error, "It is looked for from time to time.")
        case Phase.BACKING_OFF:
            answered = status.last_error is not None and status.last_error.status
            trouble = f"The server does not list {things}" if answered else "The server cannot be reached"
            if _TOO_MANY.search(error):
                trouble = f"There are more {things} than can be held"
            return (trouble, error, "kwatch keeps trying.")
        case Phase.STOPPED:
            return (f"Nobody asks for {things} any more",)
    return (f"Listing {things} … {status.received:,} so far" if status.received else f"Listing {things} …",)


def obstacle(status: InformerStatus) -> str:
    """The same in a few words, where something is in the way; empty while it is on its way, or there."""
    if status.synced or status.phase not in (Phase.FORBIDDEN, Phase.GONE, Phase.BACKING_OFF):
        return ""
    return printable(status.last_error.message) if status.last_error is not None else str(phase_of(status))


NOT_LISTED = "may not be listed"


def hindrance(status: InformerStatus) -> str:
    """The same where there is room for a few words only."""
    if not obstacle(status):
        return ""
    match status.phase:
        case Phase.FORBIDDEN:
            return NOT_LISTED
        case Phase.GONE:
            return "not on the server"
    return short_reason(obstacle(status))


def enumerated(names: Sequence[str], most: int = 3) -> str:
    """`pods`, `pods and nodes`, `pods, nodes, jobs and 4 more`."""
    shown = [printable(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
