from __future__ import annotations

import base64
from http.client import HTTPConnection

import pytest

from kwatch.simulator.api.call import ADMIN, ANONYMOUS, Rule, User, Users, forbidden, request_info
from kwatch.simulator.api.responses import StatusError
from tests.simulator.client import get
from tests.simulator.conftest import Serve
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer

VIEWER = User("viewer", (Rule(("get", "list", "watch"), ("pods", "pods/log", "deployments.apps"), ("shop",)),))
USERS = Users({"a": ADMIN, "v": VIEWER})


def headers(token: str = "", **more: str) -> dict[str, str]:
    return {**({"Authorization": f"Bearer {token}"} if token else {}), **more}


def test_without_tokens_everybody_is_the_administrator() -> None:
    assert Users().authenticate({}) is ADMIN
    assert Users().authenticate(headers("anything")) is ADMIN


def test_tokens_name_users() -> None:
    assert USERS.authenticate(headers("v")) is VIEWER
    assert USERS.authenticate({}) is ANONYMOUS
    with pytest.raises(StatusError, match="Unauthorized"):
        USERS.authenticate(headers("wrong"))
    with pytest.raises(StatusError, match="Unauthorized"):
        USERS.authenticate({"Authorization": "Basic dTpw"})


def test_only_an_administrator_may_speak_for_others() -> None:
    assert USERS.authenticate(headers("a", **{"Impersonate-User": "viewer"})) is VIEWER
    assert USERS.authenticate(headers("a", **{"Impersonate-User": "jane"})) == User("jane")
    assert USERS.authenticate(headers("v", **{"Impersonate-User": "jane"})) is VIEWER


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/namespaces/shop/pods", True),
        ("GET", "/api/v1/namespaces/shop/pods/web/log", True),
        ("GET", "/apis/apps/v1/namespaces/shop/deployments", True),
        ("GET", "/api/v1/pods", False),
        ("GET", "/api/v1/namespaces/other/pods", False),
        ("GET", "/api/v1/namespaces/shop/secrets", False),
        ("DELETE", "/api/v1/namespaces/shop/pods/web", False),
        ("GET", "/apis", True),
    ],
)
def test_rules(method: str, path: str, allowed: bool) -> None:
    info = request_info(method, path)
    assert VIEWER.may(info) is allowed
    assert ADMIN.may(info)


def test_anonymous_sees_only_probes() -> None:
    assert ANONYMOUS.may(request_info("GET", "/healthz"))
    assert not ANONYMOUS.may(request_info("GET", "/api"))


def test_the_words_of_a_refusal() -> None:
    message = forbidden(VIEWER, request_info("GET", "/apis/apps/v1/namespaces/shop/replicasets/web/status")).message
    assert message == (
        'replicasets.apps "web" is forbidden: User "viewer" cannot get resource "replicasets/status" '
        'in API group "apps" in the namespace "shop"'
    )


def refusal(server: SimulatorServer, path: str) -> tuple[int, str]:
    status, body = get(server.url, path, Authorization="Bearer v")
    return status, body.get("message", "")


def test_a_user_with_few_rights_over_http(serve: Serve) -> None:
    server = serve(pod("a"), users=USERS)
    assert refusal(server, "/api/v1/namespaces/shop/pods")[0] == 200
    assert refusal(server, "/api/v1/nodes") == (
        403,
        'nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" at the cluster scope',
    )
    assert refusal(server, "/api/v1/pods?watch=true")[0] == 403
    assert refusal(server, "/api")[0] == 200


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("127.0.0.1:{port}", True),
        ("127.0.0.1", True),
        ("localhost:{port}", True),
        ("LOCALHOST", True),
        ("[::1]:{port}", True),
        ("192.168.1.2:6443", True),
        ("evil.example:{port}", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:{port}", False),
        ("[evil", False),
        ("", False),
    ],
)
def test_a_page_whose_name_leads_here_is_not_served(serve: Serve, host: str, served: bool) -> None:
    server = serve(pod("a"))
    port = int(server.url.rpartition(":")[2])
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", "/api/v1/namespaces/shop/pods", skip_host=True)
    connection.putheader("Host", host.format(port=port))
    connection.endheaders()
    assert connection.getresponse().status == (200 if served else 403)
    connection.close()


def test_a_login_has_the_token_for_its_password() -> None:
    def basic(login: str) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}

    assert USERS.authenticate(basic("anybody:a")) is ADMIN
    for wrong in (basic("a:wrong"), basic("a"), {"Authorization": "Basic !!"}, {"Authorization": "Basic /w=="}):
        with pytest.raises(StatusError):
            USERS.authenticate(wrong)
