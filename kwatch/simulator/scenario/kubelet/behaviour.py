"""How the workloads behave in time: how long they take to get ready, to run to their end, to stop."""

from __future__ import annotations

from collections.abc import Iterable

from kwatch.simulator.scenario.inventory.workload import CronWorkload, Workload
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.world import APP_LABEL

_SIGTERM = 143
_POLITE = frozenset({"go", "nginx", "node", "postgres", "redis", "kube"})
"""What exits with 0 when told to stop."""


class Behaviour:
    """Knows every workload by namespace and app."""

    def __init__(self, workloads: Iterable[Workload], crons: Iterable[CronWorkload]) -> None:
        self._workloads = {(each.namespace, each.name): each for each in workloads}
        self._crons = {(each.namespace, each.name): each for each in crons}

    def workload(self, namespace: str, app: str) -> Workload | None:
        """The workload of an app."""
        return self._workloads.get((namespace, app))

    def language(self, pod: Object) -> str:
        """What its log looks like."""
        key = _app(pod)
        found = self._workloads.get(key) or self._crons.get(key)
        return found.language if found else "kube"

    def ready_after(self, pod: Object) -> tuple[float, float]:
        """Seconds from start to ready."""
        found = self._workloads.get(_app(pod))
        return found.ready_after if found else (1.0, 3.0)

    def stops_in(self, pod: Object) -> tuple[float, float]:
        """Seconds from SIGTERM to the end."""
        found = self._workloads.get(_app(pod))
        return found.stops_in if found else (0.5, 2.0)

    def stop_code(self, pod: Object) -> int:
        """The exit code after SIGTERM."""
        found = self._workloads.get(_app(pod))
        return 0 if found is None or found.language in _POLITE else _SIGTERM

    def run_time(self, pod: Object) -> tuple[float, float]:
        """Seconds a job's pod runs."""
        found = self._crons.get(_app(pod))
        return found.takes if found else (5.0, 15.0)

    def exit_code(self, pod: Object) -> int:
        """How a job's pod ends; every n-th run of some fails, with all its retries."""
        found = self._crons.get(_app(pod))
        if found is None:
            return 0
        job = pod["metadata"]["labels"].get("job-name", "")
        minute = job.rsplit("-", 1)[-1]
        return 1 if minute.isdigit() and self.fails(found, int(minute) * 60.0) else 0

    def fails(self, cron: CronWorkload, scheduled: float) -> bool:
        """Whether the run of a scheduled time fails."""
        if not cron.fails_every:
            return False
        run = int(scheduled // 60) // _period(cron.schedule)
        return run % cron.fails_every == cron.fails_every - 1


def _period(schedule: str) -> int:
    minute = schedule.split()[0]
    return int(minute[2:]) if minute.startswith("*/") else 1


def _app(pod: Object) -> tuple[str, str]:
    return pod["metadata"]["namespace"], pod["metadata"].get("labels", {}).get(APP_LABEL, "")
