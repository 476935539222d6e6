"""Roles, who is bound to them, and to what a binding binds."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.tree import Tree
from kwatch.view.relations.finders import where
from kwatch.view.relations.relation import Around, Relation

_GROUP = "rbac.authorization.k8s.io"


def of_role(around: Around) -> Iterator[Relation | None]:
    """The bindings that grant it."""
    wanted = (around.resource.kind, around.obj.name)

    def is_meant(binding: Tree) -> bool:
        role = binding["roleRef"]
        return (role["kind"].text(), role["name"].text()) == wanted

    yield around.ask("granted by", f"rolebindings.{_GROUP}", where(around.namespace, is_meant))
    if not around.namespace:
        yield around.ask("granted by", f"clusterrolebindings.{_GROUP}", where("", is_meant))


def of_binding(around: Around) -> Iterator[Relation | None]:
    """The role, and the service accounts it is granted to."""
    role = around.tree["roleRef"]
    yield around.one("grants", f"{role['kind'].text()}.{_GROUP}", role["name"].text())
    for subject in around.tree["subjects"]:
        if subject["kind"].text() == "ServiceAccount":
            namespace = subject["namespace"].text() or None
            yield around.one("to", "serviceaccounts", subject["name"].text(), namespace)


def of_service_account(around: Around) -> Iterator[Relation | None]:
    """The bindings that grant it something."""
    wanted = (around.namespace, around.obj.name)

    def is_meant(binding: Tree) -> bool:
        own = binding.at("metadata", "namespace").text()
        accounts = (each for each in binding["subjects"] if each["kind"].text() == "ServiceAccount")
        return any((each["namespace"].text(own), each["name"].text()) == wanted for each in accounts)

    yield around.ask("granted by", f"rolebindings.{_GROUP}", where(around.namespace, is_meant))
    yield around.ask("granted by", f"clusterrolebindings.{_GROUP}", where("", is_meant))
