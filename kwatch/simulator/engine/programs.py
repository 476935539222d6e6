"""What a pod's containers make of what they are given: whether the kubelet can make them, how they fail, what their
probes are told.

Nothing here is told what goes wrong: a program wants what its workload in the scenario has (its command, its port and
path, about the memory that it asks for there) and what its secrets held when the story began.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kwatch.base.timestamp import certificate_expiry
from kwatch.simulator.engine.objects import (
    CONFIG_MAP,
    DAEMON_SET,
    DEPLOYMENT,
    POD,
    REPLICA_SET,
    STATEFUL_SET,
    Object,
    namespace_of,
    quantity,
)
from kwatch.simulator.engine.pod_status import main_container
from kwatch.simulator.engine.world import Key, Process, World
from kwatch.simulator.scenario.plan import Behaviour
from kwatch.simulator.scenario.spec import CronWorkload, Workload

SECRET = "secrets"
_KINDS = {
    "configMap": (CONFIG_MAP, "ConfigMap", "configmap", "config"),
    "secret": (SECRET, "Secret", "secret", "secret"),
}
_USED = 0.75
"""The share of the memory that a workload asks for in the scenario that its program needs."""
_COLLECTED_EVERY = 900.0
NOT_STARTED = 128
"""Exit code of a container whose command could not be started."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """How containers fail: after how many seconds, and how that looks; `said` are reasons and messages of the events
    before that.
    """

    runs: tuple[float, float]
    exit_code: int = 1
    reason: str = "Error"
    message: str = ""
    said: tuple[tuple[str, str], ...] = ()


class Images:
    """Which images cannot be pulled, whose containers fail, and which a node has."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.flaws: dict[str, Flaw] = {}
        self.on_node: dict[str, set[str]] = defaultdict(set)
        self._published: dict[str, set[str]] = defaultdict(set)

    def publish(self, image: str) -> None:
        """It can be pulled; other versions of what was published once cannot."""
        self._published[image.rpartition(":")[0]].add(image)

    def is_there(self, image: str) -> bool:
        published = self._published.get(image.rpartition(":")[0])
        return image not in self.missing and (published is None or image in published)

    def collect(self, world: World) -> Process:
        """Remove images that no pod uses from the nodes, now and then, for ever."""
        while True:
            yield _COLLECTED_EVERY
            specs = [pod["spec"] for pod in world.store.list(POD)]
            used = {each["image"] for spec in specs for each in (*spec["containers"], *spec.get("initContainers", ()))}
            for images in self.on_node.values():
                images &= used


class Programs:
    def __init__(self, world: World, images: Images, behaviour: Behaviour) -> None:
        self._world = world
        self.images = images
        self._behaviour = behaviour
        self._known: dict[tuple[Key, str], str | None] = {}
        """The values of secrets that were right when they were first used."""

    def remember(self) -> None:
        """What secrets hold now is what their programs' peers expect; the images that are used now can be pulled."""
        for secret in self._world.store.list(SECRET):
            if secret.get("type") == "Opaque":
                key = (namespace_of(secret), secret["metadata"]["name"])
                self._known.update({(key, name): value for name, value in secret.get("data", {}).items()})
        for resource in (DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET):
            for owner in self._world.store.list(resource):
                spec = owner["spec"]["template"]["spec"]
                for container in (*spec["containers"], *spec.get("initContainers", ())):
                    self.images.publish(container["image"])

    # What the kubelet needs before there is a container.

    def unpullable(self, pod: Object, image: str) -> str:
        """Why an image cannot be pulled; empty if it can."""
        failed = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
        if not self.images.is_there(image):
            return f"{failed}{image}: not found"
        workload = self._behaviour.workload(pod)
        if not (isinstance(workload, Workload) and workload.private and image == main_container(pod)["image"]):
            return ""
        secrets = [each["name"] for each in pod["spec"].get("imagePullSecrets", ())]
        if any(self._world.get(SECRET, (namespace_of(pod), name)) is not None for name in secrets):
            return ""
        registry = image.partition("/")[0]
        token = f"https://{registry}/token?scope=repository%3A{image.partition('/')[2].rpartition(':')[0]}%3Apull"
        return f"{failed}failed to authorize: failed to fetch anonymous token: GET {token}: 401 Unauthorized"

    def missing_mount(self, pod: Object) -> str:
        """Why a volume cannot be mounted; empty if all can."""
        for volume in pod["spec"].get("volumes", ()):
            for source in ("configMap", "secret"):
                if source in volume:
                    given = volume[source]
                    name = given.get("name") or given.get("secretName", "")
                    why = self._missing(pod, source, name, given)
                    if why:
                        return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {why}'
        return ""

    def _missing(self, pod: Object, source: str, name: str, given: Object) -> str:
        resource, _, word, short = _KINDS[source]
        found = self._world.get(resource, (namespace_of(pod), name))
        if given.get("optional"):
            return ""
        if found is None:
            return f'{word} "{name}" not found'
        absent = next(
            (item["key"] for item in given.get("items", ()) if item["key"] not in found.get("data", {})), None
        )
        return "" if absent is None else f"references non-existent {short} key: {absent}"

    def missing_reference(self, pod: Object, container: Object) -> str:
        """Why a container cannot be made of its environment; empty if it can."""
        for given in container.get("envFrom", ()):
            for source in ("configMap", "secret"):
                if (reference := given.get(f"{source}Ref")) and (why := self._absent(pod, source, reference)):
                    return why
        for variable in container.get("env", ()):
            for source in ("configMap", "secret"):
                reference = variable.get("valueFrom", {}).get(f"{source}KeyRef")
                if reference and (why := self._absent(pod, source, reference)):
                    return why
        return ""

    def _absent(self, pod: Object, source: str, reference: Object) -> str:
        resource, kind, word, _ = _KINDS[source]
        namespace, name, key = namespace_of(pod), reference["name"], reference.get("key")
        found = self._world.get(resource, (namespace, name))
        if reference.get("optional"):
            return ""
        if found is None:
            return f'{word} "{name}" not found'
        is_there = key is None or key in found.get("data", {})
        return "" if is_there else f"couldn't find key {key} in {kind} {namespace}/{name}"

    # What becomes of a container.

    def flaw(self, pod: Object) -> Flaw | None:
        """How the main container of a pod fails; None if it does not."""
        container = main_container(pod)
        known = self.images.flaws.get(container["image"])
        if known is not None:
            return known
        workload = self._behaviour.workload(pod)
        if workload is None:
            return None
        return (
            _wrong_command(container, workload)
            or self._wrong_secret(pod, container)
            or _too_little_memory(container, workload)
            or (self._failing_liveness(pod, container, workload) if isinstance(workload, Workload) else None)
        )

    def _wrong_secret(self, pod: Object, container: Object) -> Flaw | None:
        """A password that is not the one its database knows."""
        for variable in container.get("env", ()):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference is None:
                continue
            key = (namespace_of(pod), reference["name"])
            secret = self._world.get(SECRET, key)
            value = secret.get("data", {}).get(reference["key"]) if secret is not None else None
            if value is not None and self._known.setdefault((key, reference["key"]), value) != value:
                return Flaw((1.0, 3.0), 1)
        return None

    def _failing_liveness(self, pod: Object, container: Object, workload: Workload) -> Flaw | None:
        for name in ("startupProbe", "livenessProbe"):
            probe = container.get(name)
            if probe is None or not (why := _refusal(probe, container, workload, pod)):
                continue
            word = name.removesuffix("Probe").capitalize()
            wait = probe.get("initialDelaySeconds", 0) + probe.get("periodSeconds", 10) * probe.get(
                "failureThreshold", 3
            )
            killing = f"Container {container['name']} failed {word.lower()} probe, will be restarted"
            said = (("Unhealthy", f"{word} probe failed: {why}"), ("Killing", killing))
            return Flaw((wait, wait + 2.0), 137, said=said)
        return None

    def unready(self, pod: Object) -> str:
        """What the readiness probe of the main container says; empty if it succeeds."""
        container, workload = main_container(pod), self._behaviour.workload(pod)
        probe = container.get("readinessProbe")
        if probe is None or not isinstance(workload, Workload):
            return ""
        why = _refusal(probe, container, workload, pod)
        if not why and any(end <= self._world.now() for end in self.expiries(pod)):
            why = "HTTP probe failed with statuscode: 503"
        return f"Readiness probe failed: {why}" if why else ""

    def expiries(self, pod: Object) -> Iterator[float]:
        """When the certificates that a pod mounts expire."""
        for volume in pod["spec"].get("volumes", ()):
            name = volume.get("secret", {}).get("secretName")
            secret = self._world.get(SECRET, (namespace_of(pod), name)) if name else None
            if secret is not None and (end := expiry_of(secret)) is not None:
                yield end


def expiry_of(secret: Object) -> float | None:
    """When the certificate in a secret expires."""
    text = secret.get("data", {}).get("tls.crt", "") if secret.get("type") == "kubernetes.io/tls" else ""
    return certificate_expiry(text)


def _wrong_command(container: Object, workload: Workload | CronWorkload) -> Flaw | None:
    given, known = [*container.get("command", ())], [*workload.command]
    if not given or not known or given[0] == known[0]:
        return None
    is_path = "/" in given[0]
    why = f"stat {given[0]}: no such file or directory" if is_path else "executable file not found in $PATH"
    message = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        f'unable to start container process: error during container init: exec: "{given[0]}": {why}'
    )
    return Flaw((0.0, 0.0), NOT_STARTED, "StartError", message, (("Failed", f"Error: {message}"),))


def _too_little_memory(container: Object, workload: Workload | CronWorkload) -> Flaw | None:
    limit = container.get("resources", {}).get("limits", {}).get("memory")
    if limit is None or quantity(limit) >= _USED * quantity(workload.memory):
        return None
    return Flaw((3.0, 8.0), 137, "OOMKilled")


def _refusal(probe: Mapping[str, Any], container: Object, workload: Workload, pod: Object) -> str:
    """What a program answers to a probe that is not the one it was made for; empty if it answers well."""
    get = probe.get("httpGet")
    if get is None or not workload.health:
        return ""
    named = {each.get("name"): each["containerPort"] for each in container.get("ports", ())}
    port = named.get(get["port"], get["port"])
    if port != workload.port:
        address = f"{pod['status'].get('podIP', '')}:{port}"
        return f'Get "http://{address}{get["path"]}": dial tcp {address}: connect: connection refused'
    if get["path"] != workload.health:
        return "HTTP probe failed with statuscode: 404"
    return ""
