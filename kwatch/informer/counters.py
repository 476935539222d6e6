"""A status as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from kwatch.informer.status import InformerStatus, Phase


def counters_of(status: InformerStatus) -> Mapping[str, float]:
    """Every number of a status by its field's name, `relists_CAUSE` for each cause, and `phase_PHASE` 1 for the one it
    is in and 0 for the others; so a metrics exporter needs to know nothing of it.
    """
    numbers: dict[str, float] = {}
    for field in fields(status):
        value = getattr(status, field.name)
        if value is None or isinstance(value, int | float):
            numbers[field.name] = float(value or 0)
    for cause, count in status.relists.items():
        numbers[f"relists_{cause.replace(' ', '_')}"] = float(count)
    for phase in Phase:
        numbers[f"phase_{phase.replace(' ', '_')}"] = float(phase is status.phase)
    return MappingProxyType(numbers)
