"""Events: recorded as client-go's recorders do, counted when they repeat, expired after an hour or when too many."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from kwatch.base.timestamp import micro_timestamp, timestamp
from kwatch.simulator.engine.objects import Object, name_of, namespace_of, uid_of
from kwatch.simulator.engine.world import Key, Process, World

_LIFETIME = 3600.0
_SWEEP = 20.0

SCHEDULER = "default-scheduler"

_MANAGERS = {SCHEDULER: "kube-scheduler", "kubelet": "kubelet", "nginx-ingress-controller": "nginx-ingress-controller"}


@dataclass(slots=True)
class _Kept:
    key: Key
    last: float


class Recorder:
    def __init__(self, world: World, most: int) -> None:
        self._world = world
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._recorded = 0

    def normal(self, about: Object, reason: str, message: str, component: str, *, host: str = "") -> None:
        self._record(about, "Normal", reason, message, component, host, "")

    def warning(
        self, about: Object, reason: str, message: str, component: str, *, host: str = "", part: str = ""
    ) -> None:
        """Something did not; `part` is the field path of a container."""
        self._record(about, "Warning", reason, message, component, host, part)

    def container(self, pod: Object, container: str, reason: str, message: str, kind: str = "Normal") -> None:
        self._record(pod, kind, reason, message, "kubelet", pod["spec"]["nodeName"], field_path(pod, container))

    def past(
        self,
        about: Object,
        kind: str,
        reason: str,
        message: str,
        component: str,
        times: tuple[float, float],
        count: int = 1,
        container: str = "",
    ) -> None:
        """An event from before the story begins: its first and last time, and how often; of a container if named."""
        first, last = times
        host = _hosts(about, component)
        part = field_path(about, container) if container else ""
        event = _event(about, self._name(about, first), kind, reason, message, component, host, part, first)
        event |= {"firstTimestamp": timestamp(first), "lastTimestamp": timestamp(last), "count": count}
        event["metadata"]["creationTimestamp"] = timestamp(first)
        placed = self._world.place(event, _MANAGERS.get(component, "kube-controller-manager"))
        self._keep((uid_of(about), reason, message, component, part), placed, last)

    def _record(
        self, about: Object, kind: str, reason: str, message: str, component: str, host: str, part: str
    ) -> None:
        identity = (uid_of(about), reason, message, component, part)
        manager = _MANAGERS.get(component, "kube-controller-manager")
        now = self._world.now()
        kept = self._kept.get(identity)
        event = self._world.get("events", kept.key) if kept else None
        if event is not None:
            written = self._world.update(_repeated(event, now), manager)
        else:
            made = _event(about, self._name(about, now), kind, reason, message, component, host, part, now)
            written = self._world.create(made, manager)
        self._keep(identity, written, now)

    def _name(self, about: Object, at: float) -> str:
        self._recorded += 1
        return f"{name_of(about)}.{int(at * 1_000_000) * 1000 + self._recorded % 1_000_000:x}"

    def _keep(self, identity: tuple[str, ...], event: Object, last: float) -> None:
        self._kept[identity] = _Kept((namespace_of(event), name_of(event)), last)
        self._kept.move_to_end(identity)
        if len(self._kept) > self._most:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        _, kept = self._kept.popitem(last=False)
        event = self._world.get("events", kept.key)
        if event is not None:
            self._world.remove(event)

    def expire(self) -> Process:
        """Forget what is older than an hour, for ever."""
        while True:
            yield _SWEEP
            horizon = self._world.now() - _LIFETIME
            while self._kept and next(iter(self._kept.values())).last < horizon:
                self._forget_oldest()


def field_path(pod: Object, container: str) -> str:
    """How events name a container: `spec.containers{web}`."""
    init = any(each["name"] == container for each in pod["spec"].get("initContainers", ()))
    return f"spec.{'initContainers' if init else 'containers'}{{{container}}}"


def _hosts(about: Object, component: str) -> str:
    if component == SCHEDULER:
        return f"{SCHEDULER}-cp-1"
    return str(about["spec"]["nodeName"]) if component == "kubelet" else ""


def _event(
    about: Object, name: str, kind: str, reason: str, message: str, component: str, host: str, part: str, now: float
) -> Object:
    namespace = namespace_of(about)
    involved = {"kind": about["kind"], "namespace": namespace, "name": name_of(about), "uid": uid_of(about)}
    if not namespace:
        del involved["namespace"]
    involved["apiVersion"] = about["apiVersion"]
    involved["resourceVersion"] = about["metadata"].get("resourceVersion", "")
    if part:
        involved["fieldPath"] = part
    event: Object = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace or "default"},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "reportingComponent": component,
        "reportingInstance": host,
    }
    if component == SCHEDULER:
        scheduled = {"eventTime": micro_timestamp(now), "action": "Binding" if kind == "Normal" else "Scheduling"}
        return event | scheduled | {"source": {}, "firstTimestamp": None, "lastTimestamp": None}
    source = {"component": component, "host": host} if host else {"component": component}
    at = timestamp(now)
    return event | {"source": source, "firstTimestamp": at, "lastTimestamp": at, "count": 1, "eventTime": None}


def _repeated(event: Object, now: float) -> Object:
    if event["eventTime"] is not None:
        count = event.get("series", {}).get("count", 1) + 1
        return {**event, "series": {"count": count, "lastObservedTime": micro_timestamp(now)}}
    return {**event, "count": event["count"] + 1, "lastTimestamp": timestamp(now)}
