from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from kwatch.catalog.column import Level
from kwatch.catalog.kind import Kind
from kwatch.catalog.kinds.pods import PODS
from kwatch.catalog.registry import kind_for
from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from kwatch.view.projection import Projection
from kwatch.view.source import DictSource
from kwatch.view.usage import Amount, Usage, cpu_text, measurable, memory_text, sparkline, with_usage
from tests.query.cluster import NOW, POD_RESOURCE, FakeClock, pod
from tests.view.relations.world import RESOURCES, make

MI = 2.0**20


class FakeUsages:
    version = 1

    def __init__(self, **usages: Usage) -> None:
        self.usages = {f"shop/{name.replace('_', '-')}": usage for name, usage in usages.items()}

    def of(self, key: str) -> Usage | None:
        return self.usages.get(key)


def measured(cpu: float, memory: float, *before: float) -> Usage:
    return Usage(Amount(cpu, memory), seen=lambda which: ((*before, cpu), (memory,))[which])


def limited(name: str, requests: Any, limits: Any) -> KubeObject:
    resources = {"requests": requests, "limits": limits}
    return pod(f"shop/{name}", spec={"containers": [{"name": "c", "resources": resources}]})


def cells(kind: Kind, obj: KubeObject) -> dict[str, str]:
    texts = kind.texts(kind.read(obj), NOW)
    return dict(zip([column.title for column in kind.columns], texts, strict=True))


def test_used_and_shares_of_request_and_limit() -> None:
    kind = with_usage(PODS, POD_RESOURCE, FakeUsages(web_1=measured(0.09, 96 * MI, 0.01)))
    web = limited("web-1", {"cpu": "100m", "memory": "128Mi"}, {"memory": "100Mi"})
    found = cells(kind, web)
    assert (found["CPU"], found["Memory"]) == ("90m", "96Mi")
    assert (found["CPU R/L"], found["MEM R/L"]) == ("90/-%", "75/96%")
    assert found["CPU seen"] == "▁█"
    titles = [column.title for column in kind.columns if column.priority == 0]
    assert titles[-3:] == ["Age", "CPU", "Memory"]
    memory = kind.columns[kind.column_index("Memory")]
    assert memory.level(kind.read(web)[kind.column_index("Memory")]) is Level.BAD


def test_what_is_not_measured_is_blank_and_odd_resources_are_unknown() -> None:
    kind = with_usage(PODS, POD_RESOURCE, FakeUsages(odd=measured(0.5, MI)))
    assert cells(kind, pod("shop/new"))["CPU"] == ""
    odd = cells(kind, limited("odd", {"cpu": ["x"]}, 7))
    assert (odd["CPU"], odd["CPU R/L"]) == ("500m", "")


def test_nodes_use_of_what_is_allocatable() -> None:
    usages = FakeUsages()
    usages.usages = {"node-7": measured(1.0, 512 * MI)}
    nodes = kind_for(RESOURCES["Node"])
    assert nodes is not None
    node = make("Node", "node-7", status={"allocatable": {"cpu": "4", "memory": "1Gi"}})
    found = cells(with_usage(nodes, RESOURCES["Node"], usages), node)
    assert (found["CPU"], found["CPU%"], found["Memory"], found["MEM%"]) == ("1000m", "25%", "512Mi", "50%")


def test_new_measurements_order_and_filter_without_new_objects() -> None:
    usages = FakeUsages(a=measured(0.1, MI), b=measured(0.2, MI))
    objects = DictSource({obj.key: obj for obj in (pod("shop/a"), pod("shop/b"), pod("shop/c"))})
    kind = with_usage(PODS, POD_RESOURCE, usages)
    view = Projection(objects, kind, clock=FakeClock(), resource=POD_RESOURCE)
    view.rebuild()
    view.set_sort(kind.column_index("CPU"), descending=True)
    assert list(view.order) == ["shop/b", "shop/a", "shop/c"]
    usages.usages["shop/a"] = measured(0.9, MI)
    view.set_query(parse("cpu>150m"))
    view.set_sort(view.sort.by, view.sort.descending)
    assert list(view.order) == ["shop/a", "shop/b"]


def test_what_an_object_asks_for_is_read_when_it_is_wanted() -> None:
    """Of a hundred thousand rows that is some thirty."""
    kind = with_usage(PODS, POD_RESOURCE, FakeUsages(web_1=measured(0.09, 96 * MI)))
    web = limited("web-1", {"cpu": "100m"}, {"cpu": "1"})
    reading = kind.read(web)[kind.column_index("CPU")]
    with patch.object(KubeObject, "read", side_effect=AssertionError("it was read")):
        assert reading.used(0) == 0.09
    assert (reading.share(0), reading.share(0, of_limit=False)) == (0.09, pytest.approx(0.9))


def test_readings_are_equal_while_the_object_asks_for_the_same() -> None:
    kind = with_usage(PODS, POD_RESOURCE, FakeUsages())
    place = kind.column_index("CPU")
    assert kind.read(pod("shop/a"))[place] == kind.read(pod("shop/a", phase="Failed"))[place]


def test_texts() -> None:
    assert [cpu_text(0.0004), cpu_text(1.5)] == ["0m", "1500m"]
    assert memory_text(1.4 * MI) == "1Mi"
    assert sparkline((0, 0)) == "▁▁"
    assert sparkline((1, 4, 8)) == "▂▅█"
    assert sparkline(()) == ""
    assert measurable(POD_RESOURCE) and not measurable(RESOURCES["Service"])
