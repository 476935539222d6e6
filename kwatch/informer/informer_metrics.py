"""The metrics of one informer: informer_* and reflector_*, as client-go names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kwatch.informer.metrics import Metric, Sample, one_sample
from kwatch.informer.resource import GroupVersionResource
from kwatch.informer.shared_informer import SharedInformer

_DIGITS = 15
"""Of a resource version a float holds the last so many exactly."""


def informer_metrics(informer: SharedInformer, name: str, gvr: GroupVersionResource) -> list[Metric]:
    """informer_* and reflector_* of one informer; `name` distinguishes it from others of the same resource."""
    labels = {"name": name, "group": gvr.group, "version": gvr.version, "resource": gvr.resource}
    status, took = informer.status, informer.durations
    pending = tuple(
        Sample(labels | {"handler": registration.name}, float(registration.backlog))
        for registration in informer.registrations
    )
    return [
        one_sample("informer_queued_items", "gauge", "Number of items in the FIFO.", labels, float(status.queue_depth)),
        one_sample(
            "informer_processing_latency_seconds",
            "histogram",
            "Time taken to process events after popping from the queue.",
            labels,
            took.processing.snapshot(),
        ),
        one_sample(
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
        yield one_sample(f"reflector_{name}", "counter", help_, labels, float(number))
    for name, (help_, value) in gauges.items():
        yield one_sample(f"reflector_{name}", "gauge", help_, labels, float(value))
    for name, (help_, histogram) in histograms.items():
        yield one_sample(f"reflector_{name}", "histogram", help_, labels, histogram.snapshot())


def _last_digits(version: str) -> float:
    return float(version[-_DIGITS:]) if version.isascii() and version.isdecimal() else 0.0
