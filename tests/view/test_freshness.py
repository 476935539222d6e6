from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import replace

import pytest

from kwatch.cluster.transport.failures import connection_failure
from kwatch.informer.status import ErrorRecord, InformerStatus, Phase
from kwatch.view.freshness import (
    Freshness,
    Severity,
    absence,
    ago,
    freshness,
    limit_words,
    merged_status,
    short_reason,
    stale_words,
)

NOW = 1_800_000_000.0
REFUSED = ErrorRecord(NOW - 1, "watch", "dial tcp 127.0.0.1:6443: connect: Connection refused")
SYNCED = NOW - 60


@pytest.mark.parametrize(
    ("status", "text", "severity"),
    [
        (InformerStatus(), "starting", Severity.WORKING),
        (InformerStatus(phase=Phase.LISTING), "syncing", Severity.WORKING),
        (InformerStatus(phase=Phase.STREAMING, received=6200), "syncing 6,200", Severity.WORKING),
        (
            InformerStatus(phase=Phase.LISTING, received=6200, expected=10000),
            "syncing 6,200 of about 10,000",
            Severity.WORKING,
        ),
        (
            InformerStatus(phase=Phase.LISTING, received=11000, expected=10000),
            "syncing 11,000 of about 11,000",
            Severity.WORKING,
        ),
        (InformerStatus(phase=Phase.LISTING, received=3, synced_at=SYNCED), "syncing again 3", Severity.WORKING),
        (InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED), "live", Severity.LIVE),
        (
            InformerStatus(
                phase=Phase.POLLING,
                refused=("watch",),
                synced_at=SYNCED,
                last_event_at=NOW - 12,
                next_retry_at=NOW + 3,
                disconnected_since=NOW - 12,
            ),
            "forbidden to watch, listed 12 s ago, again in 3 s",
            Severity.STALE,
        ),
        (
            InformerStatus(phase=Phase.LISTING, refused=("watch",), synced_at=SYNCED, last_event_at=NOW - 15),
            "forbidden to watch, listed 15 s ago",
            Severity.STALE,
        ),
        (
            InformerStatus(phase=Phase.FORBIDDEN, refused=("list", "watch")),
            "forbidden: cannot list pods",
            Severity.FAILED,
        ),
        (InformerStatus(phase=Phase.FORBIDDEN, refused=("watch",)), "forbidden: cannot watch pods", Severity.FAILED),
        (InformerStatus(phase=Phase.WATCHING, refused=("list",), synced_at=SYNCED), "live", Severity.LIVE),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 0.4),
            "live",
            Severity.LIVE,
        ),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 4.2),
            "live 4 s ago",
            Severity.LIVE,
        ),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW + 9),
            "live",
            Severity.LIVE,
        ),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW, queue_depth=6200),
            "live, 6,200 changes behind",
            Severity.WORKING,
        ),
        (
            InformerStatus(
                phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 80, quiet="quiet 75 s, server answers"
            ),
            "quiet 80 s, server answers",
            Severity.LIVE,
        ),
        (
            InformerStatus(
                phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 80, quiet="no answer since 14:02"
            ),
            "no answer",
            Severity.STALE,
        ),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 540, looked_at=NOW - 540),
            "no news yet",
            Severity.STALE,
        ),
        (
            InformerStatus(
                phase=Phase.WATCHING,
                synced_at=SYNCED,
                last_event_at=NOW - 600,
                looked_at=NOW - 540,
                quiet="quiet 75 s, server answers",
            ),
            "no news yet",
            Severity.STALE,
        ),
        (
            InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 540, looked_at=NOW - 5),
            "live 9 min ago",
            Severity.LIVE,
        ),
        (
            InformerStatus(phase=Phase.BACKING_OFF, last_error=REFUSED, next_retry_at=NOW + 8.2),
            "reconnecting in 8 s: connection refused",
            Severity.FAILED,
        ),
        (
            InformerStatus(phase=Phase.BACKING_OFF, last_error=REFUSED, next_retry_at=NOW, synced_at=SYNCED),
            "reconnecting: connection refused",
            Severity.STALE,
        ),
        (InformerStatus(phase=Phase.BACKING_OFF), "reconnecting", Severity.FAILED),
        (InformerStatus(phase=Phase.FORBIDDEN), "forbidden: cannot list pods", Severity.FAILED),
        (InformerStatus(phase=Phase.GONE), "gone: the server has no pods", Severity.FAILED),
        (InformerStatus(phase=Phase.STOPPED), "stopped", Severity.STALE),
    ],
)
def test_what_the_header_says(status: InformerStatus, text: str, severity: Severity) -> None:
    fresh = freshness(status, NOW, "pods")
    assert (fresh.text, fresh.severity) == (text, severity)


def test_staleness_says_since_when() -> None:
    fresh = freshness(InformerStatus(phase=Phase.BACKING_OFF, synced_at=SYNCED, disconnected_since=NOW - 40), NOW)
    assert stale_words(fresh, NOW) == "stale for 40 s"
    assert stale_words(freshness(InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED), NOW), NOW) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0 s"),
        (9.96, "10 s"),
        (89, "89 s"),
        (90, "2 min"),
        (7200, "2 h"),
        (200000, "2 d"),
        (-5, "0 s"),
    ],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("HTTPSConnectionPool(...): Read timed out.", "timed out"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "certificate not trusted"),
        ("getaddrinfo failed", "unknown host"),
        ("Connection reset by peer", "connection lost"),
        ("etcdserver: leader changed.", "etcdserver: leader changed"),
        ("x\x1b[31m\ny", "x␛[31m␊y"),
        ("word " * 40, "word " * 7 + "word…"),
        ("https://h does not accept the credentials of the context 'dev'; they may have expired.", "log in again"),
        ("The login command 'aws' failed with exit code 3: please log in.", "the login command fails"),
    ],
)
def test_reasons_are_short(message: str, words: str) -> None:
    assert short_reason(message) == words


def _certificate_error(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, message)
    error.verify_message = message
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "connection refused"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection lost"),
        (TimeoutError("read"), "no answer"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "host or network unreachable"),
        (socket.gaierror(-2, "Name or service not known"), "unknown host"),
        (_certificate_error("self-signed certificate"), "certificate not trusted"),
        (_certificate_error("certificate has expired"), "certificate out of date"),
        (_certificate_error("Hostname mismatch"), "certificate for another name"),
    ],
)
def test_sentences_for_a_failed_connection_are_short_in_the_header(error: OSError, words: str) -> None:
    assert short_reason(connection_failure(error, "https://127.0.0.1:6443").message) == words


@pytest.mark.parametrize(
    ("listed", "synced", "words"), [(NOW - 25, SYNCED, "stale for 25 s"), (NOW - 1, SYNCED, ""), (NOW - 25, None, "")]
)
def test_a_list_that_no_watch_follows_is_stale(listed: float, synced: float | None, words: str) -> None:
    """The headers of the watch do not come: that lasts 75 s each time."""
    status = InformerStatus(phase=Phase.LISTING, received=2, synced_at=synced, last_event_at=listed)
    assert stale_words(freshness(status, NOW), NOW) == words


def test_a_list_beyond_what_can_be_held_is_not_called_an_unreachable_server() -> None:
    sentence = "The objects of this resource take more than 192 MB, packed, and more follow; narrow it by a namespace."
    status = InformerStatus(phase=Phase.BACKING_OFF, last_error=ErrorRecord(0.0, "list", sentence))
    assert absence(status, "pods")[:2] == ("There are more pods than can be held", sentence)


def test_what_the_memory_limit_has_no_room_for_is_said_first() -> None:
    status = InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW, objects=12_300, left_out=87_700)
    words = "showing 12,300 of about 100,000: memory limit"
    assert freshness(status, NOW) == Freshness(words, Severity.STALE)
    assert limit_words(status) == words
    away = replace(status, phase=Phase.BACKING_OFF, disconnected_since=NOW - 5)
    assert freshness(away, NOW).text.startswith("reconnecting")
    both = merged_status([status, InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, objects=7)])
    assert limit_words(both) == "showing 12,307 of about 100,007: memory limit"


def test_while_a_list_comes_what_fits_is_said_beside_it() -> None:
    status = InformerStatus(phase=Phase.STREAMING, received=40_000, left_out=27_700, expected=100_000)
    assert freshness(status, NOW).text == "syncing 40,000 of about 100,000"
    assert limit_words(status) == "showing 12,300 of about 100,000: memory limit"
    assert limit_words(InformerStatus(phase=Phase.STREAMING, received=40_000)) == ""


def test_what_is_silent_is_said_once_and_since_when_beside_it() -> None:
    """The header has both: they must not tell two times."""
    watching = InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 180, looked_at=NOW - 180)
    silent = freshness(replace(watching, quiet="no answer since 14:02"), NOW)
    assert (silent.text, stale_words(silent, NOW)) == ("no answer", "stale for 3 min")
    stopped = freshness(watching, NOW)
    assert (stopped.text, stale_words(stopped, NOW)) == ("no news yet", "stale for 3 min")


def test_of_several_the_one_that_nobody_looked_at_counts() -> None:
    watching = InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW - 1, looked_at=NOW - 1)
    merged = merged_status([watching, replace(watching, looked_at=NOW - 100), replace(watching, looked_at=None)])
    assert freshness(merged, NOW).stale_since == NOW - 100


def test_while_nothing_happens_the_words_change_every_five_seconds() -> None:
    """Each change is written to the terminal; below ten seconds one watches them count."""

    def told(second: int) -> str:
        return freshness(InformerStatus(phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW), NOW + second).text

    assert [told(second) for second in (9, 10, 14, 15, 59, 89)] == [
        f"live {words} ago" for words in ("9 s", "10 s", "10 s", "15 s", "55 s", "85 s")
    ]
    assert len({told(second) for second in range(10, 90)}) == 16
    quiet = InformerStatus(
        phase=Phase.WATCHING, synced_at=SYNCED, last_event_at=NOW, quiet="quiet 20 s, server answers"
    )
    assert freshness(quiet, NOW + 33).text == "quiet 30 s, server answers"
