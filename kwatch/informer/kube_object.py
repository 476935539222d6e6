"""A Kubernetes object as its JSON bytes: a read-only Mapping that is parsed when it is read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from kwatch.base.limits import LARGEST_STATUS, OBJECT_HEAD
from kwatch.base.timestamp import parse_time, timestamp
from kwatch.informer.json import parsed
from kwatch.informer.masking import SECRET, holds_secrets, mask_data_of, mask_json, mask_manifests
from kwatch.informer.object_head import Head, read_head, shared_labels, shared_moment, shared_owners
from kwatch.informer.object_head import OwnerReference as OwnerReference

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

T = TypeVar("T")
Dictionary = zstd.ZstdDict

_DETAILS = frozenset({"uid", "_created", "labels", "owners", "node"})
_NO_LABELS: Mapping[str, str] = MappingProxyType({})
_set = object.__setattr__
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_last = (b"", b"")
"""What was unpacked last, in any thread: packed, and as it was."""
_ZSTD_MAGIC = 0x28
"""The first byte of a zstd frame. JSON never begins with it."""


def is_packed(stored: bytes) -> bool:
    """Whether these bytes are a zstd frame and not JSON."""
    return stored[0] == _ZSTD_MAGIC


def unpack(stored: bytes, dictionary: Dictionary | None) -> bytes:
    """The JSON in a zstd frame. The last one is kept: who reads an object reads it twice, its cells and its health."""
    global _last
    last = _last
    if last[0] is not stored:
        last = _last = (stored, zstd.decompress(stored, zstd_dict=dictionary))
    return last[1]


class KubeObject(Mapping[str, Any]):
    """One Kubernetes object.

    The fields the machinery needs are attributes, and cost nothing; everything else is reached by Mapping access, which
    unpacks and parses the whole object afresh each time (about 100 us for 8 KB) and returns a copy, so that the cache
    cannot be damaged. `read` decodes what a Struct declares, for half of that. `kind` and `api_version` are supplied by
    the resource where the bytes lack them (items of built-in lists), and do not count in equality.

    The data of a Secret, and copies of it, are masked for every reader, those in annotations of other objects too:
    `tree(show_secrets=True)` is the one way to them, beside `disclosed` for what packs and compares.

    Raise msgspec.DecodeError if the bytes are no JSON object with a name in its metadata.
    """

    __slots__ = (
        "_created",
        "_dictionary",
        "_fresh",
        "_stored",
        "api_version",
        "cells",
        "key",
        "kind",
        "labels",
        "namespace",
        "node",
        "owners",
        "resource_version",
        "uid",
    )

    kind: str
    api_version: str
    key: str
    """`namespace/name`, or `name` where there is no namespace."""
    namespace: str
    uid: str
    resource_version: str
    labels: Mapping[str, str]
    owners: tuple[OwnerReference, ...]
    node: str
    cells: tuple[Any, ...] | None
    """The server's own Table cells, where the object came in a Table row. May be set once."""
    _created: float | str
    """When it was created, in seconds since the epoch; as it is written where that says more or less, or is no time."""
    _stored: bytes
    _dictionary: Dictionary | None
    _fresh: bytes | None
    """The JSON beside the packed one, of what came last."""

    def __init__(self, raw: bytes, kind: str = "", api_version: str = "") -> None:
        head = read_head(raw)
        metadata = head.metadata
        _set(self, "_stored", raw)
        _set(self, "_dictionary", None)
        _set(self, "_fresh", None)
        # The rows of a Table hold the metadata of an object under a kind that is not its own.
        partial = head.kind == "PartialObjectMetadata" and kind
        _set(self, "kind", intern(kind if partial else head.kind or kind))
        _set(self, "api_version", intern(api_version if partial else head.api_version or api_version))
        namespace = intern(metadata.namespace or "")
        _set(self, "key", f"{namespace}/{metadata.name}" if namespace else metadata.name)
        _set(self, "namespace", namespace)
        _set(self, "resource_version", metadata.resource_version or "")
        _set(self, "cells", None)
        _set_details(self, head)

    def __setattr__(self, name: str, value: object) -> None:
        # One object is shared by the cache, every handler and the history.
        if name != "cells" or self.cells is not None:
            raise AttributeError(f"a KubeObject is read-only; {name} cannot be set")
        _set(self, name, value)

    @classmethod
    def identified(
        cls, raw: bytes, kind: str, api_version: str, namespace: str, name: str, resource_version: str
    ) -> KubeObject:
        """Make one whose identity is known, without reading the bytes. Other fields are read at the first access."""
        obj = cls.__new__(cls)
        _set(obj, "_stored", raw)
        _set(obj, "_dictionary", None)
        _set(obj, "_fresh", None)
        _set(obj, "kind", kind)
        _set(obj, "api_version", api_version)
        _set(obj, "key", f"{namespace}/{name}" if namespace else name)
        _set(obj, "namespace", namespace)
        _set(obj, "resource_version", resource_version)
        _set(obj, "cells", None)
        return obj

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Only called for attributes that are not set.
            if name not in _DETAILS:
                raise AttributeError(f"a KubeObject has no {name}")
            _set_details(self, read_head(self.disclosed))
            return object.__getattribute__(self, name)

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> KubeObject:
        """Build one from a tree, e.g. for a transform's result; raise TypeError for what JSON has no form for."""
        return cls(msgspec.json.encode(dict(tree), enc_hook=_plain))

    @property
    def raw(self) -> bytes:
        """The JSON as it arrived, with secrets masked. Raise msgspec.DecodeError if that cannot be done."""
        return mask_json(self.disclosed, self.kind)

    def status_holds(self, word: bytes) -> bool:
        """Whether a word stands in the bytes of its status, which are the last: 2 us, where a parse takes 50."""
        raw = self.disclosed
        return raw.find(word, max(0, raw.rfind(b'"status":{'))) >= 0

    @property
    def may_be_masked(self) -> bool:
        """Whether readers may see masks in it."""
        return holds_secrets(self.kind, self.disclosed)

    @property
    def disclosed(self) -> bytes:
        """The JSON as it arrived, of a Secret too: for packing and comparing, never for what shows or writes it."""
        if (fresh := self._fresh) is not None:
            return fresh
        stored = self._stored
        return unpack(stored, self._dictionary) if is_packed(stored) else stored

    @property
    def is_packed(self) -> bool:
        return is_packed(self._stored)

    @property
    def is_fresh(self) -> bool:
        """Whether the JSON is kept beside the packed one, so that reading it costs nothing."""
        return self._fresh is not None

    @property
    def stored_size(self) -> int:
        """Bytes of the JSON as it is kept, packed or not."""
        return len(self._stored)

    @property
    def stored(self) -> tuple[bytes, Dictionary | None]:
        """The JSON as it is kept, packed or not, and the dictionary it is packed with."""
        # In this order, for the reason given in keep().
        stored = self._stored
        return stored, self._dictionary

    @property
    def name(self) -> str:
        # Made when it is asked for: everything else goes by the key, and both for 100,000 objects take 8 MB more.
        namespace = self.namespace
        return self.key[len(namespace) + 1 :] if namespace else self.key

    @property
    def creation_timestamp(self) -> str:
        """RFC 3339, as the server wrote it."""
        created = self._created
        return created if isinstance(created, str) else timestamp(created)

    @property
    def created(self) -> float | None:
        """When it was created, in seconds since the epoch; None if unknown. Raise ValueError if it is no time."""
        created = self._created
        return parse_time(created) if isinstance(created, str) else created

    def keep(self, packed: bytes, dictionary: Dictionary | None) -> None:
        """Hold the JSON packed, and also as it arrived until `drop_fresh`; for the packer."""
        # In this order: a reader in another thread who finds packed bytes must find their dictionary too.
        _set(self, "_fresh", self._stored)
        _set(self, "_dictionary", dictionary)
        _set(self, "_stored", packed)

    def drop_fresh(self) -> None:
        _set(self, "_fresh", None)

    def read(self, shape: type[T]) -> T:
        """Decode only the fields that `shape`, a msgspec.Struct, declares; raise msgspec.DecodeError."""
        decoder = _decoders.get(shape)
        if decoder is None:
            decoder = _decoders[shape] = msgspec.json.Decoder(shape)
        result: T = decoder.decode(self.raw)
        return result

    def tree(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The whole object as fresh dicts and lists, with kind and apiVersion.

        Raise msgspec.DecodeError if it nests deeper than what is left of the caller's stack.
        """
        raw = self.disclosed
        tree = parsed(raw)
        if not show_secrets and holds_secrets(self.kind, raw):
            tree = mask_data_of(tree) if self.kind == SECRET else dict(mask_manifests(tree))
        if not tree.get("kind") or not tree.get("apiVersion"):
            supplied = {"kind": tree.get("kind") or self.kind, "apiVersion": tree.get("apiVersion") or self.api_version}
            return {name: value for name, value in supplied.items() if value} | {
                name: value for name, value in tree.items() if name not in supplied
            }
        return tree

    def __getitem__(self, key: str) -> Any:
        return self.tree()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tree())

    def __len__(self) -> int:
        return len(self.tree())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, KubeObject):
            if (self.resource_version, self.name) != (other.resource_version, other.name):
                return False
            return self.disclosed == other.disclosed or _untyped(self) == _untyped(other)
        if isinstance(other, Mapping):
            return _untyped(self) == _untyped(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> KubeObject:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> KubeObject:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.disclosed, self.kind, self.api_version, self.cells)

    def __repr__(self) -> str:
        return f"KubeObject({self.kind} {self.key} @{self.resource_version})"


def _set_details(obj: KubeObject, head: Head) -> None:
    """What `identified` leaves for later: the fields in _DETAILS."""
    metadata, spec = head.metadata, head.spec
    labels = metadata.labels
    _set(obj, "uid", metadata.uid or "")
    _set(obj, "_created", shared_moment(metadata.creation_timestamp or ""))
    if labels and obj.kind == SECRET:
        labels = read_head(obj.raw).metadata.labels
    _set(obj, "labels", shared_labels(labels) if labels else _NO_LABELS)
    _set(obj, "owners", shared_owners(metadata.owner_references) if metadata.owner_references else ())
    _set(obj, "node", intern((spec and spec.node_name) or ""))


def _restore(raw: bytes, kind: str, api_version: str, cells: tuple[Any, ...] | None) -> KubeObject:
    obj = KubeObject(raw, kind, api_version)
    obj.cells = cells
    return obj


def _plain(value: object) -> dict[Any, Any]:
    """A Mapping that is no dict as one that is."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an object of {type(value).__name__} cannot be written as JSON")


def _untyped(obj: Mapping[str, Any]) -> dict[str, Any]:
    tree = obj.tree(show_secrets=True) if isinstance(obj, KubeObject) else obj
    return {name: value for name, value in tree.items() if name not in ("kind", "apiVersion")}


_IDENTITY = re.compile(rb'"(name|namespace|resourceVersion)"\s*:\s*"([^"\\\x00-\x1f\x7f-\xff]{1,253})"')
_METADATA = re.compile(rb'"metadata"\s*:\s*\{')
_IDENTITY_WINDOW = 4096


class Unreadable(Mapping[str, Any]):
    """Stands in for an object whose bytes cannot be read.

    As a Mapping it holds `metadata` with what could be read of name, namespace and resourceVersion, perhaps nothing.
    `malformed`: the bytes are no JSON at all, perhaps damaged by the connection. Of many bytes only the first are kept.
    """

    __slots__ = ("_metadata", "malformed", "raw", "reason")

    def __init__(self, raw: bytes, reason: str, *, malformed: bool = False) -> None:
        self.raw = raw if len(raw) <= LARGEST_STATUS else raw[:OBJECT_HEAD]
        self.reason = reason
        self.malformed = malformed
        self._metadata = _make_out(raw)

    def __getitem__(self, key: str) -> Any:
        if key != "metadata":
            raise KeyError(key)
        return dict(self._metadata)

    def __iter__(self) -> Iterator[str]:
        return iter(("metadata",))

    def __len__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return f"Unreadable({self._metadata.get('name', '?')}: {self.reason})"


def _make_out(raw: bytes) -> dict[str, str]:
    """The identity, if it is at the beginning of the metadata."""
    start = _METADATA.search(raw)
    if start is None:
        return {}
    window = raw[start.end() : start.end() + _IDENTITY_WINDOW]
    # Nested objects (labels, managedFields) may have a `name` of their own: look no further than the first.
    found: dict[str, str] = {}
    for match in _IDENTITY.finditer(window.partition(b"{")[0]):
        found.setdefault(match[1].decode(), match[2].decode())
    return found


@dataclass(frozen=True, slots=True)
class ServerColumn:
    """One columnDefinition of the server's Table. A custom resource's description ends with its JSONPath."""

    name: str
    type: str
    format: str = ""
    priority: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class TableSample:
    """The server's Table of a resource: its columns, perhaps an object with its cells, and how many there are."""

    columns: tuple[ServerColumn, ...] = ()
    object: KubeObject | None = None
    total: int | None = None
