"""An object is its bytes: a read-only Mapping over JSON that is parsed when someone looks inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class OwnerReference(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One entry of metadata.ownerReferences."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class _Metadata(msgspec.Struct, gc=False, rename="camel"):
    name: str
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    node_name: str | None = None


class _Head(msgspec.Struct, gc=False, rename="camel"):
    metadata: _Metadata
    kind: str | None = None
    api_version: str | None = None
    spec: _Spec | None = None


_head = msgspec.json.Decoder(_Head).decode
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


class KubeObject(Mapping[str, Any]):
    """One Kubernetes object.

    The fields the machinery needs are attributes; everything else is reached by Mapping access, which parses the
    bytes afresh and returns a copy, so that nobody can damage the cache. `kind` and `api_version` are supplied by the
    resource where the bytes lack them (items of built-in lists), and do not count in equality.
    """

    __slots__ = (
        "_raw",
        "api_version",
        "cells",
        "creation_timestamp",
        "kind",
        "labels",
        "name",
        "namespace",
        "node",
        "owners",
        "resource_version",
        "uid",
    )

    def __init__(self, raw: bytes, kind: str = "", api_version: str = "") -> None:
        head = _head(raw)
        metadata = head.metadata
        self._raw = raw
        self.kind: str = head.kind or kind
        self.api_version: str = head.api_version or api_version
        self.name: str = metadata.name
        self.namespace: str = metadata.namespace or ""
        self.uid: str = metadata.uid or ""
        self.resource_version: str = metadata.resource_version or ""
        self.creation_timestamp: str = metadata.creation_timestamp or ""
        """RFC 3339, as the server wrote it."""
        self.labels: Mapping[str, str] = metadata.labels or {}
        self.owners: tuple[OwnerReference, ...] = metadata.owner_references or ()
        self.cells: tuple[Any, ...] | None = None
        """The server's own Table cells, where the object came in a Table row."""
        self.node: str = (head.spec and head.spec.node_name) or ""

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> KubeObject:
        """Build one from a tree, e.g. for a transform's result."""
        return cls(msgspec.json.encode(dict(tree)))

    @property
    def raw(self) -> bytes:
        """The JSON as it arrived."""
        return self._raw

    @property
    def key(self) -> str:
        """`namespace/name`, or `name` where there is no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def read(self, shape: type[T]) -> T:
        """Decode only the fields that `shape`, a msgspec.Struct, declares; raise msgspec.DecodeError."""
        decoder = _decoders.get(shape)
        if decoder is None:
            decoder = _decoders[shape] = msgspec.json.Decoder(shape)
        result: T = decoder.decode(self.raw)
        return result

    def tree(self) -> dict[str, Any]:
        """The whole object as fresh dicts and lists, with kind and apiVersion."""
        tree: dict[str, Any] = msgspec.json.decode(self.raw)
        if not tree.get("kind") or not tree.get("apiVersion"):
            return {"kind": self.kind, "apiVersion": self.api_version} | {k: v for k, v in tree.items() if v}
        return tree

    def __getitem__(self, key: str) -> Any:
        return self.tree()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tree())

    def __len__(self) -> int:
        return len(self.tree())

    def __repr__(self) -> str:
        return f"KubeObject({self.kind} {self.key} @{self.resource_version})"
