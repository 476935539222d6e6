"""What pods and nodes use, as a view sees it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from kwatch.catalog.column import Level


class Amount(NamedTuple):
    """CPU in cores, memory in bytes."""

    cpu: float
    memory: float


class Seen:
    """Measurements for a sparkline, oldest first, in eight bytes each: of ten thousand pods they are many."""

    __slots__ = ("_cells",)

    def __init__(self, amounts: Iterable[Amount] = ()) -> None:
        self._cells = array("f", [cell for amount in amounts for cell in amount])

    def followed_by(self, amount: Amount, most: int) -> Seen:
        """These and one more, of which the last `most`."""
        longer = Seen()
        longer._cells = self._cells[-2 * (most - 1) :] if most > 1 else array("f")
        longer._cells.extend(amount)
        return longer

    def of(self, which: int) -> Sequence[float]:
        """CPU (0) or memory (1)."""
        return self._cells[which::2]


_NOTHING = Seen()


@dataclass(frozen=True, slots=True)
class Usage:
    """The last measurement of one pod or node, and those before it, oldest first, the last one included."""

    now: Amount
    containers: Mapping[str, Amount] = field(default_factory=dict)
    seen: Seen = _NOTHING


class UsageSource(Protocol):
    """Measurements that are renewed from time to time."""

    @property
    def version(self) -> int:
        """Grows with every round of measurements; 0 before the first."""
        ...

    def of(self, key: str) -> Usage | None:
        """The last measurement under a key, None where there is none."""
        ...


_HIGH, _FULL = 0.8, 0.95


def share_level(share: float | None) -> Level:
    """How well it is to use that part of what one may use."""
    if share is None or share < _HIGH:
        return Level.NONE
    return Level.BAD if share >= _FULL else Level.WARNING


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float]) -> str:
    """One character a value, in eighths of the largest."""
    largest = max(values, default=0.0)
    if largest <= 0:
        return _BARS[0] * len(values)
    return "".join([_BARS[min(7, int(8 * max(0.0, value) / largest))] for value in values])


def cpu_text(cores: float) -> str:
    """In thousandths of a core, as kubectl top does."""
    return f"{round(cores * 1000)}m"


def memory_text(size: float) -> str:
    """In MiB, as kubectl top does."""
    return f"{round(size / 2**20)}Mi"
