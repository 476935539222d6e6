"""The plain stream: wait for the connection, open the feeds, print what is there and then every change."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Container, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from kwatch.base.limits import LIMIT
from kwatch.base.namespaces import in_words
from kwatch.history.coverage import Gap
from kwatch.informer.delta import Delta
from kwatch.informer.errors import FORBIDDEN
from kwatch.informer.protocol import Object
from kwatch.informer.resource import Resource
from kwatch.output.opening import (
    TICK,
    Health,
    Run,
    SelectedFeeds,
    Selection,
    StreamError,
    await_connection,
)
from kwatch.output.printer import ObjectChange, Printer, change_of
from kwatch.session.informer_pool import Feed
from kwatch.session.memory import Economy

_IDLE = 4
"""Looks in a row that found nothing, after which what was under way has gone through."""

_LOT = 1 << 20
"""Characters that are written together."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What to print of what is selected."""

    selection: Selection
    watch_only: bool = False
    until_synced: bool = False
    ignore_not_found: bool = False
    """Whether it does not matter that named objects are not there."""
    order: Callable[[ObjectChange], object] | None = None
    """The order of what is there at first, within one resource; None is the server's."""


class Stream:
    """Runs in one thread until `stop` is set, until synced if that was asked, or until nothing more comes."""

    def __init__(
        self,
        run: Run,
        request: StreamRequest,
        printer: Printer,
        write: Callable[[str], None],
        *,
        begun: Callable[[], None] = lambda: None,
        over: Callable[[], bool] = bool,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        """`begun` is called when what is there at first was printed; `over` then says whether nothing more comes. Of
        several streams with one printer each has its `turn` to print.
        """
        self._turn = turn if turn is not None else nullcontext()
        self._begun = begun
        self._over = over
        self._idle = 0
        self._run = run
        self._request = request
        self._printer = printer
        self._write = write
        self._economy = Economy()
        self._queue = DeltaQueue()
        self._feeds: list[Feed] = []
        self._left_out: list[str] = []
        """Why some of what was there at first was not printed."""

    def run(self) -> None:
        """Raise StreamError when it cannot begin."""
        context = self._run.session.context
        try:
            if await_connection(self._run):
                self._feeds = SelectedFeeds(
                    self._run,
                    self._request.selection,
                    lambda number, resource, asked: (QueueSink(self._queue, number, context, resource),),
                )
                self._print()
        finally:
            self._queue.close()

    def _print(self) -> None:
        initial = _Initial()
        heard: list[Feed] = []
        health = Health(self._run, self._feeds, tolerant=True, follows=not self._request.until_synced)
        while not self._run.stop.is_set():
            for feed in self._feeds if len(heard) < len(self._feeds) else ():
                if feed not in heard:
                    heard.append(feed)
                    feed.informer.synced.on_set(self._queue.wake)
            if not initial.printed and initial.complete(self._feeds, health.refused):
                initial.printed = True
                self._print_initial(initial.changes, health.refused)
                initial.changes.clear()
                self._tell_refusals([*health.refused.values(), *self._left_out, *health.beyond_limit()])
                if self._request.until_synced:
                    health.say_crashes()
                    return
                self._begun()
            item = self._queue.get(TICK)
            if item is None:
                health.look(initial.printed)
                self._keep_below_limit(health, initial.printed)
                if initial.printed and self._is_over():
                    return
            elif isinstance(item, Gap):
                self._print_gap(item)
            elif (change := self._change(item)) is not None:
                if initial.printed:
                    self._print_change(change)
                else:
                    initial.take(item.source, change)

    def _keep_below_limit(self, health: Health, is_begun: bool) -> None:
        if LIMIT.bytes:
            self._economy.look(None, tuple, self._run.clock.time())
            for sentence in health.beyond_limit() if is_begun else ():
                self._run.complain(sentence)

    @property
    def is_incomplete(self) -> bool:
        """Whether something was not printed because the memory limit had no room for it."""
        return any(feed.status.left_out for feed in self._feeds)

    def _is_over(self) -> bool:
        """Whether nothing more comes, and all that came has gone through."""
        waits = any(feed.status.queue_depth for feed in self._feeds)
        self._idle = self._idle + 1 if self._over() and not waits else 0
        return self._idle > _IDLE

    def _tell_refusals(self, sentences: Sequence[str]) -> None:
        """Some resources are missing from what was printed: a script must know, a person may go on watching."""
        if sentences and self._request.until_synced:
            raise StreamError("; ".join(sentences))
        for sentence in sentences:
            self._run.complain(sentence)

    def _change(self, seen: DeltaSeen) -> ObjectChange | None:
        feed = self._feeds[seen.source]
        change = change_of(feed.resource, feed.kind, seen.delta, seen.old)
        return replace(change, context=self._run.context) if self._run.context and change is not None else change

    def _print_initial(self, initial: dict[tuple[int, str], ObjectChange], refused: Collection[int]) -> None:
        changes = [initial[place] for place in sorted(initial)]
        missing = [] if refused else self._missing({each.object.name for each in changes})
        if missing and not changes:
            raise StreamError("; ".join(missing))
        self._left_out += missing
        if self._request.watch_only:
            return
        if not changes and self._request.selection.is_named:
            return
        if not changes:
            asked = [str(feed.resource) for number, feed in enumerate(self._feeds) if number not in refused]
            self._run.complain(f"no {', '.join(asked)} found{self._place()}")
        if not self._printer.is_one(self._request.until_synced):
            self._print_one_by_one(self._in_order(changes))
            return
        with self._turn:
            try:
                text = self._printer.initial(self._in_order(changes), self._request.until_synced)
            except RecursionError:
                fitting = [each for each in changes if not _is_deep(each.object.tree())]
                text = self._printer.initial(self._in_order(fitting), self._request.until_synced)
                self._left_out += [_too_deep(each) for each in changes if each not in fitting]
            self._write(text)

    def _missing(self, found: Container[str]) -> list[str]:
        """A sentence for each object that was named and is not there, unless that does not matter."""
        selection = self._request.selection
        names = (selection.name,) if selection.name is not None else selection.names
        missing = [each for each in names if each not in found and not self._request.ignore_not_found]
        return [f"{self._feeds[0].resource} {each!r} not found{self._place()}" for each in missing]

    def _print_one_by_one(self, changes: Sequence[ObjectChange]) -> None:
        """By lots: all at once may be ten times what the objects take, packed."""
        lot, size = list[str](), 0
        with self._turn:
            for change in changes:
                try:
                    lot.append(self._printer.change(change))
                except RecursionError:
                    self._left_out.append(_too_deep(change))
                    continue
                size += len(lot[-1])
                if size > _LOT:
                    self._write("".join(lot))
                    lot, size = [], 0
            self._write("".join(lot))

    def _print_change(self, change: ObjectChange) -> None:
        with self._turn:
            try:
                text = self._printer.change(change)
            except RecursionError:
                self._run.complain(_too_deep(change))
            else:
                self._write(text)

    def _in_order(self, changes: Sequence[ObjectChange]) -> Sequence[ObjectChange]:
        order = self._request.order
        if order is None:
            return changes
        rank = {feed.resource: number for number, feed in enumerate(self._feeds)}
        return sorted(changes, key=lambda each: (rank[each.resource], order(each)))

    def _place(self) -> str:
        namespaces = dict.fromkeys(each for feed in self._feeds if (each := feed.watched.namespace) is not None)
        words = in_words(",".join(namespaces)) if namespaces else ""
        return f" in namespace{'s' if len(namespaces) > 1 else ''} {words}" if words else ""

    def _print_gap(self, gap: Gap) -> None:
        with self._turn:
            text = self._printer.gap(gap)
            if text:
                self._write(text)
        if text:
            return
        if gap.cause != FORBIDDEN:  # of what is never watched it was said once how it is followed
            self._run.complain(f"{gap.resource}: not watched for {gap.until - gap.since:.0f} s: {gap.cause}")


DEEPEST = 200
"""Levels of an object that every format can print; a real one has far fewer."""


def _is_deep(tree: object) -> bool:
    level = [tree]
    for _ in range(DEEPEST):
        inner = [value for value in level if isinstance(value, dict | list)]
        level = [each for value in inner for each in (value.values() if isinstance(value, dict) else value)]
    return bool(level)


def _too_deep(change: ObjectChange) -> str:
    return f"{change.resource} {change.object.key}: nested too deep to be printed so"


class _Initial:
    """Gathers what is there at first, so that it is printed in order and in one piece."""

    def __init__(self) -> None:
        self.printed = False
        self.changes: dict[tuple[int, str], ObjectChange] = {}
        self._seen: set[tuple[int, str]] = set()
        self._missing: set[tuple[int, str]] | None = None

    def take(self, source: int, change: ObjectChange) -> None:
        place = (source, change.object.key)
        self._seen.add(place)
        if self._missing is not None:
            self._missing.discard(place)
        if change.type == "DELETED":
            self.changes.pop(place, None)
        else:
            self.changes[place] = change

    def complete(self, feeds: Sequence[Feed], refused: Container[int]) -> bool:
        """Whether all that is not refused synced, and all that the caches then held has come through the queue."""
        synced = (feed.informer.has_synced() for number, feed in enumerate(feeds) if number not in refused)
        if self._missing is None and all(synced):
            held = {(source, key) for source, feed in enumerate(feeds) for key in feed.indexer.list_keys()}
            self._missing = held - self._seen
        return self._missing is not None and not self._missing


@dataclass(frozen=True, slots=True)
class DeltaSeen:
    """A delta of the informer numbered `source`."""

    source: int
    delta: Delta
    old: Object | None


class DeltaQueue:
    """When the reader of stdout is slow the informer waits here, its own queue fills, and its reflector stops reading:
    memory stays bounded and nothing is dropped.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._queue: queue.Queue[DeltaSeen | Gap | None] = queue.Queue(capacity)
        self._closed = threading.Event()

    def put(self, item: DeltaSeen | Gap) -> None:
        """Add; wait while full, until closed."""
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def wake(self) -> None:
        """Let a reader that waits for the next one look around. Never blocks."""
        try:
            self._queue.put_nowait(None)
        except queue.Full:
            pass  # it does not wait

    def get(self, timeout: float) -> DeltaSeen | Gap | None:
        """The next, or None after `timeout` seconds, or earlier after `wake`."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        """End every wait to put."""
        self._closed.set()


class QueueSink:
    """One informer's end of the queue."""

    def __init__(self, target: DeltaQueue, source: int, context: str, resource: Resource) -> None:
        self._target = target
        self._source = source
        self._context = context
        self._resource = resource

    def on_delta(self, key: str, delta: Delta, old: Object | None) -> None:
        self._target.put(DeltaSeen(self._source, delta, old))

    def on_gap(self, since: float, until: float, cause: str) -> None:
        self._target.put(Gap(self._context, str(self._resource), since, until, cause))
