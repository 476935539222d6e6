"""Containers that end when they should not, and the back-off with which they are started again."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.container_events import ContainerEvents
from kwatch.simulator.scenario.kubelet.image_puller import FIRST_BACK_OFF, LONGEST_BACK_OFF
from kwatch.simulator.scenario.kubelet.images import Flaw, Images
from kwatch.simulator.scenario.kubelet.report import PodReport
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.world import World

_FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again at once when it ends."""


class Crashes:
    """Ends and restarts the main container of pods."""

    def __init__(self, world: World, recorder: Recorder, images: Images) -> None:
        self._world = world
        self._events = ContainerEvents(recorder)
        self._images = images

    def loop(self, report: PodReport) -> Process:
        """Run, end, wait, run again, for as long as the image has its flaw and the pod lives."""
        while (pod := report.living()) is not None:
            flaw = self._images.flaws.get(pod["spec"]["containers"][0]["image"])
            if flaw is None:
                return
            runs = self._world.between(*flaw.runs)
            yield runs
            yield from self.end(report, flaw, forgiven=runs > _FORGIVEN_AFTER)

    def resume(self, report: PodReport, wait: float) -> Process:
        """A container that is in its back-off when the story begins: wait for the rest of it, then loop."""
        yield wait
        self._restart(report)
        yield from self.loop(report)

    def end(self, report: PodReport, flaw: Flaw, *, forgiven: bool) -> Process:
        """The main container ends; it starts again at once the first time, and after a back-off later."""
        pod = report.living()
        if pod is None or "running" not in _main(pod)["state"]:
            return
        status = _main(pod)
        now = self._world.now()
        state = pod_status.terminated(
            flaw.exit_code, flaw.reason, pod_status.started_at(status, now), now, status["containerID"]
        )
        restarts = status["restartCount"]
        ended = {**status, "state": state, "lastState": status["lastState"], "ready": False, "started": False}
        report.write([ended])
        if restarts == 0 or forgiven:
            yield self._world.between(0.5, 1.5)
        else:
            yield self._world.between(1.0, 2.0)
            yield from self._back_off(report, back_off(restarts), state)
        self._restart(report)

    def _back_off(self, report: PodReport, wait: float, last_state: dict[str, Any]) -> Process:
        pod = report.living()
        if pod is None:
            return
        report.write([in_back_off(pod, _main(pod), last_state, wait)])
        container = pod["spec"]["containers"][0]
        message = back_off_message(pod, container["name"])
        self._events.warning(pod, container, "BackOff", message)
        waited = 0.0
        while wait - waited > 14.0:
            yield 12.0
            waited += 12.0
            pod = report.living()
            if pod is None:
                return
            self._events.warning(pod, container, "BackOff", message)
        yield wait - waited

    def _restart(self, report: PodReport) -> None:
        pod = report.living()
        if pod is None:
            return
        container = pod["spec"]["containers"][0]
        old = _main(pod)
        if "running" in old["state"]:
            return
        image = container["image"]
        self._events.normal(pod, container, "Pulled", f'Container image "{image}" already present on machine')
        self._events.normal(pod, container, "Created", f"Created container: {container['name']}")
        self._events.normal(pod, container, "Started", f"Started container {container['name']}")
        last = old["state"] if "terminated" in old["state"] else old["lastState"]
        fresh = pod_status.container_status(
            container,
            pod_status.running(self._world.now()),
            restarts=old["restartCount"] + 1,
            container_id=names.container_id(self._world.random),
            last_state=last,
        )
        report.write([fresh])


def back_off(restarts: int) -> float:
    """Seconds to wait before the next start of a container that was restarted so often."""
    return min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(10, max(0, restarts - 1)))


def back_off_message(pod: Object, container: str) -> str:
    """What the BackOff event says."""
    metadata = pod["metadata"]
    return (
        f"Back-off restarting failed container {container} in pod "
        f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    )


def in_back_off(pod: Object, status: dict[str, Any], last_state: dict[str, Any], wait: float) -> dict[str, Any]:
    """The status of a container that waits to be started again."""
    minutes, rest = divmod(int(wait), 60)
    text = f"{minutes}m{rest}s" if minutes else f"{rest}s"
    metadata = pod["metadata"]
    message = (
        f"back-off {text} restarting failed container={status['name']} "
        f"pod={metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    )
    return {
        **status,
        "state": pod_status.waiting("CrashLoopBackOff", message),
        "lastState": last_state,
        "ready": False,
        "started": False,
    }


def _main(pod: Object) -> dict[str, Any]:
    name = pod["spec"]["containers"][0]["name"]
    status: dict[str, Any] = next(each for each in pod["status"]["containerStatuses"] if each["name"] == name)
    return status
