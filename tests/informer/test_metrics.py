"""The metrics are those of client-go by name, and true; the text is what Prometheus reads."""

import re

import pytest

from kwatch.informer import QueueMetrics, RateLimitingQueue, SharedInformerFactory
from kwatch.informer.metrics import Histogram, Metric, MetricsRegistry, Observations, Sample
from kwatch.informer.resources import PODS
from kwatch.informer.testing import FakeClient, FakeClock, eventually
from tests.informer.fakes import PATIENCE, pod

OF_QUEUES = {
    "workqueue_depth": "gauge",
    "workqueue_adds_total": "counter",
    "workqueue_queue_duration_seconds": "histogram",
    "workqueue_work_duration_seconds": "histogram",
    "workqueue_unfinished_work_seconds": "gauge",
    "workqueue_longest_running_processor_seconds": "gauge",
    "workqueue_retries_total": "counter",
}
OF_INFORMERS = {
    "informer_queued_items": "gauge",
    "informer_processing_latency_seconds": "histogram",
    "informer_store_resource_version": "gauge",
    "informer_pending_notifications": "gauge",
    "reflector_lists_total": "counter",
    "reflector_list_duration_seconds": "histogram",
    "reflector_listed_items": "gauge",
    "reflector_watches_total": "counter",
    "reflector_short_watches_total": "counter",
    "reflector_watch_duration_seconds": "histogram",
    "reflector_watched_objects": "gauge",
    "reflector_last_resource_version": "gauge",
}


class Of:
    """A source of a few metrics."""

    def __init__(self, *metrics: Metric) -> None:
        self._metrics = metrics

    def metrics(self) -> tuple[Metric, ...]:
        return self._metrics


def values(registry: MetricsRegistry, name: str) -> list[float | Observations]:
    [metric] = [each for each in registry.collect() if each.name == name]
    return [sample.value for sample in metric.samples]


def only(registry: MetricsRegistry, name: str) -> float:
    [value] = values(registry, name)
    assert not isinstance(value, Observations)
    return value


def observed(registry: MetricsRegistry, name: str) -> Observations:
    [value] = values(registry, name)
    assert isinstance(value, Observations)
    return value


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((1.0, 10.0))
    for seconds in (0.5, 1.0, 2.0, 99.0):
        histogram.observe(seconds)
    seen = histogram.snapshot()
    assert seen.cumulative == ((1.0, 2), (10.0, 3), (float("inf"), 4))
    assert (seen.sum, seen.count) == (102.5, 4)


def test_those_of_a_queue() -> None:
    clock = FakeClock()
    metrics = QueueMetrics(clock, name="pods")
    registry = MetricsRegistry(metrics)
    queue: RateLimitingQueue[str] = RateLimitingQueue(metrics=metrics, clock=clock)
    assert {metric.name: metric.kind for metric in registry.collect()} == OF_QUEUES
    queue.add("foo")
    queue.add("bar")
    clock.step(0.5)
    assert queue.get() == "foo"
    clock.step(2)
    assert (only(registry, "workqueue_depth"), only(registry, "workqueue_adds_total")) == (1, 2)
    assert only(registry, "workqueue_unfinished_work_seconds") == pytest.approx(2)
    assert only(registry, "workqueue_longest_running_processor_seconds") == pytest.approx(2)
    queue.done("foo")
    queue.add_rate_limited("foo")
    assert only(registry, "workqueue_retries_total") == 1
    waited = observed(registry, "workqueue_queue_duration_seconds")
    worked = observed(registry, "workqueue_work_duration_seconds")
    assert [bound for bound, _ in waited.cumulative] == [*(10.0**power for power in range(-6, 4)), float("inf")]
    assert (waited.count, waited.sum, worked.count, worked.sum) == pytest.approx((1, 0.5, 1, 2))
    queue.shut_down()


def test_those_of_the_informers_of_a_factory() -> None:
    client = FakeClient(streaming=False)
    source = client.source(PODS)
    factory = SharedInformerFactory(client, namespace="shop", name="controller")
    pods = factory.for_resource(PODS)
    registration = pods.add_event_handler()
    factory.for_resource(PODS, label_selector="app=cart")
    source.add(pod("a", namespace="shop"))
    registry = MetricsRegistry()
    registry.register(factory)
    with factory:
        assert all(factory.wait_for_cache_sync(PATIENCE).values())
        source.wait_for_watches(2, PATIENCE)
        source.add(pod("b", namespace="shop", labels={"app": "cart"}))
        assert pods.wait_for_version("3", PATIENCE)
        assert eventually(lambda: registration.backlog == 0, 60)
        by_name = {metric.name: metric for metric in registry.collect()}
        assert {name: metric.kind for name, metric in by_name.items()} == OF_INFORMERS
        plain, carts = by_name["informer_store_resource_version"].samples
        assert plain == Sample({"name": "controller, shop", "group": "", "version": "v1", "resource": "pods"}, 3.0)
        assert carts.labels["name"] == "controller, shop, app=cart"
        [pending] = by_name["informer_pending_notifications"].samples
        assert (pending.labels["handler"], pending.value) == (registration.name, 0)
        assert [sample.value for sample in by_name["reflector_listed_items"].samples] == [1, 0]
        assert by_name["reflector_lists_total"].samples[0] == Sample(
            {"name": "controller, shop", "resource_type": "pods"}, 1.0
        )
        for name in ("informer_processing_latency_seconds", "reflector_list_duration_seconds"):
            counted = by_name[name].samples[0].value
            assert isinstance(counted, Observations) and counted.count >= 1
    ended = {metric.name: metric for metric in registry.collect()}["reflector_watch_duration_seconds"].samples[0].value
    assert isinstance(ended, Observations) and ended.count == 1
    registry.unregister(factory)
    assert registry.collect() == []


def test_the_text_is_what_prometheus_reads() -> None:
    histogram = Histogram((0.5, 1.0))
    histogram.observe(0.75)
    registry = MetricsRegistry(
        Of(Metric("b_total", "counter", "a \\ and\nmore", (Sample({"name": 'a"b\\c\nd'}, 3.0), Sample({}, 0.25)))),
        Of(Metric("a_seconds", "histogram", "b", (Sample({"name": "x"}, histogram.snapshot()),))),
        Of(Metric("b_total", "counter", "a", (Sample({"name": "other"}, 4.0),))),
    )
    assert registry.text().splitlines() == [
        "# HELP a_seconds b",
        "# TYPE a_seconds histogram",
        'a_seconds_bucket{name="x",le="0.5"} 0',
        'a_seconds_bucket{name="x",le="1"} 1',
        'a_seconds_bucket{name="x",le="+Inf"} 1',
        'a_seconds_sum{name="x"} 0.75',
        'a_seconds_count{name="x"} 1',
        "# HELP b_total a",
        "# TYPE b_total counter",
        'b_total{name="a\\"b\\\\c\\nd"} 3',
        "b_total 0.25",
        'b_total{name="other"} 4',
    ]


def test_no_series_comes_twice() -> None:
    factory = SharedInformerFactory(FakeClient())
    for namespace in ("shop", "bank", ""):
        for selector in ("", "app=cart"):
            factory.for_resource(PODS, namespace=namespace, label_selector=selector)
    series = [line.rpartition(" ")[0] for line in MetricsRegistry(factory).text().splitlines() if line[0] != "#"]
    assert len(series) == len(set(series)) > 100
    assert all(re.match(r'[a-z_]+(\{([a-z_]+="[^"]*",?)+\})?$', each) for each in series)
