"""Notices a server that was set back: a watch from a version of its future would only be silent, for ever."""

from __future__ import annotations

from kwatch.informer.errors import ApiError, HistoryWentBack, is_refused
from kwatch.informer.metadata import compare_resource_versions
from kwatch.informer.retries import Retries
from kwatch.informer.status import StatusRecorder
from kwatch.informer.upstream import Upstream


class HistoryCheck:
    """Asks once for each watch that is opened anew: a request every five to ten minutes, or after a lost connection;
    not where watches come and go so fast that there is no room for it.

    client-go has none of this: after a restore of etcd its caches stay as they were, and nothing says so. There are
    servers whose lists have a version that stands still, though: they are believed once, and again only if they went
    back further, or were ahead in between.
    """

    def __init__(self, upstream: Upstream, recorder: StatusRecorder, retries: Retries) -> None:
        self._upstream = upstream
        self._recorder = recorder
        self._retries = retries
        self._believed = ""
        """Where the server was when it was last found to have gone back."""

    def look(self, ours: str) -> HistoryWentBack | None:
        """The finding, None if the server is where it should be or cannot say; raise Closed."""
        if self._retries.hurried:
            return None
        try:
            theirs = self._upstream.latest_version()
            if theirs is None:
                return None
            if compare_resource_versions(theirs, ours) >= 0:
                self._believed = ""
            elif not self._believed or compare_resource_versions(theirs, self._believed) < 0:
                self._believed = theirs
                return HistoryWentBack(ours, theirs)
            else:
                self._recorder.note(
                    "the versions of the server's lists stand still: whether it was set back is not known"
                )
        except ValueError:
            return None  # versions that are no numbers cannot be compared
        except (ApiError, OSError) as error:
            if not is_refused(error):
                self._recorder.error("history check", error)
        return None
