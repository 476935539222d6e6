"""What extends the API: custom resource definitions and aggregated services; and the components of old."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import Level
from kwatch.catalog.declaration import age, boolean, created_at, declare, name, text
from kwatch.catalog.shapes import Condition, ObjectReference, Shape


class APIServiceSpec(Shape, frozen=True):
    """What is read of the spec."""

    service: ObjectReference | None = None


class APIServiceStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None


class APIService(Shape, frozen=True):
    """What is read of an aggregated service."""

    spec: APIServiceSpec = APIServiceSpec()
    status: APIServiceStatus = APIServiceStatus()


class ComponentCondition(Shape, frozen=True):
    """How a component is."""

    type: str = ""
    status: str = ""
    message: str = ""
    error: str = ""


class ComponentStatus(Shape, frozen=True):
    """What is read of a component."""

    conditions: tuple[ComponentCondition, ...] | None = None


def available(api_service: APIService) -> str:
    """`True`, or why not."""
    for condition in api_service.status.conditions or ():
        if condition.type == "Available":
            if condition.status == "True" or not condition.reason:
                return condition.status
            return f"{condition.status} ({condition.reason})"
    return "Unknown"


def service(api_service: APIService) -> str:
    """`namespace/name` of who serves it."""
    given = api_service.spec.service
    return "Local" if given is None else f"{given.namespace}/{given.name}"


def _available_level(value: Any) -> Level:
    return Level.GOOD if value == "True" else Level.BAD


def _health(component: ComponentStatus) -> ComponentCondition | None:
    return next((each for each in component.conditions or () if each.type == "Healthy"), None)


def _component_status(component: ComponentStatus) -> str:
    health = _health(component)
    if health is None:
        return "Unknown"
    return "Healthy" if health.status == "True" else "Unhealthy"


def _component_message(component: ComponentStatus) -> str:
    health = _health(component)
    return health.message if health else ""


def _component_error(component: ComponentStatus) -> str:
    health = _health(component)
    return health.error if health else ""


class DefinedVersion(Shape, frozen=True):
    """One version of a custom resource."""

    name: str = ""
    served: bool = False
    storage: bool = False


class DefinedNames(Shape, frozen=True):
    """What a custom resource is called."""

    kind: str = ""
    short_names: tuple[str, ...] | None = None


class DefinitionSpec(Shape, frozen=True):
    """What is read of the spec."""

    group: str = ""
    scope: str = ""
    names: DefinedNames = DefinedNames()
    versions: tuple[DefinedVersion, ...] | None = None


class DefinitionStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None


class Definition(Shape, frozen=True):
    """What is read of a custom resource definition."""

    spec: DefinitionSpec = DefinitionSpec()
    status: DefinitionStatus = DefinitionStatus()


def served_versions(definition: Definition) -> str:
    """`v1(storage),v1beta1`."""
    served = [each for each in definition.spec.versions or () if each.served]
    return ",".join(sorted(f"{each.name}(storage)" if each.storage else each.name for each in served))


def established(definition: Definition) -> bool:
    """Whether the server serves it."""
    return any(each.type == "Established" and each.status == "True" for each in definition.status.conditions or ())


CUSTOM_RESOURCE_DEFINITIONS = declare(
    "CustomResourceDefinition",
    Definition,
    name(),
    text("Scope", lambda definition: definition.spec.scope),
    text("Versions", served_versions),
    created_at(),
    text("Group", lambda definition: definition.spec.group, wide=True),
    text("Kind", lambda definition: definition.spec.names.kind, wide=True, unique=True),
    text("ShortNames", lambda definition: ",".join(definition.spec.names.short_names or ()), wide=True, unique=True),
    boolean("Established", established, wide=True),
)
"""As servers print them since 1.37; see registry.kind_for for those before."""

API_SERVICES = declare(
    "APIService",
    APIService,
    name(),
    text("Service", service),
    text("Available", available, levels=_available_level),
    age(),
)

COMPONENT_STATUSES = declare(
    "ComponentStatus",
    ComponentStatus,
    name(),
    text("Status", _component_status, levels={"Healthy": Level.GOOD, "Unhealthy": Level.BAD}),
    text("Message", _component_message),
    text("Error", _component_error),
)
