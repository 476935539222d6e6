"""Services, endpoints, ingresses and their like in states that the recordings do not show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalog.kinds.printing import cell, cells


@pytest.mark.parametrize(
    ("spec", "ingress", "text"),
    [
        ({"type": "ClusterIP"}, [], "<none>"),
        ({"type": "ClusterIP", "externalIPs": ["1.2.3.4", "5.6.7.8"]}, [], "1.2.3.4,5.6.7.8"),
        ({"type": "NodePort", "externalIPs": ["1.2.3.4"]}, [], "1.2.3.4"),
        ({"type": "LoadBalancer"}, [], "<pending>"),
        ({"type": "LoadBalancer"}, [{"hostname": "b.example"}, {"ip": "9.9.9.9"}], "9.9.9.9,b.example"),
        ({"type": "LoadBalancer"}, [{"ip": "9.9.9.9", "hostname": "hidden"}, {"ip": "9.9.9.9"}], "9.9.9.9"),
        ({"type": "LoadBalancer", "externalIPs": ["1.2.3.4"]}, [{"ip": "9.9.9.9"}], "9.9.9.9,1.2.3.4"),
        ({"type": "LoadBalancer", "externalIPs": ["1.2.3.4"]}, [], "1.2.3.4"),
        ({"type": "ExternalName", "externalName": "db.example"}, [], "db.example"),
        ({"type": "Novel"}, [], "<unknown>"),
    ],
)
def test_where_a_service_is_reached(spec: dict[str, Any], ingress: list[Any], text: str) -> None:
    assert cell("services", "External-IP", {"spec": spec, "status": {"loadBalancer": {"ingress": ingress}}}) == text


def test_a_services_ports_and_addresses() -> None:
    ports = [{"port": 80}, {"port": 53, "protocol": "UDP", "nodePort": 30053}]
    obj = {"spec": {"ports": ports, "clusterIPs": ["10.0.0.1", "fd00::1"], "clusterIP": "10.0.0.1"}}
    assert cells("services", obj) == ["ClusterIP", "10.0.0.1", "<none>", "80/TCP,53:30053/UDP", "90s", "<none>"]


def _subset(addresses: list[str], ports: list[int]) -> dict[str, Any]:
    return {"addresses": [{"ip": each} for each in addresses], "ports": [{"port": each} for each in ports]}


@pytest.mark.parametrize(
    ("subsets", "text"),
    [
        (None, "<none>"),
        ([_subset(["1.1.1.1"], [80])], "1.1.1.1:80"),
        ([_subset(["fd00::1"], [80])], "[fd00::1]:80"),
        ([_subset(["1.1.1.1", "2.2.2.2"], [])], "1.1.1.1,2.2.2.2"),
        ([_subset(["1.1.1.1", "2.2.2.2"], [80, 90])], "1.1.1.1:80,2.2.2.2:80,1.1.1.1:90 + 1 more..."),
        ([_subset(["1.1.1.1"], [80]), _subset(["2.2.2.2"], [])], "1.1.1.1:80,2.2.2.2"),
        ([{"notReadyAddresses": [{"ip": "1.1.1.1"}], "ports": [{"port": 80}]}], ""),
    ],
)
def test_endpoints(subsets: Any, text: str) -> None:
    assert cell("endpoints", "Endpoints", {"subsets": subsets}) == text


def test_endpoint_slices() -> None:
    obj = {
        "addressType": "IPv4",
        "ports": [{"port": 80}, {"name": "named"}, {}, {"port": 9}],
        "endpoints": [{"addresses": ["1", "2"]}, {"addresses": ["3", "4", "5"]}],
    }
    assert cells("endpointslices", obj) == ["IPv4", "80,named,* + 1 more...", "1,2,3 + 2 more...", "90s"]
    assert cells("endpointslices", {"addressType": "FQDN", "ports": None, "endpoints": None})[1:3] == ["<unset>"] * 2


def _rules(*hosts: str) -> list[dict[str, str]]:
    return [{"host": host} if host else {} for host in hosts]


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ((), "*"),
        (("",), "*"),
        (("a", "b", "c"), "a,b,c"),
        (("a", "", "b"), "a,b"),
        (("a", "b", "c", "d", "e"), "a,b,c + 2 more..."),
        (("a", "", "b", "c", "d"), "a,b,c + 2 more..."),
    ],
)
def test_an_ingress_hosts(hosts: tuple[str, ...], text: str) -> None:
    assert cell("ingresses", "Hosts", {"spec": {"rules": _rules(*hosts)}}) == text


def test_an_ingress() -> None:
    balancer = {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}
    obj = {"spec": {"ingressClassName": "", "tls": [{}]}, "status": balancer}
    assert cells("ingresses", obj) == ["", "*", "lb.example", "80, 443", "90s"]


def test_ingress_classes() -> None:
    reference = {"kind": "Config", "name": "c"}
    obj: dict[str, Any] = {"spec": {"controller": "k8s.io/nginx", "parameters": reference}}
    assert cells("ingressclasses", obj) == ["k8s.io/nginx", "Config/c", "90s"]
    obj["spec"]["parameters"]["apiGroup"] = "example.com"
    assert cell("ingressclasses", "Parameters", obj) == "Config.example.com/c"
    assert cell("ingressclasses", "Parameters", {"spec": {}}) == "<none>"


def test_network_policies_addresses_and_ranges() -> None:
    assert cell("networkpolicies", "Pod-Selector", {"spec": {"podSelector": {}}}) == "<none>"
    parent = {"resource": "services", "namespace": "shop", "name": "web"}
    assert cells("ipaddresses", {"spec": {"parentRef": parent}}) == ["services/shop/web"]
    parent = {"group": "Example.com", "resource": "gateways", "name": "g"}
    assert cells("ipaddresses", {"spec": {"parentRef": parent}}) == ["gateways.example.com/g"]
    assert cells("ipaddresses", {"spec": {}}) == ["<none>"]
    assert cells("servicecidrs", {"spec": {"cidrs": ["10.0.0.0/24", "fd00::/108"]}}) == [
        "10.0.0.0/24,fd00::/108",
        "90s",
    ]
