"""Services."""

from __future__ import annotations

import msgspec

from kwatch.catalog.column import NONE, UNKNOWN, Level
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.label_text import labels_text
from kwatch.catalog.shapes import Shape

PENDING = "<pending>"


class ServicePort(Shape, frozen=True):
    """One port."""

    port: int = 0
    node_port: int = 0
    protocol: str = "TCP"


class ServiceSpec(Shape, frozen=True):
    """What is read of the spec."""

    type: str = "ClusterIP"
    cluster_ips: tuple[str, ...] = msgspec.field(default=(), name="clusterIPs")
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    external_ips: tuple[str, ...] = msgspec.field(default=(), name="externalIPs")
    external_name: str = ""
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] | None = None


class Ingress(Shape, frozen=True):
    """One point of entry of a load balancer."""

    ip: str = ""
    hostname: str = ""


class LoadBalancer(Shape, frozen=True):
    """What a load balancer has been given."""

    ingress: tuple[Ingress, ...] = ()


class ServiceStatus(Shape, frozen=True):
    """What is read of the status."""

    load_balancer: LoadBalancer = LoadBalancer()


class Service(Shape, frozen=True):
    """What is read of a service."""

    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()


def load_balancer_addresses(balancer: LoadBalancer) -> str:
    """Addresses, or host names where there are none, sorted."""
    return ",".join(sorted({entry.ip or entry.hostname for entry in balancer.ingress} - {""}))


def cluster_ip(service: Service) -> str:
    """The first address inside the cluster; `None` is a headless service's own word."""
    spec = service.spec
    return spec.cluster_ips[0] if spec.cluster_ips else spec.cluster_ip or NONE


def external_ip(service: Service) -> str:
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


def ports(service: Service) -> str:
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
    text("Cluster-IP", cluster_ip, unique=True),
    text("External-IP", external_ip, levels={PENDING: Level.PROGRESS}),
    text("Port(s)", ports),
    age(),
    text("Selector", lambda service: labels_text(service.spec.selector), wide=True),
)
