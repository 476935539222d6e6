"""What was watched when a baseline was set goes on being watched, whether a view shows it or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.informer.errors import Closed
from kwatch.tui.features.changes.wish import LEFT_OUT

if TYPE_CHECKING:
    from kwatch.session.feed import Feed
    from kwatch.session.session import Session
    from kwatch.session.watched import Watched


class Holding:
    """Else what changed a minute after its view was left would not be known. `release` lets go."""

    def __init__(self, session: Session) -> None:
        self._feeds: list[Feed] = []
        if session.state.is_recording:
            return
        for watched in [each.watched for each in session.informers() if _is_worth_it(each.watched)]:
            try:
                feed = session.open(watched.resource, watched.namespace, watched.label_selector, watched.field_selector)
            except Closed:
                return
            self._feeds.append(feed)

    def drain(self) -> None:
        """Forget which keys changed: the journal knows."""
        for feed in self._feeds:
            feed.drain()

    def release(self) -> None:
        """Watch no longer for the sake of the baseline."""
        for feed in self._feeds:
            feed.release()
        self._feeds.clear()


def _is_worth_it(watched: Watched) -> bool:
    """Not what is left out of the list, nor a watch of a single object."""
    by_name = (watched.field_selector or "").startswith("metadata.name=")
    return str(watched.resource) not in LEFT_OUT and not by_name
