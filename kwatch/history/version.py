"""Versions without their content: one as the journal hands it out, and the packed columns of all of one object."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from kwatch.informer.delta import DeltaType


class Moment(NamedTuple):
    """The state after the delta `sequence`, the last one received up to `at` (seconds since the epoch)."""

    sequence: int
    at: float


INFERRED = 8
RELISTED = 16
OUT_OF_ORDER = 32
DEPARTED = 64
"""Flags of VersionColumns.append; what they mean says Version."""
_LISTED_FIRST = 128
"""Kept with the oldest version that is left; the highest flag of all."""
_TYPES = tuple(DeltaType)
_CODES = {type_: code for code, type_ in enumerate(_TYPES)}
_DELETED = _CODES[DeltaType.DELETED]
_WIDTH = 4
"""Integers a version: its sequence, receipt in microseconds, resourceVersion, and type with flags."""
_SHORT = 1024
"""Integers up to which copying the sequences is faster than asking for each."""
_FEW = 8
"""Versions that are sooner looked at one by one than by bisection."""
_MICROSECONDS = 1_000_000
_LARGEST_NUMBER = 1 << 62
_NONE = array("q")
"""Of what has no versions yet. Never changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """What arrived, when, of which object. The log's entries are Versions too.

    `at` is the receipt in seconds since the epoch, `sequence` the order of everything in this process.
    """

    context: str
    resource: str
    """As kubectl prints it: `pods`, `deployments.apps`."""
    key: str
    uid: str
    sequence: int
    type: DeltaType
    at: float
    resource_version: str
    inferred: bool = False
    """A deletion that was not seen: the object was missing when everything was listed again."""
    relisted: bool = False
    """Found by listing everything again: when exactly it came to be is unknown."""
    out_of_order: bool = False
    """Its resourceVersion is lower than that of the version before."""
    departed: bool = False
    """A deletion that may be none: the object left the selection that was watched, or was deleted."""

    @property
    def deleted(self) -> bool:
        """Whether this is the end of the object; its content is the last state known."""
        return self.type is DeltaType.DELETED

    @property
    def ending(self) -> str:
        """How the object ended, as far as that is known; empty if it did not."""
        if not self.deleted:
            return ""
        words = "left the selection, or was deleted" if self.departed else "deleted"
        return f"{words} while nobody watched" if self.inferred else words


class Facts(NamedTuple):
    """One row of VersionColumns. `resource_version` is a number of ResourceVersionNumbers."""

    sequence: int
    at: float
    resource_version: int
    type: DeltaType
    inferred: bool
    relisted: bool
    out_of_order: bool
    departed: bool


class VersionColumns:
    """The versions of one object in the order of their sequence, in one array of integers: 32 bytes a version.

    Positions count from the oldest version that is kept.
    """

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells = _NONE

    def __len__(self) -> int:
        return len(self._cells) // _WIDTH

    def append(self, sequence: int, at: float, resource_version: int, type_: DeltaType, flags: int = 0) -> None:
        """Add a version, with a sequence higher than any before."""
        numbers = sequence, int(at * _MICROSECONDS), resource_version, _CODES[type_] | flags
        if self._cells:
            self._cells.extend(numbers)
            return
        # Most objects have one version for long: an array that grew has room for twice as many as it holds.
        self._cells = array("q", numbers)
        if flags & RELISTED:
            self._cells[3] |= _LISTED_FIRST

    def at(self, position: int) -> Facts:
        start = position * _WIDTH
        sequence, at, resource_version, flags = self._cells[start : start + _WIDTH]
        return Facts(
            sequence,
            at / _MICROSECONDS,
            resource_version,
            _TYPES[flags & 7],
            bool(flags & INFERRED),
            bool(flags & RELISTED),
            bool(flags & OUT_OF_ORDER),
            bool(flags & DEPARTED),
        )

    def last(self) -> tuple[int, int]:
        """The sequence and the resourceVersion of the last version; raise IndexError if there is none."""
        return self._cells[-_WIDTH], self._cells[2 - _WIDTH]

    def sequence(self, position: int) -> int:
        return self._cells[position * _WIDTH]

    def received_at(self, position: int) -> float:
        return self._cells[position * _WIDTH + 1] / _MICROSECONDS

    def resource_version(self, position: int) -> int:
        return self._cells[position * _WIDTH + 2]

    def deleted(self, position: int) -> bool:
        return self._cells[position * _WIDTH + 3] & 7 == _DELETED

    def relisted(self, position: int) -> bool:
        return bool(self._cells[position * _WIDTH + 3] & RELISTED)

    def receipt(self, position: int) -> tuple[float, bool, bool]:
        """When a version was received, whether it is a deletion, and whether it was found by listing everything."""
        start = position * _WIDTH
        flags = self._cells[start + 3]
        return self._cells[start + 1] / _MICROSECONDS, flags & 7 == _DELETED, bool(flags & RELISTED)

    @property
    def began_listed(self) -> bool:
        """Whether the first version of all, kept or not, was found by listing everything."""
        return bool(self._cells[3] & _LISTED_FIRST)

    @property
    def last_received_at(self) -> float:
        return self._cells[1 - _WIDTH] / _MICROSECONDS

    @property
    def deltas(self) -> int:
        """How many versions there are, without one that was found by listing everything before there was any other."""
        cells = self._cells
        return len(cells) // _WIDTH - (cells[3] >= _LISTED_FIRST)

    def deltas_since(self, at: float) -> int:
        """How many of `deltas` were received at or after a moment; no version must have been forgotten."""
        cells, then = self._cells, at * _MICROSECONDS
        if cells[1 - _WIDTH] < then:
            return 0
        count = len(cells) // _WIDTH
        return count - max(self.received_before(at, count), int(cells[3] >= _LISTED_FIRST))

    def received_before(self, at: float, until: int) -> int:
        """How many of the first `until` versions were received before a moment; where the clock jumped, about."""
        cells, then = self._cells, at * _MICROSECONDS
        for position in range(until - 1, max(-1, until - 1 - _FEW), -1):
            if cells[position * _WIDTH + 1] < then:
                return position + 1
        if until <= _FEW:
            return 0
        return bisect_left(range(until - _FEW), then, key=lambda position: cells[position * _WIDTH + 1])

    def until(self, sequence: int) -> int:
        """How many versions have a sequence up to and including `sequence`."""
        cells = self._cells
        if cells and cells[-_WIDTH] <= sequence:
            return len(self)
        if len(cells) <= _SHORT:
            return bisect_right(cells[::_WIDTH], sequence)
        return bisect_right(range(len(self)), sequence, key=lambda position: cells[position * _WIDTH])

    def forget(self, count: int) -> None:
        """Drop the `count` oldest versions."""
        began_listed = count < len(self) and self.began_listed
        del self._cells[: count * _WIDTH]
        if began_listed:
            self._cells[3] |= _LISTED_FIRST


def as_kept(at: float) -> float:
    """A receipt as columns keep it: in whole microseconds."""
    return int(at * _MICROSECONDS) / _MICROSECONDS


class ResourceVersionNumbers:
    """Maps resourceVersions to integers and back. The server's are decimal; any other gets a number below zero."""

    def __init__(self) -> None:
        self._odd: dict[str, int] = {}
        self._texts: list[str] = []

    def number(self, text: str) -> int:
        if text.isascii() and text.isdigit() and text[0] != "0":
            value = int(text)
            if value < _LARGEST_NUMBER:
                return value
        known = self._odd.get(text)
        if known is None:
            self._texts.append(text)
            known = self._odd[text] = -len(self._texts)
        return known

    def text(self, number: int) -> str:
        return str(number) if number > 0 else self._texts[-number - 1]
