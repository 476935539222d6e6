"""The cluster's objects, as etcd and the watch cache hold them: one revision counter, a history window a resource.

Used only inside the server's event loop. Objects are plain dicts that nobody changes once they are stored: change a
deep copy and `update` it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import managed_fields, names
from kwatch.simulator.api_types import (
    CRD_STORAGE,
    OLDEST_MINOR,
    SCHEMA,
    APIType,
    APITypes,
    builtin_types,
    types_of_definition,
)
from kwatch.simulator.collection import Change, Collection, Record
from kwatch.simulator.managed_fields import BUILTIN_FIELDS, CUSTOM_FIELDS, FieldSchema


class StoreError(Exception):
    """An object could not be read or written; `resource` is `deployments.apps`."""

    problem = ""

    def __init__(self, resource: str, name: str = "") -> None:
        super().__init__(self.problem.format(resource=resource, name=name))
        self.resource = resource
        self.name = name


class Conflict(StoreError):
    """The object is not in the state the writer believes it to be in: its resourceVersion moved on, or it exists."""

    problem = (
        'Operation cannot be fulfilled on {resource} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


class AlreadyExists(Conflict):
    problem = '{resource} "{name}" already exists'


class NotStored(StoreError):
    problem = '{resource} "{name}" not found'


class UnknownType(StoreError):
    """Nothing of that apiVersion and kind, or no resource of that name, is served."""

    problem = "the store holds no {resource}"


Object = dict[str, Any]


class Store:
    """Every object by resource (`pods`, `deployments.apps`), namespace and name."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        seed: int = 0,
        revision: int = 1,
        window: int = 10_000,
        minor: int = OLDEST_MINOR,
    ) -> None:
        self.clock = clock
        self.revision = revision
        self.minor = minor
        """36 of a server of version 1.36: what it serves, and how it prints that."""
        self.types = APITypes(builtin_types(minor))
        self._random = Random(seed)
        self._window = window
        self._collections: dict[str, Collection] = {}

    def create(self, obj: Object, *, manager: str, subresource: str = "") -> Object:
        """Store a new object and return it as stored.

        Sets uid, resourceVersion, creationTimestamp, generation and managedFields; those that are given already,
        other than resourceVersion, stay as they are. generateName makes a name. Raises AlreadyExists.
        """
        collection = self.collection(self.type_of(obj).storage)
        metadata = dict(obj["metadata"])
        if "name" not in metadata:
            metadata["name"] = metadata["generateName"] + names.suffix(self._random)
        key = _key(metadata)
        if key in collection.records:
            raise AlreadyExists(collection.api_type.storage, metadata["name"])
        now = timestamp(self.clock())
        metadata.setdefault("uid", names.uid(self._random))
        metadata.setdefault("creationTimestamp", now)
        if collection.api_type.has_generation:
            metadata.setdefault("generation", 1)
        if "managedFields" not in metadata:
            entries = managed_fields.on_create(
                {**obj, "metadata": metadata}, manager, subresource, now, _schema(collection)
            )
            if entries:
                metadata["managedFields"] = entries
        return self._write(collection, {**obj, "metadata": metadata}, key)

    def update(self, obj: Object, *, manager: str, subresource: str = "") -> Object:
        """Replace an object by a changed copy of it and return it as stored; the same object if nothing changed.

        Bumps resourceVersion, and generation when the spec changed, though not by a binding; what changed becomes the
        manager's in managedFields. Raises NotStored, and Conflict if a given resourceVersion is not the current one.
        """
        collection = self.collection(self.type_of(obj).storage)
        key = _key(obj["metadata"])
        old = collection.trees.get(key)
        if old is None:
            raise NotStored(collection.api_type.storage, obj["metadata"]["name"])
        if obj["metadata"].get("resourceVersion", "") not in ("", old["metadata"]["resourceVersion"]):
            raise Conflict(collection.api_type.storage, obj["metadata"]["name"])
        if _content(obj) == _content(old):
            return old
        metadata = dict(obj["metadata"])
        for name in ("uid", "creationTimestamp", "generation"):
            if name in old["metadata"]:
                metadata[name] = old["metadata"][name]
        desires = subresource != "binding" and _desired(obj, collection) != _desired(old, collection)
        if collection.api_type.has_generation and desires:
            metadata["generation"] = old["metadata"].get("generation", 0) + 1
        now = timestamp(self.clock())
        metadata["managedFields"] = managed_fields.on_update(old, obj, manager, subresource, now, _schema(collection))
        return self._write(collection, {**obj, "metadata": metadata}, key)

    def delete(self, resource: str, name: str, namespace: str = "") -> Object:
        """Remove an object at once and return its last state. What it owns stays. Raises NotStored."""
        collection = self.collection(resource)
        key = f"{namespace}/{name}" if namespace else name
        if key not in collection.records:
            raise NotStored(resource, name)
        tree = collection.trees[key]
        previous = collection.records[key]
        self.revision += 1
        collection.apply(Change("DELETED", previous.at(self.revision), previous), None)
        if resource == CRD_STORAGE:
            self._forget_definition(tree)
        return tree

    def get(self, resource: str, name: str, namespace: str = "") -> Object | None:
        """One object, or None. Not a copy."""
        return self.collection(resource).trees.get(f"{namespace}/{name}" if namespace else name)

    def list(self, resource: str, namespace: str | None = None) -> list[Object]:
        """All objects, or those of a namespace. Not copies."""
        trees = self.collection(resource).trees
        if namespace is None:
            return list(trees.values())
        return [tree for tree in trees.values() if tree["metadata"].get("namespace") == namespace]

    def type_of(self, obj: Object) -> APIType:
        """The type of an object; raise UnknownType."""
        found = self.types.of_object(obj.get("apiVersion", ""), obj.get("kind", ""))
        if found is None:
            raise UnknownType(f"{obj.get('kind')} of {obj.get('apiVersion')}")
        return found

    def collection(self, storage: str) -> Collection:
        """The objects of a resource and their history; raise UnknownType."""
        found = self._collections.get(storage)
        if found is None:
            api_type = self.types.stored(storage)
            if api_type is None:
                raise UnknownType(storage)
            found = self._collections[storage] = Collection(api_type, self.revision, self._window)
        return found

    def compact(self, revision: int | None = None) -> None:
        """Forget every change up to a revision, by default the current one, as etcd's compaction does."""
        for collection in self._collections.values():
            collection.compact(self.revision if revision is None else revision)

    def _write(self, collection: Collection, obj: Object, key: str) -> Object:
        self.revision += 1
        given = {**obj["metadata"], "resourceVersion": str(self.revision)}
        metadata = {name: given.pop(name) for name in SCHEMA["metadata_order"] if name in given} | given
        tree = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": metadata}
        tree.update((name, value) for name, value in obj.items() if name not in tree)
        record = Record.of(collection.api_type, key, self.revision, tree)
        previous, old = collection.records.get(key), collection.trees.get(key)
        collection.apply(Change("MODIFIED" if previous else "ADDED", record, previous), tree)
        if collection.api_type.storage == CRD_STORAGE:
            self._serve_definition(tree)
            if old is not None and old["spec"] != tree["spec"]:
                self._end_watches(tree)
        return tree

    def _serve_definition(self, definition: Object) -> None:
        spec = definition["spec"]
        served = types_of_definition(definition)
        known = {each for each in self.types if (each.group, each.resource) == (spec["group"], spec["names"]["plural"])}
        if known != set(served):
            self.types.remove(spec["group"], spec["names"]["plural"])
            self.types.add(*served)

    def _end_watches(self, definition: Object) -> None:
        """When a definition changes, the server closes the watches of its resource."""
        changed = self._collections.get(f"{definition['spec']['names']['plural']}.{definition['spec']['group']}")
        if changed is not None:
            changed.end_watches()

    def _forget_definition(self, definition: Object) -> None:
        group, plural = definition["spec"]["group"], definition["spec"]["names"]["plural"]
        self.types.remove(group, plural)
        gone = self._collections.pop(f"{plural}.{group}", None)
        if gone is not None:
            gone.end_watches()


def _key(metadata: Object) -> str:
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def _schema(collection: Collection) -> FieldSchema:
    return CUSTOM_FIELDS if collection.api_type.custom else BUILTIN_FIELDS


_BOOKKEEPING = ("resourceVersion", "managedFields", "generation", "uid", "creationTimestamp")


def _content(obj: Object) -> tuple[Object, Object]:
    """What a writer can change: metadata without the server's own part, and the rest."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _BOOKKEEPING}
    return metadata, {name: value for name, value in obj.items() if name != "metadata"}


def _desired(obj: Object, collection: Collection) -> Object:
    """What generation counts the changes of: the spec, and for custom objects all but metadata and status."""
    if collection.api_type.custom:
        return {name: value for name, value in obj.items() if name not in ("metadata", "status")}
    return {"spec": obj.get("spec")}
