"""Nodes with their leases, their static pods, and what belongs to the cluster as a whole."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.kube_system import STATIC_PODS
from kwatch.simulator.scenario.kubelet.images import Images
from kwatch.simulator.scenario.objects import access, config, database, namespace, policy, service, storage
from kwatch.simulator.scenario.objects.kube import Object, name_of, revised
from kwatch.simulator.scenario.objects.node import image_entry, node
from kwatch.simulator.scenario.objects.static_pod import static_pod
from kwatch.simulator.scenario.population.plan import Plan
from kwatch.simulator.scenario.world import World

DAY = 86_400.0
AGE = 212.6 * DAY
_TEAMS = ("shop", "payments")
_INFRASTRUCTURE = ("platform", "monitoring", "ingress")
_SYSTEM = ("kube-system", "kube-public", "kube-node-lease", "default")


def place_nodes(world: World, plan: Plan) -> list[Object]:
    """The control planes are as old as the cluster; workers are replaced every few weeks."""
    now = world.now()
    placed = []
    for index in range(plan.control_planes + plan.workers):
        control_plane = index < plan.control_planes
        name = f"cp-{index + 1}" if control_plane else f"worker-{index + 1 - plan.control_planes}"
        age = AGE - 400.0 * index if control_plane else world.between(11.0, 47.0) * DAY
        made = node(index, name, control_plane=control_plane, created=now - age, now=now - world.between(0.0, 280.0))
        placed.append(world.place(made, "kubelet", status_by="kubelet", status_at=now - world.between(1.0, 280.0)))
    return placed


def report_images(world: World, images: Images, nodes: list[Object]) -> None:
    """The nodes say which images they have, the largest fifty."""
    for each in nodes:
        entries = sorted((image_entry(image) for image in images.on_node(name_of(each))), key=lambda e: -e["sizeBytes"])
        if entries:
            world.update(revised(each, status={"images": entries[:50]}), "kubelet", "status")


def place_static_pods(world: World, nodes: list[Object], images: Images) -> None:
    """What the control plane consists of: pods that the kubelet runs from files."""
    for each in nodes:
        if "node-role.kubernetes.io/control-plane" in each["metadata"]["labels"]:
            for name, image, cpu, memory, port in STATIC_PODS:
                images.add(name_of(each), image)
                pod = static_pod(world.random, each, name, image, cpu, memory, port, world.now() - 54 * DAY)
                world.put(pod)


def place_namespaces(world: World, plan: Plan) -> None:
    """Every namespace, with what each of them has."""
    now = world.now()
    for name in dict.fromkeys([*_SYSTEM, *_TEAMS[:1], *plan.namespaces]):
        age = AGE if name in _SYSTEM else AGE - world.between(0.1, 9.0) * DAY
        labels = {}
        if name in _TEAMS:
            labels = {"team": name, "pod-security.kubernetes.io/enforce": "restricted"}
        elif name in _INFRASTRUCTURE:
            labels = {"team": "platform", "pod-security.kubernetes.io/enforce": "privileged"}
        created = now - age
        manager = "kube-apiserver" if name in _SYSTEM else "kubectl-create"
        world.place(namespace.namespace(name, labels, created), manager)
        world.place(access.service_account("default", name, created), "kube-controller-manager")
        world.place(config.root_ca(name, created), "kube-controller-manager")


def place_policies(world: World, plan: Plan) -> list[Object]:
    """Roles, quotas, limits, network policies of the teams; returns the quotas."""
    created = world.now() - AGE + 5 * DAY
    quotas = []
    for name in _TEAMS:
        if name not in plan.namespaces:
            continue
        for made in access.team_access(name, created):
            world.place(made, "argocd-controller")
        for made in policy.network_policies(name, created):
            world.place(made, "argocd-controller")
        world.place(policy.limit_range(name, created), "kubectl-client-side-apply")
        quotas.append(
            world.place(policy.quota(name, 80 if name == "shop" else 40, created), "kubectl-client-side-apply")
        )
    return quotas


def place_cluster_objects(world: World) -> None:
    """Storage classes, priority classes, cluster roles, the way in, and the cluster's own kind."""
    created = world.now() - AGE
    for made in (*storage.storage_classes(created), *policy.priority_classes(created), policy.ingress_class(created)):
        world.place(made, "kubectl-client-side-apply")
    for made in access.cluster_access(created):
        world.place(made, "kubectl-client-side-apply")
    world.place(database.definition(created + 100 * DAY), "helm", status_by="kube-apiserver")


def place_api_service(world: World, nodes: list[Object]) -> None:
    """The service `kubernetes`: how pods reach the API servers."""
    created = world.now() - AGE
    addresses = [
        node["status"]["addresses"][0]["address"]
        for node in nodes
        if "node-role.kubernetes.io/control-plane" in node["metadata"]["labels"]
    ]
    for made in service.api_service(addresses, created):
        world.place(made, "kube-apiserver")


def place_databases(world: World, plan: Plan) -> list[Object]:
    """The databases of those who have any."""
    now = world.now()
    wanted = (
        ("orders", "shop", "postgres", "17.6", 2, 50, 109.0, 320.0),
        ("sessions", "shop", "redis", "8.2", 3, 8, 96.0, 610.0),
        ("catalog", "shop", "postgres", "16.10", 1, 20, 41.0, 75.0),
        ("ledger", "payments", "postgres", "17.6", 3, 200, 108.0, 450.0),
        ("metrics", "platform", "mysql", "8.4.7", 1, 30, 12.0, 800.0),
    )
    placed = []
    for name, owner, engine, version, replicas, size, days, ago in wanted:
        if owner in plan.namespaces:
            made = database.database(
                name, owner, engine, version, replicas, size, created=now - days * DAY, backed_up=now - ago
            )
            placed.append(world.place(made, "argocd-controller", status_by="database-operator", status_at=now - ago))
    return placed


def place_leases(world: World, nodes: list[Object]) -> list[tuple[Object, str]]:
    """Leases of nodes and leaders, with who renews them."""
    now = world.now()
    placed = []
    leaders = (
        ("kube-controller-manager", "kube-system", "kube-controller-manager"),
        ("kube-scheduler", "kube-system", "kube-scheduler"),
    )
    holder = f"cp-1_{'0c7b1a52-91d4-4d0b-8f0e-5d1f7a0c2f6e'}"
    for name, where, manager in leaders:
        made = namespace.leader_lease(name, where, holder, now - 13 * DAY, now - 1.0, now - AGE)
        placed.append((world.place(made, manager), manager))
    for each in nodes:
        made = namespace.node_lease(each, now - world.between(0.0, 9.0), now - 40 * DAY)
        made["metadata"]["creationTimestamp"] = each["metadata"]["creationTimestamp"]
        placed.append((world.place(made, "kubelet"), "kubelet"))
    return placed
