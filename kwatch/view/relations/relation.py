"""One question to the cache of one resource, and how such questions are put about an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kwatch.catalog.names import ResourceNames
from kwatch.catalog.overview.tree import Tree
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import field_is
from kwatch.query.access import IndexAccess

Find = Callable[[IndexAccess], Iterable[str]]
"""The keys that answer; KeyError where the cache lacks the index."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`title` says what the others are to the object. `namespace` None: they may be in any, or have none.

    `name` is given where the answer can only be that one object, so that watching it alone is enough; it is shown even
    if it is not there. `index` is an index on demand that `find` needs. `field_selector` selects no less than the
    answer, for a server to be asked no more where nothing of the resource is watched yet.
    """

    title: str
    resource: Resource
    namespace: str | None
    find: Find
    name: str = ""
    index: str = ""
    field_selector: str = ""


class Around:
    """An object, for those who ask around it."""

    def __init__(self, resource: Resource, obj: KubeObject, names: ResourceNames) -> None:
        self.resource = resource
        self.obj = obj
        self.tree = Tree(_tree(obj))
        self._names = names

    @property
    def namespace(self) -> str:
        """The object's own; empty where it has none."""
        return self.obj.namespace

    @property
    def is_custom(self) -> bool:
        """Whether it is an object of a custom resource."""
        return is_custom(self.resource)

    def ask(
        self,
        title: str,
        resource: str,
        find: Find,
        *,
        index: str = "",
        anywhere: bool = False,
        field_selector: str = "",
    ) -> Relation | None:
        """A question to a resource by any of its names, in the object's namespace; None if there is none."""
        found = self._names.watched(resource)
        if found is None:
            return None
        namespace = self.namespace if found.namespaced and self.namespace and not anywhere else None
        return Relation(title, found, namespace, find, index=index, field_selector=field_selector)

    def one(self, title: str, resource: str, name: str, namespace: str | None = None) -> Relation | None:
        """The object of that name, in the object's namespace unless told otherwise; None for no name."""
        found = self._names.watched(resource) if name else None
        if found is None:
            return None
        where = (self.namespace if namespace is None else namespace) if found.namespaced else ""
        key = f"{where}/{name}" if where else name
        selector = field_is("metadata.name", name)
        return Relation(title, found, where or None, lambda cache: (key,), name=name, field_selector=selector)


def is_custom(resource: Resource) -> bool:
    """Whether its group is that of a custom resource: built-in ones have no dot, or end in k8s.io."""
    return "." in resource.group and not resource.group.endswith(".k8s.io")


def _tree(obj: KubeObject) -> object:
    try:
        return obj.tree()
    except (ValueError, RecursionError):
        return {}
