"""What objects use of their node: the measurements, and the columns that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec

from kwatch.base.quantity import quantity_order
from kwatch.catalog.column import SHARES_TURN, Column, Level
from kwatch.catalog.indices import read_partially
from kwatch.catalog.kind import Kind, Values
from kwatch.catalog.shapes import Shape
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource


class Amount(NamedTuple):
    """CPU in cores, memory in bytes."""

    cpu: float
    memory: float


def _nothing(which: int) -> Sequence[float]:
    return ()


@dataclass(frozen=True, slots=True)
class Usage:
    """The last measurement of one pod or node."""

    now: Amount
    containers: Mapping[str, Amount] = field(default_factory=dict)
    """Where one object alone was asked for."""
    seen: Callable[[int], Sequence[float]] = _nothing
    """CPU (0) or memory (1) of the last measurements, for a sparkline: oldest first, this one included."""


class UsageSource(Protocol):
    """Measurements that are renewed from time to time."""

    @property
    def version(self) -> int:
        """Grows with every round of measurements; 0 before the first."""
        ...

    def of(self, key: str) -> Usage | None: ...


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


class _Resources(Shape, frozen=True):
    requests: dict[str, str | int] | None = None
    limits: dict[str, str | int] | None = None


class _Container(Shape, frozen=True):
    resources: _Resources = _Resources()
    restart_policy: str = ""


class _PodSpec(Shape, frozen=True):
    containers: tuple[_Container, ...] | None = None
    init_containers: tuple[_Container, ...] | None = None


class _NodeStatus(Shape, frozen=True):
    allocatable: dict[str, str | int] | None = None


class _Measured(Shape, frozen=True):
    spec: _PodSpec = _PodSpec()
    status: _NodeStatus = _NodeStatus()


LOOK = 15.0
"""Seconds after which it is looked whether a measurement has become too old; a newer one is shown when it comes."""
TITLES = frozenset({"CPU", "MEMORY", "CPU%", "MEM%", "CPU R/L", "MEM R/L", "CPU SEEN", "MEM SEEN"})
"""Of columns that are only there where the cluster measures."""


Amounts = tuple[Amount, Amount]
"""What is asked for, and what may be used; 0 where that is not said."""


class Reading(msgspec.Struct, eq=False, gc=False):
    """One object's measurements beside what it asks for, which is read when it is first wanted: of most rows, never.

    Two of one object are equal.
    """

    # A Struct because there are as many as rows, and the garbage collector need not look at any.
    _obj: KubeObject
    _read: Callable[[KubeObject], Amounts]
    _source: UsageSource
    _amounts: Amounts | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and other._obj.key == self._obj.key

    def __hash__(self) -> int:
        return hash(self._obj.key)

    @property
    def amounts(self) -> Amounts:
        found = self._amounts
        if found is None:
            found = self._amounts = self._read(self._obj)
        return found

    @property
    def request(self) -> Amount:
        return self.amounts[0]

    @property
    def limit(self) -> Amount:
        return self.amounts[1]

    @property
    def usage(self) -> Usage | None:
        return self._source.of(self._obj.key)

    def used(self, which: int) -> float | None:
        """CPU (0) or memory (1), as measured last."""
        usage = self.usage
        return usage.now[which] if usage is not None else None

    def share(self, which: int, *, of_limit: bool = True) -> float | None:
        """Of what it may use, or of what it asks for; None where that is not known."""
        used = self.used(which)
        if used is None:
            return None
        amount = self.amounts[of_limit][which]
        return used / amount if amount > 0 else None


def measurable(resource: Resource) -> bool:
    return str(resource) in ("pods", "nodes")


def with_usage(kind: Kind, resource: Resource, source: UsageSource) -> Kind:
    """The kind with columns of what its objects use: after their age, and at the end for the wide view."""
    is_node = str(resource) == "nodes"
    near = tuple(_node_columns() if is_node else _pod_columns())
    far = tuple(_wide_columns(shares=not is_node))
    titles = [column.title for column in kind.columns]
    place = titles.index("Age") + 1 if "Age" in titles else len(titles)
    columns = (*kind.columns[:place], *near, *kind.columns[place:], *far)
    amounts = partial(_tolerantly, _of_node if is_node else _of_pod)

    def read(obj: KubeObject) -> Values:
        values = kind.read(obj)
        reading = Reading(obj, amounts, source)
        return (*values[:place], *[reading] * len(near), *values[place:], *[reading] * len(far))

    return Kind(kind.name, columns, read)


def _pod_columns() -> Iterator[Column]:
    yield _used("CPU", 0, cpu_text)
    yield _used("Memory", 1, memory_text)


def _node_columns() -> Iterator[Column]:
    yield _used("CPU", 0, cpu_text)
    yield _share("CPU%", 0)
    yield _used("Memory", 1, memory_text)
    yield _share("MEM%", 1)


def _wide_columns(*, shares: bool) -> Iterator[Column]:
    if shares:
        yield _shares("CPU R/L", 0)
        yield _shares("MEM R/L", 1)
    yield _trend("CPU seen", 0)
    yield _trend("MEM seen", 1)


def _used(title: str, which: int, text: Callable[[float], str]) -> Column:
    return _measured(title, which, lambda reading: reading.used(which), text, compare="quantity")


def _share(title: str, which: int) -> Column:
    """Per cent of what may be used; compared as a number."""

    def percent(reading: Reading) -> float | None:
        share = reading.share(which)
        return None if share is None else 100 * share

    return _measured(title, which, percent, "{:.0f}%".format, compare="number")


def _measured(
    title: str,
    which: int,
    order: Callable[[Reading], float | None],
    text: Callable[[float], str],
    *,
    compare: str,
) -> Column:
    def shown(reading: Any, now: float) -> str:
        number = order(reading)
        return "" if number is None else text(number)

    return Column(
        title,
        "string",
        text=shown,
        order=order,
        level=lambda reading: share_level(reading.share(which)),
        right=True,
        depends_on_time=True,
        pace=LOOK,
        compare=compare,
        optional=True,
    )


def _shares(title: str, which: int) -> Column:
    """Per cent of the request and of the limit, `56/53%`; ordered by the limit's."""

    def shown(reading: Any, now: float) -> str:
        shares = [reading.share(which, of_limit=of_limit) for of_limit in (False, True)]
        if shares == [None, None]:
            return ""
        return "/".join(["-" if share is None else f"{100 * share:.0f}" for share in shares]) + "%"

    return replace(
        _share(title, which), text=shown, priority=1, spare=SHARES_TURN, description="used, of request and of limit"
    )


def _trend(title: str, which: int) -> Column:
    def shown(reading: Any, now: float) -> str:
        usage = reading.usage
        return sparkline(usage.seen(which)) if usage is not None else ""

    return Column(
        title,
        "string",
        priority=1,
        text=shown,
        order=lambda reading: reading.used(which),
        depends_on_time=True,
        pace=LOOK,
        spare=SHARES_TURN,
    )


def _tolerantly(amounts: Callable[[_Measured], Amounts], obj: KubeObject) -> Amounts:
    try:
        return amounts(read_partially(obj, _Measured))
    except (TypeError, ValueError, AttributeError):
        # Fields of another type than expected: what was asked for is unknown, what is used is not.
        return Amount(0, 0), Amount(0, 0)


def _of_pod(pod: _Measured) -> Amounts:
    sidecars = [each for each in pod.spec.init_containers or () if each.restart_policy == "Always"]
    containers = [*(pod.spec.containers or ()), *sidecars]
    requests = [_amount(each.resources.requests) for each in containers]
    limits = [_amount(each.resources.limits) for each in containers]
    return _sum(requests), _whole(limits)


def _of_node(node: _Measured) -> Amounts:
    allocatable = _amount(node.status.allocatable)
    return allocatable, allocatable


def _amount(quantities: Mapping[str, Any] | None) -> Amount:
    given = quantities or {}
    return Amount(quantity_order(str(given.get("cpu"))) or 0.0, quantity_order(str(given.get("memory"))) or 0.0)


def _sum(amounts: list[Amount]) -> Amount:
    return Amount(sum(each.cpu for each in amounts), sum(each.memory for each in amounts))


def _whole(amounts: list[Amount]) -> Amount:
    """The sum; a pod is only limited in what all of its containers are limited in."""
    total = _sum(amounts)
    return Amount(
        total.cpu if all(each.cpu for each in amounts) else 0.0,
        total.memory if all(each.memory for each in amounts) else 0.0,
    )
