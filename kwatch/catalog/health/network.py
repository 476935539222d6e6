"""Services without an address, and endpoints that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Problem, after
from kwatch.catalog.health.shapes import Judged, Metadata
from kwatch.catalog.shapes import Nothing, Shape

NO_ADDRESS_AFTER = 120.0
_SERVICE_LABEL = "kubernetes.io/service-name"


class ServiceSpec(Shape, frozen=True):
    """What is read of the spec."""

    type: str = "ClusterIP"
    external_ips: tuple[str, ...] | None = None


class LoadBalancer(Shape, frozen=True):
    """What it has been given."""

    ingress: tuple[Nothing, ...] | None = None


class ServiceStatus(Shape, frozen=True):
    """What is read of the status."""

    load_balancer: LoadBalancer = LoadBalancer()


class Service(Judged, frozen=True):
    """What is read of a service."""

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


class SliceMetadata(Metadata, frozen=True):
    """What is read of the metadata."""

    labels: dict[str, str] | None = None


class EndpointConditions(Shape, frozen=True):
    """Unknown readiness counts as ready."""

    ready: bool | None = None


class Endpoint(Shape, frozen=True):
    """One endpoint."""

    conditions: EndpointConditions = EndpointConditions()


class EndpointSlice(Judged, frozen=True):
    """What is read of a slice."""

    metadata: SliceMetadata = SliceMetadata()
    endpoints: tuple[Endpoint, ...] | None = None


class Subset(Shape, frozen=True):
    """Addresses that are ready, and those that are not."""

    addresses: tuple[Nothing, ...] | None = None
    not_ready_addresses: tuple[Nothing, ...] | None = None


class Endpoints(Judged, frozen=True):
    """What is read of endpoints."""

    subsets: tuple[Subset, ...] | None = None


def find_service_problems(service: Service) -> Iterator[Problem]:
    """A load balancer that is given no address."""
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
    """Addresses of which none is ready."""
    subsets = endpoints.subsets or ()
    unready = sum(len(subset.not_ready_addresses or ()) for subset in subsets)
    if unready and not any(subset.addresses for subset in subsets):
        yield Problem(f"none of its {unready} addresses is ready")
