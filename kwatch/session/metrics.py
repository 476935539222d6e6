"""What pods and nodes use, from metrics.k8s.io: one poll a path, in its own thread, shared by the views that show it
and ended when unused for a while.
"""

from __future__ import annotations

import logging
import sys
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from math import isnan, nan
from time import perf_counter, thread_time

import msgspec

from kwatch.base.namespaces import asked_of_server
from kwatch.base.quantity import parse_quantity
from kwatch.base.threads import Thread, reason_of
from kwatch.catalog.names import ResourceNames
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.resource import Resource
from kwatch.session.sharing import Shared, Sharing
from kwatch.view.usage import Amount, Usage, measurable

log = logging.getLogger("kwatch.session.metrics")
GROUP = "metrics.k8s.io"
RELEASE_AFTER = 60.0
"""Seconds an unused poll goes on, so that a view that is opened again has the measurements meanwhile."""
PACE = 15.0
"""Seconds between rounds where the server does not say over how long it measures."""
TOO_OLD = 200.0
"""Seconds after which a measurement is shown no longer; the slowest round comes within it."""
_SLOWEST = 120.0
_AFTER_ERROR = 60.0
_PATIENCE = 10.0
"""A server that takes long is asked less often: a round takes a tenth of the time at most."""
_WORK = 500.0
"""Nor do measurements of many pods keep the machine busy: reading them takes a fifth of a percent of a core at most."""
_SEEN = 16
"""Measurements kept for a sparkline."""
_SPARSE = 1.25
"""When what is kept has so many times the room that it needs, it is packed again."""
Ask = Callable[[str], bytes]


def open_usage(
    usages: UsagePool, names: ResourceNames | None, resource: Resource, namespace: str | None, name: str = ""
) -> UsageShare | None:
    """What the pods of a namespace (None: of all), the nodes, or one of them use; None where that is not served, or the
    session has ended.
    """
    if names is None or not measurable(resource):
        return None
    served = [each for each in names.resources if each.group == GROUP and each.name == resource.name]
    if not served:
        return None
    where = f"namespaces/{namespace}/" if namespace and resource.namespaced else ""
    try:
        return usages.open(f"/apis/{served[0].api_version}/{where}{resource.name}" + (f"/{name}" if name else ""))
    except Closed:
        return None


def open_usages(
    usages: UsagePool, names: ResourceNames | None, resource: Resource, namespace: str | None
) -> UsageShares | None:
    """The same in the namespaces that a word of kwatch.base.namespaces stands for."""
    asked = [each.namespace for each in asked_of_server(namespace if resource.namespaced else None)]
    opened = {each: open_usage(usages, names, resource, each) for each in asked}
    shares = {each: share for each, share in opened.items() if share is not None}
    return UsageShares(shares) if shares else None


class UsagePool:
    """Thread-safe. `ask` is a UsageFeed's."""

    def __init__(self, ask: Ask, clock: Clock, release_after: float = RELEASE_AFTER) -> None:
        self._ask = ask
        self._clock = clock
        self._sharing: Sharing[str, UsageFeed] = Sharing(clock, release_after)

    def open(self, path: str) -> UsageShare:
        """What the server measures at a path; the first to ask starts the poll. Raise Closed after `stop`."""
        shared, is_new = self._sharing.acquire(path, lambda: UsageFeed(self._ask, path, self._clock))
        if is_new:
            shared.start()
        return UsageShare(shared, lambda: self._sharing.give_up(shared))

    @property
    def bytes(self) -> int:
        """About how much memory all measurements take."""
        return sum(each.bytes for each in self._sharing.all())

    def stop_idle(self) -> tuple[str, ...]:
        """End the polls that were unused for long enough, and return which."""
        idle = self._sharing.take_idle()
        for each in idle.values():
            each.release()
        return tuple(idle)

    def stop(self) -> None:
        for each in self._sharing.close():
            each.release()


class UsageShare:
    """A view's share of a poll; `release` lets go of it."""

    def __init__(self, feed: UsageFeed, on_release: Callable[[], None]) -> None:
        self._feed = feed
        self._on_release: Callable[[], None] | None = on_release

    @property
    def version(self) -> int:
        """Grows with every round of measurements; 0 before the first."""
        return self._feed.version

    @property
    def error(self) -> str:
        """Why there are no newer measurements; empty while they come."""
        return self._feed.error

    def of(self, key: str) -> Usage | None:
        return self._feed.of(key)

    def release(self) -> None:
        on_release, self._on_release = self._on_release, None
        if on_release is not None:
            on_release()


class UsageShares:
    """Those of several namespaces as one; the only one may be that of all of them."""

    def __init__(self, shares: Mapping[str | None, UsageShare]) -> None:
        self._shares = shares

    @property
    def version(self) -> int:
        return sum(each.version for each in self._shares.values())

    @property
    def error(self) -> str:
        return next((each.error for each in self._shares.values() if each.error), "")

    def of(self, key: str) -> Usage | None:
        share = self._shares.get(None) or self._shares.get(key.rpartition("/")[0])
        return share.of(key) if share is not None else None

    def release(self) -> None:
        for each in self._shares.values():
            each.release()


class _Metadata(msgspec.Struct):
    name: str
    namespace: str = ""


class _Quantities(msgspec.Struct):
    cpu: str | int | float
    memory: str | int | float

    def amount(self) -> Amount:
        """Raise ValueError for what is no quantity."""
        return Amount(parse_quantity(str(self.cpu)), parse_quantity(str(self.memory)))


class _Container(msgspec.Struct):
    usage: _Quantities
    name: str = ""


class _Item(msgspec.Struct):
    """A PodMetrics or NodeMetrics."""

    metadata: _Metadata
    window: str | None = None
    usage: _Quantities | None = None
    containers: list[_Container] | None = None

    @property
    def key(self) -> str:
        namespace = self.metadata.namespace
        return f"{namespace}/{self.metadata.name}" if namespace else self.metadata.name

    def amount(self) -> Amount | None:
        """A node's usage, or the sum of a pod's containers; raise ValueError."""
        if self.usage is not None:
            return self.usage.amount()
        amounts = [each.usage.amount() for each in self.containers or ()]
        if len(amounts) == 1:
            return amounts[0]
        return Amount(sum(each.cpu for each in amounts), sum(each.memory for each in amounts)) if amounts else None


class _List(msgspec.Struct):
    items: list[msgspec.Raw] | None = None
    """Decoded one by one: as trees all at once, those of 100,000 pods take 300 MB."""


_decode_list = msgspec.json.Decoder(_List).decode
_decode_item = msgspec.json.Decoder(_Item).decode


_PLACE = 40
"""Bytes of the number of a place, and of what a name is rounded up."""


class Measurements:
    """Those of many objects, packed: eight bytes each a round, sixteen of the last one. Immutable."""

    def __init__(self) -> None:
        self._places: Mapping[str, int] = {}
        """Where an object is in each round; one that came later is behind the end of the rounds before."""
        self._now = array("d")
        """CPU and memory in turn."""
        self._rounds: tuple[array[float], ...] = ()
        self._containers: Mapping[str, Amount] = {}

    def followed_by(self, found: Iterable[tuple[str, Amount]], containers: Mapping[str, Amount]) -> Measurements:
        """These and another round, of which the last _SEEN; what was not measured in it is forgotten."""
        after = Measurements()
        before, came = self._places, dict[str, int]()
        now = array("d", [nan]) * len(self._now)
        for key, amount in found:
            place = before.get(key, -1)
            if place < 0:
                place = came[key] = len(now)
                now.extend(amount)
            else:
                now[place], now[place + 1] = amount
        here = {key: place for key, place in before.items() if not isnan(now[place])}
        places = here | came if came or len(here) < len(before) else before
        rounds = (*self._rounds, array("f", now))[-_SEEN:]
        if len(now) > _SPARSE * 2 * len(places):
            order = [*places.values()]
            rounds = tuple([_moved(each, order) for each in rounds])
            now, places = _moved(now, order), {key: 2 * number for number, key in enumerate(places)}
        after._places, after._now, after._rounds, after._containers = places, now, rounds, containers
        return after

    @property
    def bytes(self) -> int:
        """About how much memory they take, by some of the names."""
        some = [*islice(self._places, 100)]
        named = sum(map(sys.getsizeof, some)) * len(self._places) // max(1, len(some)) + _PLACE * len(self._places)
        return named + sys.getsizeof(self._places) + sum(map(sys.getsizeof, (self._now, *self._rounds)))

    def of(self, key: str) -> Usage | None:
        place = self._places.get(key)
        if place is None:
            return None
        now = self._now
        return Usage(Amount(now[place], now[place + 1]), self._containers, partial(self._seen, place))

    def _seen(self, place: int, which: int) -> Sequence[float]:
        found = [each[place + which] for each in self._rounds if place < len(each)]
        return [each for each in found if not isnan(each)]


def _moved(cells: array[float], order: Sequence[int]) -> array[float]:
    """The pairs of cells that begin at these places, one behind the other."""
    moved: array[float] = array(cells.typecode)
    for place in order:
        moved.extend(cells[place : place + 2] if place < len(cells) else (nan, nan))
    return moved


class UsageFeed(Shared):
    """The UI thread asks `of`; another thread polls from `start` to `release`. Snapshots are replaced whole."""

    def __init__(self, ask: Ask, path: str, clock: Clock | None = None) -> None:
        """`ask` gives the JSON of a path and may block; it raises ApiError, or Closed when all is over."""
        self.version = 0
        self.error = ""
        """Why there are no newer measurements; empty while they come."""
        self._ask = ask
        self._path = path
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._measured = Measurements()
        self._measured_at = 0.0
        self._thread = Thread("kwatch-metrics", self._run, self._crashed, until=self._stop, wait=self._clock.wait)

    @property
    def bytes(self) -> int:
        return self._measured.bytes

    def start(self) -> None:
        self._thread.start()

    def release(self) -> None:
        """Poll no more; a request under way ends by itself. Idempotent."""
        self._stop.set()

    def of(self, key: str) -> Usage | None:
        """The last measurement of a pod or node; None for one that is too old to say how it is now."""
        return self._measured.of(key) if self._clock.time() - self._measured_at <= TOO_OLD else None

    def poll(self) -> float:
        """Ask once; how many seconds to wait before the next time. Raise Closed when there is no next time."""
        began, worked = perf_counter(), thread_time()
        try:
            answer = self._ask(self._path)
            items = _items(answer)
        except (ApiError, OSError, ValueError) as error:
            self.error = str(error)
            log.info("no measurements from %s: %s", self._path, error)
            return _AFTER_ERROR
        window, containers = _first(items)
        self._measured = self._measured.followed_by(_amounts(items), containers if items and items[0] is answer else {})
        self._measured_at = self._clock.time()
        self.error = ""
        self.version += 1
        cost = max(_PATIENCE * (perf_counter() - began), _WORK * (thread_time() - worked))
        return min(_SLOWEST, max(window, cost))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                delay = self.poll()
            except Closed:
                return
            self._clock.wait(self._stop, delay)

    def _crashed(self, error: BaseException) -> None:
        self.error = f"internal error: {reason_of(error)}"


def _items(answer: bytes) -> Sequence[bytes | msgspec.Raw]:
    """Those of a list; or the answer itself, if it is about one object. Raise ApiError if it is no JSON."""
    try:
        items = _decode_list(answer).items
    except msgspec.ValidationError:
        return ()
    except msgspec.DecodeError as error:
        raise ApiError(0, "Malformed", f"The measurements are no JSON: {error}") from error
    return [answer] if items is None else items


def _amounts(items: Iterable[bytes | msgspec.Raw]) -> Iterator[tuple[str, Amount]]:
    """What makes sense."""
    for each in items:
        with suppress(ValueError, ArithmeticError):
            item = _decode_item(each)
            amount = item.amount()
            if amount is not None:
                yield item.key, amount


def _first(items: Sequence[bytes | msgspec.Raw]) -> tuple[float, Mapping[str, Amount]]:
    """Over how many seconds the server measures, as the first item says; and what its containers use."""
    try:
        item = _decode_item(items[0])
        return _window(item.window or ""), {each.name: each.usage.amount() for each in item.containers or ()}
    except (IndexError, ValueError):
        return PACE, {}


def _window(text: str) -> float:
    """Seconds of `15s`, `1m2.5s`; sooner there is nothing new."""
    minutes, found, rest = text.rpartition("m")
    try:
        seconds = float(rest.removesuffix("s") or 0) + 60 * float(minutes if found else 0)
    except ValueError:
        return PACE
    return max(PACE, seconds)
