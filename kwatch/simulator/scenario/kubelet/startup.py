"""From bound to ready: volumes, sandbox, init containers, images, containers, probes; jobs run to their end."""

from __future__ import annotations

from typing import Any

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.kubelet.container_events import ContainerEvents
from kwatch.simulator.scenario.kubelet.crashes import Crashes
from kwatch.simulator.scenario.kubelet.image_puller import ImagePuller
from kwatch.simulator.scenario.kubelet.images import Images
from kwatch.simulator.scenario.kubelet.report import PodReport
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.objects.pod_status import is_sidecar
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World


class Startup:
    """Brings a pod up."""

    def __init__(
        self, world: World, recorder: Recorder, images: Images, behaviour: Behaviour, crashes: Crashes
    ) -> None:
        self._world = world
        self._recorder = recorder
        self._events = ContainerEvents(recorder)
        self._puller = ImagePuller(world, self._events, images)
        self._images = images
        self._behaviour = behaviour
        self._crashes = crashes

    def life(self, report: PodReport) -> Process:
        """Everything until the pod is ready, and the crashes after that."""
        pod = report.living()
        if pod is None:
            return
        node = self._world.get("nodes", ("", report.node))
        if node is None:
            return
        own = node["status"]["addresses"][0]["address"]
        self._admit(report, pod, own)
        yield from self._volumes(report)
        yield self._world.between(0.3, 1.0)
        pod = report.living()
        if pod is None:
            return
        address = own if pod["spec"].get("hostNetwork") else self._world.pod_address(node)
        report.write((), **pod_status.addresses(own, address))
        for container in pod["spec"].get("initContainers", ()):
            yield from self._puller.pull(report, container)
            yield from self._run_init(report, container)
        for container in pod["spec"]["containers"]:
            yield from self._puller.pull(report, container)
        yield from self._run(report)

    def _admit(self, report: PodReport, pod: Object, host: str) -> None:
        spec = pod["spec"]
        waits = pod_status.waiting("PodInitializing" if "initContainers" in spec else "ContainerCreating")
        fields: dict[str, Any] = {"startTime": timestamp(self._world.now()), "hostIP": host, "hostIPs": [{"ip": host}]}
        if "initContainers" in spec:
            fields["initContainerStatuses"] = [
                pod_status.container_status(each, waits) for each in spec["initContainers"]
            ]
        fields["containerStatuses"] = [pod_status.container_status(each, waits) for each in spec["containers"]]
        report.write((), **fields)

    def _volumes(self, report: PodReport) -> Process:
        pod = report.living()
        for volume in pod["spec"].get("volumes", ()) if pod else ():
            if "persistentVolumeClaim" not in volume:
                continue
            yield self._world.between(0.8, 2.0)
            pod = report.living()
            key = (report.key[0], volume["persistentVolumeClaim"]["claimName"])
            claim = self._world.get("persistentvolumeclaims", key)
            if pod is not None and claim is not None:
                message = f'AttachVolume.Attach succeeded for volume "{claim["spec"].get("volumeName", "")}"'
                self._recorder.normal(pod, "SuccessfulAttachVolume", message, "attachdetach-controller")

    def _begin(self, report: PodReport, container: dict[str, Any]) -> dict[str, Any] | None:
        pod = report.living()
        if pod is None:
            return None
        self._events.normal(pod, container, "Created", f"Created container: {container['name']}")
        self._events.normal(pod, container, "Started", f"Started container {container['name']}")
        made = names.container_id(self._world.random)
        return pod_status.container_status(container, pod_status.running(self._world.now()), container_id=made)

    def _run_init(self, report: PodReport, container: dict[str, Any]) -> Process:
        status = self._begin(report, container)
        if status is None:
            return
        if is_sidecar(container):
            report.write([{**status, "ready": True}])
            return
        report.write([status])
        started = self._world.now()
        yield self._world.between(0.8, 2.5)
        ended = pod_status.terminated(0, "Completed", started, self._world.now(), status["containerID"])
        report.write([{**status, "state": ended, "ready": True, "started": False}])

    def _run(self, report: PodReport) -> Process:
        pod = report.living()
        if pod is None:
            return
        started = [self._begin(report, container) for container in pod["spec"]["containers"]]
        report.write([status for status in started if status is not None])
        if pod["spec"]["restartPolicy"] == "Never":
            yield from self._run_to_end(report)
            return
        flaw = self._images.flaws.get(pod["spec"]["containers"][0]["image"])
        low, high = self._behaviour.ready_after(pod)
        if flaw is None or flaw.runs[0] > high:
            yield self._world.between(low, high)
            make_ready(report)
        if flaw is not None:
            yield from self._crashes.loop(report)

    def _run_to_end(self, report: PodReport) -> Process:
        make_ready(report)
        pod = report.living()
        if pod is None:
            return
        yield self._world.between(*self._behaviour.run_time(pod))
        pod = report.living()
        if pod is not None:
            report.write(pod_status.ended_statuses(pod, self._behaviour.exit_code(pod), self._world.now()))


def make_ready(report: PodReport) -> None:
    """Every container passes its readiness probe."""
    pod = report.living()
    if pod is not None:
        mains = pod["status"]["containerStatuses"]
        report.write([{**each, "ready": True} for each in mains if "running" in each["state"]])
