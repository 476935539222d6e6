"""Beats: everyday changes of settings, databases and previews."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, Workload
from kwatch.simulator.scenario.objects import access, config, deployment, namespace, service
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, Object
from kwatch.simulator.scenario.story.stage import Stage
from kwatch.simulator.scenario.world import Key

_LEVELS = ("info", "debug", "warn")
_FLAGS = (
    "retries=on,shadow-traffic=off",
    "retries=on,shadow-traffic=on",
    "retries=off,shadow-traffic=off",
    "retries=on,shadow-traffic=off,new-ranking=on",
)


def change_settings(stage: Stage, among: Sequence[str] = ()) -> Process:
    """A pipeline or a person changes a config map; the deployment is restarted to read it."""
    key = stage.free_deployment(among)
    if key is None:
        return
    settings = stage.world.get("configmaps", (key[0], f"{key[1]}-config"))
    if settings is None:
        return
    with stage.claim(key):
        by_hand = stage.random.random() < 0.4
        old = settings["data"]
        changes = {"FEATURE_FLAGS": stage.random.choice([each for each in _FLAGS if each != old.get("FEATURE_FLAGS")])}
        if "LOG_LEVEL" in old and by_hand:
            changes = {"LOG_LEVEL": stage.random.choice([each for each in _LEVELS if each != old["LOG_LEVEL"]])}
        by = "kubectl-edit" if by_hand else "argocd-controller"
        stage.people.edit_config((key[0], f"{key[1]}-config"), changes, by=by)
        yield stage.world.between(3.0, 8.0)
        if not by_hand:
            stage.people.restart(DEPLOYMENT, key)
            yield from stage.settled(key, 240.0)


def back_up(stage: Stage, databases: list[Object]) -> Process:
    """The operator backs a database up."""
    yield from stage.control.databases.back_up(_any_key(stage, databases))


def fail_over(stage: Stage, databases: list[Object]) -> Process:
    """A database loses its primary."""
    yield from stage.control.databases.fail_over(_any_key(stage, databases))


def _any_key(stage: Stage, objects: list[Object]) -> Key:
    chosen = stage.random.choice(objects)
    return chosen["metadata"]["namespace"], chosen["metadata"]["name"]


def preview(stage: Stage) -> Process:
    """A pull request gets a namespace of its own for some minutes."""
    number = stage.next_pull_request()
    name = f"preview-pr-{number}"
    world = stage.world
    workload = Workload(
        "web", name, f"{GIT_REGISTRY}/shop/web:pr-{number}", replicas=2, language="nginx", cpu="20m", memory="48Mi"
    )
    world.create(namespace.namespace(name, {"team": "shop", "preview": "true"}), "preview-bot")
    world.create(access.service_account("default", name), "kube-controller-manager")
    world.create(config.root_ca(name), "kube-controller-manager")
    made = world.create(service.service(workload, 200 + number % 50), "preview-bot")
    world.create(service.endpoint_slice(made, "7xk2p"), "kube-controller-manager")
    world.create(service.endpoints(made), "kube-controller-manager")
    world.create(deployment.deployment(workload), "preview-bot")
    yield world.between(120.0, 240.0)
    yield from stage.control.namespaces.delete(name)
