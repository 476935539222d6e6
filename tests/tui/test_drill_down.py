from __future__ import annotations

from typing import Any

import pytest

from kwatch.informer.metadata import labels_of
from kwatch.query import parse
from kwatch.query.terms.labels import Labels
from kwatch.tui.drill_down import Destination, drill_down, selector_terms
from tests.view.relations.world import RESOURCES, make

WEB = {"matchLabels": {"app": "web", "tier": "front"}}


@pytest.mark.parametrize(
    ("kind", "key", "spec", "expected"),
    [
        ("Deployment", "shop/web", {"selector": WEB}, Destination("pods", "shop", "-l app=web,tier=front")),
        ("Service", "shop/web", {"selector": {"app": "web"}}, Destination("pods", "shop", "-l app=web")),
        ("Service", "shop/headless", {}, None),
        (
            "Job",
            "shop/j",
            {"selector": {"matchLabels": {"job-name": "j"}}},
            Destination("pods", "shop", "-l job-name=j"),
        ),
        ("Node", "node-7", {}, Destination("pods", None, "node:node-7")),
        ("CronJob", "shop/nightly", {}, Destination("jobs.batch", "shop", "owner:cronjob/nightly")),
        ("PersistentVolumeClaim", "shop/data-0", {}, Destination("pods", "shop", "pvc:shop/data-0")),
        ("ConfigMap", "shop/settings", {}, Destination("pods", "shop", "cm:shop/settings")),
        ("Secret", "shop/tls", {}, Destination("pods", "shop", "secret:shop/tls")),
        ("ServiceAccount", "shop/builder", {}, Destination("pods", "shop", "sa:shop/builder")),
        ("Pod", "shop/web-1", {}, None),
    ],
)
def test_where_enter_leads(kind: str, key: str, spec: dict[str, Any], expected: Destination | None) -> None:
    assert drill_down(RESOURCES[kind], make(kind, key, spec=spec)) == expected


def test_what_is_gone_leads_nowhere() -> None:
    assert drill_down(RESOURCES["Node"], None) is None


@pytest.mark.parametrize(
    ("expressions", "labels", "expected"),
    [
        ([{"key": "app", "operator": "In", "values": ["a", "b"]}], {"app": "b"}, True),
        ([{"key": "app", "operator": "In", "values": ["a", "b"]}], {"app": "c"}, False),
        ([{"key": "app", "operator": "NotIn", "values": ["a"]}], {"app": "c"}, True),
        ([{"key": "app", "operator": "Exists"}, {"key": "x", "operator": "DoesNotExist"}], {"app": "c"}, True),
        (
            [{"key": "app", "operator": "Exists"}, {"key": "x", "operator": "DoesNotExist"}],
            {"app": "c", "x": ""},
            False,
        ),
    ],
)
def test_expressions_mean_the_same_in_the_filter(
    expressions: list[dict[str, Any]], labels: dict[str, str], expected: bool
) -> None:
    (term,) = parse(selector_terms({"matchExpressions": expressions})).terms
    assert isinstance(term, Labels) and term.explicit
    pod = make("Pod", "shop/p", labels=labels)
    assert all(requirement.matches(labels_of(pod)) for requirement in term.requirements) is expected


@pytest.mark.parametrize(
    "selector", [{}, {"matchLabels": ["app"]}, {"matchExpressions": "x"}, {"matchExpressions": [7]}]
)
def test_odd_selectors_select_nothing(selector: dict[str, Any]) -> None:
    assert selector_terms(selector) == ""


def test_odd_values_stay_values() -> None:
    (term,) = parse(selector_terms({"app": "a b,c=d"})).terms
    assert isinstance(term, Labels)
    assert [requirement.values for requirement in term.requirements] == [("a b,c=d",)]
