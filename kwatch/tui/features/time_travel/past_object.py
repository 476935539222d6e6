"""One object as it was at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kwatch.tui.features.time_travel.moment import Moment

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.version import Version
    from kwatch.informer.kube_object import KubeObject


@dataclass(frozen=True, slots=True)
class PastObject:
    """`version` is the last one up to the moment, None if there was none yet."""

    moment: Moment
    version: Version | None = None
    object: KubeObject | None = None
    """What the version holds; of a deletion the last state known. None if it had to make room."""

    @property
    def gone(self) -> bool:
        """Whether the object was deleted by then."""
        return self.version is not None and self.version.deleted


def past_object(journal: Journal, context: str, resource: str, key: str, moment: Moment) -> PastObject:
    """Of an object that may be deleted now, or may not have been there yet."""
    versions = journal.versions(context, resource, key)
    version = next((each for each in reversed(versions) if each.sequence <= moment.sequence), None)
    if version is None:
        return PastObject(moment)
    try:
        return PastObject(moment, version, journal.object_of(version))
    except KeyError:
        return PastObject(moment, version)
