"""From the words of the command line to running informers: connect, resolve the names, open the feeds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from kwatch.base import threads
from kwatch.base.limits import LIMIT, size_text
from kwatch.base.namespaces import MOST_NAMESPACES, Asked, asked_of_server, holds, in_words, is_one
from kwatch.catalog.names import UnknownResource
from kwatch.informer.clock import Clock
from kwatch.informer.errors import REPEATS, ApiError, patience
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.protocol import ListOptions
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import field_is
from kwatch.informer.sink import Sink
from kwatch.informer.status import ATTEMPT, InformerStatus, Phase
from kwatch.session.informer_pool import Feed
from kwatch.session.ports import Cluster
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase
from kwatch.view.freshness import fitting_words, instead

T = TypeVar("T")
TICK = 0.05
"""Seconds between looks at a connection or an informer that is not there yet."""


class StreamError(Exception):
    """It cannot begin, or go on; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is watched. `namespace` None is the context's own, else it is a word of kwatch.base.namespaces."""

    resource: str
    name: str | None = None
    namespace: str | None = None
    all_namespaces: bool = False
    label_selector: str | None = None
    field_selector: str | None = None
    names: tuple[str, ...] = ()
    """Of several objects; then there is no `name`."""

    def namespace_of(self, resource: Resource, session: Session) -> str | None:
        """Where a resource is watched; None is everywhere. Of a named object that is one namespace, or none."""
        if self.all_namespaces or not resource.namespaced:
            return None
        return self.namespace or session.state.namespace or None

    def asked(self, resource: Resource, session: Session) -> tuple[Asked, ...]:
        """What to ask the server for."""
        namespace = self.namespace_of(resource, session)
        if not self.names:
            return asked_of_server(namespace, self.fields())
        return tuple(Asked(namespace, field_is("metadata.name", each)) for each in self.names)

    @property
    def is_named(self) -> bool:
        return self.name is not None or bool(self.names)

    @property
    def has_several_namespaces(self) -> bool:
        """Whether what is selected may be of different namespaces."""
        return self.all_namespaces or (self.namespace is not None and not is_one(self.namespace))

    def fields(self) -> str | None:
        """The field selector, with the name in it."""
        by_name = field_is("metadata.name", self.name) if self.name else None
        return ",".join(each for each in (self.field_selector, by_name) if each) or None


@dataclass(frozen=True, slots=True)
class Run:
    """What a command that talks to a cluster runs with, until `stop` is set. `complain` takes a sentence for people."""

    session: Session
    complain: Callable[[str], None]
    clock: Clock
    stop: threading.Event
    context: str = ""
    """Its name, where several contexts are asked."""
    crashes_before: int = field(default_factory=lambda: threads.CRASHES.total)
    """How many there had been when it began."""


class Connecting:
    """A look now and then at whether a session is connected."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._failing_since: float | None = None

    def look(self) -> bool:
        """Raise StreamError if it cannot be, after as long as kubectl would repeat what fails."""
        session, now = self._run.session, self._run.clock.monotonic()
        state = session.state
        if state.phase is ConnectionPhase.FAILED:
            self._failing_since = now if self._failing_since is None else self._failing_since
            if now - self._failing_since >= _at_most(state.patience, session):
                raise StreamError(state.message)
        return state.phase is ConnectionPhase.CONNECTED


def await_connection(run: Run) -> bool:
    """Wait until the session is connected; False if stopped before. Raise StreamError if it cannot be."""
    connecting, changed = Connecting(run), threading.Event()
    run.session.on_change(changed.set)
    while not run.stop.is_set():
        if connecting.look():
            return True
        run.clock.wait(changed, TICK)
        changed.clear()
    return False


def _at_most(patience: float, session: Session) -> float:
    return patience if session.request_timeout is None else min(patience, session.request_timeout)


def resolve(session: Session, words: str, *, may_poll: bool = False) -> tuple[Resource, ...]:
    """The resources that words name; raise StreamError for one that does not exist or cannot be watched, nor listed
    from time to time where that will do (`may_poll`).
    """
    names = session.names
    assert names is not None, "the session is connected"
    try:
        resources = names.resolve(words)
    except UnknownResource as error:
        raise StreamError(str(error)) from error
    for resource in resources:
        if not resource.watchable and not (may_poll and "list" in resource.verbs):
            raise StreamError(f"{resource} can be fetched but not watched: the server offers no watch for it")
    return resources


SinksFor = Callable[[int, Resource, Asked], Sequence[Sink]]


def _no_sinks(number: int, resource: Resource, asked: Asked) -> Sequence[Sink]:
    return ()


class SelectedFeeds(list[Feed]):
    """A feed for each resource, in each of several namespaces; `sinks_for` their numbers see all their deltas."""

    def __init__(
        self, run: Run, selection: Selection, sinks_for: SinksFor = _no_sinks, *, may_poll: bool = False
    ) -> None:
        super().__init__()
        self._run = run
        self._selection = selection
        self._sinks_for = sinks_for
        for resource in resolve(run.session, selection.resource, may_poll=may_poll):
            for asked in selection.asked(resource, run.session):
                self.append(self._open(len(self), resource, asked))

    def open_elsewhere(self, number: int) -> bool:
        """Where a resource may not be listed across all namespaces: a feed in each that is known, the first of them in
        its place. False where that makes no sense.
        """
        feed = self[number]
        resource, fields = feed.resource, self._selection.fields()
        if feed.watched.namespace is not None or not resource.namespaced or feed.status.phase is not Phase.FORBIDDEN:
            return False
        meant = self._selection.namespace_of(resource, self._run.session)
        names = [each for each in self._known_namespaces() if holds(meant, each)]
        if not names:
            return False
        feed.release()
        self[number] = self._open(number, resource, Asked(names[0], fields))
        for name in names[1:MOST_NAMESPACES]:
            self.append(self._open(len(self), resource, Asked(name, fields)))
        more = f" and {len(names) - MOST_NAMESPACES} more are left out" if len(names) > MOST_NAMESPACES else ""
        self._run.complain(
            f"{resource} may not be listed across all namespaces: watched in {in_words(','.join(names))}{more}"
        )
        return True

    def _known_namespaces(self) -> Sequence[str]:
        """All, or that of the context where they may not be listed."""
        session = self._run.session
        resource = session.names.watched("namespaces") if session.names is not None else None
        answer = (
            ask(self._run, lambda cluster: cluster.lister_watcher(resource).list(ListOptions())) if resource else None
        )
        if answer is None or isinstance(answer, Exception):
            return [session.state.namespace] if session.state.namespace else []
        return sorted(each.name for each in answer.items if isinstance(each, KubeObject))

    def _open(self, number: int, resource: Resource, asked: Asked) -> Feed:
        return self._run.session.open(
            resource,
            asked.namespace,
            self._selection.label_selector,
            asked.fields,
            sinks=self._sinks_for(number, resource, asked),
        )


def ask(run: Run, question: Callable[[Cluster], T]) -> T | Exception | None:
    """What a cluster answers, or what it raised, waited for; None if stopped before.

    What fails is asked again for as long as kubectl would.
    """
    began = run.clock.monotonic()
    while True:
        answer = _ask_once(run, question)
        worth = patience(answer) if isinstance(answer, ApiError) else 0.0
        is_over = run.clock.monotonic() - began >= _at_most(worth, run.session)
        if is_over or run.clock.wait(run.stop, worth / REPEATS):
            return answer


def _ask_once(run: Run, question: Callable[[Cluster], T]) -> T | Exception | None:
    answered = threading.Event()
    answers: list[T | Exception] = []

    def done(answer: T | Exception) -> None:
        answers.append(answer)
        answered.set()

    run.session.fetch(question, done)
    while not run.stop.is_set() and not run.clock.wait(answered, TICK):
        pass
    return answers[0] if answers else None


def await_synced(run: Run, feeds: Sequence[Feed]) -> bool:
    """Wait until all is listed; False if stopped before. Raise StreamError where it cannot be had."""
    health = Health(run, feeds)
    while waiting := next((feed for feed in feeds if not feed.informer.synced.is_set()), None):
        if run.stop.is_set():
            return False
        health.look(begun=False)
        run.clock.wait(waiting.informer.synced, TICK)
    return True


class Health:
    """What is wrong with the informers, said once; what is hopeless from the start ends everything.

    `tolerant`: as long as one of several works, the others are only noted. `follows`: what happens after the first
    lists matters, too.
    """

    def __init__(self, run: Run, feeds: Sequence[Feed], *, tolerant: bool = False, follows: bool = True) -> None:
        self.refused: dict[int, str] = {}
        """Feeds, by their place, of which nothing will come, and why."""
        self._run = run
        self._feeds = feeds
        self._failing_since: dict[int, float] = {}
        self._tolerant = tolerant
        self._follows = follows
        self._said: dict[int, str] = {}
        self._limited: set[int] = set()
        self._crashes = run.crashes_before

    def say_crashes(self) -> None:
        """What nobody foresaw since the command began."""
        crashes = threads.CRASHES
        if crashes.total != self._crashes:
            self._crashes = crashes.total
            self._run.complain(str(crashes.latest[-1]))

    def beyond_limit(self) -> list[str]:
        """What the memory limit has no room for, said once of each feed."""
        found = [
            (number, feed)
            for number, feed in enumerate(self._feeds)
            if number not in self._limited and feed.status.left_out
        ]
        self._limited.update(number for number, _ in found)
        limit = f"fit into the memory limit of {size_text(LIMIT.bytes)}"
        advice = "raise --memory-limit or memoryLimit, or narrow it by a namespace or a selector"
        return [f"{feed.resource}: only {fitting_words(feed.status)} {limit}; {advice}" for _, feed in found]

    def look(self, begun: bool) -> None:
        """Raise StreamError for a refusal that nothing will change, and for a failure that lasts longer than kubectl
        would wait, unless it has `begun` to work before.
        """
        self.say_crashes()
        if not self._tolerant:
            for sentence in self.beyond_limit():
                self._run.complain(sentence)
        for number, feed in enumerate(self._feeds):
            status = feed.status
            trouble = "" if status.synced and not self._follows else _trouble(status)
            # A list that came is on its way into the cache, whatever becomes of the watch meanwhile.
            begins = begun or bool(feed.informer.last_sync_resource_version)
            if trouble and not begins and (_hopeless(status) or self._lasts(number, status)):
                self._refuse(number, f"{trouble}{_advice(status)}")
            elif trouble and self._said.get(number) != trouble:
                self._run.complain(f"{feed.resource}: {trouble}")
            if trouble or status.synced:  # an attempt under way is no news
                self._said[number] = trouble

    def _lasts(self, number: int, status: InformerStatus) -> bool:
        """Whether what has not come yet failed for longer than its errors are worth waiting for."""
        error = next((each for each in reversed(status.errors) if each.source == ATTEMPT), None)
        if status.synced or error is None:
            return False
        now = self._run.clock.monotonic()
        return now - self._failing_since.setdefault(number, now) >= _at_most(error.patience, self._run.session)

    def _refuse(self, number: int, sentence: str) -> None:
        if isinstance(self._feeds, SelectedFeeds) and self._feeds.open_elsewhere(number):
            self._said.pop(number, None)
            self._failing_since.pop(number, None)
            return
        self.refused[number] = sentence
        if not self._tolerant or len(self.refused) == len(self._feeds):
            raise StreamError(sentence)


def _trouble(status: InformerStatus) -> str:
    if status.polls:
        refusal = next((each.message for each in reversed(status.errors) if each.status in (403, 405)), "")
        return f"{refusal or 'watches are refused'}: {instead(status)}"
    if status.phase in (Phase.FORBIDDEN, Phase.GONE, Phase.BACKING_OFF) and status.last_error is not None:
        return status.last_error.message
    return ""


def _advice(status: InformerStatus) -> str:
    """What to do about it, where the server does not say."""
    if status.phase is Phase.FORBIDDEN:
        return "; choose a namespace where you may with -n, or another --context"
    return ""


def _hopeless(status: InformerStatus) -> bool:
    """Whether the server understood the question and will not answer it: asking again is of no use to a script. What
    was listed is there.
    """
    if status.synced:
        return False
    refused = status.last_error.status if status.last_error is not None else 0
    return status.phase in (Phase.FORBIDDEN, Phase.GONE) or (400 <= refused < 500 and refused not in (408, 410, 429))
