from __future__ import annotations

import pytest

from kwatch.simulator.api.call import RequestInfo, request_info


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/pods", ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/namespaces", ("list", "", "v1", "", "namespaces", "", "")),
        ("GET", "/api/v1/namespaces/shop", ("get", "", "v1", "", "namespaces", "shop", "")),
        ("PUT", "/api/v1/namespaces/shop/status", ("update", "", "v1", "", "namespaces", "shop", "status")),
        ("PUT", "/api/v1/namespaces/shop/finalize", ("update", "", "v1", "", "namespaces", "shop", "finalize")),
        ("GET", "/api/v1/namespaces/shop/pods", ("list", "", "v1", "shop", "pods", "", "")),
        ("GET", "/api/v1/namespaces/shop/pods/web/log", ("get", "", "v1", "shop", "pods", "web", "log")),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", ("delete", "", "v1", "shop", "pods", "web", "")),
        ("DELETE", "/api/v1/namespaces/shop/pods", ("deletecollection", "", "v1", "shop", "pods", "", "")),
        ("POST", "/apis/apps/v1/namespaces/shop/deployments", ("create", "apps", "v1", "shop", "deployments", "", "")),
        ("PATCH", "/apis/apps/v1/namespaces/a/deployments/b", ("patch", "apps", "v1", "a", "deployments", "b", "")),
        ("GET", "/api/v1/watch/pods", ("watch", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/watch/namespaces/shop/pods", ("watch", "", "v1", "shop", "pods", "", "")),
    ],
)
def test_paths(method: str, path: str, expected: tuple[str, str, str, str, str, str, str]) -> None:
    info = request_info(method, path)
    assert info == RequestInfo(path, *expected)


def test_watch_is_said_by_the_query() -> None:
    assert request_info("GET", "/api/v1/pods", watch=True).verb == "watch"
    assert request_info("GET", "/api/v1/namespaces/a/pods/b", watch=True).verb == "watch"
    assert request_info("GET", "/api/v1/namespaces/a/pods/b/log", watch=True).verb == "get"


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/version"]
)
def test_paths_of_no_resource(path: str) -> None:
    assert request_info("GET", path) == RequestInfo(path, "get")


def test_what_follows_a_subresource() -> None:
    info = request_info("GET", "/api/v1/namespaces/a/services/b/proxy/some/page")
    assert (info.subresource, info.rest) == ("proxy", ("some", "page"))
