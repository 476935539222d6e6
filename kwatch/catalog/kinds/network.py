"""What leads to pods: services, endpoints, ingresses; network policies, and the addresses services are given."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kwatch.catalog.column import NONE, UNKNOWN, UNSET, Level
from kwatch.catalog.kind import age, declare, name, text
from kwatch.catalog.shapes import (
    Address,
    LabelledMetadata,
    LabelSelector,
    Nothing,
    ObjectReference,
    Shape,
    WholeObject,
    labels_text,
    selector_or_none,
)

PENDING = "<pending>"
_SHOWN = 3


class ServicePort(Shape, frozen=True):
    port: int = 0
    node_port: int = 0
    protocol: str = "TCP"


class ServiceSpec(Shape, frozen=True):
    type: str = "ClusterIP"
    cluster_ips: tuple[str, ...] = msgspec.field(default=(), name="clusterIPs")
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    external_name: str = ""
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] | None = None


class LoadBalancer(Shape, frozen=True):
    ingress: tuple[Address, ...] = ()


class ServiceStatus(Shape, frozen=True):
    load_balancer: LoadBalancer = LoadBalancer()


class Service(WholeObject, frozen=True):
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


def load_balancer_addresses(balancer: LoadBalancer) -> str:
    """Addresses, or host names where there are none, sorted."""
    return ",".join(sorted({entry.ip or entry.hostname for entry in balancer.ingress} - {""}))


def _cluster_ip(service: Service) -> str:
    """The first address inside the cluster; `None` is a headless service's own word."""
    spec = service.spec
    return spec.cluster_ips[0] if spec.cluster_ips else spec.cluster_ip or NONE


def _external_ip(service: Service) -> str:
    """Where it is reached from outside, by its type."""
    spec = service.spec
    match spec.type:
        case "ClusterIP" | "NodePort":
            return ",".join(spec.external_ips) if spec.external_ips else NONE
        case "LoadBalancer":
            given = load_balancer_addresses(service.status.load_balancer)
            addresses = [given, *spec.external_ips] if given else spec.external_ips
            return ",".join(addresses) if addresses else PENDING
        case "ExternalName":
            return spec.external_name
    return UNKNOWN


def _ports(service: Service) -> str:
    """`80/TCP,443:30443/TCP`."""
    return ",".join([_port(port) for port in service.spec.ports]) or NONE


def _port(port: ServicePort) -> str:
    if port.node_port > 0:
        return f"{port.port}:{port.node_port}/{port.protocol}"
    return f"{port.port}/{port.protocol}"


SERVICES = declare(
    "Service",
    Service,
    name(),
    text("Type", lambda service: service.spec.type),
    text("Cluster-IP", _cluster_ip, unique=True),
    text("External-IP", _external_ip, levels={PENDING: Level.PROGRESS}),
    text("Port(s)", _ports),
    age(),
    text("Selector", lambda service: labels_text(service.spec.selector), wide=True),
)


class Port(Shape, frozen=True):
    """One port; a slice's may have only a name, or mean every port."""

    name: str | None = None
    port: int | None = None


class Subset(Shape, frozen=True):
    addresses: tuple[Address, ...] | None = None
    not_ready_addresses: tuple[Nothing, ...] | None = None
    ports: tuple[Port, ...] | None = None


class Endpoints(WholeObject, frozen=True):
    subsets: tuple[Subset, ...] | None = None


class EndpointConditions(Shape, frozen=True):
    """Unknown readiness counts as ready."""

    ready: bool | None = None


class Endpoint(Shape, frozen=True):
    addresses: tuple[str, ...] | None = None
    conditions: EndpointConditions = EndpointConditions()


class EndpointSlice(WholeObject, frozen=True):
    metadata: LabelledMetadata = LabelledMetadata()
    address_type: str = ""
    ports: tuple[Port, ...] | None = None
    endpoints: tuple[Endpoint, ...] | None = None


def _endpoints_text(endpoints: Endpoints) -> str:
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


def _slice_ports(endpoint_slice: EndpointSlice) -> str:
    return first_three([_port_text(port) for port in endpoint_slice.ports or ()])


def _slice_addresses(endpoint_slice: EndpointSlice) -> str:
    return first_three([each for one in endpoint_slice.endpoints or () for each in one.addresses or ()])


ENDPOINTS = declare("Endpoints", Endpoints, name(), text("Endpoints", _endpoints_text, unique=True), age())

ENDPOINT_SLICES = declare(
    "EndpointSlice",
    EndpointSlice,
    name(),
    text("AddressType", lambda endpoint_slice: endpoint_slice.address_type),
    text("Ports", _slice_ports),
    text("Endpoints", _slice_addresses, unique=True),
    age(),
)


class IngressRule(Shape, frozen=True):
    host: str = ""


class IngressSpec(Shape, frozen=True):
    ingress_class_name: str | None = None
    rules: tuple[IngressRule, ...] | None = None
    tls: tuple[Nothing, ...] | None = None


class Ingress(Shape, frozen=True):
    spec: IngressSpec = IngressSpec()
    status: ServiceStatus = ServiceStatus()


class IngressClass(Shape, frozen=True):
    controller: str = ""
    parameters: ObjectReference | None = None


def _hosts(ingress: Ingress) -> str:
    """The first three hosts; `more` counts rules, with a host or without, as the server does."""
    rules = ingress.spec.rules or ()
    shown: list[str] = []
    for rule in rules:
        if len(shown) == _SHOWN:
            return f"{','.join(shown)} + {len(rules) - _SHOWN} more..."
        if rule.host:
            shown.append(rule.host)
    return ",".join(shown) or "*"


def _parameters(ingress_class: IngressClass) -> str:
    """`Kind.group/name`."""
    given = ingress_class.parameters
    if given is None:
        return NONE
    kind = given.kind if given.api_group is None else f"{given.kind}.{given.api_group}"
    return f"{kind}/{given.name}"


INGRESSES = declare(
    "Ingress",
    Ingress,
    name(),
    text("Class", lambda ingress: ingress.spec.ingress_class_name, absent=NONE),
    text("Hosts", _hosts),
    text("Address", lambda ingress: load_balancer_addresses(ingress.status.load_balancer)),
    text("Ports", lambda ingress: "80, 443" if ingress.spec.tls else "80"),
    age(),
)

INGRESS_CLASSES = declare(
    "IngressClass",
    IngressClass,
    name(),
    text("Controller", lambda ingress_class: ingress_class.controller),
    text("Parameters", _parameters),
    age(),
    within="spec",
)


class NetworkPolicy(Shape, frozen=True):
    pod_selector: LabelSelector = LabelSelector()


class IPAddress(Shape, frozen=True):
    parent_ref: ObjectReference | None = None


class ServiceCIDR(Shape, frozen=True):
    cidrs: tuple[str, ...] | None = None


def _parent(address: IPAddress) -> str:
    """`services/shop/web`."""
    given = address.parent_ref
    if given is None:
        return NONE
    resource = (f"{given.resource}.{given.group}" if given.group else given.resource).lower()
    return "/".join([resource, *filter(None, [given.namespace]), given.name])


NETWORK_POLICIES = declare(
    "NetworkPolicy",
    NetworkPolicy,
    name(),
    text("Pod-Selector", lambda policy: selector_or_none(policy.pod_selector)),
    age(),
    within="spec",
)

IP_ADDRESSES = declare("IPAddress", IPAddress, name(), text("ParentRef", _parent, unique=True), within="spec")

SERVICE_CIDRS = declare(
    "ServiceCIDR", ServiceCIDR, name(), text("CIDRs", lambda cidr: ",".join(cidr.cidrs or ())), age(), within="spec"
)
