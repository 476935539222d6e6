"""Making history small at leisure: versions packed on their own are packed against a keyframe before them."""

from __future__ import annotations

from kwatch.history.object_history import ObjectHistory, Payload, payload_bytes
from kwatch.history.packing import KEYFRAME_INTERVAL, WORTHWHILE, Keyframe, pack_version
from kwatch.history.store import JournalStore


def compact(store: JournalStore, history: ObjectHistory) -> None:
    """Bring the versions of a life into their final form, all but the last of a living one, which the cache holds.

    Only the background thread may do this, as only it evicts: between reading and replacing nothing moves.
    """
    with store.lock:
        end = len(history.payloads) if history.ended else len(history.payloads) - 1
        start = max(history.compacted, history.gone)
        history.release(start)
        keyframe, against = _last_keyframe(history, start)
        loose = history.payloads[start:end]
    base = keyframe.raw if keyframe is not None else b""
    packed: list[Payload] = []
    for payload in loose:
        if not isinstance(payload, Keyframe):
            packed.append(payload)
            continue
        raw = payload.raw
        delta = pack_version(raw, base, against + 1) if keyframe is not None and against < KEYFRAME_INTERVAL else None
        if keyframe is not None and delta is not None and len(delta) <= len(keyframe.packed) * WORTHWHILE:
            packed.append(delta)
            against += 1
        else:
            keyframe = payload.compressed()
            base, against = raw, 0
            packed.append(keyframe)
    _replace(store, history, start, loose, packed)


def _last_keyframe(history: ObjectHistory, before: int) -> tuple[Keyframe | None, int]:
    """The keyframe that the next version can be packed against, and how many are already."""
    for position in range(before - 1, -1, -1):
        payload = history.payloads[position]
        if isinstance(payload, Keyframe):
            return payload, before - 1 - position
    return None, 0


def _replace(
    store: JournalStore, history: ObjectHistory, start: int, loose: list[Payload], packed: list[Payload]
) -> None:
    with store.lock:
        for offset, (old, new) in enumerate(zip(loose, packed, strict=True)):
            if new is not old:
                history.payloads[start + offset] = new
                store.bytes += payload_bytes(new) - payload_bytes(old)
        history.compacted = start + len(packed)
