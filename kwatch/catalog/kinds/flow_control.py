"""How the API server shares itself out: flow schemas and priority levels."""

from __future__ import annotations

from typing import Any

from kwatch.catalog.column import NONE
from kwatch.catalog.declaration import Field, age, declare, name, number, text
from kwatch.catalog.shapes import Condition, ObjectReference, Shape


class Distinguisher(Shape, frozen=True):
    """What tells flows apart."""

    type: str = ""


class FlowSchemaSpec(Shape, frozen=True):
    """What is read of the spec."""

    priority_level_configuration: ObjectReference = ObjectReference()
    matching_precedence: int = 1000
    distinguisher_method: Distinguisher | None = None


class FlowSchemaStatus(Shape, frozen=True):
    """What is read of the status."""

    conditions: tuple[Condition, ...] | None = None


class FlowSchema(Shape, frozen=True):
    """What is read of a flow schema."""

    spec: FlowSchemaSpec = FlowSchemaSpec()
    status: FlowSchemaStatus = FlowSchemaStatus()


class Queuing(Shape, frozen=True):
    """How requests wait."""

    queues: int = 64
    hand_size: int = 8
    queue_length_limit: int = 50


class LimitResponse(Shape, frozen=True):
    """What happens beyond the limit."""

    queuing: Queuing | None = None


class Limited(Shape, frozen=True):
    """A limited priority level."""

    nominal_concurrency_shares: int | None = 30
    limit_response: LimitResponse = LimitResponse()


class PriorityLevelSpec(Shape, frozen=True):
    """What is read of the spec."""

    type: str = ""
    limited: Limited | None = None


class PriorityLevel(Shape, frozen=True):
    """What is read of a priority level."""

    spec: PriorityLevelSpec = PriorityLevelSpec()


def _missing_level(schema: FlowSchema) -> str:
    return next((each.status for each in schema.status.conditions or () if each.type == "Dangling"), "?")


def _distinguisher(schema: FlowSchema) -> str:
    method = schema.spec.distinguisher_method
    return NONE if method is None else method.type


def _shares(level: PriorityLevel) -> int | str | None:
    return level.spec.limited.nominal_concurrency_shares if level.spec.limited else NONE


def _queuing(level: PriorityLevel) -> Queuing | None:
    return level.spec.limited.limit_response.queuing if level.spec.limited else None


def _queue_setting(level: PriorityLevel, setting: str) -> int | str:
    queuing = _queuing(level)
    if queuing is None:
        return NONE
    value: int = getattr(queuing, setting)
    return value


def _number_order(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _setting(title: str, setting: str) -> Field[PriorityLevel]:
    return text(title, lambda level: _queue_setting(level, setting), order=_number_order, right=True, compare="number")


FLOW_SCHEMAS = declare(
    "FlowSchema",
    FlowSchema,
    name(),
    text("PriorityLevel", lambda schema: schema.spec.priority_level_configuration.name),
    number("MatchingPrecedence", lambda schema: schema.spec.matching_precedence, server_type="string"),
    text("DistinguisherMethod", _distinguisher),
    age(),
    text("MissingPL", _missing_level),
)

PRIORITY_LEVELS = declare(
    "PriorityLevelConfiguration",
    PriorityLevel,
    name(),
    text("Type", lambda level: level.spec.type),
    text("NominalConcurrencyShares", _shares, order=_number_order, right=True, compare="number"),
    _setting("Queues", "queues"),
    _setting("HandSize", "hand_size"),
    _setting("QueueLengthLimit", "queue_length_limit"),
    age(),
)
