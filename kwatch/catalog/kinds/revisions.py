"""Controller revisions and pod templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kwatch.catalog.column import NONE
from kwatch.catalog.declaration import Field, age, declare, name, number, text
from kwatch.catalog.label_text import labels_text
from kwatch.catalog.shapes import Shape, Template, container_images, container_names
from kwatch.informer.kube_object import KubeObject


class Revision(Shape, frozen=True):
    """What is read of a revision."""

    revision: int = 0


class PodTemplate(Shape, frozen=True):
    """What is read of a pod template."""

    template: Template = Template()


def controller(obj: KubeObject) -> str:
    """`daemonset.apps/agent`: the owner that controls it."""
    for owner in obj.owners:
        if owner.controller:
            group, slash, _ = owner.api_version.partition("/")
            kind = f"{owner.kind}.{group}" if slash else owner.kind
            return f"{kind.lower()}/{owner.name}" if kind else owner.name
    return NONE


def _template_labels(pod_template: PodTemplate) -> str:
    metadata = pod_template.template.metadata
    return labels_text(metadata.labels if metadata else None)


def _controller() -> Field[Any]:
    of_head: Callable[[Any], Any] = controller
    return Field(text("Controller", controller).column, of_head, of_head=True, repeated=True)


CONTROLLER_REVISIONS = declare(
    "ControllerRevision",
    Revision,
    name(),
    _controller(),
    number("Revision", lambda revision: revision.revision, server_type="string"),
    age(),
)

POD_TEMPLATES = declare(
    "PodTemplate",
    PodTemplate,
    name(),
    text("Containers", lambda one: container_names(one.template.spec.containers)),
    text("Images", lambda one: container_images(one.template.spec.containers)),
    text("Pod Labels", _template_labels),
)
