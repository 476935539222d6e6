"""What describe says of an object because of others: a node's pods, a service's endpoints, a claim's users."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from kwatch.base.quantity import quantity_order, quantity_text
from kwatch.base.timestamp import time_or_none
from kwatch.catalog.column import NONE, Level
from kwatch.catalog.overview.cluster import limit_facts, quota_facts
from kwatch.catalog.overview.facts import Fact, Section, moment, sections
from kwatch.catalog.overview.network import endpoint_fact
from kwatch.catalog.shapes import Shape, read_tolerantly
from kwatch.catalog.tree import Tree
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource

Others = Mapping[str, Sequence[KubeObject]]
"""By plural name; a name is there once its objects are known, even if there are none."""

SHOWN = 200
"""Lines of one section; beyond that, how many more there are."""

_REVISION = "deployment.kubernetes.io/revision"


def describe_related(resource: Resource, obj: KubeObject, others: Others) -> tuple[Section, ...]:
    """The sections; none for a kind without surroundings, or an object that cannot be read."""
    describe = _DESCRIPTIONS.get((resource.group, resource.name))
    try:
        return () if describe is None else describe(obj, others)
    except (ValueError, RecursionError):
        return ()


def _node(node: KubeObject, others: Others) -> tuple[Section, ...]:
    running = [pod for pod in others.get("pods", ()) if phase(pod) not in ("Succeeded", "Failed")]
    title = f"Pods ({len(running)})"
    return sections(
        ("Allocated", _allocated(Tree(node.tree()).at("status", "allocatable"), running) if "pods" in others else ()),
        ("Lease", (moment("Renewed", Tree(each.tree()).at("spec", "renewTime")) for each in others.get("leases", ()))),
        (title, _limited_to_shown([_pod_of_node(pod) for pod in running])),
    )


def _allocated(allocatable: Tree, pods: Sequence[KubeObject]) -> Iterator[Fact]:
    wanted, allowed = (_total(pods, of) for of in (requested, limited))
    for name, usable in allocatable.entries():
        most = quantity_order(usable.text()) or 0.0
        if name == "pods":
            yield Fact(name, f"{len(pods)} of {usable.text()}", _fullness(len(pods), most))
        elif name in wanted or name in allowed:
            limits = f"limits {_share(name, allowed[name], most)}" if name in allowed else "no limits"
            taken = wanted.get(name, 0.0)
            yield Fact(name, f"{_share(name, taken, most)} requested, {limits}", _fullness(taken, most))


def _total(pods: Sequence[KubeObject], of: Callable[..., Quantities]) -> dict[str, float]:
    total: dict[str, float] = {}
    for pod in pods:
        for name, amount in of(read_pod(pod)).items():
            total[name] = total.get(name, 0.0) + amount
    return total


def _share(name: str, amount: float, most: float) -> str:
    share = f" ({int(100 * amount / most)}%)" if most else ""
    return f"{quantity_text(name, amount)}{share}"


def _fullness(amount: float, most: float) -> Level:
    return Level.WARNING if most and amount >= 0.95 * most else Level.NONE


def _pod_of_node(pod: KubeObject) -> Fact:
    read = read_pod(pod)
    wanted, allowed = requested(read), limited(read)
    words = [
        f"{name} {quantity_text(name, wanted.get(name, 0.0))}, {_limit(name, allowed)}" for name in ("cpu", "memory")
    ]
    return Fact(pod.namespace, f"{pod.name}: {'; '.join(words)}", at=time_or_none(pod.creation_timestamp))


def _limit(name: str, allowed: Quantities) -> str:
    return f"limit {quantity_text(name, allowed[name])}" if name in allowed else "no limit"


def _service(service: KubeObject, others: Others) -> tuple[Section, ...]:
    if "endpointslices" not in others:
        return ()
    found = [endpoint_fact(each) for one in others["endpointslices"] for each in Tree(one.tree())["endpoints"]]
    if not found and Tree(service.tree()).at("spec", "selector"):
        found = [Fact("Endpoints", NONE, Level.WARNING)]
    return sections(("Endpoints", _limited_to_shown(found)))


def _deployment(deployment: KubeObject, others: Others) -> tuple[Section, ...]:
    trees = [Tree(each.tree()) for each in others.get("replicasets", ())]
    trees.sort(key=_revision, reverse=True)
    current = _revision(Tree(deployment.tree()))
    kept = [tree for tree in trees if _revision(tree) == current or tree.at("spec", "replicas").number()]
    return sections(("Replica Sets", [_replica_set(tree, current) for tree in kept]))


def _replica_set(tree: Tree, current: int) -> Fact:
    ready, wanted = tree.at("status", "readyReplicas").number(), tree.at("spec", "replicas").text("1")
    age = "new" if _revision(tree) == current else "old"
    level = Level.NONE if str(ready) == wanted else Level.PROGRESS
    return Fact(
        tree.at("metadata", "name").text(), f"{ready} of {wanted} ready, {age}, revision {_revision(tree)}", level
    )


def _revision(tree: Tree) -> int:
    text = tree.at("metadata", "annotations", _REVISION).text()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _owner_of_pods(owner: KubeObject, others: Others) -> tuple[Section, ...]:
    if "pods" not in others:
        return ()
    pods = others["pods"]
    if len(pods) > SHOWN:
        return sections(("Pods", [Fact("Number", str(len(pods)))]))
    phases = Counter(map(phase, pods))
    words = [f"{phases.get(each, 0)} {each.lower()}" for each in ("Running", "Pending", "Succeeded", "Failed")]
    return sections(("Pods", [Fact("Phases", ", ".join(words))]))


def _namespace(namespace: KubeObject, others: Others) -> tuple[Section, ...]:
    quotas = (Tree(each.tree()) for each in others.get("resourcequotas", ()))
    limits = (Tree(each.tree()) for each in others.get("limitranges", ()))
    return sections(
        *((f"Quota {each.at('metadata', 'name').text()}", quota_facts(each)) for each in quotas),
        *(
            (f"Limits of a {limit['type'].text('?')}, {each.at('metadata', 'name').text()}", limit_facts(limit))
            for each in limits
            for limit in each.at("spec", "limits")
        ),
    )


def _claim(claim: KubeObject, others: Others) -> tuple[Section, ...]:
    if "pods" not in others:
        return ()
    users = [Fact("Pod", pod.name) for pod in others["pods"]] or [Fact("Pod", NONE)]
    return sections(("Used By", _limited_to_shown(users)))


def _limited_to_shown(facts: Sequence[Fact]) -> Iterable[Fact]:
    yield from facts[:SHOWN]
    if len(facts) > SHOWN:
        yield Fact("", f"and {len(facts) - SHOWN} more")


_DESCRIPTIONS: dict[tuple[str, str], Callable[[KubeObject, Others], tuple[Section, ...]]] = {
    ("", "namespaces"): _namespace,
    ("", "nodes"): _node,
    ("", "persistentvolumeclaims"): _claim,
    ("", "replicationcontrollers"): _owner_of_pods,
    ("", "services"): _service,
    ("apps", "daemonsets"): _owner_of_pods,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _owner_of_pods,
    ("apps", "statefulsets"): _owner_of_pods,
}


# What a pod takes of its node: containers side by side, init containers one after the other, sidecars beside all.

Quantities = Mapping[str, float]


class _Resources(Shape, frozen=True):
    requests: dict[str, str | int] | None = None
    limits: dict[str, str | int] | None = None


class _Container(Shape, frozen=True):
    resources: _Resources = _Resources()
    restart_policy: str | None = None


class _Spec(Shape, frozen=True):
    """`resources` are the pod's own and go before its containers'."""

    containers: tuple[_Container, ...] | None = None
    init_containers: tuple[_Container, ...] | None = None
    overhead: dict[str, str | int] | None = None
    resources: _Resources = _Resources()


class _Status(Shape, frozen=True):
    phase: str = ""


class PodResources(Shape, frozen=True):
    """A pod, of which its phase and what decides over its resources are read."""

    spec: _Spec = _Spec()
    status: _Status = _Status()


def read_pod(obj: KubeObject) -> PodResources:
    try:
        return obj.read(PodResources)
    except (msgspec.DecodeError, RecursionError):
        return read_tolerantly(obj, PodResources)


def phase(obj: KubeObject) -> str:
    """A pod's phase; empty where that cannot be read."""
    try:
        return f"{read_pod(obj).status.phase}"
    except TypeError:
        return ""


def requested(pod: PodResources) -> Quantities:
    """What the scheduler reserves, by resource, in its unit (cores, bytes, pieces)."""
    return _taken(pod, "requests")


def limited(pod: PodResources) -> Quantities:
    """What it may use at most; containers without a limit are left out."""
    return _taken(pod, "limits")


def _taken(pod: PodResources, which: str) -> Quantities:
    spec = pod.spec
    try:
        beside = _plus(*[_amounts(each, which) for each in spec.containers or ()])
        before: dict[str, float] = {}
        sidecars: dict[str, float] = {}
        for container in spec.init_containers or ():
            meanwhile = _plus(sidecars, _amounts(container, which))
            before = _most(before, meanwhile)
            if container.restart_policy == "Always":
                sidecars = meanwhile
        taken = _most(_plus(beside, sidecars), before) | _numbers(getattr(spec.resources, which))
        overhead = _numbers(spec.overhead)
    except TypeError:
        # A field of another type than expected.
        return {}
    # What nothing limits, its overhead does not limit either.
    return _plus(taken, {name: overhead[name] for name in overhead if which == "requests" or name in taken})


def _amounts(container: _Container, which: str) -> dict[str, float]:
    return _numbers(getattr(container.resources, which))


def _numbers(quantities: Mapping[str, str | int] | None) -> dict[str, float]:
    return {name: quantity_order(str(quantity)) or 0.0 for name, quantity in (quantities or {}).items()}


def _plus(*parts: Quantities) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, 0.0) + amount
    return total


def _most(ours: Quantities, theirs: Quantities) -> dict[str, float]:
    return {name: max(ours.get(name, 0.0), theirs.get(name, 0.0)) for name in {**ours, **theirs}}
