"""The metrics of one informer: informer_* and reflector_*, as client-go names them."""

from __future__ import annotations

from kwatch.informer.metrics import Metric, MetricRow, Sample, metrics_of
from kwatch.informer.resource import GroupVersionResource
from kwatch.informer.shared_informer import SharedInformer

_DIGITS = 15
"""Of a resource version a float holds the last so many exactly."""
_STORE_VERSION = "The 15 least significant digits of the resource version of the store."
_LAST_VERSION = "The 15 least significant digits of the last resource version seen by the reflectors"
_PROCESSING = "Time taken to process events after popping from the queue."
_SHORT_WATCHES = "Total number of short API watches done by the reflectors"
_WATCHED_OBJECTS = "Number of items in the last watch of the reflectors"
_LIST_DURATION = "How long a list takes to return and decode for the reflectors"
_WATCH_DURATION = "How long an API watch lasts for the reflectors"


def informer_metrics(informer: SharedInformer, name: str, gvr: GroupVersionResource) -> list[Metric]:
    """informer_* and reflector_* of one informer; `name` distinguishes it from others of the same resource."""
    labels = {"name": name, "group": gvr.group, "version": gvr.version, "resource": gvr.resource}
    status, took = informer.status, informer.durations
    cached, seen = _last_digits(informer.indexer.resource_version), _last_digits(informer.last_sync_resource_version)
    of_informer: tuple[MetricRow, ...] = (
        ("queued_items", "gauge", "Number of items in the FIFO.", float(status.queue_depth)),
        ("processing_latency_seconds", "histogram", _PROCESSING, took.processing.snapshot()),
        ("store_resource_version", "gauge", _STORE_VERSION, cached),
    )
    of_reflector: tuple[MetricRow, ...] = (
        ("lists_total", "counter", "Total number of API lists done by the reflectors", float(status.lists)),
        ("watches_total", "counter", "Total number of API watches done by the reflectors", float(status.watches)),
        ("short_watches_total", "counter", _SHORT_WATCHES, float(took.short_watches)),
        ("listed_items", "gauge", "Number of items in the last list of the reflectors", float(took.listed_items)),
        (
            "watched_objects",
            "gauge",
            "Number of items in the last watch of the reflectors",
            float(took.watched_objects),
        ),
        ("last_resource_version", "gauge", _LAST_VERSION, seen),
        ("list_duration_seconds", "histogram", _LIST_DURATION, took.lists.snapshot()),
        ("watch_duration_seconds", "histogram", _WATCH_DURATION, took.watches.snapshot()),
    )
    pending = tuple(Sample(labels | {"handler": each.name}, float(each.backlog)) for each in informer.registrations)
    return [
        *metrics_of("informer_", labels, of_informer),
        Metric("informer_pending_notifications", "gauge", "Number of notifications that wait for a handler.", pending),
        *metrics_of("reflector_", {"name": name, "resource_type": gvr.group_resource}, of_reflector),
    ]


def _last_digits(version: str) -> float:
    return float(version[-_DIGITS:]) if version.isascii() and version.isdecimal() else 0.0
