"""Horizontal pod autoscalers and pod disruption budgets."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.catalog.column import NONE, UNKNOWN, decimal_order
from kwatch.catalog.kind import age, declare, name, number, text
from kwatch.catalog.shapes import Conditions, ObjectReference, Shape, WholeObject

_SHOWN = 2


class Amount(Shape, frozen=True):
    """What a metric is, or should be: exactly one is set."""

    value: str | None = None
    average_value: str | None = None
    average_utilization: int | None = None


class Metric(Shape, frozen=True):
    """One metric, wanted (`target`) or measured (`current`)."""

    name: str = ""
    target: Amount = Amount()
    current: Amount = Amount()


class MetricEntry(Shape, frozen=True):
    """A metric by its kind."""

    type: str = ""
    resource: Metric | None = None
    container_resource: Metric | None = None
    pods: Metric | None = None
    object: Metric | None = None
    external: Metric | None = None


class AutoscalerSpec(Shape, frozen=True):
    scale_target_ref: ObjectReference = ObjectReference()
    min_replicas: int | None = 1
    max_replicas: int = 0
    metrics: tuple[MetricEntry, ...] | None = None


class AutoscalerStatus(Shape, frozen=True):
    current_replicas: int = 0
    conditions: Conditions = None
    current_metrics: tuple[MetricEntry, ...] | None = None


class Autoscaler(WholeObject, frozen=True):
    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()


def _targets(autoscaler: Autoscaler) -> str:
    """Measured and wanted values of the first two metrics, and how many there are beyond."""
    wanted = autoscaler.spec.metrics or ()
    if not wanted:
        return NONE
    measured = autoscaler.status.current_metrics or ()
    shown = ", ".join([_metric_text(entry, measured, place) for place, entry in enumerate(wanted[:_SHOWN])])
    return f"{shown} + {len(wanted) - _SHOWN} more..." if len(wanted) > _SHOWN else shown


def _metric_text(wanted: MetricEntry, measured: Sequence[MetricEntry], place: int) -> str:
    found = measured[place] if place < len(measured) else MetricEntry()
    match wanted.type:
        case "Resource":
            return _resource_text(wanted.resource or Metric(), found.resource)
        case "ContainerResource":
            return _resource_text(wanted.container_resource or Metric(), found.container_resource)
        case "Pods":
            target = (wanted.pods or Metric()).target
            return f"{_current(found.pods, 'average_value', absent='<nil>')}/{_nil(target.average_value)}"
        case "Object":
            return _value_text(wanted.object or Metric(), found.object)
        case "External":
            return _value_text(wanted.external or Metric(), found.external)
    return "<unknown type>"


def _resource_text(wanted: Metric, measured: Metric | None) -> str:
    if wanted.target.average_value is not None:
        current = _current(measured, "average_value", absent="<nil>")
        return f"{wanted.name}: {current}/{wanted.target.average_value}"
    utilization = wanted.target.average_utilization
    target = "<auto>" if utilization is None else f"{utilization}%"
    used = measured.current.average_utilization if measured else None
    return f"{wanted.name}: {UNKNOWN if used is None else f'{used}%'}/{target}"


def _value_text(wanted: Metric, measured: Metric | None) -> str:
    if wanted.target.average_value is not None:
        current = _current(measured, "average_value", absent=UNKNOWN)
        return f"{current}/{wanted.target.average_value} (avg)"
    return f"{_current(measured, 'value', absent='<nil>')}/{_nil(wanted.target.value)}"


def _current(measured: Metric | None, field: str, *, absent: str) -> str:
    """A measured value: unknown without a measurement, `absent` in one that lacks the field."""
    if measured is None:
        return UNKNOWN
    value: str | None = getattr(measured.current, field)
    return absent if value is None else value


def _nil(value: str | None) -> str:
    return "<nil>" if value is None else value


def _minimum(autoscaler: Autoscaler) -> str:
    least = autoscaler.spec.min_replicas
    return "<unset>" if least is None else str(least)


AUTOSCALERS = declare(
    "HorizontalPodAutoscaler",
    Autoscaler,
    name(),
    text("Reference", lambda scaler: f"{scaler.spec.scale_target_ref.kind}/{scaler.spec.scale_target_ref.name}"),
    text("Targets", _targets),
    text("MinPods", _minimum, order=decimal_order, right=True, compare="number", max_width=8),
    number("MaxPods", lambda scaler: scaler.spec.max_replicas, server_type="string"),
    number("Replicas", lambda scaler: scaler.status.current_replicas, server_type="string"),
    age(),
)


class BudgetSpec(Shape, frozen=True):
    """Numbers of pods, or percentages."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class BudgetStatus(Shape, frozen=True):
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0


class Budget(WholeObject, frozen=True):
    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()


def _limit(value: int | str | None) -> str:
    return "N/A" if value is None else str(value)


DISRUPTION_BUDGETS = declare(
    "PodDisruptionBudget",
    Budget,
    name(),
    text("Min Available", lambda budget: _limit(budget.spec.min_available), right=True),
    text("Max Unavailable", lambda budget: _limit(budget.spec.max_unavailable), right=True),
    number("Allowed Disruptions", lambda budget: budget.status.disruptions_allowed),
    age(),
)
