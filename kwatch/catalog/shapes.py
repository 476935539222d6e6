"""Pieces that many kinds share: what is read of metadata, containers, templates, selectors and conditions."""

from __future__ import annotations

import msgspec


class Shape(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The base of everything that is read: unknown fields are skipped, absent ones have the server's defaults."""


class Nothing(Shape, frozen=True):
    """An object of which only the existence counts."""


class Metadata(Shape, frozen=True):
    """Metadata beyond what a KubeObject knows."""

    deletion_timestamp: str | None = None
    annotations: dict[str, str] | None = None


class Deletion(Shape, frozen=True):
    """Metadata of which only the deletion matters."""

    deletion_timestamp: str | None = None


class Condition(Shape, frozen=True):
    """One entry of status.conditions."""

    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None


class Container(Shape, frozen=True):
    """A container of a template."""

    name: str = ""
    image: str = ""


class TemplateSpec(Shape, frozen=True):
    """The spec of a pod template."""

    containers: tuple[Container, ...] | None = ()
    node_selector: dict[str, str] | None = None


class TemplateMetadata(Shape, frozen=True):
    """The metadata of a pod template."""

    labels: dict[str, str] | None = None


class Template(Shape, frozen=True):
    """A pod template."""

    spec: TemplateSpec = TemplateSpec()
    metadata: TemplateMetadata | None = None


class Requirement(Shape, frozen=True):
    """One expression of a label selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] | None = None


class LabelSelector(Shape, frozen=True):
    """A label selector of a spec."""

    match_labels: dict[str, str] | None = None
    match_expressions: tuple[Requirement, ...] | None = None


class ObjectReference(Shape, frozen=True):
    """A reference to another object."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    api_version: str = ""


def container_names(containers: tuple[Container, ...] | None) -> str:
    """`web,sidecar`."""
    return ",".join([container.name for container in containers or ()])


def container_images(containers: tuple[Container, ...] | None) -> str:
    """`nginx:1.27,envoy:1`."""
    return ",".join([container.image for container in containers or ()])


def condition_is_true(conditions: tuple[Condition, ...] | None, condition_type: str) -> bool:
    """Whether the first condition of that type holds."""
    for condition in conditions or ():
        if condition.type == condition_type:
            return condition.status == "True"
    return False
