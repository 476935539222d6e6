"""The sessions of a program: those that are shown, and those that were shown a while ago and are kept warm; which
contexts are meant, and how many are connected to at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.informer.clock import Clock
from kwatch.session.state import ConnectionPhase
from kwatch.view.freshness import enumerated

if TYPE_CHECKING:
    from kwatch.session.session import Session

WARM = 120.0
"""Seconds that a session stays open when it is not shown any more, so that going back is instant."""
AT_ONCE = 8
"""Clusters that are being connected to at the same time."""
PATIENCE = 5.0
"""Seconds after which one that does not answer takes nobody's turn any more."""
MOST_CONTEXTS = 50
"""In one table: each is a connection, and some threads."""
_PATTERN = frozenset("*?[")


class OpenSessions:
    """Used on the UI thread. A context is called as it was asked for; None is the one that the user's files name."""

    def __init__(
        self, open_session: Callable[[str | None], Session], clock: Clock, on_news: Callable[[], object]
    ) -> None:
        """`open_session` makes a session that has not been started."""
        self.open_session = open_session
        self._clock = clock
        self._on_news = on_news
        self._open: dict[str | None, Session] = {}
        self._left_at: dict[str | None, float] = {}
        """When each was shown last; not of those that are."""
        self.shown: tuple[Session, ...] = ()
        self.contexts: tuple[str, ...] = ()
        """By name, where several are shown."""
        self._leading: Session | None = None

    @property
    def leading(self) -> Session | None:
        """The one that says what there is: the first that was connected, as long as it is shown."""
        if self._leading in self.shown and _is_connected(self._leading):
            return self._leading
        ready = next(filter(_is_connected, self.shown), None)
        if ready is not None or self._leading not in self.shown:
            self._leading = ready or next(iter(self.shown), None)
        return self._leading

    @property
    def all(self) -> Sequence[Session]:
        """Warm ones included."""
        return tuple(self._open.values())

    def show(self, contexts: Sequence[str | None]) -> None:
        """These from now on; one that is open already is there at once."""
        names = sorted({*contexts}, key=lambda each: each or "")
        wanted = [self._called(each) for each in names]
        now = self._clock.monotonic()
        for each in self._open.keys() - {*wanted}:
            self._left_at.setdefault(each, now)
        self.shown = tuple([self._opened(each) for each in wanted])
        self.contexts = tuple([each or "" for each in names]) if len(names) > 1 else ()
        self._leading = None

    def give_up_background(self) -> bool:
        """For want of memory; whether there was anything to give up."""
        given_up = [each.background.give_up() for each in self.all if each.background is not None]
        return any(given_up)

    def close_cold(self) -> None:
        """End those that were left long enough ago."""
        now = self._clock.monotonic()
        for context in [each for each, at in self._left_at.items() if now - at >= WARM]:
            del self._left_at[context]
            spawn("kwatch-closing", self._open.pop(context).close)

    def _called(self, context: str | None) -> str | None:
        """By what it is open already."""
        if context not in self._open and None in self._open and self._open[None].context == context:
            return None
        return context

    def _opened(self, context: str | None) -> Session:
        self._left_at.pop(context, None)
        session = self._open.get(context)
        if session is None or session.state.phase is ConnectionPhase.CLOSED:
            session = self._open[context] = self.open_session(context)
            session.on_news(self._on_news)
            session.start()
        elif not _is_connected(session):
            session.retry_now()
        return session


def _is_connected(session: Session | None) -> bool:
    return session is not None and session.state.phase is ConnectionPhase.CONNECTED


class Turns:
    """Lets a few at once do what takes its time; who takes very long is not counted any more. Thread-safe."""

    def __init__(self, clock: Clock, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._clock = clock
        self._at_once = at_once
        self._patience = patience
        self._lock = threading.Lock()
        self._began: dict[object, float] = {}
        self._free = threading.Event()

    @contextmanager
    def turn(self, stop: threading.Event) -> Iterator[None]:
        """One, waited for unless it is to stop."""
        who = object()
        while not stop.is_set() and not self._has_begun(who):
            self._clock.wait(self._free, 0.1)
        try:
            yield
        finally:
            with self._lock:
                self._began.pop(who, None)
            self._free.set()

    def _has_begun(self, who: object) -> bool:
        self._free.clear()
        with self._lock:
            now = self._clock.monotonic()
            if sum(now - at < self._patience for at in self._began.values()) >= self._at_once:
                return False
            self._began[who] = now
        return True


def chosen_contexts(text: str, there: Sequence[str]) -> tuple[str, ...]:
    """Those that are meant, each once, in the order given; raise ValueError with a sentence. A context may be called
    as something that looks like several.
    """
    if text in there:
        return (text,)
    found: dict[str, None] = {}
    for word in [each.strip() for each in text.split(",")]:
        matching = [word] if word in there else [each for each in there if fnmatchcase(each, word)]
        if not matching:
            raise ValueError(_unknown(word, there))
        found.update(dict.fromkeys(matching))
    if len(found) > MOST_CONTEXTS:
        raise ValueError(f"{text!r} means {len(found)} contexts; {MOST_CONTEXTS} at most are shown in one table.")
    return tuple(found)


def _unknown(word: str, there: Sequence[str]) -> str:
    if not word:
        return "A name of a context lacks beside a comma; write prod-eu,prod-us."
    if not _PATTERN.isdisjoint(word):
        return f"No context matches {word!r}; there are {enumerated(there, 5)}."
    from difflib import get_close_matches  # a list that is printed needs it only here

    near = get_close_matches(word, there, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {enumerated(there, 5)}."
    return f"There is no context {word!r}{hint}"
