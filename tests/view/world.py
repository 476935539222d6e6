"""A small world for tests: objects as dicts, a kind that reads them, a clock that stands still until told."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from kwatch.catalog.column import Column
from kwatch.catalog.kind import Kind, Values


class FakeClock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


def read(obj: Any) -> Values:
    spec = obj["spec"]
    return (obj["metadata"]["name"], spec.get("status"), spec.get("restarts"), spec.get("started"))


def youngest_first(value: Any) -> Any:
    return None if value is None else -value


KIND = Kind(
    "Thing",
    (
        Column("Name"),
        Column("Status"),
        Column("Restarts", compare="number"),
        Column(
            "Age",
            text=lambda value, now: f"{now - value:.0f}s",
            order=youngest_first,
            depends_on_time=True,
            compare="duration",
        ),
    ),
    read,
)


def thing(
    key: str,
    *,
    status: str | None = "Running",
    restarts: int | None = 0,
    started: float | None = None,
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    namespace, _, name = key.rpartition("/")
    return {
        "metadata": {"namespace": namespace, "name": name, "labels": dict(labels or {})},
        "spec": {"status": status, "restarts": restarts, "started": started, **spec},
    }
