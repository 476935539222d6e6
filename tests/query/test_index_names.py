"""Indices that users define by a path."""

from __future__ import annotations

import pytest

from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.query import QuerySyntaxError, parse
from kwatch.query.completion import complete
from kwatch.query.context import Context
from kwatch.query.editing import choose, chosen_values, exclude, is_chosen
from kwatch.query.help import terms
from kwatch.query.index_names import IndexEntryError, UserIndices, defined
from tests.query.cluster import POD_RESOURCE, FakeClock, context, indexer, pod

WIDGETS = Resource(GroupVersionResource("example.com", "v1", "widgets"), "Widget", namespaced=True)
INDICES = UserIndices(
    {"pods": ("qos:.status.phase", "tier:.metadata.labels.tier"), "widgets.example.com": ("tier:.spec.tier",)}
)
NAMES = INDICES.names_for(POD_RESOURCE)
PODS = [
    pod("shop/a", labels={"tier": "web"}),
    pod("shop/b", labels={"tier": "data"}, phase="Failed"),
    pod("shop/c", labels={"tier": "web"}, phase="Failed"),
]


def of_pods(*, indexed: bool = False) -> Context:
    plain = context(indexer(PODS))
    if indexed:
        plain.index.add_indexers(parse("qos:x tier:x", NAMES).compile(named(plain)).indices)  # type: ignore[attr-defined]
    return named(plain)


def named(plain: Context) -> Context:
    return Context(plain.kind, plain.resource, plain.index, FakeClock(), names=NAMES)


def found(text: str, *, indexed: bool) -> set[str]:
    there = of_pods(indexed=indexed)
    compiled = parse(text, NAMES).compile(there)
    assert (compiled.candidates() is not None) is indexed
    return {obj.name for obj in PODS if compiled.matches(obj.key, obj)}


@pytest.mark.parametrize("indexed", [False, True])
def test_a_term_selects_by_the_values_at_the_path(indexed: bool) -> None:
    assert found("qos:Failed", indexed=indexed) == {"b", "c"}
    assert found("qos:fail* tier:web", indexed=indexed) == {"c"}
    assert found("!qos:Failed,Pending", indexed=indexed) == {"a"}
    assert found("tier:web,data", indexed=indexed) == {"a", "b", "c"}


def test_without_the_definition_it_is_text() -> None:
    assert str(parse("qos:Failed").terms[0]) == "qos:Failed"
    assert parse("qos:Failed") != parse("qos:Failed", NAMES)
    assert str(parse("qos:Failed,'a b'", NAMES)) == 'qos:Failed,"a b"'


def test_a_name_may_mean_something_else_for_another_resource_or_nothing() -> None:
    widgets = INDICES.names_for(WIDGETS)
    tier, qos = widgets.get("tier"), widgets.get("qos")
    assert tier is not None and tier.path == ".spec.tier"
    assert qos is not None and not qos.path
    plain = of_pods()
    elsewhere = Context(plain.kind, WIDGETS, plain.index, FakeClock(), names=widgets)
    with pytest.raises(QuerySyntaxError, match="There is no qos:"):
        parse("qos:x", widgets).compile(elsewhere)


@pytest.mark.parametrize("indexed", [False, True])
def test_names_and_values_are_completed_with_counts(indexed: bool) -> None:
    there = of_pods(indexed=indexed)
    assert "qos:" in [each.text for each in complete("qo", 2, there).suggestions]
    values = complete("qos:", 4, there)
    assert {each.text: each.count for each in values.suggestions} == {"Failed": 2, "Running": 1}


def test_values_are_chosen_widened_and_excluded() -> None:
    text = choose("cart", "qos:Failed", NAMES)
    assert text == "cart qos:Failed"
    text = choose(text, "qos:Running", NAMES)
    assert text == "cart qos:Failed,Running"
    assert is_chosen(chosen_values(text, NAMES), "qos:Running", NAMES)
    assert choose(choose(text, "qos:Running", NAMES), "qos:Failed", NAMES) == "cart"
    assert exclude("cart", "qos:Failed", NAMES) == "cart !qos:Failed"


def test_the_help_tells_of_them() -> None:
    [entry] = [each for each in terms(INDICES.names) if each.term == "qos:*"]
    assert ".status.phase of pods" in entry.meaning
    assert parse(entry.example, INDICES.names)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("qos", "must be a name, a colon and a path"),
        ("qos:", "must be a name, a colon and a path"),
        ("q s:.a", "is not a name"),
        ("ns:.a", "is there already"),
        ("since:.a", "is there already"),
        ("qos:status.qosClass", "must begin with a dot: .status.qosClass"),
        ("qos:.status[", "the path of qos is broken"),
    ],
)
def test_a_wrong_entry_says_why(entry: str, reason: str) -> None:
    with pytest.raises(IndexEntryError, match=reason):
        defined("pods", entry)
    [mistake] = UserIndices({"nodes": (), "pods": ("fine:.a", entry)}).mistakes()
    assert (mistake.resource, mistake.place) == ("pods", 1)


def test_a_path_may_stand_in_braces_as_kubectl_writes_it() -> None:
    assert defined("pods", "qos:{.status.qosClass}").path == ".status.qosClass"
