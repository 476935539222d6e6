"""What the server still proves of an object from before it was watched: at once from the object, then from Events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kwatch.history.reconstruction import ReconstructedEntry, joined, reconstruct
from kwatch.informer.errors import ApiError
from kwatch.informer.protocol import ListOptions
from kwatch.informer.selectors import field_is

if TYPE_CHECKING:
    from kwatch.history.version import Version
    from kwatch.informer.kube_object import KubeObject
    from kwatch.informer.protocol import Object
    from kwatch.informer.resource import Resource
    from kwatch.session.ports import Cluster
    from kwatch.tui.subject import Subject

_MOST_EVENTS = 500


class Before:
    """`begin` returns at once; `answers` grows when more is known. Readable from any thread."""

    def __init__(self, subject: Subject) -> None:
        self.entries: tuple[ReconstructedEntry, ...] = ()
        """Newest first."""
        self.problem = ""
        """Why Events are missing."""
        self.answers = 0
        self._subject = subject

    def begin(self, first: Version, obj: KubeObject) -> None:
        """Reconstruct from the first version that is kept, and ask for the Events about it."""
        self._take(first, obj, ())
        session = self._subject.session
        events = _events_resource(self._subject)
        if events is None:
            return
        namespace = self._subject.namespace or None

        def ask(cluster: Cluster) -> tuple[Object, ...]:
            door = cluster.lister_watcher(events, namespace, None, field_is("involvedObject.uid", first.uid))
            return tuple(door.list(ListOptions(limit=_MOST_EVENTS)).items)

        def done(answer: tuple[Object, ...] | Exception) -> None:
            if isinstance(answer, Exception):
                self.problem = answer.message if isinstance(answer, ApiError) else str(answer)
                self.answers += 1
            else:
                self._take(first, obj, answer)

        session.fetch(ask, done)

    def _take(self, first: Version, obj: KubeObject, events: tuple[Object, ...]) -> None:
        try:
            proved = reconstruct(obj, events)
        except (msgspec.DecodeError, RecursionError):
            self.problem = "the object cannot be read"
            proved = ()
        self.entries = tuple(entry for entry in reversed([*joined(proved)]) if entry.at < first.at)
        self.answers += 1


def _events_resource(subject: Subject) -> Resource | None:
    names = subject.session.names
    return names.find("events.v1") if names is not None else None
