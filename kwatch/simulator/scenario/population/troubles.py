"""What is wrong from the start: a rollout stuck in a crash loop, workers that were out of memory."""

from __future__ import annotations

from kwatch.simulator.scenario import names
from kwatch.simulator.scenario.control_plane import ControlPlane
from kwatch.simulator.scenario.controllers import deployment_status
from kwatch.simulator.scenario.controllers.pod_control import CONTROLLER_MANAGER
from kwatch.simulator.scenario.controllers.replica_set import counted
from kwatch.simulator.scenario.inventory.workload import Workload
from kwatch.simulator.scenario.kubelet.crashes import back_off, back_off_message, in_back_off
from kwatch.simulator.scenario.kubelet.images import Flaw
from kwatch.simulator.scenario.objects import deployment as deployments
from kwatch.simulator.scenario.objects import pod_status, service, storage
from kwatch.simulator.scenario.objects.conditions import condition, with_condition
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, POD, REPLICA_SET, Object, name_of, revised
from kwatch.simulator.scenario.population.past_pods import PastPods
from kwatch.simulator.scenario.population.plan import Plan
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import World

CRASHING = Flaw(runs=(4.0, 7.0))
_RESTARTS = 5
_REST_OF_BACK_OFF = 9.0
_WITHIN = 333.0
"""Seconds ago that the crash loop began: time enough for five restarts and most of the back-off after them."""


def place_crash_loop(world: World, control: ControlPlane, past: PastPods) -> None:
    """The recommender's release candidate does not start; the version before it still serves."""
    deployment = world.get(DEPLOYMENT, ("shop", "recommender"))
    if deployment is None:
        return
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    control.images.flaws[image] = CRASHING
    new = next(each for each in world.children(deployment, REPLICA_SET) if each["spec"]["replicas"])
    pods = world.children(new, POD)
    for pod in pods[1:]:
        world.remove(pod)
    _make_crashing(world, control, pods[0])
    _restore_old_version(world, past, deployment, len(pods))
    _conclude(world, deployment, new)


def place_neglected(world: World, control: ControlPlane, plan: Plan) -> None:
    """What nobody has cleared away: a claim of a class that does not exist, a service in front of nothing."""
    if "platform" not in plan.namespaces:
        return
    created = world.now() - 26 * 86_400.0
    claim = storage.claim("scratch", "platform", "200Gi", "local-nvme", {"app": "ci-runner"}, created)
    claim = world.place(claim, "kubectl-client-side-apply", status_by=CONTROLLER_MANAGER)
    message = 'storageclass.storage.k8s.io "local-nvme" not found'
    first, last = world.now() - 3_200.0, world.now() - 11.0
    control.recorder.of_the_past(
        claim,
        "Warning",
        "ProvisioningFailed",
        message,
        "persistentvolume-controller",
        first=first,
        last=last,
        count=213,
    )
    old = Workload("legacy-api", "platform", "registry.shopworks.example/platform/legacy-api:1.0.4", applied_by="helm")
    legacy = world.place(service.service(old, 199, created), "helm")
    world.place(service.endpoint_slice(legacy, "w5t9q", created), CONTROLLER_MANAGER)
    world.place(service.endpoints(legacy, created), CONTROLLER_MANAGER)
    control.endpoints.watch(legacy)


def _make_crashing(world: World, control: ControlPlane, pod: Object) -> None:
    now = world.now()
    started, ended = now - back_off(_RESTARTS) + _REST_OF_BACK_OFF - 5.4, now - back_off(_RESTARTS) + _REST_OF_BACK_OFF
    name = pod["spec"]["containers"][0]["name"]
    last = pod_status.terminated(1, "Error", started, ended, names.container_id(world.random))
    statuses = [
        in_back_off(pod, {**each, "restartCount": _RESTARTS}, last, back_off(_RESTARTS))
        if each["name"] == name
        else each
        for each in pod["status"]["containerStatuses"]
    ]
    conditions = pod["status"]["conditions"]
    for kind in ("Ready", "ContainersReady"):
        why = ("ContainersNotReady", f"containers with unready status: [{name}]")
        unready = condition(kind, False, now - _WITHIN + 8, *why, observedGeneration=1, lastProbeTime=None)
        conditions = with_condition(conditions, unready)
    status = {"containerStatuses": statuses, "conditions": conditions}
    pod = world.update(revised(pod, status=status), "kubelet", "status")
    control.recorder.of_the_past(
        pod,
        "Warning",
        "BackOff",
        back_off_message(pod, name),
        "kubelet",
        first=now - _WITHIN + 12,
        last=now - 3.0,
        count=21,
        host=pod["spec"]["nodeName"],
        part=f"spec.containers{{{name}}}",
    )
    control.kubelet.resume_back_off(pod, _REST_OF_BACK_OFF)


def _restore_old_version(world: World, past: PastPods, deployment: Object, replicas: int) -> None:
    """The replica set before has not been scaled down."""
    sets = [each for each in world.children(deployment, REPLICA_SET) if not each["spec"]["replicas"]]
    if not sets:
        return
    old = world.update(revised(max(sets, key=deployments.revision_of), spec={"replicas": replicas}), CONTROLLER_MANAGER)
    for index in range(replicas):
        past.place(old, old["spec"]["template"], world.now() - 420_000.0 + 5 * index)
    status = counted(world.children(old, POD)) | {"observedGeneration": old["metadata"]["generation"]}
    world.update({**old, "status": status}, CONTROLLER_MANAGER, "status")


def _conclude(world: World, deployment: Object, new: Object) -> None:
    new = world.update(revised(new, spec={"replicas": 1}), CONTROLLER_MANAGER)
    counts = counted(world.children(new, POD)) | {"observedGeneration": new["metadata"]["generation"]}
    new = world.update({**new, "status": counts}, CONTROLLER_MANAGER, "status")
    status = deployment_status.status(deployment, new, world.children(deployment, REPLICA_SET), world.now() - _WITHIN)
    late = world.now() - _WITHIN + deployment["spec"]["progressDeadlineSeconds"]
    timed_out = condition(
        "Progressing",
        False,
        late,
        "ProgressDeadlineExceeded",
        f'ReplicaSet "{name_of(new)}" has timed out progressing.',
    )
    timed_out["lastUpdateTime"] = timestamp(late)
    status["conditions"] = with_condition(status["conditions"], timed_out)
    status["observedGeneration"] = deployment["metadata"]["generation"]
    world.update({**deployment, "status": status}, CONTROLLER_MANAGER, "status")
