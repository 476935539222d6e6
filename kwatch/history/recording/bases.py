"""What the versions of one object are packed against in a recording: the last whole one, or one that is nearer."""

from __future__ import annotations

from kwatch.history.packing import keyframe_of, pack_delta
from kwatch.informer.kube_object import KubeObject

WORTHWHILE = 0.25
"""A version that packs to more than this part of its length is written whole."""
NEAR = 4
"""Versions after which a nearer base is chosen: the further away, the more has changed."""


class Bases:
    """Used by the writer; the reader finds the bases by the sequences in the records."""

    __slots__ = ("_near", "_near_sequence", "_since", "_whole", "_whole_sequence")

    def __init__(self, sequence: int, obj: KubeObject) -> None:
        self._whole_sequence = self._near_sequence = sequence
        self._whole = self._near = keyframe_of(obj)
        self._since = NEAR

    def pack(self, sequence: int, raw: bytes, obj: KubeObject) -> tuple[int, bytes] | None:
        """The sequence of the base and the packed version; None if it is better written whole."""
        near = self._since < NEAR
        base, data = self._near_sequence, b""
        if near:
            self._since += 1
            data = pack_delta(raw, self._near.raw)
        else:
            base, data = self._whole_sequence, pack_delta(raw, self._whole.raw)
            self._near_sequence, self._near, self._since = sequence, keyframe_of(obj), 0
        return (base, data) if len(data) <= len(raw) * WORTHWHILE else None
