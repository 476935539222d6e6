"""resourceVersion, limit and continue of lists, row by row of the wire protocol."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from kwatch.simulator.api.listing import ContinueToken
from kwatch.simulator.faults import Faults
from kwatch.simulator.store import Store
from tests.simulator.client import asked, get
from tests.simulator.conftest import Serve
from tests.simulator.objects import config_map, pod
from tests.simulator.simulator_server import SimulatorServer

PODS = "/api/v1/pods"


def names(page: Any) -> list[str]:
    return [item["metadata"]["name"] for item in page["items"]]


def add(server: SimulatorServer, *created: str, namespace: str = "shop") -> None:
    def write(store: Store) -> None:
        for name in created:
            store.create(pod(name, namespace), manager="test")

    server.call(write)


def revision(server: SimulatorServer) -> int:
    return server.call(lambda store: store.revision)


def listed(server: SimulatorServer, query: str = "", path: str = PODS) -> Any:
    status, page = get(server.url, f"{path}?{query}")
    assert status == 200, page
    return page


def refused(server: SimulatorServer, query: str) -> tuple[int, str, str]:
    status, body = get(server.url, f"{PODS}?{query}")
    assert body["kind"] == "Status" and body["code"] == status
    return status, body["reason"], body["message"]


def test_without_a_version_the_most_recent(serve: Serve) -> None:
    server = serve(pod("a"))
    add(server, "b")
    page = listed(server)
    assert names(page) == ["a", "b"]
    assert page["metadata"] == {"resourceVersion": str(revision(server))}


def test_order_is_that_of_keys(serve: Serve) -> None:
    server = serve(pod("x", "a"), pod("x", "a-b"), pod("x", "a.b"))
    assert [item["metadata"]["namespace"] for item in listed(server)["items"]] == ["a-b", "a.b", "a"]


def test_a_namespace_has_its_own_list(serve: Serve) -> None:
    server = serve(pod("x", "a"), pod("y", "a-b"), pod("z", "a0"))
    assert names(listed(server, path="/api/v1/namespaces/a/pods")) == ["x"]
    assert names(listed(server, path="/api/v1/namespaces/nowhere/pods")) == []


def test_version_0_ignores_the_limit(serve: Serve) -> None:
    page = listed(serve(pod("a"), pod("b")), "resourceVersion=0&limit=1")
    assert names(page) == ["a", "b"] and "continue" not in page["metadata"]


def test_a_version_without_limit_is_a_lower_bound(serve: Serve) -> None:
    server = serve(pod("a"))
    then = revision(server)
    add(server, "b")
    for query in (f"resourceVersion={then}", f"resourceVersion={then}&resourceVersionMatch=NotOlderThan"):
        assert names(listed(server, query)) == ["a", "b"]


def test_a_version_with_limit_is_exact(serve: Serve) -> None:
    server = serve(pod("a"))
    then = revision(server)
    add(server, "b")
    for query in (f"resourceVersion={then}&limit=5", f"resourceVersion={then}&resourceVersionMatch=Exact"):
        page = listed(server, query)
        assert names(page) == ["a"]
        assert page["metadata"]["resourceVersion"] == str(then)


def test_not_older_than_with_limit_is_paged_in_the_present(serve: Serve) -> None:
    server = serve(pod("a"))
    then = revision(server)
    add(server, "b")
    page = listed(server, f"resourceVersion={then}&resourceVersionMatch=NotOlderThan&limit=1")
    assert page["metadata"]["resourceVersion"] == str(then + 1) and page["metadata"]["remainingItemCount"] == 1


def test_a_version_to_come_times_out(serve: Serve) -> None:
    server = serve(pod("a"), second=0.01)
    status, reason, message = refused(server, f"resourceVersion={revision(server) + 1}")
    assert (status, reason) == (504, "Timeout")
    assert "Too large resource version" in message


def test_an_exact_version_that_is_forgotten(serve: Serve) -> None:
    server = serve(pod("a"))
    then = revision(server)
    add(server, "b")
    server.call(lambda store: store.compact())
    for query in (f"resourceVersion={then}&limit=1", f"resourceVersion={then}&resourceVersionMatch=Exact"):
        assert refused(server, query)[:2] == (410, "Expired")


def pages(server: SimulatorServer, query: str, path: str = PODS) -> list[Any]:
    found = [listed(server, query, path)]
    while token := found[-1]["metadata"].get("continue"):
        add(server, f"late-{len(found)}", namespace="z")
        found.append(listed(server, f"{query}&continue={token}", path))
    return found


def test_pages_show_one_moment(serve: Serve) -> None:
    server = serve(*(pod(f"p{number}", "abc"[number % 3]) for number in range(7)))
    found = pages(server, "limit=3")
    assert [names(page) for page in found] == [["p0", "p3", "p6"], ["p1", "p4", "p2"], ["p5"]]
    assert len({page["metadata"]["resourceVersion"] for page in found}) == 1
    assert [page["metadata"].get("remainingItemCount") for page in found] == [4, 1, None]


def test_pages_of_a_selection_do_not_count_what_remains(serve: Serve) -> None:
    server = serve(*(pod(f"p{number}", stage="dev" if number % 2 else "prod") for number in range(6)))
    found = pages(server, "limit=2&labelSelector=stage%3Ddev")
    assert [name for page in found for name in names(page)] == ["p1", "p3", "p5"]
    assert all("remainingItemCount" not in page["metadata"] for page in found)


def test_an_expired_token_offers_an_inconsistent_continuation(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"), pod("d"))
    first = listed(server, "limit=1")
    add(server, "c")
    server.call(lambda store: store.compact())
    status, body = get(server.url, f"{PODS}?limit=1&continue={first['metadata']['continue']}")
    assert (status, body["reason"]) == (410, "Expired")
    token = body["metadata"]["continue"]
    assert ContinueToken.parse(token).revision == -1
    rest = listed(server, f"limit=5&continue={token}")
    assert names(rest) == ["b", "c", "d"]
    assert rest["metadata"]["resourceVersion"] == str(revision(server))


def test_tokens_expire_when_a_fault_says_so(serve: Serve) -> None:
    faults = Faults()
    server = serve(pod("a"), pod("b"), faults=faults)
    token = listed(server, "limit=1")["metadata"]["continue"]
    faults.plan("expired-token")
    assert refused(server, f"continue={token}")[:2] == (410, "Expired")
    assert names(listed(server, f"continue={token}")) == ["b"]


def test_continue_with_version_0_is_allowed(serve: Serve) -> None:
    server = serve(pod("a"), pod("b"))
    token = listed(server, "limit=1")["metadata"]["continue"]
    assert names(listed(server, f"resourceVersion=0&continue={token}")) == ["b"]
    assert refused(server, f"resourceVersion=5&continue={token}")[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        "resourceVersionMatch=NotOlderThan",
        "resourceVersionMatch=Exact&resourceVersion=0",
        "resourceVersionMatch=Sometimes&resourceVersion=5",
        "sendInitialEvents=true",
        "sendInitialEvents=false",
        "resourceVersionMatch=Exact&resourceVersion=5&continue=x",
    ],
)
def test_contradictions_are_invalid(serve: Serve, query: str) -> None:
    assert refused(serve(), query)[:2] == (422, "Invalid")


def test_metadata_only(serve: Serve) -> None:
    server = serve(pod("a", app="web"))
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
    _, page = get(server.url, PODS, Accept=accept)
    assert (page["kind"], page["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    [item] = page["items"]
    assert item["metadata"]["labels"] == {"app": "web"} and "spec" not in item


def test_large_lists_are_compressed_for_those_who_can_read_it(serve: Serve) -> None:

    server = serve(*(config_map(f"c{number}", text="x" * 1000) for number in range(200)))
    with asked(server.url, "/api/v1/configmaps", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        packed = gzip.decompress(response.read())
    with asked(server.url, "/api/v1/configmaps") as response:
        assert response.headers["Content-Encoding"] is None
        assert response.read() == packed
    with asked(server.url, "/api/v1/configmaps?limit=5", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] is None
