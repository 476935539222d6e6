"""The types an API server serves: one APIType a resource and version, built-in ones and those of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

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


OLDEST_MINOR, NEWEST_MINOR = 36, 37
"""Versions of Kubernetes as which the simulator can answer."""


def _subresource(name: str, kind: str) -> Subresource:
    own, verbs, *of = SCHEMA["subresources"].get(name, ("", _CHANGE))
    return Subresource(name, f"{kind}{own}" if name == "proxy" else own or kind, tuple(verbs), *of)


def _type(api_version: str, line: str) -> APIType:
    group, _, version = api_version.rpartition("/")
    resource, kind, scope, *rest = line.split()
    more = dict(word.partition("=")[::2] for word in rest)

    def listed(name: str) -> tuple[str, ...]:
        return tuple(more[name].split(",")) if name in more else ()

    return APIType(
        group,
        version,
        resource,
        kind,
        namespaced=scope == "namespaced",
        short_names=listed("short"),
        categories=listed("categories"),
        verbs=listed("verbs") or STANDARD_VERBS,
        subresources=tuple(_subresource(name, kind) for name in listed("sub")),
        has_generation="generation" in more,
        stored_as=more.get("stored_as", ""),
    )


def _types(section: str) -> tuple[APIType, ...]:
    return tuple(_type(api_version, line) for api_version, lines in SCHEMA[section].items() for line in lines)


SCHEMA: dict[str, Any] = yaml.load(
    Path(__file__).with_name("api_types.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
"""What api_types.yaml says, by section."""
BUILTIN_TYPES = _types("types")
METRICS_TYPES = _types("metrics")
"""What a metrics server adds: computed, never stored."""


@lru_cache(maxsize=4)
def builtin_types(minor: int) -> tuple[APIType, ...]:
    """The types of a server of version 1.`minor`: within a version of a group they are in order of their names."""
    if minor < 37:
        return BUILTIN_TYPES
    of_group: dict[tuple[str, str], dict[str, APIType]] = {}
    for each in (*BUILTIN_TYPES, *_types("since_37")):
        of_group.setdefault((each.group, each.version), {})[each.resource] = each
    return tuple(types[name] for types in of_group.values() for name in sorted(types))
