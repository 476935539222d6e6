"""One performance of a story: its target is found, and its steps are taken one after the other.

Every step of stories.yaml is the method of its name. A step that takes time is a process; one whose target is gone does
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from kwatch.simulator import names
from kwatch.simulator.engine import shapes
from kwatch.simulator.engine.control_plane import ScenarioContext, next_version
from kwatch.simulator.engine.objects import (
    CLAIM,
    CONFIG_MAP,
    DAEMON_SET,
    DEPLOYMENT,
    NODE,
    POD,
    RESOURCES,
    STATEFUL_SET,
    Object,
    controller_of,
    filled_manifest,
    is_terminating,
    key_of,
    quantity,
    shape,
    strategic_merge_patch,
    uid_of,
)
from kwatch.simulator.engine.pod_status import is_ready, main_container
from kwatch.simulator.engine.programs import Flaw
from kwatch.simulator.engine.rollouts import is_complete
from kwatch.simulator.engine.world import CONTROLLER_MANAGER, Key, Process
from kwatch.simulator.scenario.loader import Certificate, Crash, Create, FailProbe, Scale, Setting, Write, steps_of
from kwatch.simulator.scenario.spec import CrashLoop, Cue, Range, Story, Workload

_RESOURCES = {"Deployment": DEPLOYMENT, "StatefulSet": STATEFUL_SET, "DaemonSet": DAEMON_SET}
_CRASHES_AFTER = (4.0, 7.0)
_MOST_EVICTIONS = 120
_EMPTIES_IN = 60
"""Seconds a drained node has to be left by its last pods."""


class Performance:
    """Plays a story once, or, if it repeats, for as long as its target is there."""

    def __init__(self, context: ScenarioContext, story: Story, cue: Cue, loop: CrashLoop | None = None) -> None:
        self._context = context
        self._control = context.control
        self._nodes = context.control.nodes
        self._world = context.world
        self._operators = context.operators
        self._story = story
        self._steps: list[tuple[str, Any]] = steps_of(story)
        self._cue = cue
        self._loop = loop
        self._resource = DEPLOYMENT
        self._key: Key = ("", "")
        self._pod: Object | None = None
        self._config: Key = ("", "")
        self._old_image = self._new_image = ""
        self._replicas = 0
        self._evicted: list[Object] = []

    def play(self) -> Process:
        """Find a target, and take the steps; do nothing if there is no target."""
        find: Callable[[], bool] = getattr(self, f"_find_{self._story.happens_to}")
        while find():
            with self._context.claim(self._key) if self._key != ("", "") else nullcontext():
                for name, argument in self._steps:
                    step: Callable[..., Process | None] = getattr(self, name)
                    yield from (step() if argument is None else step(argument)) or ()
            if not self._story.repeat:
                return

    # Targets: whether there is one.

    def _find_nothing(self) -> bool:
        return True

    def _find_deployment(self) -> bool:
        key = self._context.free_deployment(self._cue.among, own=not self._cue.anywhere)
        if key is None or (self._story.skip_autoscaled and self._context.deployments[key].autoscale is not None):
            return False
        self._key = key
        return True

    def _find_pod(self) -> bool:
        if self._find_deployment():
            pods = [pod for pod in self._world.pods_of_app(*self._key) if is_ready(pod) and not is_terminating(pod)]
            self._pod = self._context.random.choice(pods) if pods else None
        return self._pod is not None

    def _find_config(self) -> bool:
        if not self._find_deployment():
            return False
        self._config = (self._key[0], f"{self._key[1]}-config")
        return self._world.get(CONFIG_MAP, self._config) is not None

    def _find_setting(self) -> bool:
        known = [each for each in self._world.store.list(CONFIG_MAP) if self._story.target in each.get("data", ())]
        if known:
            self._config = key_of(self._context.random.choice(known))
        return bool(known)

    def _find_node(self) -> bool:
        name = self._story.target.rpartition("/")[2]
        node = self._world.get(NODE, ("", name)) if name else self._context.free_node()
        if node is not None:
            self._key = key_of(node)
        return node is not None

    def _find_database(self) -> bool:
        if self._context.databases:
            self._key = key_of(self._context.random.choice(self._context.databases))
        return bool(self._context.databases)

    def _find_app(self) -> bool:
        self._key = (self._context.plan.spec.namespace, self._cue.app)
        return True

    def _find_workload(self) -> bool:
        kind, namespace, name = self._story.target.split("/")
        self._resource, self._key = _RESOURCES[kind], (namespace, name)
        return self._world.get(self._resource, self._key) is not None

    def _find_crash_loop(self) -> bool:
        if self._loop is None:
            return False
        self._key = (self._loop.namespace, self._loop.workload)
        return self._world.get(DEPLOYMENT, self._key) is not None

    # Steps: time.

    def wait(self, seconds: float | Range) -> Process:
        """So many seconds, or a number in a range."""
        yield self._between(seconds)

    def settle(self, patience: float) -> Process:
        """Until the rollout is complete, but no longer than `patience` seconds."""
        waited = 0.0
        while waited < patience:
            yield 2.0
            waited += 2.0
            deployment = self._world.get(DEPLOYMENT, self._key)
            if deployment is None or is_complete(deployment):
                return

    def _between(self, value: float | Range) -> float:
        return self._world.between(*value) if isinstance(value, tuple) else value

    # Steps: rollouts.

    def deploy(self, what: str) -> None:
        """The next version: a good one, one that cannot be pulled, one that does not start."""
        self._old_image = self._operators.image(self._resource, self._key)
        if not self._old_image:
            return
        self._new_image = next_version(self._old_image, self._context.random)
        if what == "unpullable":
            self._new_image += "-hotfix"
            self._control.images.missing.add(self._new_image)
        elif what == "crashing":
            self._control.images.flaws[self._new_image] = Flaw(self._loop.runs if self._loop else _CRASHES_AFTER)
        self._control.images.publish(self._new_image)
        self._operators.deploy(self._key, self._new_image, resource=self._resource)

    def undo(self) -> None:
        self._operators.undo(self._key)

    def mend(self) -> None:
        self._control.images.flaws.pop(self._old_image, None)
        self._control.images.missing.discard(self._new_image)

    def restart(self) -> None:
        """Every pod, by another template."""
        self._operators.restart(self._resource, self._key)

    def scale(self, change: Scale | str) -> None:
        """More replicas, or as many as before."""
        owner = self._world.get(self._resource, self._key)
        if owner is None:
            return
        wanted = self._replicas
        if isinstance(change, Scale):
            self._replicas = owner["spec"]["replicas"]
            wanted = self._replicas + change.by + int(self._replicas * change.share)
        self._operators.scale(self._resource, self._key, wanted)

    def ask_for_gigabytes(self) -> None:
        """Somebody writes Gi for Mi: no node has so much."""
        deployment = self._world.get(DEPLOYMENT, self._key)
        if deployment is not None:
            memory = main_container(deployment["spec"]["template"])["resources"]["requests"]["memory"]
            asked = f"{round(quantity(memory) / 1024**2)}Gi"
            self._operators.request_memory(self._key, asked, by="kubectl-edit")

    def demand(self, factor: float | Range) -> None:
        self._control.usage.demand[self._key] = self._between(factor)

    def set(self, setting: Setting) -> None:
        config = self._world.get(CONFIG_MAP, self._config)
        now = config["data"].get(setting.name) if config else None
        others = [value for value in setting.values if value != now]
        if others:
            value = others[0] if len(setting.values) == 1 else self._context.random.choice(others)
            self._operators.edit_config(self._config, {setting.name: value}, by=setting.by)

    # Steps: any object.

    def _found(self, place: str) -> Object | None:
        kind, _, key = place.partition("/")
        namespace, _, name = key.rpartition("/")
        return self._world.get(RESOURCES[kind], (namespace, name)) if kind in RESOURCES else None

    def write(self, change: Write) -> None:
        if obj := self._found(change.object):
            self._world.update(strategic_merge_patch(obj, change.patch), change.by)

    def create(self, given: Create) -> None:
        """Make an object, unless there is one of its name."""
        made = filled_manifest(given.object, {})
        namespace = made["metadata"].get("namespace", "")
        if self._world.get(RESOURCES[made["kind"]], (namespace, made["metadata"]["name"])) is None:
            created = self._world.create({**made, "metadata": {**made["metadata"]}}, given.by)
            if created["kind"] == "HorizontalPodAutoscaler":
                self._world.spawn(self._control.autoscalers.keep(key_of(created)))

    def delete(self, place: str) -> None:
        if obj := self._found(place):
            self._control.garbage.delete(obj)

    def certificate(self, given: Certificate) -> None:
        if secret := self._found(given.object):
            now = self._world.now()
            text = names.certificate(uid_of(secret), now, now + given.good_for)
            self._world.patch(secret, given.by, data={"tls.crt": shapes.encoded(text)})

    # Steps: one pod, one volume.

    def _living_pod(self) -> Object | None:
        """The pod as it is now, unless it is gone or going."""
        pod = self._world.get(POD, key_of(self._pod)) if self._pod else None
        return pod if pod and self._pod and uid_of(pod) == uid_of(self._pod) and not is_terminating(pod) else None

    def crash(self, how: Crash) -> None:
        """The pod's main container ends, and is started again."""
        if pod := self._living_pod():
            self._control.kubelet.crash(pod, Flaw((0.0, 0.0), how.exit_code, how.reason))

    def fail_probe(self, how: FailProbe) -> None:
        if pod := self._living_pod():
            port = main_container(pod)["ports"][0]["containerPort"]
            message = self._context.random.choice(how.messages)
            message = message.replace("{ip}", pod["status"]["podIP"]).replace("{port}", str(port))
            self._control.kubelet.flap(pod, self._between(how.seconds), message)

    def delete_pod(self) -> None:
        """Somebody deletes the pod; its replica set makes another one."""
        if pod := self._living_pod():
            self._control.pods.delete(pod)

    def delete_claim(self) -> Process:
        """The claim of the pod that was scaled away, and then its volume."""
        namespace, name = self._key
        claim = self._world.get(CLAIM, (namespace, f"data-{name}-{self._replicas}"))
        if claim is not None:
            volume = self._world.get("persistentvolumes", ("", claim["spec"].get("volumeName", "")))
            self._world.remove(claim)
            yield 2.0
            if volume is not None:
                self._world.remove(volume)

    # Steps: nodes.

    @property
    def _node(self) -> str:
        return self._key[1]

    def cordon(self) -> None:
        """No more pods for the node, for it is to be drained."""
        node = self._nodes.node(self._node)
        self._nodes.cordon(self._node)
        if node is not None:
            message = f"Draining node {self._node} for maintenance"
            self._control.recorder.event(node, "Normal", "Drain", message, "node-maintenance")

    def uncordon(self) -> None:
        self._nodes.uncordon(self._node)

    def drain(self) -> Process:
        """Evict one pod after the other, as the disruption budgets allow, and wait until they are gone."""
        for _ in range(_MOST_EVICTIONS):
            while self._world.agenda.lateness(self._world.now()) > 1.0:
                yield 1.0
            waiting = [pod for pod in self._movable_pods() if not is_terminating(pod)]
            if not waiting:
                break
            allowed = [pod for pod in waiting if self._control.disruption.allows(pod)]
            if not allowed:
                yield 5.0
                continue
            self._control.pods.evict(min(allowed, key=key_of), "kube-apiserver", "Eviction API: evicting")
            yield self._world.between(0.4, 1.2)
        for _ in range(_EMPTIES_IN):
            if not self._movable_pods():
                return
            yield 1.0

    def _movable_pods(self) -> list[Object]:
        owners = [(pod, controller_of(pod)) for pod in self._world.pods_on(self._node)]
        return [pod for pod, owner in owners if owner is not None and owner["kind"] not in ("DaemonSet", "Node")]

    def reboot(self) -> Process:
        """The kubelet is silent for a while, and comes back with another boot id; its containers start again."""
        name, kubelet = self._node, self._control.kubelet
        kubelet.silent.add(name)
        yield self._world.between(9.0, 18.0)
        kubelet.silent.discard(name)
        if self._nodes.reboot(name):
            for pod in self._world.pods_on(name):
                if pod["status"]["phase"] == "Running" and not is_terminating(pod):
                    kubelet.crash(pod, Flaw((0.0, 0.0), 255, "Unknown"))

    def silence(self) -> None:
        self._control.kubelet.silent.add(self._node)

    def lose(self) -> None:
        self._nodes.lose(self._node)

    def find(self) -> Process:
        """The kubelet is back, and so are its pods."""
        self._control.kubelet.silent.discard(self._node)
        self._nodes.find(self._node)
        for pod in self._world.pods_on(self._node):
            self._control.kubelet.report_again(pod)
            yield 0.05

    def press(self) -> None:
        self._nodes.press(self._node)

    def relieve(self) -> None:
        self._nodes.relieve(self._node)

    def evict(self, count: int) -> Process:
        """The kubelet ends pods for want of memory; they stay to be seen."""
        running = [pod for pod in self._movable_pods() if pod["status"]["phase"] == "Running"]
        self._evicted = [pod for pod in running if self._control.disruption.allows(pod)][:count]
        for pod in self._evicted:
            self._control.kubelet.evict(pod)
            yield self._world.between(2.0, 5.0)

    def delete_evicted(self) -> None:
        for pod in self._evicted:
            self._control.garbage.delete(pod)

    # Steps: databases, previews.

    def back_up(self) -> Process:
        return self._control.databases.back_up(self._key)

    def fail_over(self) -> Process:
        return self._control.databases.fail_over(self._key)

    def preview(self, app: str) -> None:
        """A namespace for a pull request, with a small version of one of the scenario's workloads."""
        spec, world, bot = self._context.plan.spec, self._world, "preview-bot"
        known = [each for each in spec.workloads if (each.namespace, each.name) == (spec.namespace, app)]
        if not known:
            return
        self._context.pull_request += self._context.random.randint(1, 4)
        number = self._context.pull_request
        name = f"preview-pr-{number}"
        self._key = ("", name)
        image, language = f"{known[0].image.rpartition(':')[0]}:pr-{number}", known[0].language
        self._control.images.publish(image)
        workload = Workload(app, name, image, replicas=2, language=language, cpu="20m", memory="48Mi")
        world.create(shape("Namespace", name, labels={"team": spec.namespace, "preview": "true"}), bot)
        world.create(shape("ServiceAccount", "default", name), CONTROLLER_MANAGER)
        world.create(shapes.root_ca(name), CONTROLLER_MANAGER)
        made = world.create(shapes.service(workload, 200 + number % 50), bot)
        world.create(shapes.endpoint_slice(made, "7xk2p"), CONTROLLER_MANAGER)
        world.create(shapes.endpoints(made), CONTROLLER_MANAGER)
        world.create(shapes.workload_object(workload), bot)

    def delete_namespace(self) -> Process:
        return self._control.garbage.delete_namespace(self._key[1])
