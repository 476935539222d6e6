"""Workloads that keep a number of replicas: deployments, stateful sets, replica sets, replication controllers."""

from __future__ import annotations

from kwatch.catalog.column import fraction_level, fraction_order
from kwatch.catalog.declaration import Field, age, declare, name, number, text
from kwatch.catalog.label_text import labels_text, selector_or_none, selector_text
from kwatch.catalog.shapes import LabelSelector, Shape, Template, container_images, container_names


class WorkloadSpec(Shape, frozen=True):
    """What is read of the spec."""

    replicas: int = 1
    template: Template = Template()
    selector: LabelSelector | None = None


class WorkloadStatus(Shape, frozen=True):
    """What is read of the status."""

    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0


class Workload(Shape, frozen=True):
    """What is read of a deployment, a stateful set or a replica set."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicationControllerSpec(Shape, frozen=True):
    """What is read of the spec; the selector is a plain set of labels."""

    replicas: int = 1
    template: Template | None = None
    selector: dict[str, str] | None = None


class ReplicationController(Shape, frozen=True):
    """What is read of a replication controller."""

    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: WorkloadStatus = WorkloadStatus()


def ready(workload: Workload) -> str:
    """Ready of wanted replicas."""
    return f"{workload.status.ready_replicas}/{workload.spec.replicas}"


def _selector(workload: Workload) -> str:
    try:
        return selector_text(workload.spec.selector)
    except ValueError:
        return "<invalid>"


def _ready() -> Field[Workload]:
    return text("Ready", ready, order=fraction_order, levels=fraction_level, right=True, max_width=13)


def _containers() -> Field[Workload]:
    return text("Containers", lambda workload: container_names(workload.spec.template.spec.containers), wide=True)


def _images() -> Field[Workload]:
    return text("Images", lambda workload: container_images(workload.spec.template.spec.containers), wide=True)


def _controller_containers(controller: ReplicationController) -> str:
    return container_names(controller.spec.template.spec.containers) if controller.spec.template else ""


def _controller_images(controller: ReplicationController) -> str:
    return container_images(controller.spec.template.spec.containers) if controller.spec.template else ""


DEPLOYMENTS = declare(
    "Deployment",
    Workload,
    name(),
    _ready(),
    number("Up-to-date", lambda workload: workload.status.updated_replicas, server_type="string"),
    number("Available", lambda workload: workload.status.available_replicas, server_type="string"),
    age(),
    _containers(),
    _images(),
    text("Selector", _selector, wide=True),
)

STATEFUL_SETS = declare("StatefulSet", Workload, name(), _ready(), age(), _containers(), _images())

REPLICA_SETS = declare(
    "ReplicaSet",
    Workload,
    name(),
    number("Desired", lambda workload: workload.spec.replicas),
    number("Current", lambda workload: workload.status.replicas),
    number("Ready", lambda workload: workload.status.ready_replicas),
    age(),
    _containers(),
    _images(),
    text("Selector", lambda workload: selector_or_none(workload.spec.selector), wide=True),
)

REPLICATION_CONTROLLERS = declare(
    "ReplicationController",
    ReplicationController,
    name(),
    number("Desired", lambda controller: controller.spec.replicas),
    number("Current", lambda controller: controller.status.replicas),
    number("Ready", lambda controller: controller.status.ready_replicas),
    age(),
    text("Containers", _controller_containers, wide=True),
    text("Images", _controller_images, wide=True),
    text("Selector", lambda controller: labels_text(controller.spec.selector), wide=True),
)
