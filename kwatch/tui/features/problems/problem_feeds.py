"""What is watched while problems are listed: whatever is watched anyway, and the kinds that most problems show in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kwatch.informer.errors import Closed
from kwatch.session.ports import Watched
from kwatch.tui.kit.widgets.header import Mood
from kwatch.tui.liveness import liveness_of
from kwatch.view.freshness import obstacle
from kwatch.view.problems import ProblemList

if TYPE_CHECKING:
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session

TELLING = (
    "pods",
    "nodes",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "persistentvolumeclaims",
    "horizontalpodautoscalers.autoscaling",
)
"""Kinds whose problems are worth a watch of their own."""
TALK = frozenset({"events", "events.events.k8s.io"})
"""They tell of problems, and are none."""


class ProblemFeeds:
    """Feeds the ProblemList; `release` lets go of everything."""

    doubts: Sequence[str] = ()
    """Of the present the freshness says enough."""

    def __init__(self, session: Session, namespace: str | None) -> None:
        self.problems = ProblemList()
        self.are_wider = False
        """Whether more than the namespace is looked at: what is watched anyway is."""
        self._session = session
        self._feeds: dict[str, Feed] = {}
        for watched in self._wanted(namespace):
            self._open(watched)
            self.are_wider |= watched.resource.namespaced and watched.namespace != namespace

    @property
    def kinds(self) -> int:
        """How many resources are looked at."""
        return len({feed.resource for feed in self._feeds.values() if feed.status.synced})

    @property
    def missing(self) -> Mapping[str, str]:
        """What is not looked at -> why: what is still being listed is on its way, and is not missing."""
        found = {feed.resource.name: obstacle(feed.status) for feed in self._feeds.values()}
        return {name: why for name, why in found.items() if why}

    def freshness(self, now: float) -> tuple[str, Mood, str]:
        """As fresh as the worst of what is looked at: what to say, how it looks, since when nothing is certain."""
        if self._session.state.is_recording:
            return "recorded", Mood.PAST, ""
        known = [(feed.resource.name, feed.status) for feed in self._feeds.values() if not obstacle(feed.status)]
        return liveness_of(known, now)

    @property
    def objects(self) -> int:
        """How many objects there are in all of them."""
        return sum(feed.status.objects for feed in self._feeds.values())

    @property
    def is_synced(self) -> bool:
        """Whether all that can be listed has been."""
        return all(feed.status.synced or obstacle(feed.status) for feed in self._feeds.values())

    def take(self) -> None:
        """Hand on what changed."""
        for source_id, feed in self._feeds.items():
            dirty = feed.drain()
            if dirty:
                self.problems.touch(source_id, dirty)

    def release(self) -> None:
        """Watch no longer for the sake of problems."""
        for feed in self._feeds.values():
            feed.release()
        self._feeds.clear()

    def _wanted(self, namespace: str | None) -> Iterator[Watched]:
        """The running watches first, so that those are shared that see all of a namespace or of the cluster."""
        running = [each.watched for each in self._session.informers() if _is_whole_enough(each.watched)]
        yield from running
        whole = {each for each in running if each.label_selector is None and each.field_selector is None}
        names = self._session.names
        if names is None:
            return
        for name in TELLING:
            resource = names.find(name)
            if resource is None:
                continue
            where = namespace if resource.namespaced else None
            if not whole & {Watched(resource), Watched(resource, where)}:
                yield Watched(resource, where)

    def _open(self, watched: Watched) -> None:
        try:
            feed = self._session.open(
                watched.resource, watched.namespace, watched.label_selector, watched.field_selector
            )
        except Closed:
            return
        self._feeds[str(watched)] = feed
        self.problems.watch(str(watched), feed.resource, feed.indexer)


def _is_whole_enough(watched: Watched) -> bool:
    """Whether it tells of problems; watches of one object by its name do not last."""
    return str(watched.resource) not in TALK and not (watched.field_selector or "").startswith("metadata.name=")
