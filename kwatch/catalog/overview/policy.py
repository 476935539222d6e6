"""Autoscalers, quotas and limit ranges."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.common import condition_facts, metadata_facts, words
from kwatch.catalog.overview.facts import Fact, Section, fact, moment, sections
from kwatch.catalog.tree import Tree


def describe_autoscaler(autoscaler: Tree) -> tuple[Section, ...]:
    """All about an autoscaler: each metric, measured and wanted."""
    spec, status = autoscaler["spec"], autoscaler["status"]
    target = spec["scaleTargetRef"]
    facts = (
        fact("Reference", f"{target['kind'].text()}/{target['name'].text()}"),
        fact("Minimum Replicas", spec["minReplicas"].text("1")),
        fact("Maximum Replicas", spec["maxReplicas"]),
        Fact("Replicas", f"{status['currentReplicas'].number()} current, {status['desiredReplicas'].number()} desired"),
        moment("Last Scale", status["lastScaleTime"]),
    )
    return sections(
        ("Horizontal Pod Autoscaler", (*metadata_facts(autoscaler), *facts)),
        ("Metrics", _metrics(spec, status)),
        *((f"{words(key)} Behavior", _scaling(spec.at("behavior", key))) for key in ("scaleUp", "scaleDown")),
        ("Conditions", condition_facts(autoscaler)),
    )


def _metrics(spec: Tree, status: Tree) -> Iterator[Fact]:
    measured = list(status["currentMetrics"])
    for place, metric in enumerate(spec["metrics"]):
        kind = metric["type"].text()
        key = kind[:1].lower() + kind[1:]
        wanted = metric[key]
        current = measured[place][key]["current"] if place < len(measured) else Tree(None)
        name = wanted["name"].text() or wanted.at("metric", "name").text()
        container = f" of container {wanted['container'].text()}" if wanted["container"] else ""
        yield Fact(f"{kind} {name}{container}", f"{_amount(current)} of {_amount(wanted['target'])}")


def _scaling(rules: Tree) -> Iterator[Fact | None]:
    seconds = rules["stabilizationWindowSeconds"].text()
    yield fact("Stabilization", f"{seconds}s" if seconds else "")
    yield fact("Chosen Policy", rules["selectPolicy"])
    yield fact("Tolerance", rules["tolerance"])
    for policy in rules["policies"]:
        kind, value = policy["type"].text(), policy["value"].text()
        amount = f"{value}%" if kind == "Percent" else f"{value} {kind.lower()}"
        yield Fact("Policy", f"at most {amount} in {policy['periodSeconds'].text('?')}s")


def _amount(place: Tree) -> str:
    if place["averageUtilization"].value is not None:
        measured = f" ({place['averageValue'].text()})" if place["averageValue"] else ""
        return f"{place['averageUtilization'].text()}%{measured}"
    if place["averageValue"]:
        return f"{place['averageValue'].text()} on average"
    return place["value"].text("unknown")


def describe_quota(quota: Tree) -> tuple[Section, ...]:
    """All about a quota: used of hard."""
    return sections(
        ("Resource Quota", (*metadata_facts(quota), fact("Scopes", quota.at("spec", "scopes").joined()))),
        ("Used", quota_facts(quota)),
    )


def quota_facts(quota: Tree) -> Iterator[Fact]:
    """How much of each resource is used."""
    used = quota.at("status", "used")
    hard = quota.at("status", "hard") or quota.at("spec", "hard")
    for name, most in hard.entries():
        yield Fact(name, f"{used[name].text('0')} of {most.text()}")


def describe_limit_range(limit_range: Tree) -> tuple[Section, ...]:
    """All about a limit range."""
    return sections(
        ("Limit Range", metadata_facts(limit_range)),
        *((f"Limits of a {each['type'].text('?')}", limit_facts(each)) for each in limit_range.at("spec", "limits")),
    )


def limit_facts(limit: Tree) -> Iterator[Fact]:
    """What containers, pods or claims must keep to."""
    for key, meaning in (
        ("min", "at least"),
        ("max", "at most"),
        ("defaultRequest", "default request"),
        ("default", "default limit"),
        ("maxLimitRequestRatio", "limit to request ratio at most"),
    ):
        for name, value in limit[key].entries():
            yield Fact(name, f"{meaning} {value.text()}")
