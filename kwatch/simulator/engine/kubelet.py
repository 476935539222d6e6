"""The kubelets of all nodes: pods start, are disturbed and stop, each in a process that reads from top to bottom.

A process ends when its pod is gone (`PodGone`), and stands still while the kubelet of its node is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from kwatch.base.timestamp import timestamp
from kwatch.simulator.engine import pod_status
from kwatch.simulator.engine.containers import Containers, Flaw, Images
from kwatch.simulator.engine.objects import CLAIM, NODE, POD, Object, app_of, condition, is_terminating
from kwatch.simulator.engine.pod_status import PodGone, PodReport, is_sidecar, main_container, statuses_of
from kwatch.simulator.engine.world import Process, Recorder, World
from kwatch.simulator.scenario.spec import CronWorkload, Workload

_SIGTERM = 143
_IMAGE_COLLECTION = 900.0
_KILLED_BY_SIGTERM = frozenset({"java", "python"})
"""What does not exit with 0 after SIGTERM."""


class Kubelet:
    """Starts the pods bound to nodes, disturbs them, and stops those that are to go."""

    def __init__(self, world: World, recorder: Recorder, images: Images, behaviour: Behaviour) -> None:
        self._world = world
        self._recorder = recorder
        self.images = images
        self._behaviour = behaviour
        self._containers = Containers(world, recorder, images)
        self.silent: set[str] = set()
        """Nodes whose kubelet does nothing at the moment, not even report."""

    def start(self, pod: Object) -> None:
        """A pod was bound to a node: bring it up."""
        self._spawn(pod, self._start_up, self._world.between(0.1, 0.5))

    def stop(self, pod: Object) -> None:
        """A pod is to go: bring it down and then remove it."""
        self._spawn(pod, self._shut_down, self._world.between(0.1, 0.6))

    def resume_back_off(self, pod: Object, wait: float) -> None:
        """A pod of the past waits in a crash loop: go on with that."""
        self._spawn(pod, partial(self._containers.resume, wait=wait))

    def crash(self, pod: Object, flaw: Flaw) -> None:
        """The main container of a running pod ends, once, and is started again."""
        self._spawn(pod, partial(self._crash_once, flaw=flaw))

    def flap(self, pod: Object, seconds: float, message: str) -> None:
        self._spawn(pod, partial(self._unready, seconds=seconds, text=f"Readiness probe failed: {message}"))

    def evict(self, pod: Object) -> None:
        """Free the node's memory of a pod: it ends, and is kept for people to look at."""
        report = PodReport(self._world, pod)
        living = report.living()
        if living is None or living["status"]["phase"] != "Running":
            return
        message = (
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 81604Ki. Container "
            f"{main_container(living)['name']} was using 431216Ki, request is less, has larger consumption of memory. "
        )
        self._recorder.event(living, "Warning", "Evicted", message, "kubelet")
        now = self._world.now()
        target = condition("DisruptionTarget", True, now, "TerminationByKubelet", message)
        target |= {"observedGeneration": living["metadata"].get("generation", 1), "lastProbeTime": None}
        conditions = [*living["status"]["conditions"], target]
        end = {"phase": "Failed", "reason": "Evicted", "message": message, "conditions": conditions}
        report.write(pod_status.ended_statuses(living, 137, now), **end)

    def collect_images(self) -> Process:
        """Remove images that no pod uses from the nodes, now and then, for ever."""
        while True:
            yield _IMAGE_COLLECTION
            specs = [pod["spec"] for pod in self._world.store.list(POD)]
            used = {each["image"] for spec in specs for each in (*spec["containers"], *spec.get("initContainers", ()))}
            for images in self.images.on_node.values():
                images &= used

    def report_again(self, pod: Object) -> None:
        """After a silence: the containers have been running all the time."""
        if not is_terminating(pod) and "containerStatuses" in pod["status"]:
            PodReport(self._world, pod).write()

    def _crash_once(self, report: PodReport, flaw: Flaw) -> Process:
        yield from self._containers.end(report, flaw, forgiven=True)
        yield self._world.between(2.0, 6.0)
        _make_ready(report)

    def _unready(self, report: PodReport, seconds: float, text: str) -> Process:
        main = main_container(report.pod())
        self._containers.note(report.pod(), main, "Unhealthy", text, "Warning")
        yield self._world.between(0.5, 2.0)
        report.write([{**statuses_of(report.pod())[main["name"]], "ready": False}])
        yield seconds / 2
        self._containers.note(report.pod(), main, "Unhealthy", text, "Warning")
        yield seconds / 2
        _make_ready(report)

    def _spawn(self, pod: Object, life: Callable[[PodReport], Process], after: float = 0.0) -> None:
        report = PodReport(self._world, pod)
        self._world.spawn(self._unless_silent(report, life(report)), after)

    def _unless_silent(self, report: PodReport, process: Process) -> Process:
        """A process that stands still while the node's kubelet is silent."""
        while True:
            while report.node in self.silent:
                yield 1.0
            try:
                wait = next(process, None)
            except PodGone:
                return
            if wait is None:
                return
            yield wait

    def _start_up(self, report: PodReport) -> Process:
        """From bound to ready: volumes, sandbox, images, containers, probes; and the crashes after that."""
        pod = report.pod()
        node = self._world.get(NODE, ("", report.node))
        if node is None:
            return
        own = node["status"]["addresses"][0]["address"]
        init, main = pod["spec"].get("initContainers", ()), pod["spec"]["containers"]
        waits = pod_status.waiting("PodInitializing" if init else "ContainerCreating")
        fields: Object = {"startTime": timestamp(self._world.now()), "hostIP": own, "hostIPs": [{"ip": own}]}
        if init:
            fields["initContainerStatuses"] = [pod_status.container_status(each, waits) for each in init]
        fields["containerStatuses"] = [pod_status.container_status(each, waits) for each in main]
        report.write((), **fields)
        yield from self._volumes(report)
        yield self._world.between(0.3, 1.0)
        pod = report.pod()
        address = own if pod["spec"].get("hostNetwork") else self._world.pod_address(node)
        report.write((), **pod_status.addresses(own, address))
        for container in init:
            yield from self._containers.pull(report, container)
            yield from self._run_init(report, container)
        for container in main:
            yield from self._containers.pull(report, container)
        yield from self._run(report)

    def _volumes(self, report: PodReport) -> Process:
        pod = report.living()
        for volume in pod["spec"].get("volumes", ()) if pod else ():
            if "persistentVolumeClaim" not in volume:
                continue
            yield self._world.between(0.8, 2.0)
            pod = report.living()
            claim = self._world.get(CLAIM, (report.key[0], volume["persistentVolumeClaim"]["claimName"]))
            if pod is not None and claim is not None:
                message = f'AttachVolume.Attach succeeded for volume "{claim["spec"].get("volumeName", "")}"'
                self._recorder.event(pod, "Normal", "SuccessfulAttachVolume", message, "attachdetach-controller")

    def _run_init(self, report: PodReport, container: Object) -> Process:
        status = self._containers.start(report.pod(), container)
        if is_sidecar(container):
            report.write([{**status, "ready": True}])
            return
        report.write([status])
        yield self._world.between(0.8, 2.5)
        report.write([{**pod_status.ended(status, 0, "Completed", self._world.now()), "ready": True}])

    def _run(self, report: PodReport) -> Process:
        pod = report.pod()
        report.write([self._containers.start(report.pod(), each) for each in pod["spec"]["containers"]])
        if pod["spec"]["restartPolicy"] == "Never":
            _make_ready(report)
            yield self._world.between(*self._behaviour.run_time(report.pod()))
            pod = report.pod()
            report.write(pod_status.ended_statuses(pod, self._behaviour.exit_code(pod), self._world.now()))
            return
        flaw = self.images.flaws.get(main_container(pod)["image"])
        low, high = self._behaviour.of(pod).ready_after
        if flaw is None or flaw.runs[0] > high:
            yield self._world.between(low, high)
            _make_ready(report)
        if flaw is not None:
            yield from self._containers.loop(report)

    def _shut_down(self, report: PodReport) -> Process:
        """SIGTERM, the time the processes take, the last status, the end."""
        pod = report.current()
        if pod is None:
            return
        states = {name: each["state"] for name, each in statuses_of(pod).items()}
        for container in pod["spec"]["containers"]:
            if "running" in states.get(container["name"], ()):
                self._containers.note(pod, container, "Killing", f"Stopping container {container['name']}")
        if any("running" in state for state in states.values()):
            workload = self._behaviour.of(pod)
            yield self._world.between(*workload.stops_in)
            pod = report.current()
            if pod is None:
                return
            code = _SIGTERM if workload.language in _KILLED_BY_SIGTERM else 0
            report.write(pod_status.ended_statuses(pod, code, self._world.now()))
            yield self._world.between(0.1, 0.5)
        pod = report.current()
        if pod is not None:
            self._world.remove(pod)


def _make_ready(report: PodReport) -> None:
    pod = report.living()
    if pod is not None:
        mains = pod["status"]["containerStatuses"]
        report.write([{**each, "ready": True} for each in mains if "running" in each["state"]])


_UNKNOWN = Workload("", "", "", language="kube", ready_after=(1.0, 3.0), stops_in=(0.5, 2.0))


class Behaviour:
    """How the pods of a scenario behave: knows every workload by namespace and app."""

    def __init__(self, workloads: Iterable[Workload], crons: Iterable[CronWorkload]) -> None:
        self._workloads = {(each.namespace, each.name): each for each in workloads}
        self._crons = {(each.namespace, each.name): each for each in crons}

    def of(self, pod: Object) -> Workload:
        return self._workloads.get(app_of(pod), _UNKNOWN)

    def language(self, pod: Object) -> str:
        cron = self._crons.get(app_of(pod))
        return cron.language if cron else self.of(pod).language

    def run_time(self, pod: Object) -> tuple[float, float]:
        """Seconds a job's pod runs."""
        found = self._crons.get(app_of(pod))
        return found.takes if found else (5.0, 15.0)

    def exit_code(self, pod: Object) -> int:
        """How a job's pod ends; every n-th run of some fails, with all its retries."""
        found = self._crons.get(app_of(pod))
        minute = pod["metadata"]["labels"].get("job-name", "").rsplit("-", 1)[-1]
        return 1 if found and minute.isdigit() and self.fails(found, int(minute) * 60.0) else 0

    def fails(self, cron: CronWorkload, scheduled: float) -> bool:
        """Whether the run of a scheduled time fails."""
        if not cron.fails_every:
            return False
        minute = cron.schedule.split()[0]
        period = int(minute[2:]) if minute.startswith("*/") else 1
        return int(scheduled // 60) // period % cron.fails_every == cron.fails_every - 1
