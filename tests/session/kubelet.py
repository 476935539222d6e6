"""A kubelet that keeps logs, and which pods there are, for the tests of merged logs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kwatch.informer.errors import ApiError
from kwatch.informer.kube_object import KubeObject
from kwatch.view.log_lines import NANO, nano_timestamp, split_time

LOST = ApiError(0, "ConnectionLost", "the connection broke")


def written(seconds: float, text: str) -> str:
    """A line as a container runtime writes it, so many seconds after an arbitrary hour."""
    return f"{nano_timestamp((1_796_000_400 * NANO) + round(seconds * NANO))} {text}"


@dataclass
class Run:
    """One run of a container. `ended` ends who follows it."""

    lines: list[str] = field(default_factory=list)
    ended: bool = False


class Kubelet:
    """`open` is what MergedLogs opens logs by. Thread-safe enough for tests."""

    def __init__(self) -> None:
        self.runs: dict[tuple[str, str], list[Run]] = {}
        self.requests: list[dict[str, Any]] = []
        self.errors: list[ApiError] = []
        """What is raised instead, one after the other."""
        self.open_now = self.most_open = 0
        self.given = 0
        """Lines that were read."""
        self.breaking = threading.Event()
        """Breaks every connection while it is set."""
        self._lock = threading.Lock()

    def run(self, pod: str, container: str = "web", *lines: str, ended: bool = False) -> Run:
        """One more run of a container."""
        run = Run([*lines], ended)
        self.runs.setdefault((pod, container), []).append(run)
        return run

    def open(self, namespace: str, pod: str, **how: Any) -> LogOfRun:
        with self._lock:
            self.requests.append({"pod": pod, **how})
            if self.errors:
                raise self.errors.pop(0)
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
        runs = self.runs[pod, how["container"]]
        return LogOfRun(self, runs[-2 if how.get("previous") else -1], how)

    def closed(self) -> None:
        with self._lock:
            self.open_now -= 1


class LogOfRun:
    """A LogStream. As a kubelet, it takes since_time to the second."""

    def __init__(self, kubelet: Kubelet, run: Run, how: dict[str, Any]) -> None:
        self._kubelet = kubelet
        self._run = run
        self._follow = how.get("follow", False)
        since = how.get("since_time")
        self._since = split_time(f"{since} ")[0] if since else 0
        tail = how.get("tail_lines")
        self._begin = 0 if tail is None else max(0, len(run.lines) - tail)
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[str]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[list[str]]:
        position = self._begin
        try:
            while not self._closed.is_set():
                if self._kubelet.breaking.is_set():
                    raise LOST
                is_over = self._run.ended or not self._follow
                batch = self._run.lines[position : position + 100]
                position += len(batch)
                self._kubelet.given += len(batch)
                if batch:
                    yield [line for line in batch if split_time(line)[0] >= self._since]
                elif is_over:
                    return
                else:
                    self._closed.wait(0.002)
        finally:
            self._kubelet.closed()

    def close(self) -> None:
        self._closed.set()


class Pods:
    """A PodSource."""

    trouble = ""
    is_final = False

    def __init__(self, *pods: KubeObject) -> None:
        self.pods = {pod.name: pod for pod in pods}
        self.is_settled = True
        self.released = False
        self._looked: dict[str, KubeObject] | None = None

    def put(self, pod: KubeObject) -> None:
        self.pods = {**self.pods, pod.name: pod}

    def remove(self, name: str) -> None:
        self.pods = {each: pod for each, pod in self.pods.items() if each != name}

    def look(self) -> list[KubeObject] | None:
        if self._looked is self.pods:
            return None
        self._looked = self.pods
        return [*self.pods.values()]

    def release(self) -> None:
        self.released = True


def pod(name: str, *containers: str, restarts: int = 0, state: str = "running", uid: str = "") -> KubeObject:
    """A pod whose containers are all in one state."""
    names = containers or ("web",)
    detail = {"exitCode": 1, "reason": "Error"} if state == "terminated" else {}
    last = {"terminated": {"exitCode": 1, "reason": "Error"}} if restarts else {}
    return KubeObject.of(
        {
            "metadata": {"name": name, "namespace": "shop", "uid": uid or name, "resourceVersion": "1"},
            "spec": {"containers": [{"name": each} for each in names]},
            "status": {
                "containerStatuses": [
                    {"name": each, "restartCount": restarts, "state": {state: detail}, "lastState": last}
                    for each in names
                ]
            },
        }
    )
