"""The plain stream: wait for the connection, open the feeds, print what is there and then every change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kwatch.catalog.names import UnknownResource
from kwatch.informer.clock import Clock
from kwatch.informer.resource import Resource
from kwatch.informer.status import InformerStatus, Phase
from kwatch.output.change import Gap, ObjectChange, change_of
from kwatch.output.delta_queue import DeltaQueue, DeltaSeen, GapSeen
from kwatch.output.printer import Printer
from kwatch.session.feed import Feed
from kwatch.session.session import Session
from kwatch.session.state import ConnectionPhase

TICK = 0.05
"""Seconds the printing thread waits for a delta before it looks at the informers' health."""


class StreamError(Exception):
    """The stream cannot begin; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What to print. `namespace` None is the context's own."""

    resource: str
    name: str | None = None
    namespace: str | None = None
    all_namespaces: bool = False
    label_selector: str | None = None
    field_selector: str | None = None
    watch_only: bool = False
    until_synced: bool = False
    order: Callable[[ObjectChange], object] | None = None
    """The order of what is there at first, within one resource; None is the server's."""


class Stream:
    """Runs in the main thread until `stop` is set, or until synced if that was asked."""

    def __init__(
        self,
        session: Session,
        request: StreamRequest,
        printer: Printer,
        write: Callable[[str], None],
        complain: Callable[[str], None],
        clock: Clock,
        stop: threading.Event,
    ) -> None:
        self._session = session
        self._request = request
        self._printer = printer
        self._write = write
        self._complain = complain
        self._clock = clock
        self._stop = stop
        self._queue = DeltaQueue()
        self._feeds: list[Feed] = []
        self._complained: dict[int, str] = {}

    def run(self) -> None:
        """Raise StreamError when it cannot begin."""
        changed = threading.Event()
        self._session.on_change(changed.set)
        try:
            self._await_connection(changed)
            self._open()
            self._print()
        finally:
            self._queue.close()

    def _await_connection(self, changed: threading.Event) -> None:
        while not self._stop.is_set():
            state = self._session.state
            if state.phase is ConnectionPhase.CONNECTED:
                return
            if state.phase is ConnectionPhase.FAILED:
                raise StreamError(state.message)
            self._clock.wait(changed, TICK)
            changed.clear()

    def _open(self) -> None:
        names = self._session.names
        if self._stop.is_set() or names is None:
            return
        try:
            resources = names.resolve(self._request.resource)
        except UnknownResource as error:
            raise StreamError(str(error)) from error
        for resource in resources:
            if not resource.watchable:
                raise StreamError(f"{resource} can be fetched but not watched: the server offers no watch for it")
        for number, resource in enumerate(resources):
            self._feeds.append(
                self._session.open(
                    resource,
                    self._namespace(resource),
                    self._request.label_selector,
                    self._field_selector(),
                    sinks=(self._queue.sink(number),),
                )
            )

    def _namespace(self, resource: Resource) -> str | None:
        if self._request.all_namespaces or not resource.namespaced:
            return None
        return self._request.namespace or self._session.state.namespace

    def _field_selector(self) -> str | None:
        given, name = self._request.field_selector, self._request.name
        by_name = f"metadata.name={name}" if name else None
        return ",".join(each for each in (given, by_name) if each) or None

    def _print(self) -> None:
        initial = _Initial()
        while not self._stop.is_set():
            if not initial.printed and initial.complete(self._feeds):
                initial.printed = True
                self._print_initial(initial.changes)
                if self._request.until_synced:
                    return
            item = self._queue.get(TICK)
            if item is None:
                self._watch_health(initial.printed)
            elif isinstance(item, GapSeen):
                self._print_gap(item)
            elif (change := self._change(item)) is not None:
                if initial.printed:
                    self._write(self._printer.change(change))
                else:
                    initial.take(item.source, change)

    def _change(self, seen: DeltaSeen) -> ObjectChange | None:
        feed = self._feeds[seen.source]
        return change_of(feed.resource, feed.kind, seen.delta, seen.old)

    def _print_initial(self, initial: dict[tuple[int, str], ObjectChange]) -> None:
        changes = [initial[place] for place in sorted(initial)]
        if self._request.name is not None and not changes:
            where = self._feeds[0].resource
            raise StreamError(f"{where} {self._request.name!r} not found{self._place()}")
        if self._request.watch_only:
            return
        if not changes:
            self._complain(f"no {', '.join(str(feed.resource) for feed in self._feeds)} found{self._place()}")
        self._write(self._printer.initial(self._in_order(changes), self._request.until_synced))

    def _in_order(self, changes: Sequence[ObjectChange]) -> Sequence[ObjectChange]:
        order = self._request.order
        if order is None:
            return changes
        rank = {feed.resource: number for number, feed in enumerate(self._feeds)}
        return sorted(changes, key=lambda each: (rank[each.resource], order(each)))

    def _place(self) -> str:
        namespaced = any(feed.resource.namespaced for feed in self._feeds)
        if self._request.all_namespaces or not namespaced:
            return ""
        return f" in namespace {self._request.namespace or self._session.state.namespace}"

    def _print_gap(self, seen: GapSeen) -> None:
        resource = self._feeds[seen.source].resource
        gap = Gap(resource, seen.since, seen.until, seen.cause)
        text = self._printer.gap(gap)
        if text:
            self._write(text)
        else:
            self._complain(f"{resource}: not watched for {seen.until - seen.since:.0f} s: {seen.cause}")

    def _watch_health(self, synced: bool) -> None:
        for number, feed in enumerate(self._feeds):
            status = feed.status
            trouble = _trouble(status)
            if trouble and not synced and _hopeless(status):
                raise StreamError(trouble)
            if trouble and self._complained.get(number) != trouble:
                self._complain(f"{feed.resource}: {trouble}")
            self._complained[number] = trouble


class _Initial:
    """Gathers what is there at first, so that it is printed in order and in one piece."""

    def __init__(self) -> None:
        self.printed = False
        self.changes: dict[tuple[int, str], ObjectChange] = {}
        self._seen: set[tuple[int, str]] = set()
        self._missing: set[tuple[int, str]] | None = None

    def take(self, source: int, change: ObjectChange) -> None:
        """A delta that came before the first print."""
        place = (source, change.object.key)
        self._seen.add(place)
        if self._missing is not None:
            self._missing.discard(place)
        if change.type == "DELETED":
            self.changes.pop(place, None)
        else:
            self.changes[place] = change

    def complete(self, feeds: Sequence[Feed]) -> bool:
        """Whether every informer synced and all that its cache then held has come through the queue."""
        if self._missing is None and all(feed.informer.has_synced() for feed in feeds):
            held = {(source, key) for source, feed in enumerate(feeds) for key in feed.indexer.list_keys()}
            self._missing = held - self._seen
        return self._missing is not None and not self._missing


def _trouble(status: InformerStatus) -> str:
    if status.phase in (Phase.FORBIDDEN, Phase.GONE, Phase.BACKING_OFF) and status.last_error is not None:
        return status.last_error.message
    return ""


def _hopeless(status: InformerStatus) -> bool:
    """Whether the server understood the question and will not answer it: asking again is of no use to a script."""
    refused = status.last_error.status if status.last_error is not None else 0
    return status.phase in (Phase.FORBIDDEN, Phase.GONE) or (400 <= refused < 500 and refused not in (408, 410, 429))
