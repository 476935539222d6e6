"""Room for what is new: the oldest versions go first, but never the last one of a living object."""

from __future__ import annotations

from kwatch.history.gap import Evicted
from kwatch.history.object_history import ObjectHistory
from kwatch.history.store import JournalStore

_AT_ONCE = 128
"""Versions given up under one hold of the lock."""


def evict(store: JournalStore, budget_bytes: int, older_than: float | None) -> bool:
    """Give up some versions beyond the budget or received before `older_than`; whether there may be more to do."""
    with store.lock:
        return all(_evict_one(store, budget_bytes, older_than) for _ in range(_AT_ONCE))


def _evict_one(store: JournalStore, budget_bytes: int, older_than: float | None) -> bool:
    """Look at the oldest; False if there is nothing (more) to give up."""
    over = store.bytes > budget_bytes
    if store.superseded:
        pinned = store.superseded[-1]
        if over or _is_older(pinned, pinned.gone, older_than):
            store.superseded.pop()
            if pinned.number in store.histories and (pinned.ended or len(pinned) > 1):
                _give_up(store, pinned, pinned.gone)
            return True
    if not len(store.log):
        return False
    sequence, number = store.log.entry(0)
    history = store.histories.get(number)
    if history is None or (position := history.position(sequence)) is None:
        store.log.drop_front()
        return True
    if not over and not _is_older(history, position, older_than):
        return False
    store.log.drop_front()
    if position == len(history.payloads) - 1 and not history.ended:
        history.pinned = True
    else:
        _give_up(store, history, position)
    return True


def _is_older(history: ObjectHistory, position: int, than: float | None) -> bool:
    return than is not None and history.columns.received_at(position) < than


def _give_up(store: JournalStore, history: ObjectHistory, position: int) -> None:
    was = store.evicted
    count = position + 1 - history.gone
    sequence, at = history.columns.sequence(position), history.columns.received_at(position)
    last = position == len(history.payloads) - 1
    store.bytes -= history.evict(position)
    if last:
        del store.histories[history.number]
        store.bytes -= history.own_bytes
        history.stream.remove(history)
        if history.key not in history.stream.histories:
            store.forgotten.append(history)
    store.evicted = Evicted(
        was.versions + count, was.objects + last, max(was.through_sequence, sequence), max(was.through_at, at)
    )
