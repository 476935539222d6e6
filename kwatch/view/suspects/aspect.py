"""What a change touches, and how well that fits a failure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.compare import Split
from kwatch.history.diff.path import Steps
from kwatch.informer.kube_object import KubeObject
from kwatch.view.suspects.failure import FailureKind as Kind


class Aspect(Enum):
    """What a change touches; the value is its name in a sentence."""

    IMAGE = "the image"
    COMMAND = "the command"
    ENV = "the environment"
    LIVENESS = "the liveness probe"
    READINESS = "the readiness probe"
    LIMITS = "limits or requests"
    PORTS = "ports"
    VOLUMES = "volumes"
    SECURITY = "the security context"
    PLACEMENT = "where it may run"
    PULL_SECRETS = "pull secrets"
    ACCOUNT = "the service account"
    LABELS = "labels"
    NODE_LABELS = "labels of the node"
    SELECTOR = "the selector"
    REPLICAS = "the number of replicas"
    DATA = "its data"
    CORDON = "whether the node takes pods"
    TAINTS = "taints"
    CONDITIONS = "conditions of the node"
    CAPACITY = "the room on the node"
    QUOTA = "the quota"
    POLICY = "the policy"
    RIGHTS = "what it may do"
    NETWORK = "how it finds others"
    POD = "the pod's specification"
    BACKENDS = "where it leads"
    EXPIRY = "its certificate"
    DELETION = "its deletion"
    WHOLE = "the whole object"
    OTHER = "something else"


_OF_CONTAINER: Mapping[str, Aspect] = {
    "image": Aspect.IMAGE,
    "imagePullPolicy": Aspect.IMAGE,
    "command": Aspect.COMMAND,
    "args": Aspect.COMMAND,
    "workingDir": Aspect.COMMAND,
    "lifecycle": Aspect.COMMAND,
    "env": Aspect.ENV,
    "envFrom": Aspect.ENV,
    "livenessProbe": Aspect.LIVENESS,
    "startupProbe": Aspect.LIVENESS,
    "readinessProbe": Aspect.READINESS,
    "resources": Aspect.LIMITS,
    "ports": Aspect.PORTS,
    "volumeMounts": Aspect.VOLUMES,
    "volumeDevices": Aspect.VOLUMES,
    "securityContext": Aspect.SECURITY,
}
_OF_POD: Mapping[str, Aspect] = {
    "nodeSelector": Aspect.PLACEMENT,
    "affinity": Aspect.PLACEMENT,
    "tolerations": Aspect.PLACEMENT,
    "topologySpreadConstraints": Aspect.PLACEMENT,
    "schedulerName": Aspect.PLACEMENT,
    "priorityClassName": Aspect.PLACEMENT,
    "runtimeClassName": Aspect.PLACEMENT,
    "volumes": Aspect.VOLUMES,
    "readinessGates": Aspect.READINESS,
    "imagePullSecrets": Aspect.PULL_SECRETS,
    "serviceAccountName": Aspect.ACCOUNT,
    "serviceAccount": Aspect.ACCOUNT,
    "automountServiceAccountToken": Aspect.ACCOUNT,
    "securityContext": Aspect.SECURITY,
    "hostNetwork": Aspect.PORTS,
    "dnsPolicy": Aspect.NETWORK,
    "dnsConfig": Aspect.NETWORK,
    "hostAliases": Aspect.NETWORK,
    "hostname": Aspect.NETWORK,
    "subdomain": Aspect.NETWORK,
    "enableServiceLinks": Aspect.NETWORK,
}
_ASSIGNED = frozenset({"nodeName", "schedulingGates"})
"""Of a pod: what the scheduler does."""
_CONTAINERS = ("containers", "initContainers")
_TEMPLATES: tuple[Steps, ...] = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))
_ELSEWHERE: tuple[tuple[str, Steps, Aspect], ...] = (
    ("nodes", ("spec", "unschedulable"), Aspect.CORDON),
    ("nodes", ("spec", "taints"), Aspect.TAINTS),
    ("nodes", ("status", "conditions"), Aspect.CONDITIONS),
    ("nodes", ("status", "allocatable"), Aspect.CAPACITY),
    ("nodes", ("metadata", "labels"), Aspect.NODE_LABELS),
    ("namespaces", ("metadata", "labels"), Aspect.POLICY),
    ("services", ("spec", "selector"), Aspect.SELECTOR),
    ("services", ("spec", "ports"), Aspect.PORTS),
    ("resourcequotas", ("spec",), Aspect.QUOTA),
    ("limitranges", ("spec",), Aspect.QUOTA),
    ("networkpolicies.networking.k8s.io", ("spec",), Aspect.POLICY),
    ("horizontalpodautoscalers.autoscaling", ("spec",), Aspect.REPLICAS),
    ("serviceaccounts", ("imagePullSecrets",), Aspect.PULL_SECRETS),
    ("serviceaccounts", ("automountServiceAccountToken",), Aspect.ACCOUNT),
    ("roles.rbac.authorization.k8s.io", ("rules",), Aspect.RIGHTS),
    ("clusterroles.rbac.authorization.k8s.io", ("rules",), Aspect.RIGHTS),
    ("rolebindings.rbac.authorization.k8s.io", ("subjects",), Aspect.RIGHTS),
    ("clusterrolebindings.rbac.authorization.k8s.io", ("subjects",), Aspect.RIGHTS),
    ("ingresses.networking.k8s.io", ("spec",), Aspect.BACKENDS),
    ("validatingwebhookconfigurations.admissionregistration.k8s.io", ("webhooks",), Aspect.POLICY),
    ("mutatingwebhookconfigurations.admissionregistration.k8s.io", ("webhooks",), Aspect.POLICY),
    ("configmaps", ("data",), Aspect.DATA),
    ("configmaps", ("binaryData",), Aspect.DATA),
    ("secrets", ("data",), Aspect.DATA),
    ("persistentvolumeclaims", ("spec",), Aspect.VOLUMES),
    ("", ("metadata", "deletionTimestamp"), Aspect.DELETION),
    ("", ("spec", "replicas"), Aspect.REPLICAS),
    ("", ("spec", "selector"), Aspect.SELECTOR),
)
_WHOLE_OF = {
    "networkpolicies.networking.k8s.io": Aspect.POLICY,
    "roles.rbac.authorization.k8s.io": Aspect.RIGHTS,
    "rolebindings.rbac.authorization.k8s.io": Aspect.RIGHTS,
    "clusterroles.rbac.authorization.k8s.io": Aspect.RIGHTS,
    "clusterrolebindings.rbac.authorization.k8s.io": Aspect.RIGHTS,
    "limitranges": Aspect.QUOTA,
    "resourcequotas": Aspect.QUOTA,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": Aspect.POLICY,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": Aspect.POLICY,
}
"""What it means that an object came or went, where that is more than the object."""
_OF_TEMPLATE = frozenset({*_OF_CONTAINER.values(), *_OF_POD.values(), Aspect.LABELS})


def whole_of(resource: str) -> Aspect:
    """What it touches that an object of the resource came or went."""
    return _WHOLE_OF.get(resource, Aspect.WHOLE)


def aspects_of(resource: str) -> frozenset[Aspect]:
    """All that a change of an object of the resource may touch."""
    own = frozenset(aspect for where, _, aspect in _ELSEWHERE if where == resource)
    return own or _OF_TEMPLATE | {Aspect.REPLICAS, Aspect.SELECTOR}


def aspects_within(resource: str, steps: Steps) -> frozenset[Aspect]:
    """All that a write may have touched whose writer owns what is at `steps`, with everything below it."""
    below = {aspect for where, start, aspect in _ELSEWHERE if where in ("", resource) and start[: len(steps)] == steps}
    if any(start[: len(steps)] == steps for start in _TEMPLATES):
        below |= aspects_of(resource)
    exact = aspect_of(resource, Change("", None, None, steps)) if not below else None
    return frozenset(below | ({exact} if exact is not None else set()))


def aspect_of(resource: str, change: Change) -> Aspect | None:
    """What a change of an object touches; None for what causes nothing: statuses, annotations, replicas reported."""
    steps = change.steps
    if not steps:
        return whole_of(resource)
    if steps[-1] == "caBundle":
        return Aspect.EXPIRY
    for where, start, aspect in _ELSEWHERE:
        if where in ("", resource) and steps[: len(start)] == start:
            return aspect
    for start in (*_TEMPLATES, *(((),) if resource == "pods" else ())):
        if steps[: len(start)] == start:
            return _of_template(steps[len(start) :], change)
    if steps[0] in ("status", "metadata"):
        return None
    return Aspect.OTHER


def _of_template(steps: Steps, change: Change) -> Aspect | None:
    if steps[:1] == ("metadata",):
        return Aspect.LABELS if steps[1:2] == ("labels",) else None
    if steps[:1] != ("spec",):
        return None
    names = [step for step in steps[1:] if isinstance(step, str)]
    if not names:
        return Aspect.POD
    if names[0] in _ASSIGNED:
        return None
    if names[0] in _CONTAINERS:
        # A container that came or went brings its image.
        is_whole = change.old is ABSENT or change.new is ABSENT
        return _OF_CONTAINER.get(names[1], Aspect.POD) if names[1:] else Aspect.IMAGE if is_whole else Aspect.POD
    return _OF_POD.get(names[0], Aspect.POD)


def _fits(*groups: tuple[float, tuple[Aspect, ...]]) -> Mapping[Aspect, float]:
    return {aspect: weight for weight, aspects in groups for aspect in aspects}


A = Aspect
FITS: Mapping[Kind, Mapping[Aspect, float]] = {
    Kind.IMAGE: _fits((1.0, (A.IMAGE,)), (0.9, (A.PULL_SECRETS,)), (0.6, (A.ACCOUNT, A.DATA)), (0.5, (A.WHOLE,))),
    Kind.REGISTRY: _fits((1.0, (A.PULL_SECRETS, A.WHOLE, A.DATA)), (0.8, (A.ACCOUNT,)), (0.6, (A.IMAGE,))),
    Kind.CONFIG: _fits((1.0, (A.DATA, A.WHOLE, A.ENV)), (0.8, (A.VOLUMES, A.SECURITY)), (0.4, (A.IMAGE, A.POD))),
    Kind.MOUNT: _fits((1.0, (A.VOLUMES, A.WHOLE)), (0.8, (A.DATA,)), (0.4, (A.CONDITIONS, A.PLACEMENT))),
    Kind.MEMORY: _fits((1.0, (A.LIMITS,)), (0.7, (A.IMAGE,)), (0.6, (A.COMMAND, A.ENV, A.DATA)), (0.4, (A.REPLICAS,))),
    Kind.LIVENESS: _fits(
        (1.0, (A.LIVENESS,)),
        (0.8, (A.IMAGE, A.PORTS, A.COMMAND)),
        (0.7, (A.DATA, A.ENV)),
        (0.6, (A.LIMITS, A.NETWORK)),
        (0.3, (A.POD,)),
    ),
    Kind.CRASH: _fits(
        (1.0, (A.COMMAND, A.IMAGE)),
        (0.95, (A.ENV, A.DATA)),
        (0.8, (A.WHOLE, A.VOLUMES, A.SECURITY)),
        (0.9, (A.EXPIRY,)),
        (0.7, (A.RIGHTS,)),
        (0.6, (A.ACCOUNT, A.LIVENESS, A.LIMITS, A.POLICY, A.NETWORK)),
        (0.5, (A.SELECTOR, A.REPLICAS)),
        (0.3, (A.PORTS, A.CONDITIONS, A.POD)),
    ),
    Kind.READINESS: _fits(
        (1.0, (A.READINESS,)),
        (0.85, (A.PORTS, A.IMAGE, A.COMMAND)),
        (0.8, (A.DATA, A.ENV)),
        (1.0, (A.EXPIRY,)),
        (0.75, (A.POLICY,)),
        (0.6, (A.WHOLE, A.LIMITS, A.CONDITIONS, A.RIGHTS, A.NETWORK, A.ACCOUNT)),
        (0.3, (A.POD,)),
    ),
    Kind.SCHEDULING: _fits(
        (1.0, (A.PLACEMENT, A.LIMITS, A.TAINTS, A.CORDON)),
        (0.8, (A.VOLUMES, A.WHOLE, A.NODE_LABELS, A.CAPACITY, A.DELETION)),
        (0.7, (A.PORTS,)),
        (0.6, (A.REPLICAS, A.CONDITIONS)),
    ),
    Kind.NODE: _fits((1.0, (A.CONDITIONS, A.WHOLE)), (0.8, (A.TAINTS, A.CORDON))),
    Kind.EVICTION: _fits(
        (1.0, (A.CONDITIONS, A.TAINTS, A.CORDON)), (0.7, (A.LIMITS, A.IMAGE, A.WHOLE, A.PLACEMENT, A.REPLICAS))
    ),
    Kind.REFUSED: _fits(
        (1.0, (A.QUOTA, A.WHOLE, A.DELETION)),
        (0.8, (A.LIMITS, A.ACCOUNT, A.SECURITY, A.POLICY, A.EXPIRY)),
        (0.6, (A.REPLICAS, A.SELECTOR, A.CONDITIONS)),
        (0.4, (A.IMAGE, A.PLACEMENT)),
    ),
    Kind.ENDPOINTS: _fits(
        (1.0, (A.SELECTOR, A.PORTS, A.BACKENDS, A.EXPIRY)),
        (0.9, (A.LABELS, A.READINESS, A.REPLICAS)),
        (0.7, (A.POLICY, A.WHOLE)),
    ),
    Kind.SCALING: _fits((1.0, (A.REPLICAS, A.WHOLE)), (0.7, (A.LIMITS, A.IMAGE, A.SELECTOR))),
    Kind.CLAIM: _fits((1.0, (A.VOLUMES, A.WHOLE)), (0.6, (A.QUOTA,))),
    Kind.OTHER: _fits((0.5, tuple(Aspect))),
}
"""How well what a change touches explains a failure, 0 to 1; what is not named explains nothing."""


_CLUSTER_ITSELF = frozenset(
    {"kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "cloud-controller-manager"}
)
_CONSEQUENCES = frozenset(
    {A.POD, A.OTHER, A.LABELS, A.NODE_LABELS, A.VOLUMES, A.ACCOUNT, A.SELECTOR, A.PLACEMENT, A.PORTS, A.BACKENDS}
)
_SCALING = 0.5
_BY_SCALING = frozenset({Kind.ENDPOINTS, Kind.SCHEDULING, Kind.REFUSED, Kind.SCALING})


def routine(kind: Kind, resource: str, aspect: Aspect, manager: str) -> float:
    """What is left of the weight of a change by who wrote it: the cluster's own controllers follow from what others
    did, but for what they find out of nodes. That they scale is what they are for, unless it leads to no pods, or to
    more than fit.
    """
    if manager not in _CLUSTER_ITSELF:
        return 1.0
    if aspect is Aspect.WHOLE and resource in ("configmaps", "serviceaccounts"):
        return 0.0  # those that are made in each namespace
    if aspect is Aspect.REPLICAS:
        return 0.0 if resource == "replicasets.apps" else 1.0 if kind in _BY_SCALING else _SCALING
    return 0.0 if aspect in _CONSEQUENCES else 1.0


def may_cause(resource: str, old: KubeObject, new: KubeObject) -> bool:
    """Whether anything changed that may cause something, found without parsing what is the same."""
    try:
        changes = Split(old.raw).diff(Split(new.raw))
    except (msgspec.DecodeError, RecursionError):
        return False
    return any(aspect_of(resource, change) is not None for change in changes)
