"""Columns as users arrange them."""

from __future__ import annotations

from typing import Any

import pytest

from kwatch.catalog.column import UNREADABLE, Column
from kwatch.catalog.kind import Kind
from kwatch.catalog.user_columns import ArrangementError, arrange, with_few_columns
from kwatch.informer.kube_object import KubeObject
from tests.catalog.kinds.printing import NOW, ago, kind_of

POD: dict[str, Any] = {
    "metadata": {"name": "p", "creationTimestamp": ago(90), "labels": {"tier": "front"}},
    "spec": {
        "nodeName": "n1",
        "containers": [{"name": "a", "image": "nginx", "resources": {"requests": {"memory": "1Gi"}}}],
    },
    "status": {"startTime": ago(60)},
}


def _shown(kind: Kind, obj: dict[str, Any] = POD) -> dict[str, str]:
    values = kind.read(KubeObject.of(obj))
    return {
        column.title: column.text(value, NOW)
        for column, value in zip(kind.columns, values, strict=True)
        if column.priority == 0
    }


def test_listed_columns_come_first_and_the_others_are_wide() -> None:
    kind = arrange(kind_of("pods"), ["age", "Name", "NODE"])
    assert list(_shown(kind)) == ["Age", "Name", "Node"]
    wide = [column.title for column in kind.columns if column.priority]
    assert wide == ["Ready", "Status", "Restarts", "IP", "Nominated Node", "Readiness Gates"]


def test_new_columns_are_read_by_path_or_label() -> None:
    entries = [
        "NAME",
        "IMAGE:.spec.containers[0].image",
        "MEMORY:.spec.containers[0].resources.requests.memory|quantity|8",
        "STARTED:.status.startTime|date",
        "NARROW:.spec.nodeName|1",
        "TIER:label:tier",
        "NONE:label:none",
    ]
    kind = arrange(kind_of("pods"), entries)
    assert _shown(kind) == {
        "Name": "p",
        "IMAGE": "nginx",
        "MEMORY": "1Gi",
        "STARTED": "60s",
        "NARROW": "n1",
        "TIER": "front",
        "NONE": "",
    }
    memory = kind.columns[2]
    assert (memory.compare, memory.max_width, memory.order("1Gi")) == ("quantity", 8, 2.0**30)
    assert (kind.columns[3].compare, kind.columns[4].max_width) == ("duration", 1)


def test_paths_may_hold_quotes() -> None:
    kind = arrange(kind_of("pods"), ["X:.metadata.labels['tier']|string|9"])
    assert _shown(kind) == {"X": "front"}


def test_all_texts_are_shown_and_what_does_not_fit_is_left_out() -> None:
    containers = [{"image": "nginx", "ports": [{"containerPort": 80}]}, {"image": "envoy"}, {"image": None}]
    pod = {"metadata": {"name": "p", "labels": {"x.io/app": "web"}}, "spec": {"containers": containers}}
    entries = [
        "IMAGES:.spec.containers[*].image",
        "PORT:.spec.containers[*].ports[0].containerPort|integer",
        "APP:.metadata.labels['x.io/app']",
        "NULL:.spec.containers[2].image",
    ]
    assert _shown(arrange(kind_of("pods"), entries), pod) == {
        "IMAGES": "nginx,envoy",
        "PORT": "80",
        "APP": "web",
        "NULL": "",
    }


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("NOPE", "has no column 'NOPE'; it has Name, Ready"),
        ("X:.spec[", "unclosed bracket"),
        ("X:.spec|colour", "'colour' is no type"),
        ("X:.spec|string|wide", "'wide' is no width"),
        ("X:.spec|string|0", "'0' is no width"),
        ("X:", "empty"),
    ],
)
def test_mistakes_are_explained(entry: str, reason: str) -> None:
    with pytest.raises(ArrangementError, match=reason.replace("[", r"\[")):
        arrange(kind_of("pods"), [entry])


def test_odd_values_cost_a_cell() -> None:
    kind = arrange(kind_of("pods"), ["NAME", "AT:.status|date", "RESTARTS"])
    odd = POD | {"status": {"containerStatuses": "none"}}
    assert _shown(kind, odd)["AT"] == ""
    assert kind.read(KubeObject.of(odd))[2] is UNREADABLE


def test_columns_that_come_and_go_are_no_mistake_while_they_are_gone() -> None:
    kind = arrange(kind_of("pods"), ["Name", "cpu", "AGE"], {"CPU"})
    assert [column.title for column in kind.columns if column.priority == 0] == ["Name", "Age"]
    with pytest.raises(ArrangementError, match="no column 'cqu'"):
        arrange(kind_of("pods"), ["Name", "cqu"], {"CPU"})


def test_beside_a_mistake_the_rest_counts() -> None:
    with pytest.raises(ArrangementError, match="no column 'cqu'") as told:
        arrange(kind_of("pods"), ["AGE", "cqu", "X:.a[", "Name"])
    rest = told.value.rest
    assert rest is not None
    assert [column.title for column in rest.columns if column.priority == 0] == ["Age", "Name"]


def test_a_screen_has_few_columns_and_says_so() -> None:
    columns = tuple(Column(f"C{number}") for number in range(10_000))
    kind = Kind("Thing", columns, lambda obj: tuple(range(10_000)))
    few = with_few_columns(kind)
    assert [column.title for column in few.columns[-2:]] == ["C199", "9,800 more"]
    values = few.read(KubeObject.of({"metadata": {"name": "x"}}))
    assert (len(values), values[-2:]) == (201, (199, None))
    less = Kind("Thing", columns[:200], lambda obj: tuple(range(200)))
    assert with_few_columns(less) is less
