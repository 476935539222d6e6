"""What fails, since when, and what the server itself says of the cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NamedTuple

import msgspec

from kwatch.base.timestamp import time_or_none
from kwatch.catalog.tree import Tree
from kwatch.history.diff.path import ItemKey, Steps
from kwatch.history.reconstruction import event_facts
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import CERTIFICATE, masked_expiry
from kwatch.informer.resource import Resource
from kwatch.view.rollouts import tree_or_none


class FailureKind(Enum):
    """The ways in which things fail that have causes of their own; the value says it in words."""

    IMAGE = "its image cannot be pulled"
    REGISTRY = "its image may not be pulled"
    CONFIG = "a container cannot be made from its configuration"
    MOUNT = "a volume cannot be mounted"
    MEMORY = "it ran out of memory"
    LIVENESS = "its liveness probe fails"
    CRASH = "it crashes"
    READINESS = "it is not ready"
    SCHEDULING = "no node takes it"
    NODE = "its node fails"
    EVICTION = "it was evicted"
    REFUSED = "its pods are refused"
    ENDPOINTS = "no pod answers for it"
    SCALING = "it is scaled wrongly"
    CLAIM = "its claim is not bound"
    OTHER = "it fails"


class Statement(NamedTuple):
    """What the server says names an object as the cause. `kind` as in manifests, in lower case; `name` may be empty."""

    kind: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Failure:
    """`since` in seconds since the epoch, None where nothing tells; `exact` if it was seen and not reconstructed."""

    kind: FailureKind
    since: float | None
    statements: tuple[Statement, ...] = ()
    message: str = ""
    """What the server says, in its own words."""
    exact: bool = False


_PULLING = frozenset(
    {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)
_UNAUTHORIZED = re.compile(r"401 Unauthorized|403 Forbidden|authentication required|no basic auth credentials")
"""What registries say whose images are there: others say of what is not there that it may require authorization."""
_CONFIG = frozenset({"CreateContainerConfigError", "CreateContainerError"})
_CRASHING = frozenset({"CrashLoopBackOff", "RunContainerError", "StartError", "Error", "ContainerCannotRun"})
_FIRST_WAIT, _LONGEST_WAIT = 10.0, 300.0
"""Seconds between a container's end and its restart: doubled each time."""
_MOST_TURNS = 1000
_KILLED = (137, 143)
"""Exit codes of what was killed: by SIGKILL, by SIGTERM."""


def failure_of(kind: str, obj: Mapping[str, Any], messages: Sequence[str] = ()) -> Failure:
    """How an object of a kind fails. `messages` are reasons and messages of the Warnings about it, the newest first."""
    tree = Tree(obj)
    found = _of_pod(tree, messages) if kind == "Pod" else _of_other(kind, tree, messages)
    texts = [text for text in (found.message, *messages) if text]
    statements = tuple(dict.fromkeys(each for text in texts for each in statements_in(text)))
    return replace(found, statements=statements)


def may_fail(pod: Mapping[str, Any]) -> bool:
    """False for one that is ready and never restarted, which most are: found without reading all of its state."""
    tree = Tree(pod)
    return not is_ready(tree) or any(each["restartCount"].value for each in tree.at("status", "containerStatuses"))


def is_ready(pod: Tree) -> bool:
    return condition(pod["status"], "Ready")["status"].text() == "True"


def is_lost(node: Tree) -> bool:
    """Whether it is known not to be ready."""
    return condition(node["status"], "Ready")["status"].text() in ("False", "Unknown")


def _of_pod(pod: Tree, messages: Sequence[str]) -> Failure:
    status, created = pod["status"], time_or_none(pod.at("metadata", "creationTimestamp").value)
    scheduled = condition(status, "PodScheduled")
    not_ready = condition(status, "Ready")
    unready_since = _changed(not_ready) if not_ready["status"].text() == "False" else None
    disrupted = condition(status, "DisruptionTarget")
    if disrupted["status"].text() == "True" and status["reason"].text() != "Evicted":
        message = disrupted["message"].text() or disrupted["reason"].text()
        return Failure(FailureKind.EVICTION, _changed(disrupted), message=message)
    if status["reason"].text() == "Evicted":
        return Failure(FailureKind.EVICTION, unready_since or created, message=status["message"].text())
    if status["reason"].text() == "NodeLost" or not_ready["reason"].text() == "NodeStatusUnknown":
        return Failure(FailureKind.NODE, unready_since, message=status["message"].text())
    if scheduled["status"].text() == "False":
        return Failure(FailureKind.SCHEDULING, _changed(scheduled) or created, message=scheduled["message"].text())
    containers = [*status["initContainerStatuses"], *status["containerStatuses"]]
    reasons = [(each, each.at("state", "waiting", "reason").text()) for each in containers]
    for container, reason in reasons:
        waiting = container.at("state", "waiting")
        if reason in _PULLING or reason in _CONFIG:
            kind = FailureKind.IMAGE if reason in _PULLING else FailureKind.CONFIG
            if kind is FailureKind.IMAGE and any(map(_UNAUTHORIZED.search, (waiting["message"].text(), *messages))):
                kind = FailureKind.REGISTRY
            return Failure(kind, unready_since or created, message=waiting["message"].text() or reason)
    ended = [found for each in containers for found in _ends(each)]
    if any(end["reason"].text() == "OOMKilled" for end in ended):
        return Failure(FailureKind.MEMORY, _first_end(ended))
    probed = next((text for text in messages if "Liveness probe failed" in text or "Startup probe failed" in text), "")
    if probed and any(end["exitCode"].number() in (*_KILLED, 0, 1, 2) for end in ended):
        return Failure(FailureKind.LIVENESS, _first_end(ended), message=probed)
    if ended and (any(reason in _CRASHING for _, reason in reasons) or status["phase"].text() == "Failed"):
        message = next((text for each in ended if (text := each["message"].text())), "")
        restarts = max(each["restartCount"].number() for each in containers)
        return Failure(FailureKind.CRASH, _loop_began(_first_end(ended), restarts, created), message=message)
    if any(reason in _CRASHING for _, reason in reasons):
        return Failure(FailureKind.CRASH, unready_since or created)
    mounting = next((text for text in messages if text.startswith(("FailedMount", "FailedAttachVolume"))), "")
    if mounting and status["phase"].text() == "Pending":
        return Failure(FailureKind.MOUNT, unready_since or created, message=mounting)
    if unready_since is not None and status["phase"].text() == "Running":
        probed = next((text for text in messages if "Readiness probe failed" in text), "")
        return Failure(FailureKind.READINESS, unready_since, message=probed or not_ready["message"].text())
    return Failure(FailureKind.OTHER, unready_since or created, message=status["message"].text())


def _of_other(kind: str, tree: Tree, messages: Sequence[str]) -> Failure:
    status = tree["status"]
    refused = condition(status, "ReplicaFailure")
    if refused["status"].text() == "True":
        return Failure(FailureKind.REFUSED, _changed(refused), message=refused["message"].text())
    created = next((text for text in messages if text.startswith("FailedCreate")), "")
    if created:
        return Failure(FailureKind.REFUSED, None, message=created)
    if kind == "Node":
        ready = condition(status, "Ready")
        return Failure(FailureKind.NODE, _changed(ready), message=ready["message"].text())
    if kind in ("Service", "Endpoints", "EndpointSlice", "Ingress"):
        times = (time_or_none(each["time"].value) for each in tree.at("metadata", "managedFields"))
        reported = max((at for at in times if at is not None), default=None)
        return Failure(FailureKind.ENDPOINTS, reported if kind.startswith("Endpoint") else None)
    if kind == "HorizontalPodAutoscaler":
        active = next((each for each in status["conditions"] if each["status"].text() == "False"), Tree(None))
        return Failure(FailureKind.SCALING, _changed(active), message=active["message"].text())
    if kind == "PersistentVolumeClaim":
        since = time_or_none(tree.at("metadata", "creationTimestamp").value)
        return Failure(FailureKind.CLAIM, since, message=next(iter(messages), ""))
    failed = next(
        filter(_is_bad, (condition(status, name) for name in ("Failed", "Progressing", "Available"))), Tree(None)
    )
    crashed = failed["reason"].text() in ("BackoffLimitExceeded", "PodFailurePolicy")
    return Failure(
        FailureKind.CRASH if crashed else FailureKind.OTHER, _changed(failed), message=failed["message"].text()
    )


def _ends(container: Tree) -> Iterator[Tree]:
    """How the container ended, now and the last time, if it was badly."""
    for name in ("state", "lastState"):
        ended = container.at(name, "terminated")
        if ended and (ended["exitCode"].number() or ended["signal"].number() or ended["reason"].text() == "OOMKilled"):
            yield ended


def _first_end(ended: Iterable[Tree]) -> float | None:
    """The first bad end that is still known: what came before it is overwritten."""
    times = [at for each in ended if (at := time_or_none(each["finishedAt"].value)) is not None]
    return min(times, default=None)


def _loop_began(ended: float | None, restarts: int, created: float | None) -> float | None:
    """When a container crashed first, by how long the kubelet waits between its restarts."""
    if ended is None:
        return created
    waits = sum(min(_FIRST_WAIT * 2.0**turn, _LONGEST_WAIT) for turn in range(min(restarts, _MOST_TURNS) - 1))
    return max(ended - waits, created or 0.0)


def _is_bad(condition: Tree) -> bool:
    """Of a workload: whether the condition says that something is wrong. That it progressed is no failure."""
    return condition["status"].text() == ("True" if condition["type"].text() == "Failed" else "False")


def condition(status: Tree, name: str) -> Tree:
    return next((each for each in status["conditions"] if each["type"].text() == name), Tree(None))


def _changed(condition: Tree) -> float | None:
    return time_or_none(condition["lastTransitionTime"].value)


_NAME = r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?"
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_SAYINGS: tuple[tuple[str, str], ...] = (
    ("configmap", rf"couldn't find key (?P<key>\S+) in ConfigMap (?:{_NAME}/)?(?P<name>{_NAME})"),
    ("secret", rf"couldn't find key (?P<key>\S+) in Secret (?:{_NAME}/)?(?P<name>{_NAME})"),
    ("configmap", rf'configmaps? "(?P<name>{_NAME})" not found'),
    ("configmap", r"references non-existent config key: (?P<key>\S+)"),
    ("secret", rf'secrets? "(?P<name>{_NAME})" not found'),
    ("secret", r"references non-existent secret key: (?P<key>\S+)"),
    ("serviceaccount", rf'serviceaccount "(?P<name>{_NAME})" not found'),
    ("serviceaccount", rf"error looking up service account (?:{_NAME}/)?(?P<name>{_NAME})"),
    ("persistentvolumeclaim", rf'persistentvolumeclaim "(?P<name>{_NAME})" (?:not found|is being deleted|bound to)'),
    ("persistentvolumeclaim", r"unbound immediate PersistentVolumeClaims"),
    ("storageclass", rf'storageclass(?:\.storage\.k8s\.io)? "(?P<name>{_NAME})" not found'),
    ("resourcequota", rf"exceeded quota: (?P<name>{_NAME})"),
    ("limitrange", r"(?:maximum|minimum) (?:\S+ )?(?:cpu|memory|\S*storage)[^.]*(?:usage|request|limit)[^.]* per"),
    ("webhook", rf'(?:failed calling|admission) webhook "(?P<name>{_NAME})"'),
    ("webhook's service", rf'https?://(?P<name>{_LABEL}\.{_LABEL})\.svc[:/][^\s"]*(?:": [a-z][^"]*(?:"[^"]+")?)?'),
    ("secret", rf"Unable to retrieve some image pull secrets \((?P<name>{_NAME})"),
    ("priorityclass", rf"no PriorityClass with name (?P<name>{_NAME}) was found"),
    ("runtimeclass", rf'RuntimeClass "(?P<name>{_NAME})" not found'),
    ("rights", rf'User "system:serviceaccount:{_NAME}:{_NAME}" cannot [a-z]+ resource'),
    ("namespace", rf"in namespace (?P<name>{_NAME}) because it is being terminated"),
    ("certificate", r"certificate has expired"),
    ("pod security", r"violates PodSecurity"),
    ("node taint", r"untolerated taint\(?s?\)? ?\{(?P<key>(?!node-role\.kubernetes\.io/)[^:}]+)[^}]*\}"),
    ("node ports", r"didn't have free ports for the requested pod ports"),
    ("node spread", r"didn't (?:match|satisfy)(?: existing)? pods? (?:topology spread|(?:anti-)?affinity)"),
    ("node volume", r"volume node affinity conflict|didn't find available persistent volumes|exceed max volume count"),
    ("node room", r"Too many pods"),
    ("node pressure", r"The node (?:was low on resource|had condition)"),
    ("node cordon", r"node\(s\) were unschedulable"),
    ("node selector", r"didn't match Pod's node affinity/selector"),
    ("node room", r"Insufficient (?P<key>[\w.\-/]+)"),
    ("metrics", r"(?:unable to (?:get|fetch) metrics|failed to get (?:\S+ )*(?:utilization|metrics))"),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _SAYINGS)
_LONGEST = 4000
"""Characters of a message that are read."""


def statements_in(text: str) -> Iterator[Statement]:
    """What a message of the server says of the cause."""
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text[:_LONGEST]):
            yield Statement(kind, match.groupdict().get("name") or "", match.group())


def started(pod: KubeObject) -> float:
    return time_or_none(pod.creation_timestamp) or 0.0


_TEMPLATE_HASHES = ("pod-template-hash", "controller-revision-hash")


def maker(pod: KubeObject) -> str:
    """The hash of the template that a pod was made from."""
    found = next((pod.labels[name] for name in _TEMPLATE_HASHES if name in pod.labels), "")
    return found.rpartition("-")[2]


def oldest_made(pods: Iterable[KubeObject], most: int = 2) -> list[KubeObject]:
    """The oldest of each template: what a tag meant first, without parsing all pods of a large workload."""
    found: dict[str, list[KubeObject]] = {}
    for pod in sorted(pods, key=lambda each: each.creation_timestamp):
        made = found.setdefault(maker(pod), [])
        if len(made) < most:
            made.append(pod)
    return [pod for made in found.values() for pod in made]


def is_made_by_controller(obj: KubeObject | None) -> bool:
    """It follows from its owner that it is there."""
    return obj is not None and any(owner.controller for owner in obj.owners)


def bad_conditions(node: Mapping[str, Any]) -> Iterator[tuple[float, Steps]]:
    """What a node's conditions say is wrong, and since when; one that is not ready needs no further word."""
    bad = {
        each["type"].text(): each["lastTransitionTime"].value
        for each in Tree(node).at("status", "conditions")
        if each["status"].text() != ("True" if each["type"].text() == "Ready" else "False")
    }
    for name in ("Ready",) if "Ready" in bad else bad:
        if (since := time_or_none(bad[name])) is not None:
            yield since, ("status", "conditions", ItemKey((("type", name),)), "status")


def expiry(secret: KubeObject) -> float | None:
    """When the certificate in a secret expires, as its mask says."""
    if CERTIFICATE.encode() not in secret.raw:
        return None
    try:
        return masked_expiry(Tree(secret.tree()).at("data", CERTIFICATE).text())
    except (msgspec.DecodeError, RecursionError):
        return None


def warnings_in(events: Iterable[KubeObject]) -> list[str]:
    """Reasons and messages, the newest first."""
    facts = [event_facts(tree) for each in events if (tree := tree_or_none(each)) is not None]
    facts.sort(key=lambda fact: fact.last or 0.0, reverse=True)
    return list(dict.fromkeys(fact.words for fact in facts if fact.type == "Warning"))


def messages_on_webhooks(objects: Iterable[KubeObject]) -> Iterator[str]:
    """Messages of Events and conditions that speak of webhooks."""
    for obj in objects:
        if b"webhook" in obj.raw:
            tree = Tree(tree_or_none(obj))
            messages = (tree["message"], *(each["message"] for each in tree.at("status", "conditions")))
            yield from (text for each in messages if "webhook" in (text := each.text()))


class FailingObject(NamedTuple):
    """`reason` as the health of its kind words it: what comes before the first colon says how it fails."""

    resource: Resource
    obj: KubeObject
    reason: str = ""


def likeness(failing: FailingObject) -> tuple[str, str]:
    """What objects have in common that fail for one reason: the owner, else themselves, and the kind of reason. Each
    replica set has a template of its own.
    """
    obj = failing.obj
    owner = next((each.uid for each in obj.owners if each.controller), "")
    if not owner or failing.resource.name == "replicasets":
        owner = obj.uid or f"{failing.resource} {obj.key}"
    ran_out = " out of memory" if "OOMKilled" in failing.reason else ""  # a crash loop, with causes of its own
    return owner, failing.reason.partition(":")[0] + ran_out
