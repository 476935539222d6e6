"""What can go wrong with a server, on purpose: by name, each with a rate, from a seeded random source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

FAULTS: dict[str, str] = {
    "reset": "the connection is reset in the middle of an answer",
    "half-json": "the answer ends in the middle of an object",
    "silence": "a watch stays open and says nothing any more",
    "410": "a watch gets an error that its version is too old, when it begins or later",
    "429": "the server has too many requests: plain text with Retry-After",
    "503": "the server is unavailable",
    "slow": "an answer takes its time",
    "no-bookmark": "a watch never gets a bookmark, not even the one that ends the initial events",
    "restart": "the server goes away for a moment, and forgets its history of changes",
    "expired-token": "a continue token has expired",
    "gateway": "something in between answers: a login page, nothing, a Status, half a list, another encoding",
    "flood": "an answer has no end: one line, one object, list items or nothing but spaces",
    "odd-event": "a watch brings what is no event, or none of this kind, or an error without a code, and ends",
}
"""Name -> what it does. Rates are probabilities: of each request for 429, 503, slow, no-bookmark, expired-token,
gateway and flood, of each piece of an answer for reset, half-json, silence, 410 and odd-event, of each second for
restart.
"""


class FaultSyntaxError(ValueError):
    """A --faults text that cannot be read; the message says what to write."""


class Faults:
    """Decides each time whether something goes wrong. Rates may be changed while the server runs."""

    def __init__(self, rates: Mapping[str, float] | None = None, seed: int = 0) -> None:
        self._rates: dict[str, float] = {}
        self._planned: dict[str, int] = {}
        self._random = Random(seed)
        for name, rate in (rates or {}).items():
            self.set(name, rate)

    def set(self, name: str, rate: float) -> None:
        """Let a fault happen with this probability, 0 for never."""
        if name not in FAULTS:
            raise FaultSyntaxError(f"there is no fault '{name}'; there are {', '.join(FAULTS)}")
        if not 0 <= rate <= 1:
            raise FaultSyntaxError(f"the rate of '{name}' must be between 0 and 1, not {rate}")
        self._rates[name] = rate

    def plan(self, name: str, times: int = 1) -> None:
        """Let a fault happen at its next occasions, whatever its rate."""
        self.set(name, self._rates.get(name, 0.0))
        self._planned[name] = self._planned.get(name, 0) + times

    def strikes(self, name: str) -> bool:
        """Whether it happens now."""
        if self._planned.get(name):
            self._planned[name] -= 1
            return True
        rate = self._rates.get(name, 0.0)
        return rate > 0 and self._random.random() < rate

    def choose(self, among: Sequence[T]) -> T:
        return self._random.choice(among)

    def delay(self) -> float:
        """How many seconds a slow answer takes."""
        return self._random.uniform(0.3, 2.0)


def parse_faults(text: str) -> dict[str, float]:
    """Read `reset=0.01,410=0.02`; raise FaultSyntaxError."""
    rates: dict[str, float] = {}
    for term in filter(None, (part.strip() for part in text.split(","))):
        name, equals, rate = term.partition("=")
        try:
            rates[name] = float(rate) if equals else 0.01
        except ValueError:
            raise FaultSyntaxError(f"'{term}' is no fault; write name=rate, as in reset=0.01") from None
    Faults(rates)
    return rates


GATEWAY_BODIES = (
    b"{}",
    b"null",
    b"[]",
    b"",
    b"<html><title>Sign in</title></html>",
    b'{"message":"please log in"}',
    b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Unauthorized","code":401}',
    b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"gateway","namespace":"edge","resourceVersion":"1"}}',
    b'{"kind":"PodList","apiVersion":"other/v1","metadata":{"resourceVersion":"1"},"items":[]}',
    b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{}},null]}',
    b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":{}}',
    b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}{}',
    b'\xef\xbb\xbf{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}',
    '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}'.encode("utf-16"),
)
GATEWAY_ANSWERS: tuple[tuple[int, dict[str, str], bytes], ...] = (
    (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
    (200, {"Content-Encoding": "gzip"}, b"this is not compressed"),
    (203, {"Content-Encoding": "odd"}, b"this is no encoding"),
    (204, {}, b""),
    (304, {}, b""),
    (429, {"Retry-After": "1000000000"}, b"later"),
    (503, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT", "Content-Type": "text/html"}, b"<html>Bad gateway</html>"),
    (302, {"Location": "http://127.0.0.1:1/login"}, b""),
    (307, {"Location": "http://[no:address/"}, b""),
)
FLOODS = (
    (b'{"type":"ADDED","object":{"metadata":{"name":"', b"x" * 4096),
    (b'{"type":"ADDED","object":{"metadata":{"name":"x"},"x":"', b"x" * 4096),
    (b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[', b'{"metadata":{}},' * 256),
    (b"[", b"[" * 4096),
    (b"", b" " * 4096),
)
FLOOD = 1 << 30
"""Bytes after which one ends all the same."""
