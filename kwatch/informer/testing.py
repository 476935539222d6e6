"""For tests of programs that use informers: a server in memory, and a clock that only the test moves.

    client = FakeClient()
    pods = client.source(PODS)
    pods.add({"metadata": {"name": "cart", "namespace": "shop"}})
    with SharedInformerFactory(client) as factory: ...

Everything is thread-safe, and nothing here starts a thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Literal

import msgspec

from kwatch.informer.clock import FakeClock as FakeClock
from kwatch.informer.errors import ApiError, Closed, NotFound
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import meta_namespace_key
from kwatch.informer.protocol import ADDED, BOOKMARK, DELETED, ERROR, MODIFIED, ListOptions, ObjectList, WatchEvent
from kwatch.informer.resource import Resource
from kwatch.informer.resources import BUILTIN_RESOURCES, PODS
from kwatch.informer.selectors import Selector, parse_field_selector, parse_label_selector

__all__ = ["FakeClient", "FakeClock", "FakeControllerSource", "FakeListerWatcher", "FakeWatch", "eventually"]


Verb = Literal["list", "watch"]
_TOO_OLD = "too old resource version"


class FakeWatch:
    """An open watch. Iterating it blocks for the next event; `close` ends that, from any thread."""

    def __init__(self, scope: FakeListerWatcher, on_close: Callable[[FakeWatch], None]) -> None:
        self._scope = scope
        self._on_close = on_close
        self._waiting: SimpleQueue[WatchEvent | Exception | None] = SimpleQueue()

    def send(self, event: WatchEvent | Exception | None) -> None:
        """An event, an exception that breaks the watch, or None for its clean end."""
        self._waiting.put(event)

    def changed(self, old: KubeObject | None, new: KubeObject, deleted: bool) -> None:
        """Send a change as a selector shows it: an object that leaves the selection is deleted."""
        was, there = old is not None and self._scope.selects(old), not deleted and self._scope.selects(new)
        if was or there:
            self.send(WatchEvent((MODIFIED if was else ADDED) if there else DELETED, new))

    def __iter__(self) -> Iterator[WatchEvent]:
        while (event := self._waiting.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event

    def close(self) -> None:
        self._on_close(self)
        self.send(Closed("closed"))


class FakeListerWatcher:
    """A source seen through a namespace and selectors: a ListerWatcher for a SharedInformer."""

    def __init__(
        self,
        source: FakeControllerSource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> None:
        self.namespace = namespace
        self.selective = bool(label_selector or field_selector)
        self.streaming = source.streaming
        self._source = source
        self._labels: Selector = parse_label_selector(label_selector or "")
        self._fields: Selector = parse_field_selector(field_selector or "")

    def list(self, options: ListOptions) -> ObjectList:
        """Raise what FakeControllerSource.fail says."""
        return self._source._list(options, self)

    def watch(self, options: ListOptions) -> FakeWatch:
        """Raise what FakeControllerSource.fail says."""
        return self._source._watch(options, self)

    def selects(self, obj: KubeObject) -> bool:
        if (self.namespace and obj.namespace != self.namespace) or not self._labels.matches(obj.labels):
            return False
        return self._fields.matches_everything or self._fields.matches(_Fields(obj.tree()))


class FakeControllerSource:
    """One resource of a server: what a test adds, modifies and deletes here is listed and watched.

    Each change gets the next resource version; an object without a uid gets one. `streaming` says whether the server
    offers streaming lists. `requests` is all that was asked, in order: the verb and the options.
    """

    def __init__(self, resource: Resource = PODS, *, streaming: bool = True) -> None:
        self.resource = resource
        self.streaming = streaming
        self.requests: list[tuple[Verb, ListOptions]] = []
        self._head = {"kind": resource.kind, "apiVersion": resource.api_version}
        self._changed = threading.Condition(threading.RLock())
        self._objects: dict[str, KubeObject] = {}
        self._log: list[tuple[KubeObject | None, KubeObject, bool]] = []
        self._version = self._expired = 1
        self._pages: dict[str, tuple[int, list[KubeObject]]] = {}
        self._failures: dict[Verb, list[tuple[Exception, int]]] = {"list": [], "watch": []}
        self._watches: list[FakeWatch] = []
        self._unwatched = False

    @property
    def resource_version(self) -> str:
        """Of the last change; `wait_for_version` of an informer waits for it."""
        return str(self._version)

    @property
    def objects(self) -> Mapping[str, KubeObject]:
        """By key."""
        with self._changed:
            return {**self._objects}

    def add(self, obj: Mapping[str, Any] | msgspec.Struct) -> KubeObject:
        """Create an object, and return it as the server keeps it; raise ValueError if its key exists."""
        with self._changed:
            fresh = self._next(obj, None)
            if fresh.key in self._objects:
                raise ValueError(f"{self.resource} {fresh.key!r} exists already")
            return self._change(None, fresh)

    def modify(self, obj: Mapping[str, Any] | msgspec.Struct) -> KubeObject:
        """Replace the object with this key, whose uid is kept; raise NotFound."""
        with self._changed:
            old = self._get(self._next(obj, None).key)
            return self._change(old, self._next(obj, old))

    def edit(self, key: str, change: Callable[[dict[str, Any]], object]) -> KubeObject:
        """Modify an object by a function that changes its tree; raise NotFound."""
        with self._changed:
            tree = self._get(key).tree(show_secrets=True)
            change(tree)
            return self.modify(tree)

    def delete(self, obj: str | Mapping[str, Any]) -> KubeObject:
        """Delete an object, or the one with this key, and return what it was; raise NotFound."""
        with self._changed:
            old = self._get(obj if isinstance(obj, str) else meta_namespace_key(obj))
            return self._change(old, self._next(old, old), deleted=True)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Changes in this context reach no watch; at its end all watches expire, so that a list finds them: handlers
        get tombstones of what was deleted.
        """
        with self._changed:
            self._unwatched = True
            try:
                yield
            finally:
                self._unwatched = False
                self.expire()

    def expire(self) -> None:
        """Forget how it came to what there is: open watches end with an ERROR 410, older versions cannot be watched
        from, and lists not be continued.
        """
        with self._changed:
            self._expired = self._version
            self._log.clear()
            self._pages.clear()
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": _TOO_OLD}
            self.send(WatchEvent(ERROR, status))
            self.break_watches()

    def fail(self, verb: Verb, error: Exception, times: int = 1) -> None:
        """Raise an error, preferably an ApiError, at the next so many requests."""
        with self._changed:
            self._failures[verb].append((error, times))

    def recover(self) -> None:
        with self._changed:
            self._failures = {"list": [], "watch": []}

    def send(self, event: WatchEvent | Exception) -> None:
        """Send an event on every open watch, or an exception that breaks it."""
        with self._changed:
            for watch in self._watches:
                watch.send(event)

    def send_bookmark(self) -> None:
        """On every open watch."""
        self.send(self._bookmark())

    def break_watches(self, error: Exception | None = None) -> None:
        """End every open watch, cleanly or with an error."""
        with self._changed:
            watches, self._watches = self._watches, []
            for watch in watches:
                watch.send(error)

    def wait_for_watches(self, count: int = 1, timeout: float = 5.0) -> bool:
        """Wait until so many watches are open."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._watches) >= count, timeout)

    def lister_watcher(
        self, namespace: str | None = None, label_selector: str | None = None, field_selector: str | None = None
    ) -> FakeListerWatcher:
        """For a SharedInformer."""
        return FakeListerWatcher(self, namespace, label_selector, field_selector)

    def _get(self, key: str) -> KubeObject:
        if key not in self._objects:
            raise NotFound(f"{self.resource} {key!r} not found")
        return self._objects[key]

    def _next(self, obj: Mapping[str, Any] | msgspec.Struct, old: KubeObject | None) -> KubeObject:
        plain = obj.tree(show_secrets=True) if isinstance(obj, KubeObject) else msgspec.to_builtins(obj)
        version = str(self._version + 1)
        metadata = {**plain.get("metadata", {}), "resourceVersion": version}
        if old is not None or not metadata.get("uid"):
            metadata["uid"] = old.uid if old is not None else f"uid-{version}"
        if not self.resource.namespaced:
            metadata.pop("namespace", None)
        return KubeObject.of({**self._head, **plain, "metadata": metadata})

    def _change(self, old: KubeObject | None, new: KubeObject, deleted: bool = False) -> KubeObject:
        self._version += 1
        if deleted:
            del self._objects[new.key]
        else:
            self._objects[new.key] = new
        if not self._unwatched:
            self._log.append((old, new, deleted))
            for watch in self._watches:
                watch.changed(old, new, deleted)
        return new

    def _asked(self, verb: Verb, options: ListOptions) -> None:
        self.requests.append((verb, options))
        if self._failures[verb]:
            error, times = self._failures[verb].pop(0)
            if times > 1:
                self._failures[verb].insert(0, (error, times - 1))
            raise error

    def _list(self, options: ListOptions, scope: FakeListerWatcher) -> ObjectList:
        with self._changed:
            self._asked("list", options)
            version, found = self._version, [obj for obj in self._objects.values() if scope.selects(obj)]
            if options.continue_token:
                if options.continue_token not in self._pages:
                    raise _expired()
                version, found = self._pages[options.continue_token]
            elif _number(options.resource_version) > version:
                raise ApiError(504, "Timeout", "Too large resource version")
            page, rest = (found[: options.limit], found[options.limit :]) if options.limit else (found, [])
            token = f"page-{len(self.requests)}" if rest else None
            if token is not None:
                self._pages[token] = (version, rest)
            return ObjectList(page, str(version), token, len(rest) or None)

    def _watch(self, options: ListOptions, scope: FakeListerWatcher) -> FakeWatch:
        with self._changed:
            self._asked("watch", options)
            since = _number(options.resource_version)
            whole = bool(options.send_initial_events) or since == 0
            if options.send_initial_events and not self.streaming:
                raise ApiError(422, "Invalid", "sendInitialEvents is forbidden")
            if not whole and since < self._expired:
                raise _expired()
            watch = FakeWatch(scope, self._closed)
            if whole:
                for obj in self._objects.values():
                    watch.changed(None, obj, False)
                if options.send_initial_events:
                    watch.send(self._bookmark({"k8s.io/initial-events-end": "true"}))
            else:
                for old, new, deleted in self._log:
                    if _number(new.resource_version) > since:
                        watch.changed(old, new, deleted)
            self._watches.append(watch)
            self._changed.notify_all()
            return watch

    def _closed(self, watch: FakeWatch) -> None:
        with self._changed:
            if watch in self._watches:
                self._watches.remove(watch)

    def _bookmark(self, annotations: Mapping[str, str] | None = None) -> WatchEvent:
        metadata = {"resourceVersion": self.resource_version, "annotations": annotations or {}}
        return WatchEvent(BOOKMARK, {**self._head, "metadata": metadata})


class FakeClient:
    """A server for a SharedInformerFactory: what every server has, and the resources it is made with."""

    def __init__(self, *resources: Resource, streaming: bool = True) -> None:
        self.resources: Sequence[Resource] = (*BUILTIN_RESOURCES.values(), *resources)
        self._streaming = streaming
        self._sources: dict[Any, FakeControllerSource] = {}
        self._lock = threading.Lock()

    def source(self, resource: Resource = PODS) -> FakeControllerSource:
        """The server's side of a resource."""
        with self._lock:
            if resource.gvr not in self._sources:
                self._sources[resource.gvr] = FakeControllerSource(resource, streaming=self._streaming)
            return self._sources[resource.gvr]

    def discover(self) -> FakeClient:
        return self

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> FakeListerWatcher:
        return self.source(resource).lister_watcher(namespace, label_selector, field_selector)


class _Fields(Mapping[str, str]):
    """The fields of an object by their path, `spec.nodeName`, as field selectors see them."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree

    def __getitem__(self, path: str) -> str:
        found: Any = self._tree
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return "" if found is None else str(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def __len__(self) -> int:
        return len(self._tree)


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else 0


def _expired() -> ApiError:
    return ApiError(410, "Expired", _TOO_OLD)


def eventually(condition: Callable[[], object], timeout: float = 5.0) -> bool:
    """Poll, in real time, until a condition is true: whether it is."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.002)
    return True
