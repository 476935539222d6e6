"""What the API server serves: one APIType a resource and version, and those that a CustomResourceDefinition brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""The same verbs in the order in which the server names them for custom resources."""


@dataclass(frozen=True, slots=True)
class Subresource:
    """`pods/log`, `deployments/scale`: what can be asked of one object beside the object itself."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class APIType:
    """One resource of one version of one group."""

    group: str
    version: str
    resource: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STANDARD_VERBS
    subresources: tuple[Subresource, ...] = ()
    singular: str = ""
    list_kind: str = ""
    has_generation: bool = False
    """Whether metadata.generation counts the changes of its spec."""
    custom: bool = False
    """Whether a CustomResourceDefinition brought it."""
    stored_as: str = ""
    """The name in the store when another group's resource holds the objects: events.k8s.io is served from `events`."""
    selectable_fields: tuple[str, ...] = ()
    """Field labels a CustomResourceDefinition adds, as JSON paths: `.spec.color`."""

    @property
    def api_version(self) -> str:
        """What its objects carry: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`pods`, `deployments.apps`: how messages and kubectl name it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def storage(self) -> str:
        """The name of the collection that holds its objects."""
        return self.stored_as or self.group_resource

    @property
    def singular_name(self) -> str:
        """`pod`."""
        return self.singular or self.kind.lower()

    @property
    def kind_of_list(self) -> str:
        """`PodList`."""
        return self.list_kind or f"{self.kind}List"


class APITypes:
    """Every type served at the moment, in the order in which discovery names them; custom ones come and go."""

    def __init__(self, types: tuple[APIType, ...] = ()) -> None:
        self._by_path: dict[tuple[str, str, str], APIType] = {}
        self._by_kind: dict[tuple[str, str], APIType] = {}
        self._by_storage: dict[str, APIType] = {}
        self.generation = 0
        """Grows with every change, so that answers of discovery can be kept until then."""
        self.add(*types)

    def __iter__(self) -> Iterator[APIType]:
        return iter(self._by_path.values())

    def add(self, *types: APIType) -> None:
        """Serve more types. The first version of a group that comes is the preferred and the stored one."""
        for added in types:
            self._by_path[added.group, added.version, added.resource] = added
            self._by_kind[added.api_version, added.kind] = added
            if not added.stored_as:
                self._by_storage.setdefault(added.group_resource, added)
        self.generation += 1

    def remove(self, group: str, resource: str) -> None:
        """Serve a resource no longer, in none of its versions."""
        for removed in [each for each in self if (each.group, each.resource) == (group, resource)]:
            del self._by_path[removed.group, removed.version, removed.resource]
            del self._by_kind[removed.api_version, removed.kind]
            self._by_storage.pop(removed.group_resource, None)
        self.generation += 1

    def find(self, group: str, version: str, resource: str) -> APIType | None:
        """The type behind a path, or None."""
        return self._by_path.get((group, version, resource))

    def of_object(self, api_version: str, kind: str) -> APIType | None:
        """The type an object claims to be of, or None."""
        return self._by_kind.get((api_version, kind))

    def stored(self, storage: str) -> APIType | None:
        """The version in which the objects of a collection are stored: of `deployments.apps`, apps/v1."""
        return self._by_storage.get(storage)

    def versions(self) -> dict[str, list[str]]:
        """Group -> its versions, the preferred first. The core group is the empty string."""
        found: dict[str, list[str]] = {}
        for each in self:
            versions = found.setdefault(each.group, [])
            if each.version not in versions:
                versions.append(each.version)
        return found

    def in_version(self, group: str, version: str) -> list[APIType]:
        """The types of one version of a group."""
        return [each for each in self if (each.group, each.version) == (group, version)]


CRD_STORAGE = "customresourcedefinitions.apiextensions.k8s.io"
_CHANGE = ("get", "patch", "update")


def types_of_definition(definition: dict[str, Any]) -> tuple[APIType, ...]:
    """One type a served version; the storage version first, for it is the one objects are stored in."""
    spec = definition["spec"]
    served = [version for version in spec["versions"] if version.get("served", True)]
    served.sort(key=lambda version: not version.get("storage", False))
    return tuple(_custom_type(spec, version) for version in served)


def _custom_type(spec: dict[str, Any], version: dict[str, Any]) -> APIType:
    names = spec["names"]
    return APIType(
        spec["group"],
        version["name"],
        names["plural"],
        names["kind"],
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        verbs=CUSTOM_VERBS,
        subresources=_subresources(spec["group"], version["name"], names["kind"], version.get("subresources") or {}),
        singular=names.get("singular", ""),
        list_kind=names.get("listKind", ""),
        has_generation=True,
        custom=True,
        selectable_fields=tuple(field["jsonPath"] for field in version.get("selectableFields") or ()),
    )


def _subresources(group: str, version: str, kind: str, declared: dict[str, Any]) -> tuple[Subresource, ...]:
    found = []
    if "status" in declared:
        found.append(Subresource("status", kind, _CHANGE, group, version))
    if "scale" in declared:
        found.append(Subresource("scale", "Scale", _CHANGE, "autoscaling", "v1"))
    return tuple(found)
