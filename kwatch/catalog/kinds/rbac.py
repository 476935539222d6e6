"""Roles and who has them."""

from __future__ import annotations

from kwatch.catalog.declaration import age, created_at, declare, name, text
from kwatch.catalog.kind import Kind
from kwatch.catalog.shapes import Nothing, ObjectReference, Shape


class Subject(Shape, frozen=True):
    """Who is given the role."""

    kind: str = ""
    name: str = ""
    namespace: str = ""


class Binding(Shape, frozen=True):
    """What is read of a binding."""

    role_ref: ObjectReference = ObjectReference()
    subjects: tuple[Subject, ...] | None = None


def subjects(binding: Binding, kind: str) -> str:
    """The subjects of a kind; service accounts with their namespace."""
    chosen = [subject for subject in binding.subjects or () if subject.kind == kind]
    if kind == "ServiceAccount":
        return ", ".join([f"{subject.namespace}/{subject.name}" for subject in chosen])
    return ", ".join([subject.name for subject in chosen])


def _bindings(kind: str) -> Kind:
    return declare(
        kind,
        Binding,
        name(),
        text("Role", lambda binding: f"{binding.role_ref.kind}/{binding.role_ref.name}"),
        age(),
        text("Users", lambda binding: subjects(binding, "User"), wide=True),
        text("Groups", lambda binding: subjects(binding, "Group"), wide=True),
        text("ServiceAccounts", lambda binding: subjects(binding, "ServiceAccount"), wide=True),
    )


ROLES = declare("Role", Nothing, name(), created_at())
CLUSTER_ROLES = declare("ClusterRole", Nothing, name(), created_at())
ROLE_BINDINGS = _bindings("RoleBinding")
CLUSTER_ROLE_BINDINGS = _bindings("ClusterRoleBinding")
