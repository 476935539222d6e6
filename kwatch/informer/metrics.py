"""Metrics under the names that client-go and component-base give them (Kubernetes 1.37), for whatever exports them.

    registry = MetricsRegistry()
    registry.register(factory)                   # informer_* and reflector_* of every informer
    registry.register(QueueMetrics(name="pods")) # workqueue_* of the queue that was made with it
    registry.text()                              # what Prometheus reads; `collect()` for anything else

Nothing is pushed, and no thread updates anything: values are computed when they are read.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, Protocol

import msgspec

from kwatch.informer.clock import Clock, SystemClock

Kind = Literal["counter", "gauge", "histogram"]
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of MetricsRegistry.text()."""
WORK_BUCKETS = tuple(10.0**power for power in range(-6, 4))
"""Seconds; those of workqueue_queue_duration_seconds and workqueue_work_duration_seconds."""
PROCESSING_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LIST_BUCKETS = (
    *(0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
    *(10.0, 15.0, 20.0, 30.0, 45.0, 60.0),
)
WATCH_BUCKETS = (0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0)


class Histogram:
    """Counts observations, in seconds, by upper bounds. Thread-safe."""

    def __init__(self, buckets: Sequence[float] = WORK_BUCKETS) -> None:
        self.buckets = tuple(buckets)
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, value: float) -> None:
        with self._lock:
            self._counts[bisect_left(self.buckets, value)] += 1
            self._sum += value

    def snapshot(self) -> Observations:
        with self._lock:
            counts, total = [*self._counts], self._sum
        below = 0
        cumulative = []
        for bound, count in zip((*self.buckets, float("inf")), counts, strict=True):
            below += count
            cumulative.append((bound, below))
        return Observations(tuple(cumulative), total)


class Observations(msgspec.Struct, frozen=True):
    """A histogram at one moment: how many were at or below each bound, the last of which is infinity; and their sum."""

    cumulative: tuple[tuple[float, int], ...]
    sum: float

    @property
    def count(self) -> int:
        return self.cumulative[-1][1]


class Sample(msgspec.Struct, frozen=True):
    """A value with its labels; that of a histogram is its Observations."""

    labels: Mapping[str, str]
    value: float | Observations


class Metric(msgspec.Struct, frozen=True):
    """All samples of one name. `help` is a sentence."""

    name: str
    kind: Kind
    help: str
    samples: tuple[Sample, ...]


MetricRow = tuple[str, Kind, str, float | Observations]
"""Name, kind, help and value of a metric."""


class MetricSource(Protocol):
    """What has metrics: a SharedInformerFactory, a QueueMetrics, or something of the program's own."""

    def metrics(self) -> Iterable[Metric]:
        """From any thread."""


class MetricsRegistry:
    """Sources of metrics, asked together. Thread-safe."""

    def __init__(self, *sources: MetricSource) -> None:
        self._sources = sources
        self._lock = threading.Lock()

    def register(self, source: MetricSource) -> None:
        with self._lock:
            self._sources = (*self._sources, source)

    def unregister(self, source: MetricSource) -> None:
        with self._lock:
            self._sources = tuple(each for each in self._sources if each is not source)

    def collect(self) -> list[Metric]:
        """Every metric once, sorted by name, with the samples of all sources."""
        found: dict[str, Metric] = {}
        for source in self._sources:
            for metric in source.metrics():
                before = found.get(metric.name)
                samples = (*before.samples, *metric.samples) if before is not None else metric.samples
                found[metric.name] = Metric(metric.name, metric.kind, metric.help, samples)
        return [found[name] for name in sorted(found)]

    def text(self) -> str:
        """The text format of Prometheus, of type CONTENT_TYPE."""
        return "".join(line + "\n" for metric in self.collect() for line in _lines(metric))


_QUEUE_DURATION = "How long in seconds an item stays in workqueue before being requested."
_WORK_DURATION = "How long in seconds processing an item from workqueue takes."
_UNFINISHED_WORK = (
    "How many seconds of work is in progress and was not yet observed by work_duration. Large values are stuck "
    "workers; the rate at which it grows is their number."
)
_LONGEST_RUNNING = "How many seconds the longest running processor for workqueue has been running."


class Durations:
    """What one informer took for its work, in seconds."""

    def __init__(self) -> None:
        self.processing = Histogram(PROCESSING_BUCKETS)
        """From taking a batch out of the queue until cache, sinks and handlers' queues have it."""
        self.lists = Histogram(LIST_BUCKETS)
        """Whole lists, streamed or paged."""
        self.watches = Histogram(WATCH_BUCKETS)
        """Watches, from open to end."""
        self.short_watches = 0
        self.listed_items = 0
        """Objects in the last list."""
        self.watched_objects = 0
        """Events in the last watch that ended."""


class QueueMetrics:
    """Counts and times in seconds of one queue, which `name` distinguishes from others. Thread-safe.

    Register it with a MetricsRegistry, or read `snapshot`.
    """

    def __init__(self, clock: Clock | None = None, *, name: str = "") -> None:
        self.name = name
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._waiting_since: dict[Hashable, float] = {}
        self._working_since: dict[Hashable, float] = {}
        self._adds = 0
        self._retries = 0
        self._latency = 0.0
        self._duration = 0.0
        self.queue_duration = Histogram()
        """How long items waited."""
        self.work_duration = Histogram()
        """How long workers had them."""

    def added(self, item: Hashable) -> None:
        with self._lock:
            self._adds += 1
            self._waiting_since.setdefault(item, self._clock.monotonic())

    def got(self, item: Hashable) -> None:
        """A worker took it."""
        with self._lock:
            now = self._clock.monotonic()
            self._working_since[item] = now
            since = self._waiting_since.pop(item, now)
            self._latency = now - since
            self.queue_duration.observe(self._latency)

    def done(self, item: Hashable) -> None:
        with self._lock:
            now = self._clock.monotonic()
            self._duration = now - self._working_since.pop(item, now)
            self.work_duration.observe(self._duration)

    def retried(self) -> None:
        """It was added with a delay."""
        with self._lock:
            self._retries += 1

    def snapshot(self) -> Mapping[str, float]:
        """`latency` and `work_duration` are those of the last item, in seconds."""
        with self._lock:
            now = self._clock.monotonic()
            running = [now - since for since in self._working_since.values()]
            return MappingProxyType(
                {
                    "adds": self._adds,
                    "depth": len(self._waiting_since),
                    "retries": self._retries,
                    "latency": self._latency,
                    "latency_sum": self.queue_duration.snapshot().sum,
                    "work_duration": self._duration,
                    "work_duration_sum": self.work_duration.snapshot().sum,
                    "unfinished_work": sum(running),
                    "longest_running": max(running, default=0.0),
                }
            )

    def metrics(self) -> list[Metric]:
        """client-go's workqueue_*."""
        values = self.snapshot()
        rows: tuple[MetricRow, ...] = (
            ("depth", "gauge", "Current depth of workqueue", values["depth"]),
            ("adds_total", "counter", "Total number of adds handled by workqueue", values["adds"]),
            ("queue_duration_seconds", "histogram", _QUEUE_DURATION, self.queue_duration.snapshot()),
            ("work_duration_seconds", "histogram", _WORK_DURATION, self.work_duration.snapshot()),
            ("unfinished_work_seconds", "gauge", _UNFINISHED_WORK, values["unfinished_work"]),
            ("longest_running_processor_seconds", "gauge", _LONGEST_RUNNING, values["longest_running"]),
            ("retries_total", "counter", "Total number of retries handled by workqueue", values["retries"]),
        )
        return metrics_of("workqueue_", {"name": self.name}, rows)


def metrics_of(prefix: str, labels: Mapping[str, str], rows: Iterable[MetricRow]) -> list[Metric]:
    """Metrics of one sample each, with the same labels."""
    return [Metric(prefix + name, kind, help_, (Sample(labels, value),)) for name, kind, help_, value in rows]


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.help)}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for sample in metric.samples:
        value = sample.value
        if not isinstance(value, Observations):
            yield f"{metric.name}{_labels(sample.labels)} {_number(value)}"
            continue
        for bound, count in value.cumulative:
            yield f"{metric.name}_bucket{_labels({**sample.labels, 'le': _number(bound)})} {count}"
        yield f"{metric.name}_sum{_labels(sample.labels)} {_number(value.sum)}"
        yield f"{metric.name}_count{_labels(sample.labels)} {value.count}"


def _labels(labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value, quoted=True)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(text: str, *, quoted: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quoted else text


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
