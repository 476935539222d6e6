"""An empty store filled with a scenario, as if it had run for months; and what is wrong in it from the start."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator import names
from kwatch.simulator.engine import pod_status, rollouts, shapes
from kwatch.simulator.engine.control_plane import CRD, MANAGER, ControlPlane
from kwatch.simulator.engine.objects import (
    DATABASE,
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    Object,
    condition,
    conditions_of,
    filled_manifest,
    key_of,
    merge_patch,
    name_of,
    part,
    shape,
    uid_of,
    with_condition,
)
from kwatch.simulator.engine.past import PastPods, PastWorkloads, place_cron_job, place_past_events
from kwatch.simulator.engine.pod_status import back_off, back_off_message, in_back_off, main_container, statuses_of
from kwatch.simulator.engine.programs import Flaw
from kwatch.simulator.engine.world import CONTROLLER_MANAGER
from kwatch.simulator.scenario.plan import Plan
from kwatch.simulator.scenario.spec import HELM, KUBECTL, CrashLoop, Manifests, Workload

_DAY = 86_400.0
_HOUR = 3_600.0
_AGE = 212.6 * _DAY
"""Of the whole cluster; its teams came five days later."""
_TEAM_AGE = _AGE - 5 * _DAY
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "default")
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_LEADER = "cp-1_0c7b1a52-91d4-4d0b-8f0e-5d1f7a0c2f6e"


class Population(NamedTuple):
    """What was placed and goes on by itself."""

    cron_jobs: list[Object]
    databases: list[Object]
    autoscalers: list[Object]


def populate(control: ControlPlane, plan: Plan) -> Population:
    """Place everything, and tell the controllers what to watch."""
    return _Populating(control, plan).everything()


class _Populating:
    def __init__(self, control: ControlPlane, plan: Plan) -> None:
        self._control = control
        self._world = control.world
        self._plan = plan
        self._spec = plan.spec
        self._now = control.world.now()
        self._nodes: list[Object] = []

    def everything(self) -> Population:
        world, plan, spec = self._world, self._plan, self._spec
        self._place_namespaces()
        self._place_manifests(spec.cluster_objects, _AGE)
        self._nodes = self._place_nodes()
        control_planes = [node for node in self._nodes if _CONTROL_PLANE in node["metadata"]["labels"]]
        self._place_control_planes(control_planes)
        self._place_leases()
        self._pods = PastPods(self._control, [node for node in self._nodes if node not in control_planes])
        workloads = PastWorkloads(self._control, self._pods, self._nodes)
        for workload in (*plan.workloads, *plan.daemons, *plan.generated):
            workloads.place(workload)
        for namespace in plan.teams:
            password = names.digest(f"{namespace} registry")[:32]
            login = {"username": "pull", "password": password, "auth": shapes.encoded(f"pull:{password}")}
            auths = json.dumps({"auths": {spec.registry: login}})
            made = shapes.secret("RegistryCredentials", "", namespace, self._now - _TEAM_AGE, login=auths)
            world.place(made, "sealed-secrets")
        cron_jobs = [place_cron_job(self._control, self._pods, cron) for cron in plan.crons]
        databases = self._place_databases()
        for loop in spec.troubles.crash_loops:
            self._place_crash_loop(loop)
        self._place_neglected()
        self._report_images()
        self._count(workloads)
        self._control.kubelet.programs.remember()
        place_past_events(world, self._control.recorder, spec.troubles.failed_probes)
        return Population(cron_jobs, databases, workloads.autoscalers)

    def _place_namespaces(self) -> None:
        """Every namespace, with what each of them has."""
        for name in dict.fromkeys([*_SYSTEM, *self._plan.namespaces]):
            created = self._now - (_AGE if name in _SYSTEM else _AGE - self._world.between(0.1, 9.0) * _DAY)
            known = self._spec.namespaces.get(name)
            made = shape("Namespace", name, labels=known.labels if known else {}, created=created)
            self._world.place(made, "kube-apiserver" if name in _SYSTEM else "kubectl-create")
            self._world.place(shape("ServiceAccount", "default", name, created=created), CONTROLLER_MANAGER)
            self._world.place(shapes.root_ca(name, created), CONTROLLER_MANAGER)

    def _place_manifests(self, groups: Iterable[Manifests], age: float, **values: Any) -> list[Object]:
        """Objects as a scenario gives them, placeholders filled in."""
        placed = []
        for group in groups:
            created = self._now - (age if group.age_days is None else group.age_days * _DAY)
            values["created"] = timestamp(created)
            for manifest in group.objects:
                made = filled_manifest(manifest, values)
                made["metadata"] = {**made["metadata"], "creationTimestamp": values["created"]}
                placed.append(self._world.place(made, group.applied_by, status_by=group.status_by))
        return placed

    def _place_nodes(self) -> list[Object]:
        """The control planes are as old as the cluster; workers are replaced every few weeks."""
        now, between, placed = self._now, self._world.between, []
        for index in range(self._plan.control_planes + self._plan.workers):
            control_plane = index < self._plan.control_planes
            name = f"cp-{index + 1}" if control_plane else f"worker-{index + 1 - self._plan.control_planes}"
            created = now - (_AGE - 400.0 * index if control_plane else between(11.0, 47.0) * _DAY)
            posted, version = now - between(0.0, 280.0), self._spec.version
            made = shapes.node(index, name, control_plane=control_plane, created=created, now=posted, version=version)
            placed.append(self._world.place(made, "kubelet", status_by="kubelet", status_at=now - between(1.0, 280.0)))
        return placed

    def _place_control_planes(self, nodes: list[Object]) -> None:
        """The service in front of the API servers, and the mirrors of the control plane's components."""
        addresses = [node["status"]["addresses"][0]["address"] for node in nodes]
        ips = [{"ip": address} for address in addresses]
        for made in part("APIServer", address=names.service_ip(0), addresses=addresses, ips=ips):
            created = {"creationTimestamp": timestamp(self._now - _AGE)}
            self._world.place(merge_patch(made, {"metadata": created}), "kube-apiserver")
        since = self._now - 54 * _DAY
        for node, address in zip(nodes, addresses, strict=True):
            for given in self._spec.static_pods:
                self._control.images.on_node[name_of(node)].add(given.image)
                own = {"node": name_of(node), "uid": uid_of(node), "address": address, "created": timestamp(since)}
                checksum = names.digest(f"{given.name} {given.image}")[:32]
                pod = part("StaticPod", checksum=checksum, **own, **msgspec.structs.asdict(given))
                pod["status"] = pod_status.running_status(
                    pod, self._world.random, node_address=address, address=address, started=since, ready=since + 20
                )
                self._world.place(pod, "kubelet", status_by="kubelet", status_at=since + 20)

    def _place_leases(self) -> None:
        """Leases of nodes and leaders, and who renews them."""
        now = self._now
        for name in ("kube-controller-manager", "kube-scheduler"):
            since, renewed = micro_timestamp(now - 13 * _DAY), micro_timestamp(now - 1.0)
            lease = shape("LeaderLease", name, created=now - _AGE, holder=_LEADER, acquired=since, renewed=renewed)
            self._control.leases.add(self._world.place(lease, name), name)
        for node in self._nodes:
            renewed = micro_timestamp(now - self._world.between(0.0, 9.0))
            lease = shape("NodeLease", name_of(node), uid=uid_of(node), renewed=renewed)
            lease["metadata"]["creationTimestamp"] = node["metadata"]["creationTimestamp"]
            self._control.leases.add(self._world.place(lease, "kubelet"), "kubelet")

    def _place_databases(self) -> list[Object]:
        """The databases of the namespaces that are there, if their kind is served."""
        given = [each for each in self._spec.databases if each.namespace in self._plan.namespaces]
        if self._world.get(CRD, ("", DATABASE)) is None:
            return []
        return [
            self._world.place(
                shapes.database(each, self._now),
                "argocd-controller",
                status_by=MANAGER,
                status_at=self._now - each.backed_up,
            )
            for each in given
        ]

    def _report_images(self) -> None:
        """The nodes say which images they have, the largest fifty."""
        for node in self._nodes:
            images = sorted(self._control.images.on_node[name_of(node)], key=names.image_size, reverse=True)[:50]
            if images:
                entries = [
                    {"names": [names.image_id(image), image], "sizeBytes": names.image_size(image)} for image in images
                ]
                self._world.patch(node, "kubelet", status={"images": entries})

    def _place_team_objects(self) -> list[Object]:
        """Roles, quotas, limits and network policies of the teams."""
        placed = []
        for team in self._plan.teams:
            values = {"namespace": team, "pods": str(self._spec.namespaces[team].pods)}
            placed += self._place_manifests(self._spec.team_objects, _TEAM_AGE, **values)
        return placed

    def _count(self, workloads: PastWorkloads) -> None:
        """Tell the controllers what to watch, and let them count."""
        control = self._control
        for service in workloads.services:
            control.endpoints.watch(service)
        for budget in workloads.budgets:
            control.disruption.watch(budget)
            control.disruption.act(budget)
        for placed in self._place_team_objects():
            if placed["kind"] == "ResourceQuota":
                control.quotas.watch(placed)
                control.quotas.act(placed)
        for scaler in workloads.autoscalers:
            control.usage.baseline[key_of(scaler)] = scaler["status"]["currentReplicas"]
            control.autoscalers.measure(key_of(scaler))

    # What is wrong.

    def _place_crash_loop(self, loop: CrashLoop) -> None:
        """A deployment whose newest version does not start; the version before it, if there is one, still serves."""
        world = self._world
        deployment = world.get(DEPLOYMENT, (loop.namespace, loop.workload))
        if deployment is None:
            return
        self._control.images.flaws[main_container(deployment["spec"]["template"])["image"]] = Flaw(runs=loop.runs)
        sets = world.children(deployment, REPLICA_SET)
        new = next(each for each in sets if each["spec"]["replicas"])
        older = [each for each in sets if each is not new]
        pods = world.children(new, POD)
        crashing = pods[:1] if older else pods
        for pod in pods[len(crashing) :]:
            world.remove(pod)
        for pod in crashing:
            self._make_crashing(pod, loop)
        if older:
            self._scaled(max(older, key=rollouts.revision_of), len(pods), new_pods=len(pods))
        began = self._now - loop.began
        new = self._scaled(new, len(crashing))
        status = rollouts.deployment_status(deployment, new, world.children(deployment, REPLICA_SET), began)
        given_up = rollouts.timed_out(new, began + deployment["spec"]["progressDeadlineSeconds"])
        status["conditions"] = with_condition(status["conditions"], given_up)
        world.report(deployment, status)

    def _make_crashing(self, pod: Object, loop: CrashLoop) -> None:
        """The pod was restarted until now, and waits in its back-off."""
        now, began, wait = self._now, self._now - loop.began, back_off(loop.restarts)
        ended = now - wait + loop.next_try
        name = main_container(pod)["name"]
        last = pod_status.terminated(1, "Error", ended - 5.4, ended, names.container_id(self._world.random))
        crashed = in_back_off(pod, {**statuses_of(pod)[name], "restartCount": loop.restarts}, last, wait)
        statuses = [crashed if each["name"] == name else each for each in pod["status"]["containerStatuses"]]
        conditions = conditions_of(pod)
        why = ("ContainersNotReady", f"containers with unready status: [{name}]")
        for kind in ("Ready", "ContainersReady"):
            unready = condition(kind, False, began + 8, *why, observedGeneration=1, lastProbeTime=None)
            conditions = with_condition(conditions, unready)
        status = {"containerStatuses": statuses, "conditions": conditions}
        pod = self._world.patch(pod, "kubelet", status=status)
        times, message = (began + 12, now - 3.0), back_off_message(pod)
        self._control.recorder.past(pod, "Warning", "BackOff", message, "kubelet", times, 21, name)
        self._control.kubelet.resume_back_off(pod, loop.next_try)

    def _scaled(self, replica_set: Object, replicas: int, new_pods: int = 0) -> Object:
        """A replica set that has so many pods, some of them still to be placed."""
        scaled = self._world.patch(replica_set, CONTROLLER_MANAGER, spec={"replicas": replicas})
        for index in range(new_pods):
            self._pods.place(scaled, self._now - 420_000.0 + 5 * index)
        return self._world.report(scaled, rollouts.replica_set_status(scaled, self._world.children(scaled, POD)))

    def _place_neglected(self) -> None:
        """What was never cleared away: claims of a class that does not exist, services in front of nothing."""
        now, world, troubles = self._now, self._world, self._spec.troubles
        for lost in troubles.lost_claims:
            if lost.namespace in self._plan.namespaces:
                own = (lost.size, lost.storage_class, {"app": lost.app}, now - lost.age_days * _DAY)
                made = shapes.claim(lost.name, lost.namespace, *own)
                made = world.place(made, KUBECTL, status_by=CONTROLLER_MANAGER)
                message = f'storageclass.storage.k8s.io "{lost.storage_class}" not found'
                times, component = (now - 3_200.0, now - 11.0), "persistentvolume-controller"
                about = (made, "Warning", "ProvisioningFailed", message, component)
                self._control.recorder.past(*about, times, lost.failures)
        for index, dead in enumerate(troubles.dead_services):
            if dead.namespace in self._plan.namespaces:
                created = now - dead.age_days * _DAY
                old = Workload(dead.name, dead.namespace, dead.image, applied_by=HELM)
                service = world.place(shapes.service(old, 199 - index, created), HELM)
                world.place(shapes.endpoint_slice(service, "w5t9q", created), CONTROLLER_MANAGER)
                world.place(shapes.endpoints(service, created), CONTROLLER_MANAGER)
                self._control.endpoints.watch(service)
