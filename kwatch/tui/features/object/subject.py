"""One object on a screen: where it is watched, and how it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.base.printable import printable
from kwatch.history.version import Moment
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.view.freshness import absence

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.session.informer_pool import Feed
    from kwatch.session.session import Session


@dataclass(frozen=True, slots=True)
class Subject:
    """`key` is namespace/name, or the name alone."""

    session: Session
    feed: Feed
    key: str
    past: PastObject | None = None
    """The object at the moment in the past that is shown; None for now."""

    @property
    def resource(self) -> Resource:
        return self.feed.resource

    @property
    def object(self) -> KubeObject | None:
        """As it is in the cache, or came with the list under way; None when it is gone. In the past: as it was then, or
        last.
        """
        if self.past is not None:
            return self.past.object
        found = self.feed.objects.get_by_key(self.key)
        return found if isinstance(found, KubeObject) else None

    @property
    def is_gone(self) -> bool:
        """Whether it is known to be deleted, or was at the moment."""
        if self.past is not None:
            return self.past.gone
        return self.object is None and self.feed.status.synced

    @property
    def was_seen(self) -> bool:
        """Whether the journal knows of it at all; True without a journal."""
        if self.past is not None:
            return self.past.version is not None
        journal = self.session.journal
        if journal is None:
            return True
        what = (self.session.context, str(self.resource), self.key)
        return bool(journal.versions(*what)) or journal.evicted_of(*what) > 0

    def absence(self) -> tuple[str, ...]:
        """Why there is nothing of it to show, in sentences: it is being listed, refused, gone or was not known then."""
        what = f"{printable(self.resource.kind)} {printable(self.name)}"
        if self.object is not None:
            return ()
        if self.past is None:
            return absence(self.feed.status, self.resource.name) or (f"{what} is not there",)
        if self.past.version is None:
            return (f"{what} was not known then", "It came later, or was not watched yet.")
        return (f"What {what} was like then had to make room for newer versions",)

    def time(self, now: float) -> float:
        """The moment that is shown, `now` for the present; in seconds since the epoch."""
        return self.past.moment.at if self.past is not None else now

    def past_of(self, resource: Resource, key: str) -> PastObject | None:
        """Another object at the same moment; None for now."""
        journal = self.session.journal
        if self.past is None or journal is None:
            return None

        return past_object(journal, self.session.context, str(resource), key, self.past.moment)

    @property
    def namespace(self) -> str:
        """Empty for what has none."""
        return self.key.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class PastObject:
    """`version` is the last one up to the moment, None if there was none yet."""

    moment: Moment
    version: Version | None = None
    object: KubeObject | None = None
    """What the version holds; of a deletion the last state known. None if it was evicted."""

    @property
    def gone(self) -> bool:
        return self.version is not None and self.version.deleted


def past_object(journal: Journal, context: str, resource: str, key: str, moment: Moment) -> PastObject:
    """Of an object that may be deleted now, or may not have been there yet."""
    versions = journal.versions(context, resource, key)
    version = next((each for each in reversed(versions) if each.sequence <= moment.sequence), None)
    return PastObject(moment, version, journal.object_or_none(version) if version is not None else None)
