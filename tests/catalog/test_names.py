"""Names are resolved as kubectl resolves them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from kwatch.catalog.names import ResourceNames, UnknownResource, typing_errors
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.catalog.recorded import WIRE


def _resource(
    name: str, group: str = "", version: str = "v1", kind: str = "", *, short: tuple[str, ...] = (), **more: Any
) -> Resource:
    singular = more.pop("singular", name.removesuffix("s"))
    gvr = GroupVersionResource(group, version, name)
    return Resource(gvr, kind or singular.title(), True, singular=singular, short_names=short, **more)


@cache
def _discovered() -> ResourceNames:
    """What a real server offers."""
    recording = json.loads((WIRE / "discovery-aggregated.json").read_text())
    resources = []
    for exchange in recording["exchanges"]:
        for item in exchange["body"].get("items", ()) if isinstance(exchange.get("body"), dict) else ():
            group = item["metadata"].get("name", "")
            for position, version in enumerate(item["versions"]):
                for each in version["resources"]:
                    resources.append(
                        Resource(
                            GroupVersionResource(group, version["version"], each["resource"]),
                            each["responseKind"]["kind"],
                            each["scope"] == "Namespaced",
                            singular=each.get("singularResource", ""),
                            short_names=tuple(each.get("shortNames", ())),
                            categories=tuple(each.get("categories", ())),
                            preferred=position == 0,
                        )
                    )
    return ResourceNames(resources)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pods", "pods"),
        ("v1/pods", "pods"),
        ("apps/v1/deployments", "deployments.apps"),
        ("dp", "deployments.apps"),
        ("sec", "secrets"),
        ("jo", "jobs.batch"),
        ("cr", "clusterroles.rbac.authorization.k8s.io"),
        ("crb", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("ro", "roles.rbac.authorization.k8s.io"),
        ("rb", "rolebindings.rbac.authorization.k8s.io"),
        ("np", "networkpolicies.networking.k8s.io"),
        ("pod", "pods"),
        ("po", "pods"),
        ("Pod", "pods"),
        ("PODS", "pods"),
        ("deploy", "deployments.apps"),
        ("deployments.apps", "deployments.apps"),
        ("deploy.apps", "deployments.apps"),
        ("Deployment.apps", "deployments.apps"),
        ("deployments.v1.apps", "deployments.apps"),
        ("deployment.v1.apps", "deployments.apps"),
        ("pods.v1.", "pods"),
        ("ing", "ingresses.networking.k8s.io"),
        ("ingress.networking", "ingresses.networking.k8s.io"),
        ("events", "events"),
        ("ev", "events"),
        ("events.events.k8s.io", "events.events.k8s.io"),
        ("hpa", "horizontalpodautoscalers.autoscaling"),
        ("netpol", "networkpolicies.networking.k8s.io"),
        ("cm", "configmaps"),
        ("crd", "customresourcedefinitions.apiextensions.k8s.io"),
        ("endpointslice", "endpointslices.discovery.k8s.io"),
        ("widgets.v1.example.com", "widgets.example.com"),
    ],
)
def test_one_name_is_one_resource(text: str, found: str) -> None:
    assert [str(resource) for resource in _discovered().resolve(text)] == [found]


def test_commas_join_without_doubling() -> None:
    found = _discovered().resolve("po,svc, deploy,pods")
    assert [str(resource) for resource in found] == ["pods", "services", "deployments.apps"]


def test_all_is_a_category() -> None:
    found = [str(resource) for resource in _discovered().resolve("all")]
    assert found[:2] == ["pods", "replicationcontrollers"]
    assert {"services", "deployments.apps", "jobs.batch"} <= set(found)
    assert "configmaps" not in found


def test_the_preferred_version_wins_and_the_others_are_reachable() -> None:
    old = _resource("widgets", "example.com", "v1beta1", preferred=False)
    new = _resource("widgets", "example.com", "v1")
    names = ResourceNames([old, new])
    assert names.resolve("widgets") == (new,)
    assert names.resolve("widgets.v1beta1.example.com") == (old,)


def test_a_category_has_one_version_of_each_also_where_the_preferred_lacks_it() -> None:
    old = _resource("widgets", "example.com", "v1beta1", preferred=False, categories=("all",))
    new = _resource("widgets", "example.com", "v1", categories=("all",))
    only = _resource("gadgets", "example.com", "v1beta1", preferred=False, categories=("all", "odd"))
    names = ResourceNames([old, new, only])
    assert names.resolve("all") == (new, only)
    assert names.resolve("ODD") == (only,)


def test_a_full_name_beats_a_short_one_and_the_first_group_beats_later_ones() -> None:
    core = _resource("pods", short=("po",))
    metrics = _resource("pods", "metrics.k8s.io", "v1beta1", kind="PodMetrics")
    clash = _resource("po", "other.example", singular="po")
    names = ResourceNames([core, metrics, clash])
    assert names.resolve("pods") == (core,)
    assert names.resolve("pods.metrics.k8s.io") == (metrics,)
    assert names.resolve("po") == (clash,)
    assert names.resolve("PodMetrics") == (metrics,)


@pytest.mark.parametrize(
    ("text", "suggestion"), [("pdos", "pods"), ("deploymnt", "deployments"), ("servces", "services"), ("al", "all")]
)
def test_a_typo_suggests_the_nearest_names(text: str, suggestion: str) -> None:
    with pytest.raises(UnknownResource) as caught:
        _discovered().resolve(text)
    assert suggestion in caught.value.suggestions
    assert text in str(caught.value)
    assert suggestion in str(caught.value)


@pytest.mark.parametrize(
    ("text", "other", "errors"),
    [
        ("pods", "pods", 0),
        ("pdos", "pods", 1),
        ("pod", "pods", 1),
        ("cogs", "cs", 2),
        ("", "a", 1),
    ],
)
def test_typing_errors(text: str, other: str, errors: int) -> None:
    assert typing_errors(text, other, 5) == typing_errors(other, text, 5) == errors


def test_nothing_far_off_is_suggested() -> None:
    for text in ("cogs", "gizmos", "x", "frobnicators"):
        with pytest.raises(UnknownResource) as caught:
            _discovered().resolve(text)
        assert caught.value.suggestions == ()


@pytest.mark.parametrize("text", ["", " , ", "zzzzqqq", "pods.nowhere", "pods.v9.apps", "."])
def test_what_is_not_there_is_unknown(text: str) -> None:
    with pytest.raises(UnknownResource) as caught:
        _discovered().resolve(text)
    assert caught.value.text in (text, text.strip())


def test_one_unknown_name_in_a_list_is_named() -> None:
    with pytest.raises(UnknownResource) as caught:
        _discovered().resolve("pods,servces")
    assert caught.value.text == "servces"


def test_completions_are_plural_short_and_category_names() -> None:
    names = _discovered()
    assert {"pods", "po", "podtemplates"} <= set(names.completions("po"))
    assert "all" in names.completions("al")
    assert names.completions("zzz") == ()


def test_a_category_goes_before_a_resource_of_that_name() -> None:
    provider = _resource("providers", "pkg.example.com")
    member = _resource("buckets", "store.example.com", categories=("provider", "Managed"))
    names = ResourceNames([provider, member])
    assert names.resolve("provider") == (member,)
    assert names.resolve("Provider") == (provider,)
    assert names.resolve("managed") == (member,)


def test_an_unknown_name_tells_which_groups_could_not_be_asked() -> None:
    names = ResourceNames([_resource("pods")], {"metrics.k8s.io/v1beta1": "503", "metrics.k8s.io/v1": "503"})
    with pytest.raises(UnknownResource, match=r"it could not tell what metrics\.k8s\.io has"):
        names.resolve("nodemetrics")
    assert [str(each) for each in names.resolve("pods")] == ["pods"]
