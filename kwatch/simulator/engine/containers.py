"""Containers on a node: images and how they are pulled, crashes and their back-off."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

from kwatch.simulator import names
from kwatch.simulator.engine.objects import Object
from kwatch.simulator.engine.pod_status import PodReport, container_status, running, started_at, terminated, waiting
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import Process, World


@dataclass(frozen=True, slots=True)
class Flaw:
    """How containers of an image fail: after how many seconds, and how that looks."""

    runs: tuple[float, float]
    exit_code: int = 1
    reason: str = "Error"


class Images:
    def __init__(self) -> None:
        self.missing: set[str] = set()
        """Images that cannot be pulled."""
        self.flaws: dict[str, Flaw] = {}
        """Images whose containers fail."""
        self._present: dict[str, set[str]] = defaultdict(set)

    def is_present(self, node: str, image: str) -> bool:
        """Whether a node has an image already."""
        return image in self._present[node]

    def add(self, node: str, image: str) -> None:
        self._present[node].add(image)

    def on_node(self, node: str) -> set[str]:
        return self._present[node]

    def forget_all_but(self, used: set[str]) -> None:
        for images in self._present.values():
            images &= used


def pull_seconds(image: str, random: Random) -> float:
    """How long a pull takes: the larger, the longer."""
    return 0.6 + names.image_size(image) / 90_000_000 * random.uniform(0.8, 1.7)


def record_present(recorder: Recorder, pod: Object, container: dict[str, Any]) -> None:
    text = f'Container image "{container["image"]}" already present on machine'
    recorder.container(pod, container["name"], "Pulled", text)


def record_start(recorder: Recorder, pod: Object, container: str) -> None:
    recorder.container(pod, container, "Created", f"Created container: {container}")
    recorder.container(pod, container, "Started", f"Started container {container}")


FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0


class ImagePuller:
    def __init__(self, world: World, recorder: Recorder, images: Images) -> None:
        self._world = world
        self._recorder = recorder
        self._images = images

    def pull(self, report: PodReport, container: dict[str, Any]) -> Process:
        """Wait until the node has the image; try again and again, ever more rarely."""
        image = container["image"]
        wait = FIRST_BACK_OFF
        while True:
            pod = report.pod()
            if self._images.is_present(report.node, image):
                record_present(self._recorder, pod, container)
                return
            self._recorder.container(pod, container["name"], "Pulling", f'Pulling image "{image}"')
            takes = pull_seconds(image, self._world.random)
            yield takes
            pod = report.pod()
            if image not in self._images.missing:
                self._images.add(report.node, image)
                self._recorder.container(pod, container["name"], "Pulled", _pulled(image, takes))
                return
            yield from self._wait_for_image(report, container, wait)
            wait = min(LONGEST_BACK_OFF, wait * 2)

    def _wait_for_image(self, report: PodReport, container: dict[str, Any], wait: float) -> Process:
        image = container["image"]
        why = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        failure = f"rpc error: code = NotFound desc = {why}"
        pod, name = report.pod(), container["name"]
        self._recorder.container(pod, name, "Failed", f'Failed to pull image "{image}": {failure}', "Warning")
        self._recorder.container(pod, name, "Failed", "Error: ErrImagePull", "Warning")
        self._waiting(report, container, "ErrImagePull", failure)
        yield min(wait, self._world.between(3.0, 6.0))
        self._recorder.container(report.pod(), name, "BackOff", f'Back-off pulling image "{image}"')
        self._recorder.container(report.pod(), name, "Failed", "Error: ImagePullBackOff", "Warning")
        self._waiting(report, container, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {why}')
        yield wait

    def _waiting(self, report: PodReport, container: dict[str, Any], reason: str, message: str) -> None:
        report.write([container_status(container, waiting(reason, message))])


def _pulled(image: str, takes: float) -> str:
    return (
        f'Successfully pulled image "{image}" in {takes:.3f}s ({takes:.3f}s including waiting). '
        f"Image size: {names.image_size(image)} bytes."
    )


_FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again at once when it ends."""


class Crashes:
    def __init__(self, world: World, recorder: Recorder, images: Images) -> None:
        self._world = world
        self._recorder = recorder
        self._images = images

    def loop(self, report: PodReport) -> Process:
        """Run, end, wait, run again, for as long as the image has its flaw and the pod lives."""
        while True:
            flaw = self._images.flaws.get(report.pod()["spec"]["containers"][0]["image"])
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
        state = terminated(flaw.exit_code, flaw.reason, started_at(status, now), now, status["containerID"])
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
        pod = report.pod()
        report.write([in_back_off(pod, _main(pod), last_state, wait)])
        container = pod["spec"]["containers"][0]
        message = back_off_message(pod, container["name"])
        self._recorder.container(pod, container["name"], "BackOff", message, "Warning")
        waited = 0.0
        while wait - waited > 14.0:
            yield 12.0
            waited += 12.0
            self._recorder.container(report.pod(), container["name"], "BackOff", message, "Warning")
        yield wait - waited

    def _restart(self, report: PodReport) -> None:
        pod = report.living()
        if pod is None:
            return
        container = pod["spec"]["containers"][0]
        old = _main(pod)
        if "running" in old["state"]:
            return
        record_present(self._recorder, pod, container)
        record_start(self._recorder, pod, container["name"])
        last = old["state"] if "terminated" in old["state"] else old["lastState"]
        fresh = container_status(
            container,
            running(self._world.now()),
            restarts=old["restartCount"] + 1,
            container_id=names.container_id(self._world.random),
            last_state=last,
        )
        report.write([fresh])


def back_off(restarts: int) -> float:
    """Seconds to wait before the next start of a container that was restarted so often."""
    return min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(10, max(0, restarts - 1)))


def back_off_message(pod: Object, container: str) -> str:
    metadata = pod["metadata"]
    return (
        f"Back-off restarting failed container {container} in pod "
        f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    )


def in_back_off(pod: Object, status: dict[str, Any], last_state: dict[str, Any], wait: float) -> dict[str, Any]:
    minutes, rest = divmod(int(wait), 60)
    text = f"{minutes}m{rest}s" if minutes else f"{rest}s"
    metadata = pod["metadata"]
    message = (
        f"back-off {text} restarting failed container={status['name']} "
        f"pod={metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    )
    return {
        **status,
        "state": waiting("CrashLoopBackOff", message),
        "lastState": last_state,
        "ready": False,
        "started": False,
    }


def _main(pod: Object) -> dict[str, Any]:
    name = pod["spec"]["containers"][0]["name"]
    status: dict[str, Any] = next(each for each in pod["status"]["containerStatuses"] if each["name"] == name)
    return status
