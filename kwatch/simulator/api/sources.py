"""What the API asks the scenario for: logs, usage, and the termination of pods."""

from __future__ import annotations

import math
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple, Protocol

from kwatch.simulator.store import Store


class LogsSource(Protocol):
    """What a scenario tells of its containers. Every line begins with an RFC 3339 time and a blank, as a container
    runtime writes it.
    """

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        """What the container has written so far; of the one before it if `previous`. Raises LookupError if that is
        not there.
        """
        ...

    def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        """The lines it writes from now on, until it ends."""
        ...


class PodTerminator(Protocol):
    """Terminates pods in their own time; a scenario does."""

    def terminate(self, namespace: str, pod: str, grace: int | None, manager: str) -> dict[str, Any] | None:
        """Tell a pod to stop, in `grace` seconds or its own time; the pod as it is now, None if nobody runs it."""
        ...


_SUFFIXES = {
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
}


def parse_quantity(text: str | int) -> float:
    """Cores or bytes: `250m` is 0.25, `1Gi` is 1073741824."""
    text = str(text)
    for suffix, factor in _SUFFIXES.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)


_IDLE_CONTAINER = (0.02, 48.0 * 2**20)
_NODE_ITSELF = (0.12, 900.0 * 2**20)
_WAVE = 300.0


class Amount(Protocol):
    """CPU in cores, memory in bytes."""

    @property
    def cpu(self) -> float:
        """Cores."""
        ...

    @property
    def memory(self) -> float:
        """Bytes."""
        ...


class UsageSource(Protocol):
    """What tells how much pods and nodes use at the moment; a scenario does."""

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        """Container -> what it uses; raise LookupError if there is no such pod."""
        ...

    def node_usage(self, name: str) -> Amount:
        """What a node uses; raise LookupError if there is no such node."""
        ...


class _Used(NamedTuple):
    cpu: float
    memory: float


class UsageByRequests:
    """Around the half of what containers request, each in a slow wave of its own: it follows from the time alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def usage(self, namespace: str, pod: str) -> Mapping[str, Amount]:
        """Container -> what it uses."""
        found = self._store.get("pods", pod, namespace)
        if found is None:
            raise LookupError(f"{namespace}/{pod}")
        return self._of_pod(found)

    def node_usage(self, name: str) -> Amount:
        """What the running pods of a node use, and some more."""
        cpu, memory = _NODE_ITSELF
        for pod in self._store.list("pods"):
            if pod["spec"].get("nodeName") == name and pod.get("status", {}).get("phase") == "Running":
                for used in self._of_pod(pod).values():
                    cpu += used.cpu
                    memory += used.memory
        return _Used(cpu, memory)

    def _of_pod(self, pod: dict[str, Any]) -> dict[str, _Used]:
        uid, now = pod["metadata"].get("uid", ""), self._store.clock()
        return {each["name"]: _of_container(uid, each, now) for each in pod["spec"]["containers"]}


def _of_container(uid: str, container: dict[str, Any], now: float) -> _Used:
    requests = container.get("resources", {}).get("requests", {})
    cpu = parse_quantity(requests["cpu"]) if "cpu" in requests else _IDLE_CONTAINER[0]
    memory = parse_quantity(requests["memory"]) if "memory" in requests else _IDLE_CONTAINER[1]
    seed = zlib.crc32(f"{uid}/{container['name']}".encode())
    phase, share = seed % 628 / 100, 0.25 + seed % 89 / 160
    wave = math.sin(now / _WAVE + phase)
    return _Used(cpu * share * (1 + 0.4 * wave), memory * (0.45 + share / 2) * (1 + 0.05 * wave))
