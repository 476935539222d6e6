"""A recording in the place of a cluster: the whole of kwatch runs on it, offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, NoReturn

from kwatch.history.coverage import Scope
from kwatch.history.recording.format import RecordingError
from kwatch.history.recording.playback import Playhead, RecordedListerWatcher, object_at
from kwatch.history.recording.reader import Recording
from kwatch.informer.clock import Clock, SystemClock
from kwatch.informer.errors import ApiError, Closed
from kwatch.informer.kube_object import KubeObject, ServerColumn, TableSample
from kwatch.informer.metadata import join_key
from kwatch.informer.protocol import Form
from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class RecordedDiscovery:
    """What was recorded is what there is."""

    resources: Sequence[Resource]
    failed_groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedContext:
    """A context that was recorded."""

    name: str
    current: bool = False
    cluster: str = ""
    user: str = ""
    namespace: str = ""


class RecordedCluster:
    """One context of a recording, opened by its path. Answers at once, from the file.

    Raise RecordingError if it is no recording, or holds nothing of that context.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock | None = None,
        context: str | None = None,
        playhead: Playhead | None = None,
    ) -> None:
        """`context` None is the first of those that were recorded; those of one recording may share a `playhead`."""
        recording = Recording(path)
        recording.close()
        self.path = path
        self.problems = recording.problems
        """What could not be read, in sentences."""
        self.playhead = playhead or Playhead(*recording.span, clock=clock)
        self._clock = clock or SystemClock()
        self.contexts = recording.contexts
        """All that were recorded."""
        self.context = context if context is not None else next(iter(self.contexts), "")
        if context is not None and context not in self.contexts:
            held = ", ".join(self.contexts) or "none"
            raise RecordingError(f"{path} holds nothing of the context {context!r}; it holds {held}.")
        streams = [stream for stream in recording.streams.values() if stream.context == self.context]
        self._resources = tuple({stream.resource.gvr: stream.resource for stream in streams}.values())
        self._columns = {
            stream.resource.gvr: tuple(ServerColumn(*column) for column in stream.columns) for stream in streams
        }
        namespaces = {stream.namespace for stream in streams if stream.resource.namespaced}
        self.only_namespace = namespaces.pop() if len(namespaces) == 1 else None
        """The namespace that was recorded; None where more was."""
        self._opened: list[RecordedListerWatcher] = []
        self._closed = False

    def of(self, context: str) -> RecordedCluster:
        """Another context of the same recording, played together with this one."""
        return RecordedCluster(self.path, clock=self._clock, context=context, playhead=self.playhead)

    @property
    def next_at(self) -> float | None:
        """When the next delta of what is followed is due, infinite after the last; None while one is looked for."""
        due = [each.next_at for each in self._opened]
        return None if None in due else min((at for at in due if at is not None), default=inf)

    @property
    def namespace(self) -> str:
        return ""

    @property
    def server(self) -> str:
        return f"recording {self.path}"

    @property
    def waits_for(self) -> str:
        return ""

    def version(self) -> str:
        return "recording"

    def discover(self) -> RecordedDiscovery:
        return RecordedDiscovery(self._resources)

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> RecordedListerWatcher:
        """Lists and watches one resource, in the form in which it was recorded; None is all namespaces."""
        if self._closed:
            raise Closed("the recording is closed")
        scope = Scope(namespace, label_selector or "", field_selector or "")
        opened = RecordedListerWatcher(self.path, self.playhead, resource, scope, self._clock, context=self.context)
        self._opened.append(opened)
        return opened

    def table_columns(self, resource: Resource, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        """The columns that the server printed, if they were recorded."""
        return self._columns.get(resource.gvr, ())

    def table_sample(self, resource: Resource, namespace: str | None = None) -> TableSample:
        """The same columns; without an object, because its cells were not recorded."""
        return TableSample(self.table_columns(resource, namespace))

    def get(self, resource: Resource, name: str, namespace: str | None = None) -> KubeObject:
        """One object at the playhead; raise ApiError 404."""
        key = join_key(namespace or "", name)
        found = object_at(self.path, self.playhead.position, resource, key, context=self.context)
        if found is None:
            raise ApiError(404, "NotFound", f'{resource} "{name}" not found at this time of the recording')
        return found

    def logs(self, namespace: str, pod: str, **_: Any) -> NoReturn:
        """A recording holds none: raise ApiError 404."""
        raise ApiError(404, "NotFound", "a recording holds no logs")

    def get_raw(self, path: str) -> NoReturn:
        """A recording holds nothing else: raise ApiError 404."""
        raise ApiError(404, "NotFound", f"a recording holds no {path}")

    def close(self) -> None:
        """End every watch; later calls raise Closed."""
        self._closed = True
        for each in self._opened:
            each.close()
