"""What a CustomResourceDefinition makes the server serve."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.api_types import CUSTOM_VERBS, APIType, Subresource

CRD_STORAGE = "customresourcedefinitions.apiextensions.k8s.io"
_CHANGE = ("get", "patch", "update")


def types_of_definition(definition: dict[str, Any]) -> tuple[APIType, ...]:
    """One type a served version; the storage version first, for it is the one objects are stored in."""
    spec = definition["spec"]
    served = [version for version in spec["versions"] if version.get("served", True)]
    served.sort(key=lambda version: not version.get("storage", False))
    return tuple(_type(spec, version) for version in served)


def _type(spec: dict[str, Any], version: dict[str, Any]) -> APIType:
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
