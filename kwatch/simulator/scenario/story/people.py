"""What people and pipelines do to the cluster: deploy, undo, scale, restart, edit."""

from __future__ import annotations

from random import Random

from kwatch.simulator.scenario.objects import deployment as deployments
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, REPLICA_SET, Object, revised
from kwatch.simulator.scenario.objects.metadata import LAST_APPLIED, with_last_applied
from kwatch.simulator.scenario.timestamps import timestamp
from kwatch.simulator.scenario.world import Key, World

CONFIG_MAP = "configmaps"
_VERSION = "app.kubernetes.io/version"


class People:
    """Each method is one command, or one run of a pipeline."""

    def __init__(self, world: World) -> None:
        self._world = world

    def image(self, resource: str, key: Key) -> str:
        """The image of a workload's main container."""
        owner = self._world.get(resource, key)
        return str(owner["spec"]["template"]["spec"]["containers"][0]["image"]) if owner else ""

    def deploy(self, key: Key, image: str, *, resource: str = DEPLOYMENT) -> None:
        """A pipeline applies a new version."""
        owner = self._world.get(resource, key)
        if owner is None:
            return
        version = image.rpartition(":")[2].removeprefix("v")
        labels = {**owner["metadata"]["labels"], _VERSION: version}
        template = _with_image(owner["spec"]["template"], image, version)
        changed = revised(owner, metadata={"labels": labels}, spec={"template": template})
        if LAST_APPLIED in owner["metadata"].get("annotations", {}):
            changed = with_last_applied(changed)
        self._world.update(changed, author_of(owner))

    def undo(self, key: Key) -> None:
        """`kubectl rollout undo`: back to the template of the replica set before."""
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is None:
            return
        sets = sorted(self._world.children(deployment, REPLICA_SET), key=deployments.revision_of)
        if len(sets) < 2:
            return
        template = sets[-2]["spec"]["template"]
        labels = {
            name: value for name, value in template["metadata"]["labels"].items() if name != deployments.TEMPLATE_HASH
        }
        restored = {**template, "metadata": {**template["metadata"], "labels": labels}}
        self._world.update(revised(deployment, spec={"template": restored}), "kubectl-rollout")

    def restart(self, resource: str, key: Key) -> None:
        """`kubectl rollout restart`."""
        owner = self._world.get(resource, key)
        if owner is None:
            return
        template = owner["spec"]["template"]
        note = {"kubectl.kubernetes.io/restartedAt": timestamp(self._world.now())}
        metadata = {**template["metadata"], "annotations": {**template["metadata"].get("annotations", {}), **note}}
        self._world.update(revised(owner, spec={"template": {**template, "metadata": metadata}}), "kubectl-rollout")

    def scale(self, resource: str, key: Key, replicas: int) -> None:
        """`kubectl scale`."""
        owner = self._world.get(resource, key)
        if owner is not None:
            self._world.update(revised(owner, spec={"replicas": replicas}), "kubectl", "scale")

    def request_memory(self, key: Key, memory: str, *, by: str) -> None:
        """Somebody changes what a deployment's pods ask for."""
        deployment = self._world.get(DEPLOYMENT, key)
        if deployment is None:
            return
        template = deployment["spec"]["template"]
        first, *rest = template["spec"]["containers"]
        limits = {**first["resources"].get("limits", {}), "memory": memory}
        requests = {**first["resources"]["requests"], "memory": memory}
        resources = {**first["resources"], "requests": requests, "limits": limits}
        spec = {**template["spec"], "containers": [{**first, "resources": resources}, *rest]}
        self._world.update(revised(deployment, spec={"template": {**template, "spec": spec}}), by)

    def edit_config(self, key: Key, changes: dict[str, str], *, by: str) -> None:
        """Somebody changes settings."""
        config = self._world.get(CONFIG_MAP, key)
        if config is not None:
            changed = revised(config, data=changes)
            if by != "kubectl-edit" and LAST_APPLIED in config["metadata"].get("annotations", {}):
                changed = with_last_applied(changed)
            self._world.update(changed, by)


def author_of(owner: Object) -> str:
    """Who applies an object: whoever set the images so far."""
    for entry in owner["metadata"]["managedFields"]:
        if entry["manager"] in ("argocd-controller", "helm", "kubectl-client-side-apply"):
            return str(entry["manager"])
    return "argocd-controller"


def next_version(image: str, random: Random) -> str:
    """The image's next version: mostly a patch, now and then a minor one; release candidates count on.

    An image without a version stays what it is.
    """
    repository, _, tag = image.rpartition(":")
    if not repository or "/" in tag:
        return image
    head, dash, tail = tag.partition("-")
    if tail.startswith("rc"):
        return f"{repository}:{head}-rc{int(tail[2:]) + 1}"
    parts = head.removeprefix("v").split(".")
    if not all(part.isdigit() for part in parts) or len(parts) < 2:
        return f"{repository}:{tag}"
    numbers = [int(part) for part in parts]
    if len(numbers) > 2 and random.random() < 0.3:
        numbers[-2:] = [numbers[-2] + 1, 0]
    else:
        numbers[-1] += 1
    prefix = "v" if head.startswith("v") else ""
    return f"{repository}:{prefix}{'.'.join(map(str, numbers))}{dash}{tail}"


def _with_image(template: Object, image: str, version: str) -> Object:
    first, *rest = template["spec"]["containers"]
    containers = [{**first, "image": image}, *rest]
    spec = {**template["spec"], "containers": containers}
    labels = {**template["metadata"]["labels"], _VERSION: version}
    return {"metadata": {**template["metadata"], "labels": labels}, "spec": spec}
