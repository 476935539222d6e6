"""The kubelets of all nodes: pods start, are disturbed and stop, each in a process that reads from top to bottom.

A process ends when its pod is gone (`PodGone`), and stands still while the kubelet of its node is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kwatch.base.timestamp import timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import pod_status
from kwatch.simulator.engine.objects import CLAIM, NODE, POD, Object, condition, is_terminating, key_of
from kwatch.simulator.engine.pod_status import (
    FIRST_BACK_OFF,
    LONGEST_BACK_OFF,
    PodGone,
    PodReport,
    back_off,
    back_off_message,
    container_status,
    in_back_off,
    is_sidecar,
    main_container,
    statuses_of,
    waiting,
)
from kwatch.simulator.engine.programs import NOT_STARTED, SECRET, Flaw, Images, Programs, expiry_of
from kwatch.simulator.engine.world import Process, Recorder, World
from kwatch.simulator.scenario.plan import Behaviour

_BACK_OFF_TOLD_EVERY = 12.0
_PROBED_EVERY = 10.0
_LONGEST_MOUNT_WAIT = 122.0
_FORGIVEN_AFTER = 600.0
"""A container that ran so long starts again at once when it ends."""


class Containers:
    def __init__(self, world: World, recorder: Recorder, programs: Programs) -> None:
        self._world = world
        self._recorder = recorder
        self._programs = programs

    def note(self, pod: Object, container: Object, reason: str, message: str, kind: str = "Normal") -> None:
        """Record an event of a container."""
        self._recorder.event(pod, kind, reason, message, "kubelet", container=container["name"])

    def pull(self, report: PodReport, container: Object) -> Process:
        """Wait until the node has the image; try again and again, ever more rarely."""
        image = container["image"]
        wait = FIRST_BACK_OFF
        while True:
            if image in self._programs.images.on_node[report.node]:
                self._note_present(report.pod(), container)
                return
            self.note(report.pod(), container, "Pulling", f'Pulling image "{image}"')
            # The larger, the longer.
            takes = 0.6 + names.image_size(image) / 90_000_000 * self._world.between(0.8, 1.7)
            yield takes
            pod = report.pod()
            why = self._programs.unpullable(pod, image)
            if not why:
                self._programs.images.on_node[report.node].add(image)
                text = f'Successfully pulled image "{image}" in {takes:.3f}s ({takes:.3f}s including waiting). '
                self.note(pod, container, "Pulled", f"{text}Image size: {names.image_size(image)} bytes.")
                return
            yield from self._wait_for_image(report, container, why, wait)
            wait = min(LONGEST_BACK_OFF, wait * 2)

    def _wait_for_image(self, report: PodReport, container: Object, why: str, wait: float) -> Process:
        image = container["image"]
        failure = f"rpc error: code = {'NotFound' if why.endswith('not found') else 'Unknown'} desc = {why}"
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
        """Start a container whose image is there, if it can be; its status. `more` goes to container_status."""
        name, made = container["name"], names.container_id(self._world.random)
        self.note(pod, container, "Created", f"Created container: {name}")
        flaw = self._programs.flaw(pod) if container is main_container(pod) else None
        if flaw is not None and flaw.exit_code == NOT_STARTED:
            for reason, message in flaw.said:
                self.note(pod, container, reason, message, "Warning")
            now = self._world.now()
            state = pod_status.terminated(NOT_STARTED, flaw.reason, 0.0, now, made)
            state["terminated"]["message"] = flaw.message
            return container_status(container, state, container_id=made, **more)
        self.note(pod, container, "Started", f"Started container {name}")
        return container_status(container, pod_status.running(self._world.now()), container_id=made, **more)

    def loop(self, report: PodReport) -> Process:
        """Run, end, wait, run again, for as long as something is wrong with it and the pod lives."""
        while (flaw := self._programs.flaw(report.pod())) is not None:
            runs = self._world.between(*flaw.runs)
            yield runs
            yield from self.end(report, flaw, forgiven=runs > _FORGIVEN_AFTER)

    def resume(self, report: PodReport, wait: float) -> Process:
        """A container that is in its back-off when the story begins: wait for the rest of it, then loop."""
        yield wait
        yield from self._restart(report)
        yield from self.loop(report)

    def end(self, report: PodReport, flaw: Flaw, *, forgiven: bool) -> Process:
        """The main container ends; it starts again at once the first time, and after a back-off later."""
        pod = report.living()
        if pod is None or "waiting" in _main(pod)["state"]:
            return
        ended = _main(pod)
        if "running" in ended["state"]:
            for reason, message in flaw.said:
                kind = "Normal" if reason == "Killing" else "Warning"
                self.note(pod, main_container(pod), reason, message, kind)
            ended = pod_status.ended(ended, flaw.exit_code, flaw.reason, self._world.now())
            report.write([ended])
        restarts = ended["restartCount"]
        if restarts == 0 or forgiven:
            yield self._world.between(0.5, 1.5)
        else:
            yield self._world.between(1.0, 2.0)
            yield from self._back_off(report, back_off(restarts), ended["state"])
        yield from self._restart(report)

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

    def configure(self, report: PodReport, container: Object) -> Process:
        """Wait until everything that its environment is made of is there."""
        while why := self._programs.missing_reference(report.pod(), container):
            self.note(report.pod(), container, "Failed", f"Error: {why}", "Warning")
            status = statuses_of(report.pod())[container["name"]]
            report.write([{**status, "state": waiting("CreateContainerConfigError", why), "started": False}])
            yield self._world.between(10.0, 14.0)

    def _restart(self, report: PodReport) -> Process:
        pod = report.living()
        if pod is None or "running" in _main(pod)["state"]:
            return
        yield from self.configure(report, main_container(pod))
        pod = report.pod()
        container, old = main_container(pod), _main(pod)
        last = old["state"] if "terminated" in old["state"] else old["lastState"]
        self._note_present(pod, container)
        report.write([self.start(pod, container, restarts=old["restartCount"] + 1, last_state=last)])


def _main(pod: Object) -> Object:
    return statuses_of(pod)[main_container(pod)["name"]]


_SIGTERM = 143
_KILLED_BY_SIGTERM = frozenset({"java", "python"})
"""What does not exit with 0 after SIGTERM."""


class Kubelet:
    """Starts the pods bound to nodes, disturbs them, and stops those that are to go."""

    def __init__(self, world: World, recorder: Recorder, images: Images, behaviour: Behaviour) -> None:
        self._world = world
        self._recorder = recorder
        self.images = images
        self.programs = Programs(world, images, behaviour)
        self._behaviour = behaviour
        self._containers = Containers(world, recorder, self.programs)
        world.on_change(SECRET, self._on_secret)
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

    def report_again(self, pod: Object) -> None:
        """After a silence: the containers have been running all the time."""
        if not is_terminating(pod) and "containerStatuses" in pod["status"]:
            PodReport(self._world, pod).write()

    def _crash_once(self, report: PodReport, flaw: Flaw) -> Process:
        yield from self._containers.end(report, flaw, forgiven=True)
        yield from self._containers.loop(report)
        yield self._world.between(2.0, 6.0)
        yield from self._get_ready(report)

    def expect_expiries(self) -> None:
        """Know when the certificates expire that are there."""
        for secret in self._world.store.list(SECRET):
            self._on_secret(secret, gone=False)

    def _on_secret(self, secret: Object, gone: bool) -> None:
        end = expiry_of(secret) if not gone else None
        if end is not None and end > self._world.now():
            self._world.after(end - self._world.now(), partial(self._expired, key_of(secret)))

    def _expired(self, key: tuple[str, str]) -> None:
        for pod in self._world.store.list(POD, key[0]):
            names_ = {volume.get("secret", {}).get("secretName") for volume in pod["spec"].get("volumes", ())}
            if key[1] in names_ and pod_status.is_ready(pod):
                self._spawn(pod, self._lose_readiness, self._world.between(0.0, 5.0))

    def _lose_readiness(self, report: PodReport) -> Process:
        if text := self.programs.unready(report.pod()):
            yield from self._unready(report, 10.0, text)

    def _unready(self, report: PodReport, seconds: float, text: str) -> Process:
        main = main_container(report.pod())
        self._containers.note(report.pod(), main, "Unhealthy", text, "Warning")
        yield self._world.between(0.5, 2.0)
        report.write([{**statuses_of(report.pod())[main["name"]], "ready": False}])
        yield seconds / 2
        self._containers.note(report.pod(), main, "Unhealthy", text, "Warning")
        yield seconds / 2
        yield from self._get_ready(report)

    def _get_ready(self, report: PodReport) -> Process:
        """Wait until the readiness probe succeeds."""
        while text := self.programs.unready(report.pod()):
            self._containers.note(report.pod(), main_container(report.pod()), "Unhealthy", text, "Warning")
            yield _PROBED_EVERY
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
        waits = waiting("PodInitializing" if init else "ContainerCreating")
        fields: Object = {"startTime": timestamp(self._world.now()), "hostIP": own, "hostIPs": [{"ip": own}]}
        if init:
            fields["initContainerStatuses"] = [container_status(each, waits) for each in init]
        fields["containerStatuses"] = [container_status(each, waits) for each in main]
        report.write((), **fields)
        yield from self._volumes(report)
        yield from self._mount(report)
        yield self._world.between(0.3, 1.0)
        pod = report.pod()
        address = own if pod["spec"].get("hostNetwork") else self._world.pod_address(node)
        report.write((), **pod_status.addresses(own, address))
        for container in init:
            yield from self._containers.pull(report, container)
            yield from self._containers.configure(report, container)
            yield from self._run_init(report, container)
        for container in main:
            yield from self._containers.pull(report, container)
            yield from self._containers.configure(report, container)
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

    def _mount(self, report: PodReport) -> Process:
        """Try again, ever more rarely, until all config maps and secrets that are mounted are there."""
        wait = 0.5
        while why := self.programs.missing_mount(report.pod()):
            self._recorder.event(report.pod(), "Warning", "FailedMount", why, "kubelet")
            yield wait
            wait = min(_LONGEST_MOUNT_WAIT, wait * 2)

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
        flaw = self.programs.flaw(pod)
        report.write([self._containers.start(pod, each) for each in pod["spec"]["containers"]])
        if pod["spec"]["restartPolicy"] == "Never":
            if flaw is None or flaw.exit_code != NOT_STARTED:
                _make_ready(report)
                yield self._world.between(*(flaw.runs if flaw else self._behaviour.run_time(report.pod())))
            pod = report.pod()
            code = flaw.exit_code if flaw else self._behaviour.exit_code(pod)
            report.write(pod_status.ended_statuses(pod, code, self._world.now()))
            return
        low, high = self._behaviour.of(pod).ready_after
        if flaw is None or flaw.runs[0] > high:
            yield self._world.between(low, high)
            yield from self._get_ready(report)
        if flaw is not None:
            yield from self._containers.loop(report)
            yield self._world.between(low, high)
            yield from self._get_ready(report)

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
