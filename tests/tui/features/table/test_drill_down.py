"""Where Enter leads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.query.parser import parse
from kwatch.tui.features.table.drill_down import Destination, drill_down, selector_terms
from tests.tui.fakes import DEPLOYMENTS, NAMESPACES, NODES, PODS, SECRETS, make, pod, resource


@pytest.mark.parametrize(
    ("selector", "terms"),
    [
        ({"matchLabels": {"app": "web", "tier": "front"}}, "-l app=web,tier=front"),
        ({"app": "web"}, "-l app=web"),
        ({"matchExpressions": [{"key": "env", "operator": "In", "values": ["a", "b"]}]}, "-l env in (a,b)"),
        ({"matchExpressions": [{"key": "env", "operator": "NotIn", "values": ["a"]}]}, "-l env notin (a)"),
        ({"matchExpressions": [{"key": "env", "operator": "Exists"}]}, "-l env"),
        ({"matchExpressions": [{"key": "env", "operator": "DoesNotExist"}]}, "-l !env"),
        ({"matchExpressions": [{"key": "env", "operator": "Gt"}, "odd"]}, ""),
        ({}, ""),
    ],
)
def test_selectors_in_the_filter_language(selector: dict[str, Any], terms: str) -> None:
    assert selector_terms(selector) == terms
    parse(terms)


def test_what_things_consist_of() -> None:
    deployment = make("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}})
    assert drill_down(DEPLOYMENTS, deployment) == Destination("pods", "shop", "-l app=web")
    assert drill_down(NODES, make("Node", "n1", "")) == Destination("pods", None, "node:n1")
    assert drill_down(NAMESPACES, make("Namespace", "shop", "")) == Destination("pods", "shop")
    cron = resource("cronjobs", "CronJob", "batch")
    assert drill_down(cron, make("CronJob", "nightly")) == Destination("jobs.batch", "shop", "owner:cronjob/nightly")


def test_leaves_lead_nowhere() -> None:
    assert drill_down(PODS, pod("web-1")) is None
    assert drill_down(PODS, None) is None
    assert drill_down(DEPLOYMENTS, make("Deployment", "odd", spec={"selector": "text"})) is None


@given(st.dictionaries(st.text(), st.text(), max_size=3), st.lists(st.tuples(st.text(), st.text()), max_size=2))
def test_what_a_hostile_server_calls_things_is_a_filter_that_can_be_read(
    labels: dict[str, str], expressions: list[tuple[str, str]]
) -> None:
    requirements = [{"key": key, "operator": "In", "values": [value, "b"]} for key, value in expressions]
    selector = {"matchLabels": labels, "matchExpressions": requirements}
    for name in [*filter(None, labels.values()), "a b", '"', "n)1"]:
        for resource_of, kind in ((DEPLOYMENTS, "Deployment"), (NODES, "Node"), (SECRETS, "Secret"), (CRON, "CronJob")):
            found = drill_down(resource_of, make(kind, name, spec={"selector": selector}))
            parse(found.filter if found is not None else "")


CRON = resource("cronjobs", "CronJob", "batch")
