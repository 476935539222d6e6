"""Metrics under the names that client-go and component-base give them (Kubernetes 1.37), for whatever exports them.

    registry = MetricsRegistry()
    registry.register(factory)                   # informer_* and reflector_* of every informer
    registry.register(QueueMetrics(name="pods")) # workqueue_* of the queue that was made with it
    registry.text()                              # what Prometheus reads; `collect()` for anything else

Nothing is pushed, and no thread updates anything: whoever asks is told what is so now.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

if TYPE_CHECKING:
    from kwatch.informer.resource import GroupVersionResource
    from kwatch.informer.shared_informer import SharedInformer

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
_DIGITS = 15
"""Of a resource version a float holds the last so many exactly."""


class Histogram:
    """Counts observations, in seconds, by upper bounds. Thread-safe."""

    def __init__(self, buckets: Sequence[float] = WORK_BUCKETS) -> None:
        self.buckets = tuple(buckets)
        self._counts = [0] * (len(buckets) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, value: float) -> None:
        """Count one."""
        with self._lock:
            self._counts[bisect_left(self.buckets, value)] += 1
            self._sum += value

    def snapshot(self) -> Observations:
        """What was counted so far."""
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
        """How many there were."""
        return self.cumulative[-1][1]


class Sample(msgspec.Struct, frozen=True):
    """A value with its labels; that of a histogram is its Observations."""

    labels: Mapping[str, str]
    value: float | Observations


class Metric(msgspec.Struct, frozen=True):
    """All samples of one name. `help` is a sentence."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: tuple[Sample, ...]


class MetricSource(Protocol):
    """What has metrics: a SharedInformerFactory, a QueueMetrics, or something of the program's own."""

    def metrics(self) -> Iterable[Metric]:
        """All of them, as they are now; from any thread."""
        ...


class MetricsRegistry:
    """Sources of metrics, asked together. Thread-safe."""

    def __init__(self, *sources: MetricSource) -> None:
        self._sources = sources
        self._lock = threading.Lock()

    def register(self, source: MetricSource) -> None:
        """Ask it from now on."""
        with self._lock:
            self._sources = (*self._sources, source)

    def unregister(self, source: MetricSource) -> None:
        """Ask it no more, if it was asked."""
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
        """The text format of Prometheus; its CONTENT_TYPE stands above."""
        return "".join(line + "\n" for metric in self.collect() for line in _lines(metric))


def queue_metrics(name: str, values: Mapping[str, float], waited: Histogram, worked: Histogram) -> list[Metric]:
    """workqueue_*, from the values of a QueueMetrics."""
    labels = {"name": name}
    return [
        _one("workqueue_depth", "gauge", "Current depth of workqueue", labels, values["depth"]),
        _one("workqueue_adds_total", "counter", "Total number of adds handled by workqueue", labels, values["adds"]),
        _one(
            "workqueue_queue_duration_seconds",
            "histogram",
            "How long in seconds an item stays in workqueue before being requested.",
            labels,
            waited.snapshot(),
        ),
        _one(
            "workqueue_work_duration_seconds",
            "histogram",
            "How long in seconds processing an item from workqueue takes.",
            labels,
            worked.snapshot(),
        ),
        _one(
            "workqueue_unfinished_work_seconds",
            "gauge",
            "How many seconds of work is in progress and was not yet observed by work_duration. Large values are stuck "
            "workers; the rate at which it grows is their number.",
            labels,
            values["unfinished_work"],
        ),
        _one(
            "workqueue_longest_running_processor_seconds",
            "gauge",
            "How many seconds the longest running processor for workqueue has been running.",
            labels,
            values["longest_running"],
        ),
        _one(
            "workqueue_retries_total",
            "counter",
            "Total number of retries handled by workqueue",
            labels,
            values["retries"],
        ),
    ]


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


def informer_metrics(informer: SharedInformer, name: str, gvr: GroupVersionResource) -> list[Metric]:
    """informer_* and reflector_* of one informer; `name` tells it from others of the same resource."""
    labels = {"name": name, "group": gvr.group, "version": gvr.version, "resource": gvr.resource}
    status, took = informer.status, informer.durations
    pending = tuple(
        Sample(labels | {"handler": registration.name}, float(registration.backlog))
        for registration in informer.registrations
    )
    return [
        _one("informer_queued_items", "gauge", "Number of items in the FIFO.", labels, float(status.queue_depth)),
        _one(
            "informer_processing_latency_seconds",
            "histogram",
            "Time taken to process events after popping from the queue.",
            labels,
            took.processing.snapshot(),
        ),
        _one(
            "informer_store_resource_version",
            "gauge",
            "The 15 least significant digits of the resource version of the store.",
            labels,
            _last_digits(informer.indexer.resource_version),
        ),
        Metric("informer_pending_notifications", "gauge", "Number of notifications that wait for a handler.", pending),
        *_reflector_metrics(informer, {"name": name, "resource_type": gvr.group_resource}),
    ]


def _reflector_metrics(informer: SharedInformer, labels: Mapping[str, str]) -> Iterator[Metric]:
    status, took = informer.status, informer.durations
    counters = {
        "lists_total": ("Total number of API lists done by the reflectors", status.lists),
        "watches_total": ("Total number of API watches done by the reflectors", status.watches),
        "short_watches_total": ("Total number of short API watches done by the reflectors", took.short_watches),
    }
    gauges = {
        "listed_items": ("Number of items in the last list of the reflectors", took.listed_items),
        "watched_objects": ("Number of items in the last watch of the reflectors", took.watched_objects),
        "last_resource_version": (
            "The 15 least significant digits of the last resource version seen by the reflectors",
            _last_digits(informer.last_sync_resource_version),
        ),
    }
    histograms = {
        "list_duration_seconds": ("How long a list takes to return and decode for the reflectors", took.lists),
        "watch_duration_seconds": ("How long an API watch lasts for the reflectors", took.watches),
    }
    for name, (help_, number) in counters.items():
        yield _one(f"reflector_{name}", "counter", help_, labels, float(number))
    for name, (help_, value) in gauges.items():
        yield _one(f"reflector_{name}", "gauge", help_, labels, float(value))
    for name, (help_, histogram) in histograms.items():
        yield _one(f"reflector_{name}", "histogram", help_, labels, histogram.snapshot())


def _one(
    name: str,
    kind: Literal["counter", "gauge", "histogram"],
    help_: str,
    labels: Mapping[str, str],
    value: float | Observations,
) -> Metric:
    return Metric(name, kind, help_, (Sample(labels, value),))


def _last_digits(version: str) -> float:
    return float(version[-_DIGITS:]) if version.isascii() and version.isdecimal() else 0.0


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
