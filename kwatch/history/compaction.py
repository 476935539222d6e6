"""Making history small at leisure: versions packed on their own are packed against a keyframe before them."""

from __future__ import annotations

from kwatch.history.archive import Archive
from kwatch.history.life import Life, Payload, payload_bytes
from kwatch.history.packing import KEYFRAME_INTERVAL, WORTHWHILE, Keyframe, pack_version


def compact(archive: Archive, life: Life) -> None:
    """Bring the versions of a life into their final form, all but the last of a living one, which the cache holds.

    Only the background thread may do this, as only it evicts: between reading and replacing nothing moves.
    """
    with archive.lock:
        end = len(life.payloads) if life.ended else len(life.payloads) - 1
        start = max(life.compacted, life.gone)
        life.release(start)
        keyframe, against = _last_keyframe(life, start)
        loose = life.payloads[start:end]
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
    _replace(archive, life, start, loose, packed)


def _last_keyframe(life: Life, before: int) -> tuple[Keyframe | None, int]:
    """The keyframe that the next version can be packed against, and how many are already."""
    for position in range(before - 1, -1, -1):
        payload = life.payloads[position]
        if isinstance(payload, Keyframe):
            return payload, before - 1 - position
    return None, 0


def _replace(archive: Archive, life: Life, start: int, loose: list[Payload], packed: list[Payload]) -> None:
    with archive.lock:
        for offset, (old, new) in enumerate(zip(loose, packed, strict=True)):
            if new is not old:
                life.payloads[start + offset] = new
                archive.bytes += payload_bytes(new) - payload_bytes(old)
        life.compacted = start + len(packed)
