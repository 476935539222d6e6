"""Quantities: `250m`, `1536Mi`."""

from __future__ import annotations

from functools import lru_cache

from kwatch.simulator.scenario.objects.kube import Object

_UNITS = {"Ki": 1024.0, "Mi": 1024.0**2, "Gi": 1024.0**3, "Ti": 1024.0**4}


@lru_cache(maxsize=1024)
def cores(text: str) -> float:
    """A CPU quantity in cores."""
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


@lru_cache(maxsize=1024)
def in_bytes(text: str) -> float:
    """A memory or storage quantity in bytes."""
    return float(text[:-2]) * _UNITS[text[-2:]] if text[-2:] in _UNITS else float(text)


def requested(pod: Object) -> tuple[float, float]:
    """The CPU (cores) and memory (bytes) that a pod's containers ask for."""
    cpu = memory = 0.0
    for container in pod["spec"]["containers"]:
        requests = container.get("resources", {}).get("requests", {})
        cpu += cores(requests.get("cpu", "0"))
        memory += in_bytes(requests.get("memory", "0"))
    return cpu, memory
