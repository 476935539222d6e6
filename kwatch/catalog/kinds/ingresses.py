"""Ingresses and their classes."""

from __future__ import annotations

from kwatch.catalog.column import NONE
from kwatch.catalog.declaration import age, declare, name, text
from kwatch.catalog.kinds.services import ServiceStatus, load_balancer_addresses
from kwatch.catalog.shapes import Nothing, Shape

_SHOWN = 3


class IngressRule(Shape, frozen=True):
    """One rule."""

    host: str = ""


class IngressSpec(Shape, frozen=True):
    """What is read of the spec."""

    ingress_class_name: str | None = None
    rules: tuple[IngressRule, ...] | None = None
    tls: tuple[Nothing, ...] | None = None


class Ingress(Shape, frozen=True):
    """What is read of an ingress."""

    spec: IngressSpec = IngressSpec()
    status: ServiceStatus = ServiceStatus()


class Parameters(Shape, frozen=True):
    """A reference to what configures a class."""

    kind: str = ""
    api_group: str | None = None
    name: str = ""


class IngressClassSpec(Shape, frozen=True):
    """What is read of the spec."""

    controller: str = ""
    parameters: Parameters | None = None


class IngressClass(Shape, frozen=True):
    """What is read of a class."""

    spec: IngressClassSpec = IngressClassSpec()


def hosts(ingress: Ingress) -> str:
    """The first three hosts; how many more are said counts rules, with a host or without."""
    rules = ingress.spec.rules or ()
    shown: list[str] = []
    for rule in rules:
        if len(shown) == _SHOWN:
            return f"{','.join(shown)} + {len(rules) - _SHOWN} more..."
        if rule.host:
            shown.append(rule.host)
    return ",".join(shown) or "*"


def parameters(ingress_class: IngressClass) -> str:
    """`Kind.group/name`."""
    given = ingress_class.spec.parameters
    if given is None:
        return NONE
    kind = given.kind if given.api_group is None else f"{given.kind}.{given.api_group}"
    return f"{kind}/{given.name}"


INGRESSES = declare(
    "Ingress",
    Ingress,
    name(),
    text("Class", lambda ingress: NONE if ingress.spec.ingress_class_name is None else ingress.spec.ingress_class_name),
    text("Hosts", hosts),
    text("Address", lambda ingress: load_balancer_addresses(ingress.status.load_balancer)),
    text("Ports", lambda ingress: "80, 443" if ingress.spec.tls else "80"),
    age(),
)

INGRESS_CLASSES = declare(
    "IngressClass",
    IngressClass,
    name(),
    text("Controller", lambda ingress_class: ingress_class.spec.controller),
    text("Parameters", parameters),
    age(),
)
