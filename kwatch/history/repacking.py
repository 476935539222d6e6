"""Packing what is history: every version of a life but the last, which the cache holds anyway."""

from __future__ import annotations

from kwatch.history.archive import Archive
from kwatch.history.life import Life, Payload, payload_bytes
from kwatch.history.packing import KEYFRAME_INTERVAL, WORTHWHILE, Keyframe, keyframe_of, pack_delta
from kwatch.informer.kube_object import KubeObject


def repack(archive: Archive, life: Life) -> None:
    """Pack the versions of a life that are still as they came, and those of a life it replaced. One thread only."""
    if life.previous is not None:
        repack(archive, life.previous)
    with archive.lock:
        loose = _loose(life)
        keyframe, packed_against = _last_keyframe(life, len(life.payloads) - len(loose) - (not life.ended))
    base = keyframe.raw if keyframe is not None else b""
    for obj in loose:
        payload: Payload
        raw = obj.raw
        delta = pack_delta(raw, base) if keyframe is not None and packed_against < KEYFRAME_INTERVAL else None
        if keyframe is None or delta is None or len(delta) > keyframe.packed_size * WORTHWHILE:
            payload = keyframe = keyframe_of(raw, *obj.stored)
            base, packed_against = raw, 0
        else:
            payload = delta
            packed_against += 1
        _replace(archive, life, obj, payload)


def _loose(life: Life) -> list[KubeObject]:
    """The objects at the end that are history, oldest first."""
    end = len(life.payloads) if life.ended else len(life.payloads) - 1
    start = end
    while start > life.gone and isinstance(life.payloads[start - 1], KubeObject):
        start -= 1
    return [payload for payload in life.payloads[start:end] if isinstance(payload, KubeObject)]


def _last_keyframe(life: Life, before: int) -> tuple[Keyframe | None, int]:
    """The keyframe that the next version can be packed against, and how many are already."""
    for position in range(before - 1, -1, -1):
        payload = life.payloads[position]
        if isinstance(payload, Keyframe):
            return payload, before - 1 - position
    return None, 0


def _replace(archive: Archive, life: Life, obj: KubeObject, payload: Payload) -> None:
    with archive.lock:
        # Since it was read, versions may have been evicted, and the front forgotten.
        for position in range(len(life.payloads) - 1, life.gone - 1, -1):
            if life.payloads[position] is obj:
                life.payloads[position] = payload
                archive.bytes += payload_bytes(payload) - payload_bytes(obj)
                return
