"""Priority classes and runtime classes."""

from __future__ import annotations

from kwatch.catalog.declaration import age, boolean, declare, name, number, text
from kwatch.catalog.shapes import Shape


class PriorityClass(Shape, frozen=True):
    """What is read of a priority class."""

    value: int = 0
    global_default: bool = False
    preemption_policy: str | None = "PreemptLowerPriority"


class RuntimeClass(Shape, frozen=True):
    """What is read of a runtime class."""

    handler: str = ""


PRIORITY_CLASSES = declare(
    "PriorityClass",
    PriorityClass,
    name(),
    number("Value", lambda priority: priority.value),
    boolean("Global-Default", lambda priority: priority.global_default),
    age(),
    text("PreemptionPolicy", lambda priority: priority.preemption_policy or ""),
)

RUNTIME_CLASSES = declare("RuntimeClass", RuntimeClass, name(), text("Handler", lambda one: one.handler), age())
