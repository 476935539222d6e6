"""What the server offers, in whichever form it says so."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from kwatch.cluster.discovery import Discovered
from kwatch.informer.errors import ApiError, Closed, NotFound
from tests.cluster.conftest import Serve
from tests.cluster.samples import cluster_at
from tests.cluster.scripted_server import Received, answer

WIRE = Path(__file__).parents[1] / "wire"


def recorded(name: str) -> dict[str, Any]:
    exchanges = json.loads((WIRE / f"{name}.json").read_text("utf-8"))["exchanges"]
    return {each["request"]["path"]: each["body"] for each in exchanges}


AGGREGATED, LEGACY = recorded("discovery-aggregated"), recorded("discovery-legacy")


def serving(bodies: dict[str, Any], status: dict[str, int] | None = None) -> Callable[[Received], Iterable[bytes]]:
    def respond(received: Received) -> Iterable[bytes]:
        if received.target not in bodies:
            return [answer(b"404 page not found\n", 404)]
        return [answer(bodies[received.target], (status or {}).get(received.target, 200))]

    return respond


def by_name(found: Discovered) -> dict[str, Any]:
    return {str(each.gvr): each for each in found.resources}


def test_aggregated(serve: Serve) -> None:
    server = serve(serving(AGGREGATED))
    found = cluster_at(server.url).discover()
    assert sorted(each.target for each in server.requests) == ["/api", "/apis"]  # side by side, in either order
    assert found.failed_groups == {}
    deployments = by_name(found)["deployments.v1.apps"]
    assert (deployments.kind, deployments.namespaced, deployments.singular) == ("Deployment", True, "deployment")
    assert (deployments.short_names, deployments.categories) == (("deploy",), ("all",))
    assert deployments.watchable
    nodes = by_name(found)["nodes.v1"]
    assert (nodes.namespaced, nodes.short_names, nodes.preferred) == (False, ("no",), True)
    assert by_name(found)["widgets.v1.example.com"].kind == "Widget"


def test_what_was_discovered_is_at_hand(serve: Serve) -> None:
    server = serve(serving(AGGREGATED))
    cluster = cluster_at(server.url)
    assert cluster.discovery is cluster.discovery
    assert len(server.requests) == 2
    fresh = cluster.discover()
    assert len(server.requests) == 4
    assert cluster.discovery is fresh


def test_no_subresources(serve: Serve) -> None:
    for bodies in (AGGREGATED, LEGACY):
        names = [each.name for each in cluster_at(serve(serving(bodies)).url).discover().resources]
        assert "pods" in names
        assert not [each for each in names if "/" in each]


def test_both_forms_say_the_same(serve: Serve) -> None:
    new = by_name(cluster_at(serve(serving(AGGREGATED)).url).discover())
    old = by_name(cluster_at(serve(serving(LEGACY)).url).discover())
    assert len(old) > 20
    for name, resource in old.items():
        assert resource == new[name]


def test_a_version_that_cannot_be_asked_costs_only_itself(serve: Serve) -> None:
    bodies = LEGACY | {"/apis/apps/v1": {"kind": "Status", "message": "the server is unavailable"}}
    found = cluster_at(serve(serving(bodies, {"/apis/apps/v1": 503})).url).discover()
    names = by_name(found)
    assert "pods.v1" in names
    assert "jobs.v1.batch" in names
    assert not [each for each in names if each.endswith(".apps")]
    assert found.failed_groups["apps/v1"] == "the server is unavailable"
    assert "batch/v1" not in found.failed_groups


def test_a_version_that_talks_nonsense_costs_only_itself(serve: Serve) -> None:
    found = cluster_at(serve(serving(LEGACY | {"/apis/batch/v1": ["what"]})).url).discover()
    assert "cannot be read" in found.failed_groups["batch/v1"]
    assert "pods.v1" in by_name(found)


def group(name: str, *versions: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "versions": list(versions)}


def version(name: str, *resources: str, **fields: Any) -> dict[str, Any]:
    kinds = [{"resource": each, "responseKind": {"kind": each.title()}, "scope": "Cluster"} for each in resources]
    return {"version": name, "resources": kinds, **fields}


def group_list(*groups: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": list(groups)}


def test_preferred_versions_come_first(serve: Serve) -> None:
    groups = group_list(group("a.io", version("v2", "as"), version("v1", "as")), group("b.io", version("v1", "bs")))
    found = cluster_at(
        serve(serving({"/api": group_list(group("", version("v1", "pods"))), "/apis": groups})).url
    ).discover()
    assert [str(each.gvr) for each in found.resources] == ["pods.v1", "as.v2.a.io", "bs.v1.b.io", "as.v1.a.io"]
    assert [each.preferred for each in found.resources] == [True, True, True, False]
    assert found.resources[1].singular == "as", "the kind in small letters where the server names none"


def test_an_api_whose_server_is_down_is_named(serve: Serve) -> None:
    stale = group("metrics.k8s.io", version("v1beta1", freshness="Stale"))
    found = cluster_at(serve(serving({"/api": group_list(), "/apis": group_list(stale)})).url).discover()
    assert list(found.failed_groups) == ["metrics.k8s.io/v1beta1"]
    assert "does not answer" in found.failed_groups["metrics.k8s.io/v1beta1"]


def test_a_server_with_only_one_of_the_two(serve: Serve) -> None:
    found = cluster_at(serve(serving({"/apis": AGGREGATED["/apis"]})).url).discover()
    assert "deployments.v1.apps" in by_name(found)


def test_a_server_with_neither_is_none(serve: Serve) -> None:
    with pytest.raises(ApiError) as caught:
        cluster_at(serve(serving({})).url).discover()
    assert caught.value.status == 404


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_refusal_is_raised(status: int, serve: Serve) -> None:
    body = {"kind": "Status", "message": "no"}
    with pytest.raises(ApiError) as caught:
        cluster_at(serve(serving({"/api": body, "/apis": body}, {"/api": status})).url).discover()
    assert caught.value.status == status


@pytest.mark.parametrize("body", [b"<html>", {"kind": "APIVersions", "versions": 5}])
def test_something_else_than_a_kubernetes_server(body: Any, serve: Serve) -> None:
    with pytest.raises(ApiError, match="cannot be read"):
        cluster_at(serve(serving({"/api": body, "/apis": body})).url).discover()


def test_closing_ends_it(serve: Serve) -> None:
    def respond(received: Received) -> Iterable[bytes]:
        return serving(LEGACY)(received) if received.target in ("/api", "/apis") else ()

    server = serve(respond)
    cluster = cluster_at(server.url)
    ended: list[Exception] = []

    def ask() -> None:
        try:
            cluster.discover()
        except (ApiError, Closed) as error:
            ended.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    server.wait_for_requests(4)
    cluster.close()
    thread.join(60)
    assert not thread.is_alive()
    assert isinstance(ended[0], Closed)


def test_a_resource_is_found_by_its_words(serve: Serve) -> None:
    server = serve(serving(AGGREGATED))
    cluster = cluster_at(server.url)
    deployments = by_name(cluster.discovery)["deployments.v1.apps"]
    for words in ("deployments", "deployments.apps", "deployments.v1.apps", deployments.gvr, deployments):
        assert cluster.resource(words) is deployments
    assert {*cluster.discovery} >= {deployments}
    assert len(server.requests) == 2
    with pytest.raises(NotFound, match="offers no gadgets"):
        cluster.lister_watcher("gadgets")
    # It might have come since.
    assert len(server.requests) == 4
