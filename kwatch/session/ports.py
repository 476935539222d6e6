"""What a session asks of a cluster. kwatch.cluster implements it for API servers, a recording for files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, Unpack

from kwatch.informer.kube_object import KubeObject
from kwatch.informer.kube_object import ServerColumn as ServerColumn
from kwatch.informer.kube_object import TableSample as TableSample
from kwatch.informer.protocol import Form, ListerWatcher
from kwatch.informer.resource import Resource
from kwatch.informer.waiting import Signal


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource, where, and narrowed by which selectors on the server. `namespace` None is all namespaces.

    `metadata_only`: nothing else of the objects is fetched; what shows, diffs or keeps them needs another watch.
    `digested`: of ConfigMaps or Secrets nothing of their data is kept, but which of it changed is seen: history
    compares them with whole ones.
    """

    resource: Resource
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    metadata_only: bool = False
    digested: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the objects are there with all that they hold."""
        return not self.metadata_only and not self.digested

    @property
    def form(self) -> Form:
        if self.metadata_only:
            return Form.METADATA
        return Form.DIGEST if self.digested else Form.OBJECTS

    def __str__(self) -> str:
        parts = [str(self.resource)]
        if self.resource.namespaced:
            parts.append(f"in {self.namespace}" if self.namespace else "in all namespaces")
        if self.label_selector:
            parts.append(f"-l {self.label_selector}")
        if self.field_selector:
            parts.append(f"--field-selector {self.field_selector}")
        if self.metadata_only:
            parts.append("(metadata only)")
        if self.digested:
            parts.append("(without data)")
        return " ".join(parts)


class Discovery(Protocol):
    """What the server offers."""

    @property
    def resources(self) -> Sequence[Resource]:
        """Every resource of every served version, without subresources; preferred versions first."""

    @property
    def failed_groups(self) -> dict[str, str]:
        """`group/version` -> why its resources are unknown (an aggregated API that is down)."""


class LogStream(Protocol):
    """Lines of a container's log, as they come, undecoded bytes made text with replacement characters."""

    def __iter__(self) -> Iterator[str]:
        """Yield lines without their newline."""

    def batches(self) -> Iterator[list[str]]:
        """The same, all lines at once that came together; an empty list when nothing came for a while."""

    def close(self) -> None:
        """End it from any thread, at once."""


class LogOptions(TypedDict, total=False):
    """Which log of which container, and from where on."""

    container: str | None
    follow: bool
    previous: bool
    tail_lines: int | None
    since_seconds: int | None
    since_time: str | None
    """RFC 3339; servers cut it off to a whole second."""
    timestamps: bool
    cancel: Signal | None
    """Ends it, once set, also while the server is still waited for."""


class ContextEntry(Protocol):
    """One context of a kubeconfig."""

    @property
    def name(self) -> str: ...

    @property
    def cluster(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def namespace(self) -> str: ...

    @property
    def current(self) -> bool:
        """Whether it is the one in use."""


class Cluster(Protocol):
    """One API server as one user. Every call may block (never call it on the UI thread) and raises ApiError."""

    @property
    def context(self) -> str:
        """The kubeconfig context's name, or `in-cluster`."""

    @property
    def namespace(self) -> str: ...

    @property
    def server(self) -> str: ...

    @property
    def waits_for(self) -> str:
        """What must end before the server is asked anything: a login command, for people; empty for nothing."""

    def version(self) -> str:
        """gitVersion of GET /version."""

    def discover(self) -> Discovery:
        """Ask the server what it offers, afresh."""

    def lister_watcher(
        self,
        resource: Resource,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        form: Form = Form.OBJECTS,
    ) -> ListerWatcher:
        """The door to one resource; None is all namespaces."""

    def table_columns(self, resource: Resource, namespace: str | None = None) -> tuple[ServerColumn, ...]:
        """The columns the server itself prints for the resource (a Table list with limit 1, where it may be listed)."""

    def table_sample(self, resource: Resource, namespace: str | None = None) -> TableSample:
        """The same columns, and one object with the server's cells if there is any."""

    def get(self, resource: Resource, name: str, namespace: str | None = None) -> KubeObject: ...

    def logs(self, namespace: str, pod: str, **how: Unpack[LogOptions]) -> LogStream: ...

    def get_raw(self, path: str) -> bytes:
        """The JSON of GET `path`, e.g. metrics.k8s.io."""

    def close(self) -> None:
        """Abort everything in flight, from any thread; later calls raise Closed."""
