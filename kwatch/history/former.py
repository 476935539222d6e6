"""What objects are not any more: the last versions of those that are gone, the first of those that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kwatch.history.object_history import ObjectHistory, Stream
from kwatch.history.store import JournalStore, in_slices
from kwatch.history.version import Version


def former_versions(store: JournalStore, stream: Stream, until: int | None, *, changed: bool) -> Iterator[Version]:
    """One of each object, as of the delta `until` (None: now), as far as it is kept."""

    def look(histories: Iterable[ObjectHistory]) -> list[Version]:
        found = (_former(each, until, changed=changed) for each in histories)
        return [store.version(*each) for each in found if each is not None]

    with store.lock:
        histories = [*stream.histories.values()]
    for found in in_slices(store.lock, histories, look):
        yield from found


def _former(newest: ObjectHistory, until: int | None, *, changed: bool) -> tuple[ObjectHistory, int] | None:
    """History and position. Under the store's lock."""
    history: ObjectHistory | None = newest
    while history is not None:
        position = (len(history.payloads) if until is None else history.columns.until(until)) - 1
        if position >= 0:
            if position < history.gone:
                return None
            if history.columns.deleted(position):
                return history, position
            return (history, history.gone) if changed and position > history.gone else None
        history = history.previous
    return None
