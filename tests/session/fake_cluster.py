"""A cluster in memory that fulfils session's ports: what it holds and how it fails is set by the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any, Unpack

from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject, ServerColumn, TableSample
from kwatch.informer.protocol import Form, ListOptions, ObjectList, WatchEvent
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.session.ports import LogOptions, LogStream

VERBS = frozenset({"get", "list", "watch"})
PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, "pod", ("po",), verbs=VERBS)
WIDGETS = Resource(GroupVersionResource("example.com", "v1", "widgets"), "Widget", True, "widget", verbs=VERBS)
NODES = Resource(GroupVersionResource("", "v1", "nodes"), "Node", False, "node", ("no",), verbs=VERBS)


def thing(name: str, version: str = "1", *, kind: str = "Pod", **spec: Any) -> KubeObject:
    return KubeObject.of(
        {
            "apiVersion": "example.com/v1" if kind == "Widget" else "v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}", "resourceVersion": version},
            "spec": spec,
        }
    )


class FakeStream:
    """Silent until told."""

    def __init__(self) -> None:
        self._items: list[WatchEvent] = []
        self._changed = threading.Condition()
        self._closed = False

    def send(self, *events: WatchEvent) -> None:
        with self._changed:
            self._items += events
            self._changed.notify_all()

    def __iter__(self) -> Iterator[WatchEvent]:
        while True:
            with self._changed:
                while not self._items and not self._closed:
                    self._changed.wait()
                if self._closed:
                    raise Closed("closed here")
                event = self._items.pop(0)
            yield event

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class FakeListerWatcher:
    """Refuses streaming lists, lists what it was given, and keeps its watches for the test."""

    def __init__(self, objects: Sequence[KubeObject]) -> None:
        self.objects = list(objects)
        self.streams: list[FakeStream] = []
        self.opened = threading.Event()

    def list(self, options: ListOptions) -> ObjectList:
        return ObjectList(tuple(self.objects), "10")

    def watch(self, options: ListOptions) -> FakeStream:
        if options.send_initial_events:
            raise ApiError(422, "Invalid", "no streaming lists here")
        self.streams.append(FakeStream())
        self.opened.set()
        return self.streams[-1]

    def close(self) -> None:
        for stream in self.streams:
            stream.close()


class FakeDiscovery:
    resources = (PODS, WIDGETS, NODES)

    def __init__(self, failed: dict[str, str] | None = None) -> None:
        self.failed_groups = failed or {}


class FakeCluster:
    context, namespace, server = "blue", "shop", "https://blue.example"
    waits_for = ""

    def __init__(self) -> None:
        self.objects: dict[Resource, list[KubeObject]] = {PODS: [thing("web")], WIDGETS: [thing("w", kind="Widget")]}
        self.columns: tuple[ServerColumn, ...] = ()
        self.samples: dict[Resource, TableSample | Exception] = {}
        self.sampled: list[tuple[Resource, str | None]] = []
        self.plain: list[FakeListerWatcher] = []
        self.tables: list[FakeListerWatcher] = []
        self.forms: list[Form] = []
        self.discoveries = 0
        self.refusal: Exception | None = None
        self.closed = threading.Event()

    def version(self) -> str:
        return "v1.36.2"

    def discover(self) -> FakeDiscovery:
        self.discoveries += 1
        if self.refusal is not None:
            raise self.refusal
        return FakeDiscovery({"metrics.k8s.io/v1beta1": "the server is down"})

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> FakeListerWatcher:
        self.forms.append(form)
        objects = self.objects.get(resource, [])
        if form is not Form.TABLE:
            self.plain.append(FakeListerWatcher(objects))
            return self.plain[-1]
        objects = [KubeObject.of(each.tree()) for each in objects]
        for each in objects:
            each.cells = (each.name, "from the server")
        self.tables.append(FakeListerWatcher(objects))
        return self.tables[-1]

    def table_columns(self, resource: Resource, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        return self.columns

    def table_sample(self, resource: Resource, namespace: str | None = None) -> TableSample:
        self.sampled.append((resource, namespace))
        sample = self.samples.get(resource, TableSample())
        if isinstance(sample, Exception):
            raise sample
        return sample

    def get(self, resource: Resource, name: str, namespace: str | None = None) -> KubeObject:
        return thing(name)

    def get_raw(self, path: str) -> bytes:
        return b"{}"

    def logs(self, namespace: str, pod: str, **how: Unpack[LogOptions]) -> LogStream:
        raise ApiError(404, "NotFound", "no logs here")

    def close(self) -> None:
        self.closed.set()
        for each in (*self.plain, *self.tables):
            each.close()
