"""Services without an address, and endpoints that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem, Rule, after
from kwatch.catalog.kinds.network import Endpoints, EndpointSlice, Service

NO_ADDRESS_AFTER = 120.0
_SERVICE_LABEL = "kubernetes.io/service-name"


def find_service_problems(service: Service) -> Iterator[Problem]:
    waits = service.spec.type == "LoadBalancer" and not service.status.load_balancer.ingress
    if waits and not service.spec.external_ips:
        since = after(service.metadata.created, NO_ADDRESS_AFTER)
        yield Problem("its load balancer has no address yet", Level.WARNING, since=since)


def find_slice_problems(endpoint_slice: EndpointSlice) -> Iterator[Problem]:
    """A service's slice with nothing ready in it."""
    endpoints = endpoint_slice.endpoints or ()
    service = (endpoint_slice.metadata.labels or {}).get(_SERVICE_LABEL)
    if endpoints and all(endpoint.conditions.ready is False for endpoint in endpoints):
        yield Problem(f"none of its {len(endpoints)} endpoints is ready")
    elif not endpoints and service:
        yield Problem(f"service {service} has no endpoints", Level.WARNING)


def find_endpoints_problems(endpoints: Endpoints) -> Iterator[Problem]:
    subsets = endpoints.subsets or ()
    unready = sum(len(subset.not_ready_addresses or ()) for subset in subsets)
    if unready and not any(subset.addresses for subset in subsets):
        yield Problem(f"none of its {unready} addresses is ready")


SERVICES = Rule(Service, find_service_problems)
ENDPOINT_SLICES = Rule(EndpointSlice, find_slice_problems)
ENDPOINTS = Rule(Endpoints, find_endpoints_problems)
