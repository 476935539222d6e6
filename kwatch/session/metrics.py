"""What pods and nodes use, from metrics.k8s.io: one poll a path, in its own thread, shared by the views that show it
and ended when unused for a while.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from sys import intern
from time import perf_counter, thread_time
from typing import Any

from kwatch.base.quantity import parse_quantity
from kwatch.base.threads import Thread, reason_of
from kwatch.catalog.names import ResourceNames
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.resource import Resource
from kwatch.session.sharing import Shared, Sharing
from kwatch.view.usage import Amount, Seen, Usage, measurable

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
_WORK = 200.0
"""Nor do measurements of many pods keep this machine busy: reading them takes half a percent of a core at most."""
_SEEN = 16
"""Measurements kept for a sparkline."""


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


class UsagePool:
    """Thread-safe. `ask` is a UsageFeed's."""

    def __init__(self, ask: Callable[[str], Any], clock: Clock, release_after: float = RELEASE_AFTER) -> None:
        self._ask = ask
        self._clock = clock
        self._sharing: Sharing[str, UsageFeed] = Sharing(clock, release_after)

    def open(self, path: str) -> UsageShare:
        """What the server measures at a path; the first to ask starts the poll. Raise Closed after `stop`."""
        shared, is_new = self._sharing.acquire(path, lambda: UsageFeed(self._ask, path, self._clock))
        if is_new:
            shared.start()
        return UsageShare(shared, lambda: self._sharing.give_up(shared))

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


class UsageFeed(Shared):
    """The UI thread asks `of`; another thread polls from `start` to `release`. Snapshots are replaced whole."""

    def __init__(self, ask: Callable[[str], Any], path: str, clock: Clock | None = None) -> None:
        """`ask` gives the decoded JSON of a path and may block; it raises ApiError, or Closed when all is over."""
        self.version = 0
        self.error = ""
        """Why there are no newer measurements; empty while they come."""
        self._ask = ask
        self._path = path
        self._clock = clock or SystemClock()
        self._stop = threading.Event()
        self._usages: Mapping[str, Usage] = {}
        self._measured_at = 0.0
        self._thread = Thread("kwatch-metrics", self._run, self._crashed, until=self._stop, wait=self._clock.wait)

    def start(self) -> None:
        self._thread.start()

    def release(self) -> None:
        """Poll no more; a request under way ends by itself. Idempotent."""
        self._stop.set()

    def of(self, key: str) -> Usage | None:
        """The last measurement of a pod or node; None for one that is too old to say how it is now."""
        usage = self._usages.get(key)
        return usage if usage is not None and self._clock.time() - self._measured_at <= TOO_OLD else None

    def poll(self) -> float:
        """Ask once; how many seconds to wait before the next time. Raise Closed when there is no next time."""
        began, worked = perf_counter(), thread_time()
        try:
            answer = self._ask(self._path)
        except (ApiError, OSError, ValueError) as error:
            self.error = str(error)
            log.info("no measurements from %s: %s", self._path, error)
            return _AFTER_ERROR
        items = _items(answer)
        known = self._usages
        self._usages = {key: _following(known.get(key), usage) for key, usage in _usages(items)}
        self._measured_at = self._clock.time()
        self.error = ""
        self.version += 1
        cost = max(_PATIENCE * (perf_counter() - began), _WORK * (thread_time() - worked))
        return min(_SLOWEST, max(_window(items), cost))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                delay = self.poll()
            except Closed:
                return
            self._clock.wait(self._stop, delay)

    def _crashed(self, error: BaseException) -> None:
        self.error = f"internal error: {reason_of(error)}"


def _items(answer: Any) -> list[Mapping[str, Any]]:
    if isinstance(answer, Mapping) and "items" not in answer:
        return [answer]
    items = answer.get("items") if isinstance(answer, Mapping) else None
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _usages(items: list[Mapping[str, Any]]) -> Iterator[tuple[str, Usage]]:
    for item in items:
        metadata = item.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if not isinstance(metadata, Mapping) or not isinstance(name, str):
            continue
        namespace = metadata.get("namespace")
        usage = _usage(item)
        if usage is not None:
            yield (f"{namespace}/{name}" if namespace else name), usage


def _usage(item: Mapping[str, Any]) -> Usage | None:
    """A node's usage, or the sum of a pod's containers."""
    whole = _amount(item.get("usage"))
    if whole is not None:
        return Usage(whole)
    listed = item.get("containers")
    containers: dict[str, Amount] = {}
    for each in listed if isinstance(listed, list) else ():
        amount = _amount(each.get("usage")) if isinstance(each, Mapping) else None
        if amount is not None:
            containers[intern(str(each.get("name")))] = amount
    if not containers:
        return None
    amounts = [*containers.values()]
    if len(amounts) == 1:
        return Usage(amounts[0], containers)
    return Usage(Amount(sum(each.cpu for each in amounts), sum(each.memory for each in amounts)), containers)


def _amount(usage: Any) -> Amount | None:
    if not isinstance(usage, Mapping):
        return None
    try:
        return Amount(parse_quantity(str(usage["cpu"])), parse_quantity(str(usage["memory"])))
    except (KeyError, ValueError):
        return None


def _following(before: Usage | None, usage: Usage) -> Usage:
    seen = before.seen if before is not None else Seen()
    return Usage(usage.now, usage.containers, seen.followed_by(usage.now, _SEEN))


def _window(items: list[Mapping[str, Any]]) -> float:
    """Over how many seconds the server measures: `15s`, `1m2.5s`; sooner there is nothing new."""
    text = str(items[0].get("window", "")) if items else ""
    minutes, found, rest = text.rpartition("m")
    try:
        seconds = float(rest.removesuffix("s") or 0) + 60 * float(minutes if found else 0)
    except ValueError:
        return PACE
    return max(PACE, seconds)
