"""The kubelets of all nodes: pods start, are disturbed and stop, each in a process that reads from top to bottom.

A process ends when its pod is gone (`PodGone`), and stands still while the kubelet of its node is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import pod_status
from kwatch.simulator.engine.containers import Crashes, Flaw, ImagePuller, Images, record_start
from kwatch.simulator.engine.objects import Object, condition, is_terminating
from kwatch.simulator.engine.pod_status import PodGone, PodReport, is_sidecar, statuses_of
from kwatch.simulator.engine.recorder import Recorder
from kwatch.simulator.engine.world import APP_LABEL, Process, World
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
        self._puller = ImagePuller(world, recorder, images)
        self._crashes = Crashes(world, recorder, images)
        self.silent: set[str] = set()
        """Nodes whose kubelet does nothing at the moment, not even report."""

    def start(self, pod: Object) -> None:
        """A pod was bound to a node: bring it up."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._start_up(report), self._world.between(0.1, 0.5))

    def stop(self, pod: Object) -> None:
        """A pod is to go: bring it down and then remove it."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._shut_down(report), self._world.between(0.1, 0.6))

    def resume_back_off(self, pod: Object, wait: float) -> None:
        """A pod of the past waits in a crash loop: go on with that."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._crashes.resume(report, wait), 0.0)

    def crash(self, pod: Object, flaw: Flaw) -> None:
        """The main container of a running pod ends, once, and is started again."""
        report = PodReport(self._world, pod)
        self._spawn(report, self._crash_once(report, flaw), 0.0)

    def flap(self, pod: Object, seconds: float, message: str) -> None:
        report = PodReport(self._world, pod)
        self._spawn(report, self._unready(report, seconds, message), 0.0)

    def evict(self, pod: Object) -> None:
        """Free the node's memory of a pod: it ends, and is kept for people to look at."""
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
        name, text = report.pod()["spec"]["containers"][0]["name"], f"Readiness probe failed: {message}"
        self._recorder.container(report.pod(), name, "Unhealthy", text, "Warning")
        yield self._world.between(0.5, 2.0)
        statuses = report.pod()["status"]["containerStatuses"]
        report.write([{**each, "ready": False} for each in statuses if each["name"] == name])
        yield seconds / 2
        self._recorder.container(report.pod(), name, "Unhealthy", text, "Warning")
        yield seconds / 2
        make_ready(report)

    def _spawn(self, report: PodReport, process: Process, after: float) -> None:
        self._world.spawn(self._unless_silent(report, process), after)

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
        node = self._world.get("nodes", ("", report.node))
        if node is None:
            return
        own = node["status"]["addresses"][0]["address"]
        self._admit(report, pod, own)
        yield from self._volumes(report)
        yield self._world.between(0.3, 1.0)
        pod = report.pod()
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

    def _begin(self, report: PodReport, container: dict[str, Any]) -> dict[str, Any]:
        record_start(self._recorder, report.pod(), container["name"])
        made = names.container_id(self._world.random)
        return pod_status.container_status(container, pod_status.running(self._world.now()), container_id=made)

    def _run_init(self, report: PodReport, container: dict[str, Any]) -> Process:
        status = self._begin(report, container)
        if is_sidecar(container):
            report.write([{**status, "ready": True}])
            return
        report.write([status])
        started = self._world.now()
        yield self._world.between(0.8, 2.5)
        ended = pod_status.terminated(0, "Completed", started, self._world.now(), status["containerID"])
        report.write([{**status, "state": ended, "ready": True, "started": False}])

    def _run(self, report: PodReport) -> Process:
        pod = report.pod()
        report.write([self._begin(report, container) for container in pod["spec"]["containers"]])
        if pod["spec"]["restartPolicy"] == "Never":
            yield from self._run_to_end(report)
            return
        flaw = self.images.flaws.get(pod["spec"]["containers"][0]["image"])
        low, high = self._behaviour.ready_after(pod)
        if flaw is None or flaw.runs[0] > high:
            yield self._world.between(low, high)
            make_ready(report)
        if flaw is not None:
            yield from self._crashes.loop(report)

    def _run_to_end(self, report: PodReport) -> Process:
        make_ready(report)
        yield self._world.between(*self._behaviour.run_time(report.pod()))
        pod = report.pod()
        report.write(pod_status.ended_statuses(pod, self._behaviour.exit_code(pod), self._world.now()))

    def _shut_down(self, report: PodReport) -> Process:
        """SIGTERM, the time the processes take, the last status, the end."""
        pod = report.current()
        if pod is None:
            return
        self._announce(pod)
        if any("running" in each["state"] for each in statuses_of(pod).values()):
            yield self._world.between(*self._behaviour.stops_in(pod))
            pod = report.current()
            if pod is None:
                return
            report.write(pod_status.ended_statuses(pod, self._behaviour.stop_code(pod), self._world.now()))
            yield self._world.between(0.1, 0.5)
        pod = report.current()
        if pod is not None:
            self._world.remove(pod)

    def _announce(self, pod: Object) -> None:
        states = statuses_of(pod)
        for container in pod["spec"]["containers"]:
            if "running" in states.get(container["name"], {"state": {}})["state"]:
                self._recorder.container(pod, container["name"], "Killing", f"Stopping container {container['name']}")


def make_ready(report: PodReport) -> None:
    pod = report.living()
    if pod is not None:
        mains = pod["status"]["containerStatuses"]
        report.write([{**each, "ready": True} for each in mains if "running" in each["state"]])


class Behaviour:
    """Knows every workload by namespace and app."""

    def __init__(self, workloads: Iterable[Workload], crons: Iterable[CronWorkload]) -> None:
        self._workloads = {(each.namespace, each.name): each for each in workloads}
        self._crons = {(each.namespace, each.name): each for each in crons}

    def workload(self, namespace: str, app: str) -> Workload | None:
        return self._workloads.get((namespace, app))

    def language(self, pod: Object) -> str:
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
        found = self._workloads.get(_app(pod))
        return _SIGTERM if found and found.language in _KILLED_BY_SIGTERM else 0

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
