"""The API server's own kinds: what extends it, how it shares itself out, how it stores objects, who leads.

Custom resource definitions and aggregated services, flow schemas and priority levels, storage versions and their
migrations, leases; and the components of old.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec

from kwatch.catalog.column import NONE, UNSET, Level
from kwatch.catalog.kind import Field, age, boolean, created_at, declare, name, number, text
from kwatch.catalog.kinds.network import first_three
from kwatch.catalog.shapes import ConditionsOnly, ObjectReference, Shape, WholeObject, find_condition


class APIServiceSpec(Shape, frozen=True):
    service: ObjectReference | None = None


class APIService(WholeObject, frozen=True):
    spec: APIServiceSpec = APIServiceSpec()
    status: ConditionsOnly = ConditionsOnly()


class ComponentCondition(Shape, frozen=True):
    type: str = ""
    status: str = ""
    message: str = ""
    error: str = ""


class ComponentStatus(Shape, frozen=True):
    conditions: tuple[ComponentCondition, ...] | None = None


def _available(api_service: APIService) -> str:
    """`True`, or why not."""
    condition = find_condition(api_service.status.conditions, "Available")
    if condition is None:
        return "Unknown"
    if condition.status == "True" or not condition.reason:
        return condition.status
    return f"{condition.status} ({condition.reason})"


def _service(api_service: APIService) -> str:
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


def _of_health(title: str, field: str) -> Field[ComponentStatus]:
    return text(title, lambda component: getattr(_health(component), field, ""))


class DefinedVersion(Shape, frozen=True):
    name: str = ""
    served: bool = False
    storage: bool = False


class DefinedNames(Shape, frozen=True):
    kind: str = ""
    short_names: tuple[str, ...] | None = None


class DefinitionSpec(Shape, frozen=True):
    group: str = ""
    scope: str = ""
    names: DefinedNames = DefinedNames()
    versions: tuple[DefinedVersion, ...] | None = None


class Definition(Shape, frozen=True):
    spec: DefinitionSpec = DefinitionSpec()
    status: ConditionsOnly = ConditionsOnly()


def _served_versions(definition: Definition) -> str:
    """`v1(storage),v1beta1`."""
    served = [each for each in definition.spec.versions or () if each.served]
    return ",".join(sorted(f"{each.name}(storage)" if each.storage else each.name for each in served))


def _established(definition: Definition) -> bool:
    return any(each.type == "Established" and each.status == "True" for each in definition.status.conditions or ())


CUSTOM_RESOURCE_DEFINITIONS = declare(
    "CustomResourceDefinition",
    Definition,
    name(),
    text("Scope", lambda definition: definition.spec.scope),
    text("Versions", _served_versions),
    created_at(),
    text("Group", lambda definition: definition.spec.group, wide=True),
    text("Kind", lambda definition: definition.spec.names.kind, wide=True, unique=True),
    text("ShortNames", lambda definition: ",".join(definition.spec.names.short_names or ()), wide=True, unique=True),
    boolean("Established", _established, wide=True),
)
"""As servers print them since 1.37; see registry.kind_for for those before."""

API_SERVICES = declare(
    "APIService",
    APIService,
    name(),
    text("Service", _service),
    text("Available", _available, levels=_available_level),
    age(),
)

COMPONENT_STATUSES = declare(
    "ComponentStatus",
    ComponentStatus,
    name(),
    text("Status", _component_status, levels={"Healthy": Level.GOOD, "Unhealthy": Level.BAD}),
    _of_health("Message", "message"),
    _of_health("Error", "error"),
)


class Distinguisher(Shape, frozen=True):
    type: str = ""


class FlowSchemaSpec(Shape, frozen=True):
    priority_level_configuration: ObjectReference = ObjectReference()
    matching_precedence: int = 1000
    distinguisher_method: Distinguisher | None = None


class FlowSchema(Shape, frozen=True):
    spec: FlowSchemaSpec = FlowSchemaSpec()
    status: ConditionsOnly = ConditionsOnly()


class Queuing(Shape, frozen=True):
    queues: int = 64
    hand_size: int = 8
    queue_length_limit: int = 50


class LimitResponse(Shape, frozen=True):
    queuing: Queuing | None = None


class Limited(Shape, frozen=True):
    nominal_concurrency_shares: int | None = 30
    limit_response: LimitResponse = LimitResponse()


class PriorityLevel(Shape, frozen=True):
    type: str = ""
    limited: Limited | None = None


def _missing_level(schema: FlowSchema) -> str:
    return next((each.status for each in schema.status.conditions or () if each.type == "Dangling"), "?")


def _distinguisher(schema: FlowSchema) -> str | None:
    return schema.spec.distinguisher_method.type if schema.spec.distinguisher_method else None


def _shares(level: PriorityLevel) -> int | str | None:
    return level.limited.nominal_concurrency_shares if level.limited else NONE


def _number_order(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _setting(title: str, setting: str) -> Field[PriorityLevel]:
    def read(level: PriorityLevel) -> int | None:
        queuing = level.limited.limit_response.queuing if level.limited else None
        return getattr(queuing, setting) if queuing else None

    return text(title, read, order=_number_order, right=True, compare="number", absent=NONE)


FLOW_SCHEMAS = declare(
    "FlowSchema",
    FlowSchema,
    name(),
    text("PriorityLevel", lambda schema: schema.spec.priority_level_configuration.name),
    number("MatchingPrecedence", lambda schema: schema.spec.matching_precedence, server_type="string"),
    text("DistinguisherMethod", _distinguisher, absent=NONE),
    age(),
    text("MissingPL", _missing_level),
)

PRIORITY_LEVELS = declare(
    "PriorityLevelConfiguration",
    PriorityLevel,
    name(),
    text("Type", lambda level: level.type),
    text("NominalConcurrencyShares", _shares, order=_number_order, right=True, compare="number"),
    _setting("Queues", "queues"),
    _setting("HandSize", "hand_size"),
    _setting("QueueLengthLimit", "queue_length_limit"),
    age(),
    within="spec",
)


class ServerVersion(Shape, frozen=True):
    api_server_id: str = msgspec.field(default="", name="apiServerID")
    encoding_version: str = ""


class StorageVersion(Shape, frozen=True):
    common_encoding_version: str | None = None
    storage_versions: tuple[ServerVersion, ...] | None = None


class MigrationSpec(Shape, frozen=True):
    resource: ObjectReference = ObjectReference()


class Migration(Shape, frozen=True):
    spec: MigrationSpec = MigrationSpec()
    status: ConditionsOnly = ConditionsOnly()


class LeaseCandidate(Shape, frozen=True):
    lease_name: str = ""
    binary_version: str = ""
    emulation_version: str = ""


def _server_versions(one: StorageVersion) -> str:
    return first_three([f"{each.api_server_id}={each.encoding_version}" for each in one.storage_versions or ()])


def _migrated(migration: Migration) -> str:
    resource = migration.spec.resource
    return f"{resource.resource}.{resource.group}" if resource.group else resource.resource


def _progress(migration: Migration) -> str:
    """The last of these conditions that holds."""
    word = "Unknown"
    for condition in migration.status.conditions or ():
        if condition.status == "True" and condition.type in _PROGRESS_LEVELS:
            word = condition.type
    return word


_PROGRESS_LEVELS = {"Running": Level.PROGRESS, "Failed": Level.BAD, "Succeeded": Level.DONE}

STORAGE_VERSIONS = declare(
    "StorageVersion",
    StorageVersion,
    name(),
    text("CommonEncodingVersion", lambda one: one.common_encoding_version, absent=UNSET),
    text("StorageVersions", _server_versions),
    age(),
    within="status",
)

STORAGE_VERSION_MIGRATIONS = declare(
    "StorageVersionMigration",
    Migration,
    # The server does not mark this column as the name.
    text("Name", attrgetter("name"), unique=True, of_head=True, min_width=8),
    text("Resource", _migrated),
    text("Status", _progress, levels=_PROGRESS_LEVELS),
)

LEASE_CANDIDATES = declare(
    "LeaseCandidate",
    LeaseCandidate,
    name(),
    text("LeaseName", lambda candidate: candidate.lease_name),
    text("BinaryVersion", lambda candidate: candidate.binary_version),
    text("EmulationVersion", lambda candidate: candidate.emulation_version),
    age(),
    within="spec",
)


class Lease(Shape, frozen=True):
    holder_identity: str | None = None


LEASES = declare(
    "Lease", Lease, name(), text("Holder", lambda lease: lease.holder_identity or ""), age(), within="spec"
)
