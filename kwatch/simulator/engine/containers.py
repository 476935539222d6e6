"""Containers on a node: images and how they are pulled, starts, crashes and their back-off."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from kwatch.simulator import names
from kwatch.simulator.engine import pod_status
from kwatch.simulator.engine.objects import Object, key_of, uid_of
from kwatch.simulator.engine.pod_status import PodReport, container_status, main_container, statuses_of, waiting
from kwatch.simulator.engine.world import Process, Recorder, World

_FIRST_BACK_OFF = 10.0
_LONGEST_BACK_OFF = 300.0
_BACK_OFF_TOLD_EVERY = 12.0
_FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again at once when it ends."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """How containers of an image fail: after how many seconds, and how that looks."""

    runs: tuple[float, float]
    exit_code: int = 1
    reason: str = "Error"


class Images:
    """Which images cannot be pulled, whose containers fail, and which a node has."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.flaws: dict[str, Flaw] = {}
        self.on_node: dict[str, set[str]] = defaultdict(set)


class Containers:
    def __init__(self, world: World, recorder: Recorder, images: Images) -> None:
        self._world = world
        self._recorder = recorder
        self._images = images

    def note(self, pod: Object, container: Object, reason: str, message: str, kind: str = "Normal") -> None:
        """Record an event of a container."""
        self._recorder.event(pod, kind, reason, message, "kubelet", container=container["name"])

    def pull(self, report: PodReport, container: Object) -> Process:
        """Wait until the node has the image; try again and again, ever more rarely."""
        image = container["image"]
        wait = _FIRST_BACK_OFF
        while True:
            if image in self._images.on_node[report.node]:
                self._note_present(report.pod(), container)
                return
            self.note(report.pod(), container, "Pulling", f'Pulling image "{image}"')
            # The larger, the longer.
            takes = 0.6 + names.image_size(image) / 90_000_000 * self._world.between(0.8, 1.7)
            yield takes
            pod = report.pod()
            if image not in self._images.missing:
                self._images.on_node[report.node].add(image)
                text = f'Successfully pulled image "{image}" in {takes:.3f}s ({takes:.3f}s including waiting). '
                self.note(pod, container, "Pulled", f"{text}Image size: {names.image_size(image)} bytes.")
                return
            yield from self._wait_for_image(report, container, wait)
            wait = min(_LONGEST_BACK_OFF, wait * 2)

    def _wait_for_image(self, report: PodReport, container: Object, wait: float) -> Process:
        image = container["image"]
        why = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        failure = f"rpc error: code = NotFound desc = {why}"
        self.note(report.pod(), container, "Failed", f'Failed to pull image "{image}": {failure}', "Warning")
        self.note(report.pod(), container, "Failed", "Error: ErrImagePull", "Warning")
        report.write([container_status(container, waiting("ErrImagePull", failure))])
        yield min(wait, self._world.between(3.0, 6.0))
        text = f'Back-off pulling image "{image}"'
        self.note(report.pod(), container, "BackOff", text)
        self.note(report.pod(), container, "Failed", "Error: ImagePullBackOff", "Warning")
        report.write([container_status(container, waiting("ImagePullBackOff", f"{text}: ErrImagePull: {why}"))])
        yield wait

    def _note_present(self, pod: Object, container: Object) -> None:
        self.note(pod, container, "Pulled", f'Container image "{container["image"]}" already present on machine')

    def start(self, pod: Object, container: Object, **more: Any) -> Object:
        """Start a container whose image is there; its status. `more` goes to container_status."""
        name = container["name"]
        self.note(pod, container, "Created", f"Created container: {name}")
        self.note(pod, container, "Started", f"Started container {name}")
        made = names.container_id(self._world.random)
        return container_status(container, pod_status.running(self._world.now()), container_id=made, **more)

    def loop(self, report: PodReport) -> Process:
        """Run, end, wait, run again, for as long as the image has its flaw and the pod lives."""
        while (flaw := self._images.flaws.get(main_container(report.pod())["image"])) is not None:
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
        ended = pod_status.ended(_main(pod), flaw.exit_code, flaw.reason, self._world.now())
        restarts = ended["restartCount"]
        report.write([ended])
        if restarts == 0 or forgiven:
            yield self._world.between(0.5, 1.5)
        else:
            yield self._world.between(1.0, 2.0)
            yield from self._back_off(report, back_off(restarts), ended["state"])
        self._restart(report)

    def _back_off(self, report: PodReport, wait: float, last_state: Object) -> Process:
        pod = report.pod()
        report.write([in_back_off(pod, _main(pod), last_state, wait)])
        container, message = main_container(pod), back_off_message(pod)
        self.note(pod, container, "BackOff", message, "Warning")
        while wait > _BACK_OFF_TOLD_EVERY + 2.0:
            yield _BACK_OFF_TOLD_EVERY
            wait -= _BACK_OFF_TOLD_EVERY
            self.note(report.pod(), container, "BackOff", message, "Warning")
        yield wait

    def _restart(self, report: PodReport) -> None:
        pod = report.living()
        if pod is None or "running" in _main(pod)["state"]:
            return
        container, old = main_container(pod), _main(pod)
        last = old["state"] if "terminated" in old["state"] else old["lastState"]
        self._note_present(pod, container)
        report.write([self.start(pod, container, restarts=old["restartCount"] + 1, last_state=last)])


def _main(pod: Object) -> Object:
    return statuses_of(pod)[main_container(pod)["name"]]


def back_off(restarts: int) -> float:
    """Seconds to wait before the next start of a container that was restarted so often."""
    return min(_LONGEST_BACK_OFF, _FIRST_BACK_OFF * 2.0 ** min(10, max(0, restarts - 1)))


def back_off_message(pod: Object) -> str:
    return f"Back-off restarting failed container {main_container(pod)['name']} in pod {_full_name(pod)}"


def _full_name(pod: Object) -> str:
    namespace, name = key_of(pod)
    return f"{name}_{namespace}({uid_of(pod)})"


def in_back_off(pod: Object, status: Object, last_state: Object, wait: float) -> Object:
    minutes, rest = divmod(int(wait), 60)
    text = f"{minutes}m{rest}s" if minutes else f"{rest}s"
    message = f"back-off {text} restarting failed container={status['name']} pod={_full_name(pod)}"
    state = {"state": waiting("CrashLoopBackOff", message), "lastState": last_state}
    return {**status, **state, "ready": False, "started": False}
