"""Pulling images: quickly from the node's own store, slowly from a registry, or never."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.container_events import ContainerEvents
from kwatch.simulator.scenario.kubelet.images import Images, pull_seconds, size_of
from kwatch.simulator.scenario.kubelet.report import PodReport
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.world import World

FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0


class ImagePuller:
    """Gets the image of a container onto the node."""

    def __init__(self, world: World, events: ContainerEvents, images: Images) -> None:
        self._world = world
        self._events = events
        self._images = images

    def pull(self, report: PodReport, container: dict[str, Any]) -> Process:
        """Wait until the node has the image; try again and again, ever more rarely."""
        image = container["image"]
        wait = FIRST_BACK_OFF
        while (pod := report.living()) is not None:
            if self._images.is_present(report.node, image):
                self._events.normal(pod, container, "Pulled", f'Container image "{image}" already present on machine')
                return
            self._events.normal(pod, container, "Pulling", f'Pulling image "{image}"')
            takes = pull_seconds(image, self._world.random)
            yield takes
            pod = report.living()
            if pod is not None and image not in self._images.missing:
                self._images.add(report.node, image)
                self._events.normal(pod, container, "Pulled", _pulled(image, takes))
                return
            yield from self._back_off(report, container, wait)
            wait = min(LONGEST_BACK_OFF, wait * 2)

    def _back_off(self, report: PodReport, container: dict[str, Any], wait: float) -> Process:
        image = container["image"]
        why = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        pod = report.living()
        if pod is None:
            return
        failure = f"rpc error: code = NotFound desc = {why}"
        self._events.warning(pod, container, "Failed", f'Failed to pull image "{image}": {failure}')
        self._events.warning(pod, container, "Failed", "Error: ErrImagePull")
        self._waiting(report, container, "ErrImagePull", failure)
        yield min(wait, self._world.between(3.0, 6.0))
        pod = report.living()
        if pod is None:
            return
        self._events.normal(pod, container, "BackOff", f'Back-off pulling image "{image}"')
        self._events.warning(pod, container, "Failed", "Error: ImagePullBackOff")
        self._waiting(report, container, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {why}')
        yield wait

    def _waiting(self, report: PodReport, container: dict[str, Any], reason: str, message: str) -> None:
        report.write([pod_status.container_status(container, pod_status.waiting(reason, message))])


def _pulled(image: str, takes: float) -> str:
    return (
        f'Successfully pulled image "{image}" in {takes:.3f}s ({takes:.3f}s including waiting). '
        f"Image size: {size_of(image)} bytes."
    )
