"""Endpoints and endpoint slices."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.column import NONE, UNSET
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.shapes import Shape

_SHOWN = 3


class Address(Shape, frozen=True):
    """One address of a subset."""

    ip: str = ""


class Port(Shape, frozen=True):
    """One port; a slice's may have only a name, or mean every port."""

    name: str | None = None
    port: int | None = None


class Subset(Shape, frozen=True):
    """Addresses that share ports."""

    addresses: tuple[Address, ...] | None = None
    ports: tuple[Port, ...] | None = None


class Endpoints(Shape, frozen=True):
    """What is read of endpoints."""

    subsets: tuple[Subset, ...] | None = None


class Endpoint(Shape, frozen=True):
    """One endpoint of a slice."""

    addresses: tuple[str, ...] | None = None


class EndpointSlice(Shape, frozen=True):
    """What is read of a slice."""

    address_type: str = ""
    ports: tuple[Port, ...] | None = None
    endpoints: tuple[Endpoint, ...] | None = None


def endpoints_text(endpoints: Endpoints) -> str:
    """The first three `address:port`."""
    if not endpoints.subsets:
        return NONE
    return _first([each for subset in endpoints.subsets for each in _pairs(subset)])


def _pairs(subset: Subset) -> list[str]:
    addresses = [address.ip for address in subset.addresses or ()]
    if not subset.ports:
        return addresses
    return [_with_port(address, port.port or 0) for port in subset.ports for address in addresses]


def _with_port(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def first_three(items: Sequence[str]) -> str:
    """The first three and how many more there are; `<unset>` where nothing is to be shown."""
    return _first(items) or UNSET


def _first(items: Sequence[str]) -> str:
    shown = ",".join(items[:_SHOWN])
    return f"{shown} + {len(items) - _SHOWN} more..." if len(items) > _SHOWN else shown


def _port_text(port: Port) -> str:
    if port.port is not None:
        return str(port.port)
    return "*" if port.name is None else port.name


def slice_ports(endpoint_slice: EndpointSlice) -> str:
    """The first three ports."""
    return first_three([_port_text(port) for port in endpoint_slice.ports or ()])


def slice_addresses(endpoint_slice: EndpointSlice) -> str:
    """The first three addresses."""
    return first_three([each for one in endpoint_slice.endpoints or () for each in one.addresses or ()])


ENDPOINTS = declare("Endpoints", Endpoints, name(), text("Endpoints", endpoints_text, unique=True), age())

ENDPOINT_SLICES = declare(
    "EndpointSlice",
    EndpointSlice,
    name(),
    text("AddressType", lambda endpoint_slice: endpoint_slice.address_type),
    text("Ports", slice_ports),
    text("Endpoints", slice_addresses, unique=True),
    age(),
)
