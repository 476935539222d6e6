"""One question to the cache of one resource, how such questions are put about an object, and the ways to find the
answer: by an index, by labels, by looking at all of a namespace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kwatch.catalog.names import ResourceNames
from kwatch.catalog.tree import Tree
from kwatch.informer.index import LABEL_INDEX, NAMESPACE_INDEX, OWNER_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import labels_of
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import Operator, Requirement, field_is
from kwatch.query.context import IndexAccess

Find = Callable[[IndexAccess], Iterable[str]]
"""The keys that answer; KeyError where the cache lacks the index."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`title` says what the related objects are to it. `namespace` None: they may be in any, or have none.

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
    """An object, and the ways to ask for what is related to it."""

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
        """The object of that name, in the object's namespace unless another is given; None for no name."""
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


_OPERATORS = {
    "In": Operator.IN,
    "NotIn": Operator.NOT_IN,
    "Exists": Operator.EXISTS,
    "DoesNotExist": Operator.DOES_NOT_EXIST,
}


def by_index(index: str, *values: str) -> Find:
    """What an index has under any of the values."""
    return lambda cache: sorted(cache.index_key_set(index, values))


def owned_by(uid: str) -> Find:
    """What names that uid among its owners."""
    return by_index(OWNER_INDEX, uid)


def by_labels(namespace: str, selector: Tree, *, empty_is_all: bool = False) -> Find:
    """What a label selector selects in a namespace, written as services or as workloads write it."""
    pairs = [f"{key}={value}" for key, value in _labels(selector)]
    expressions = _requirements(selector["matchExpressions"])

    def find(cache: IndexAccess) -> Iterable[str]:
        if not pairs and not expressions and not empty_is_all:
            return ()
        keys = _in_namespace(cache, namespace)
        for pair in pairs:
            keys &= cache.index_key_set(LABEL_INDEX, (pair,))
        return sorted(key for key in keys if _fulfils(cache, key, expressions))

    return find


def where(namespace: str, is_meant: Callable[[Tree], bool]) -> Find:
    """Every object of a namespace whose tree is meant; for resources of which there are few."""

    def find(cache: IndexAccess) -> Iterable[str]:
        return sorted(key for key in _in_namespace(cache, namespace) if is_meant(_tree_of(cache, key)))

    return find


def selects(selector: Tree, labels: Mapping[str, str]) -> bool:
    """Whether a selector, written in either way, selects these labels; an empty one selects nothing."""
    pairs = _labels(selector)
    expressions = _requirements(selector["matchExpressions"])
    if not pairs and not expressions:
        return False
    return all(labels.get(key) == value for key, value in pairs) and all(each.matches(labels) for each in expressions)


def selector_text(selector: Tree) -> str:
    """A selector, written in either way, as servers take it; empty for one that selects nothing."""
    pairs = [f"{key}={value}" for key, value in _labels(selector)]
    return ",".join([*pairs, *map(str, _requirements(selector["matchExpressions"]))])


def _labels(selector: Tree) -> Sequence[tuple[str, str]]:
    """Labels and their values: a workload's selector has them one level deeper than a service's."""
    keys = {key for key, _ in selector.entries()}
    plain = selector["matchLabels"] if keys & {"matchLabels", "matchExpressions"} else selector
    return [(key, value.text()) for key, value in plain.entries()]


def _requirements(expressions: Tree) -> Sequence[Requirement]:
    found = []
    for each in expressions:
        operator = _OPERATORS.get(each["operator"].text())
        if operator is not None:
            found.append(Requirement(each["key"].text(), operator, tuple(value.text() for value in each["values"])))
    return found


def _in_namespace(cache: IndexAccess, namespace: str) -> set[str]:
    return cache.index_key_set(NAMESPACE_INDEX, (namespace,)) if namespace else set(cache.list_keys())


def _fulfils(cache: IndexAccess, key: str, requirements: Sequence[Requirement]) -> bool:
    if not requirements:
        return True
    obj = cache.get_by_key(key)
    return obj is not None and all(each.matches(labels_of(obj)) for each in requirements)


def _tree_of(cache: IndexAccess, key: str) -> Tree:
    obj = cache.get_by_key(key)
    tree: Any = obj
    if isinstance(obj, KubeObject):
        try:
            tree = obj.tree()
        except (ValueError, RecursionError):
            tree = {}
    return Tree(tree)
