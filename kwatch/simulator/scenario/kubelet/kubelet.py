"""The kubelets of all nodes: each pod's life is a process that reads from top to bottom."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.kubelet.behaviour import Behaviour
from kwatch.simulator.scenario.kubelet.crashes import Crashes
from kwatch.simulator.scenario.kubelet.images import Flaw, Images
from kwatch.simulator.scenario.kubelet.report import PodReport
from kwatch.simulator.scenario.kubelet.shutdown import Shutdown
from kwatch.simulator.scenario.kubelet.startup import Startup, make_ready
from kwatch.simulator.scenario.objects import pod_status
from kwatch.simulator.scenario.objects.conditions import condition
from kwatch.simulator.scenario.objects.kube import Object, is_terminating
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.world import World

_IMAGE_COLLECTION = 900.0


class Kubelet:
    """Starts the pods bound to nodes, disturbs them, and stops those that are to go."""

    def __init__(self, world: World, recorder: Recorder, images: Images, behaviour: Behaviour) -> None:
        self._world = world
        self._recorder = recorder
        self.images = images
        self._crashes = Crashes(world, recorder, images)
        self._startup = Startup(world, recorder, images, behaviour, self._crashes)
        self._shutdown = Shutdown(world, recorder, behaviour)
        self.silent: set[str] = set()
        """Nodes whose kubelet does nothing at the moment, not even report."""

    def start(self, pod: Object) -> None:
        """A pod was bound to a node: bring it up."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._startup.life(report), self._world.between(0.1, 0.5))

    def stop(self, pod: Object) -> None:
        """A pod is to go: bring it down and then remove it."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._shutdown.death(report), self._world.between(0.1, 0.6))

    def resume_back_off(self, pod: Object, wait: float) -> None:
        """A pod of the past waits in a crash loop: go on with that."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._crashes.resume(report, wait), 0.0)

    def crash(self, pod: Object, flaw: Flaw) -> None:
        """The main container of a running pod ends, once, and is started again."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._crash_once(report, flaw), 0.0)

    def flap(self, pod: Object, seconds: float, message: str) -> None:
        """The readiness probe fails for a while."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._unready(report, seconds, message), 0.0)

    def evict(self, pod: Object) -> None:
        """Free the node's memory of a pod: it ends, and stays to be seen."""
        report = PodReport(self._world, pod)
        living = report.living()
        if living is None or living["status"]["phase"] != "Running":
            return
        name = living["spec"]["containers"][0]["name"]
        message = (
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 81604Ki. "
            f"Container {name} was using 431216Ki, request is less, has larger consumption of memory. "
        )
        self._recorder.warning(living, "Evicted", message, "kubelet", host=report.node)
        now = self._world.now()
        target = {
            **condition("DisruptionTarget", True, now, "TerminationByKubelet", message),
            "observedGeneration": living["metadata"].get("generation", 1),
            "lastProbeTime": None,
        }
        report.write(
            pod_status.ended_statuses(living, 137, now),
            phase="Failed",
            reason="Evicted",
            message=message,
            conditions=[*living["status"]["conditions"], target],
        )

    def collect_images(self) -> Process:
        """Remove images that no pod uses from the nodes, now and then, for ever."""
        while True:
            yield _IMAGE_COLLECTION
            self.images.forget_all_but(
                {
                    container["image"]
                    for pod in self._world.store.list("pods")
                    for container in (*pod["spec"]["containers"], *pod["spec"].get("initContainers", ()))
                }
            )

    def report_again(self, pod: Object) -> None:
        """After a silence: the containers have been running all the time."""
        if not is_terminating(pod) and "containerStatuses" in pod["status"]:
            PodReport(self._world, pod).write()

    def _crash_once(self, report: PodReport, flaw: Flaw) -> Process:
        yield from self._crashes.end(report, flaw, forgiven=True)
        yield self._world.between(2.0, 6.0)
        make_ready(report)

    def _unready(self, report: PodReport, seconds: float, message: str) -> Process:
        pod = report.living()
        if pod is None:
            return
        name = pod["spec"]["containers"][0]["name"]
        part = f"spec.containers{{{name}}}"
        self._recorder.warning(
            pod, "Unhealthy", f"Readiness probe failed: {message}", "kubelet", host=report.node, part=part
        )
        yield self._world.between(0.5, 2.0)
        pod = report.living()
        if pod is None:
            return
        report.write([{**each, "ready": False} for each in pod["status"]["containerStatuses"] if each["name"] == name])
        yield seconds / 2
        pod = report.living()
        if pod is not None:
            text = f"Readiness probe failed: {message}"
            self._recorder.warning(pod, "Unhealthy", text, "kubelet", host=report.node, part=part)
        yield seconds / 2
        make_ready(report)

    def _spawn(self, report: PodReport, process: Process, after: float) -> None:
        self._world.spawn(self._unless_silent(report, process), after)

    def _unless_silent(self, report: PodReport, process: Process) -> Process:
        """A process that stands still while the node's kubelet is silent."""
        while True:
            while report.node in self.silent:
                yield 1.0
            wait = next(process, None)
            if wait is None:
                return
            yield wait
