"""Daemon sets."""

from __future__ import annotations

from kwatch.catalog.declaration import age, declare, name, number, text
from kwatch.catalog.label_text import labels_text, selector_or_none
from kwatch.catalog.shapes import LabelSelector, Shape, Template, container_images, container_names


class DaemonSetSpec(Shape, frozen=True):
    """What is read of the spec."""

    template: Template = Template()
    selector: LabelSelector | None = None


class DaemonSetStatus(Shape, frozen=True):
    """What is read of the status."""

    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_ready: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0


class DaemonSet(Shape, frozen=True):
    """What is read of a daemon set."""

    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


DAEMON_SETS = declare(
    "DaemonSet",
    DaemonSet,
    name(),
    number("Desired", lambda daemon_set: daemon_set.status.desired_number_scheduled),
    number("Current", lambda daemon_set: daemon_set.status.current_number_scheduled),
    number("Ready", lambda daemon_set: daemon_set.status.number_ready),
    number("Up-to-date", lambda daemon_set: daemon_set.status.updated_number_scheduled),
    number("Available", lambda daemon_set: daemon_set.status.number_available),
    text("Node Selector", lambda daemon_set: labels_text(daemon_set.spec.template.spec.node_selector)),
    age(),
    text("Containers", lambda daemon_set: container_names(daemon_set.spec.template.spec.containers), wide=True),
    text("Images", lambda daemon_set: container_images(daemon_set.spec.template.spec.containers), wide=True),
    text("Selector", lambda daemon_set: selector_or_none(daemon_set.spec.selector), wide=True),
)
