"""What the server offers: by group and version, or all in one aggregated answer."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import msgspec

from kwatch.simulator.api.responses import wants_aggregated_discovery
from kwatch.simulator.api_types import APIType, APITypes

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

Tree = dict[str, Any]


class Discovery:
    """Answers of discovery, each made once until a type comes or goes."""

    def __init__(self, types: APITypes) -> None:
        self._types = types
        self._made: dict[tuple[str, bool], bytes] = {}
        self._generation = -1

    def answer(self, path: str, accept: str, server_address: str) -> tuple[bytes, dict[str, str]] | None:
        """Body and headers of a discovery path, or None if it is none."""
        if self._generation != self._types.generation:
            self._made.clear()
            self._generation = self._types.generation
        aggregated = path in ("/api", "/apis") and wants_aggregated_discovery(accept)
        made = self._made.get((path, aggregated))
        if made is None:
            tree = self._aggregated(path) if aggregated else self._legacy(path, server_address)
            if tree is None:
                return None
            made = self._made[path, aggregated] = msgspec.json.encode(tree) + b"\n"
        return made, _aggregated_headers(made) if aggregated else {}

    def _legacy(self, path: str, server_address: str) -> Tree | None:
        parts = path.strip("/").split("/")
        match parts:
            case ["api"]:
                addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}]
                return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
            case ["apis"]:
                groups = [_group(name, versions) for name, versions in self._types.versions().items() if name]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
            case ["api", version]:
                return self._resources("", version)
            case ["apis", group]:
                versions = self._types.versions().get(group)
                return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)} if versions else None
            case ["apis", group, version]:
                return self._resources(group, version)
            case _:
                return None

    def _resources(self, group: str, version: str) -> Tree | None:
        types = self._types.in_version(group, version)
        if not types:
            return None
        resources = [entry for each in types for entry in self._legacy_entries(each)]
        head: Tree = {"kind": "APIResourceList", "apiVersion": "v1"} if group else {"kind": "APIResourceList"}
        return {**head, "groupVersion": f"{group}/{version}" if group else version, "resources": resources}

    def _legacy_entries(self, api_type: APIType) -> list[Tree]:
        entry: Tree = {
            "name": api_type.resource,
            "singularName": api_type.singular_name,
            "namespaced": api_type.namespaced,
            "kind": api_type.kind,
            "verbs": api_type.verbs,
            **_names(api_type),
        }
        if "watch" in api_type.verbs:
            entry["storageVersionHash"] = self._storage_version_hash(api_type)
        return [entry, *_legacy_subresources(api_type)]

    def _storage_version_hash(self, api_type: APIType) -> str:
        stored = self._types.stored(api_type.storage) or api_type
        text = f"{stored.group}/{stored.version}/{stored.kind}"
        return b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()

    def _aggregated(self, path: str) -> Tree:
        items = []
        for group, versions in self._types.versions().items():
            if (group == "") is (path == "/api"):
                shown = [
                    {
                        "version": version,
                        "resources": [_aggregated_entry(each) for each in self._types.in_version(group, version)],
                        "freshness": "Current",
                    }
                    for version in versions
                ]
                items.append({"metadata": {"name": group} if group else {}, "versions": shown})
        return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _group(name: str, versions: list[str]) -> Tree:
    named = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": named, "preferredVersion": named[0]}


def _names(api_type: APIType) -> Tree:
    names = {"shortNames": api_type.short_names, "categories": api_type.categories}
    return {name: values for name, values in names.items() if values}


def _legacy_subresources(api_type: APIType) -> list[Tree]:
    entries = []
    for each in api_type.subresources:
        entry: Tree = {
            "name": f"{api_type.resource}/{each.name}",
            "singularName": "",
            "namespaced": api_type.namespaced,
        }
        if each.group and (each.group, each.version) != (api_type.group, api_type.version):
            entry |= {"group": each.group, "version": each.version}
        entries.append({**entry, "kind": each.kind, "verbs": each.verbs})
    return entries


def _aggregated_entry(api_type: APIType) -> Tree:
    group, version = (api_type.group, api_type.version) if api_type.custom else ("", "")
    entry: Tree = {
        "resource": api_type.resource,
        "responseKind": {"group": group, "version": version, "kind": api_type.kind},
        "scope": "Namespaced" if api_type.namespaced else "Cluster",
        "singularResource": api_type.singular_name,
        "verbs": api_type.verbs,
        **_names(api_type),
    }
    if api_type.subresources:
        entry["subresources"] = [
            {
                "subresource": each.name,
                "responseKind": {"group": each.group, "version": each.version, "kind": each.kind},
                "verbs": each.verbs,
            }
            for each in api_type.subresources
        ]
    return entry


def _aggregated_headers(body: bytes) -> dict[str, str]:
    etag = hashlib.sha512(body).hexdigest().upper()
    return {"Cache-Control": "public", "Content-Type": AGGREGATED, "ETag": f'"{etag}"', "Vary": "Accept"}
