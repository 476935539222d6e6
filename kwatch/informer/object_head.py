"""What the machinery reads of an object's JSON: one partial decode that skips everything else; and what many objects
have in common, kept once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from types import MappingProxyType
from typing import Any

import msgspec

from kwatch.base.timestamp import parse_timestamp, timestamp


class OwnerReference(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One entry of metadata.ownerReferences."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool | None = False


class Metadata(msgspec.Struct, gc=False, rename="camel"):
    """The metadata fields that become attributes of a KubeObject."""

    name: str
    namespace: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None
    labels: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None


class Spec(msgspec.Struct, gc=False, rename="camel"):
    """The only field of a spec that is indexed everywhere."""

    node_name: str | None = None


class Head(msgspec.Struct, gc=False, rename="camel"):
    """The decoded part of an object."""

    metadata: Metadata
    kind: str | None = None
    api_version: str | None = None
    spec: Spec | None = None


_Fields = dict[str, msgspec.Raw]
_strict = msgspec.json.Decoder(Head).decode
_fields = msgspec.json.Decoder(_Fields).decode


def read_head(raw: bytes) -> Head:
    """Decode the head; raise msgspec.DecodeError if this is no JSON, or no object with a name in its metadata.

    Fields of an odd type are legal everywhere but in what identifies the object: they read as absent.
    """
    try:
        head = _strict(raw)
    except msgspec.ValidationError:
        head = _lenient(raw)
    if not head.metadata.name:
        raise msgspec.ValidationError("metadata.name is missing")
    return head


def _lenient(raw: bytes) -> Head:
    fields = _fields(raw)
    try:
        metadata = _fields(fields.get("metadata", b"null"))
    except msgspec.ValidationError:
        raise msgspec.ValidationError("metadata is missing or not an object") from None
    try:
        name = msgspec.json.decode(metadata.get("name", b"null"), type=str)
        namespace = msgspec.json.decode(metadata.get("namespace", b"null"), type=str | None)
    except msgspec.ValidationError:
        raise msgspec.ValidationError("metadata.name or metadata.namespace is not a string") from None
    return Head(
        metadata=Metadata(
            name=name,
            namespace=namespace,
            uid=_read(metadata, "uid", str),
            resource_version=_read(metadata, "resourceVersion", str),
            creation_timestamp=_read(metadata, "creationTimestamp", str),
            labels=_readable_labels(metadata),
            owner_references=_readable_owners(metadata),
        ),
        kind=_read(fields, "kind", str),
        api_version=_read(fields, "apiVersion", str),
        spec=_read(fields, "spec", Spec),
    )


def _read(fields: _Fields, name: str, shape: type[Any]) -> Any:
    """A field of the wanted shape; None if it is absent or of another."""
    try:
        return msgspec.json.decode(fields.get(name, b"null"), type=shape | None)
    except msgspec.ValidationError:
        return None


def _readable_labels(metadata: _Fields) -> dict[str, str]:
    labels = _read(metadata, "labels", _Fields) or {}
    return {name: value for name in labels if isinstance(value := _read(labels, name, str), str)}


def _readable_owners(metadata: _Fields) -> tuple[OwnerReference, ...]:
    owners = _read(metadata, "ownerReferences", list[msgspec.Raw]) or ()
    readable = (_read({"owner": owner}, "owner", OwnerReference) for owner in owners)
    return tuple(owner for owner in readable if owner is not None)


_MOST_SHARED = 4096
"""Values of a table; then it starts over, so that values that come and go are no leak."""
_LONGEST_SHARED = 1024
"""Characters of what is shared: a table takes some MB at most, whatever a server sends."""
_shared_moments: dict[str, float | str] = {}
_shared_tuples: dict[tuple[OwnerReference, ...], tuple[OwnerReference, ...]] = {}
_shared_mappings: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}


def shared_moment(text: str) -> float | str:
    """A time in seconds since the epoch, or the text itself if that does not stand for the same. What was created
    together has one time of creation.
    """
    known = _shared_moments.get(text)
    if known is None:
        try:
            moment = parse_timestamp(text)
        except (ValueError, OverflowError):
            return text
        known = moment if timestamp(moment) == text else text
        if len(_shared_moments) >= _MOST_SHARED:
            _shared_moments.clear()
        if len(text) <= _LONGEST_SHARED:
            _shared_moments[text] = known
    return known


def shared_labels(labels: dict[str, str]) -> Mapping[str, str]:
    """The pods of one ReplicaSet have the same labels: 0.3 KB less for each."""
    pairs = tuple(labels.items())
    known = _shared_mappings.get(pairs)
    if known is None:
        if len(_shared_mappings) >= _MOST_SHARED:
            _shared_mappings.clear()
        known = MappingProxyType({key: intern(value) for key, value in pairs})
        if sum(len(key) + len(value) for key, value in pairs) <= _LONGEST_SHARED:
            _shared_mappings[pairs] = known
    return known


def shared_owners(owners: Iterable[OwnerReference]) -> tuple[OwnerReference, ...]:
    """The pods of one ReplicaSet have one owner, too."""
    given = tuple(owners)
    known = _shared_tuples.get(given)
    if known is None:
        known = tuple([_with_shared_type(each) for each in given])
        if len(_shared_tuples) >= _MOST_SHARED:
            _shared_tuples.clear()
        if len(known) == 1 and len(known[0].name) + len(known[0].uid) <= _LONGEST_SHARED:
            _shared_tuples[known] = known
    return known


def _with_shared_type(owner: OwnerReference) -> OwnerReference:
    return OwnerReference(intern(owner.api_version), intern(owner.kind), owner.name, owner.uid, owner.controller)
