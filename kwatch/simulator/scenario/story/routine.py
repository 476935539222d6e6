"""Beats: everyday changes of settings, databases and previews."""

from __future__ import annotations

from collections.abc import Sequence

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, Workload
from kwatch.simulator.scenario.objects import access, config, deployment, namespace, service
from kwatch.simulator.scenario.objects.kube import DEPLOYMENT, Object, name_of, namespace_of
from kwatch.simulator.scenario.story.stage import Stage
from kwatch.simulator.scenario.world import Key

_FLAGS = (
    "retries=on,shadow-traffic=off",
    "retries=on,shadow-traffic=on",
    "retries=off,shadow-traffic=off",
    "retries=on,shadow-traffic=off,new-ranking=on",
)


def apply_settings(stage: Stage, among: Sequence[str] = ()) -> Process:
    """A pipeline changes a config map, and restarts the deployment that reads it."""
    key = stage.free_deployment(among)
    settings = stage.world.get("configmaps", (key[0], f"{key[1]}-config")) if key else None
    if key is None or settings is None:
        return
    with stage.claim(key):
        flags = stage.random.choice([each for each in _FLAGS if each != settings["data"].get("FEATURE_FLAGS")])
        stage.people.edit_config((key[0], f"{key[1]}-config"), {"FEATURE_FLAGS": flags}, by="argocd-controller")
        yield stage.world.between(3.0, 8.0)
        stage.people.restart(DEPLOYMENT, key)
        yield from stage.settled(key, 240.0)


def edit_settings(stage: Stage) -> Process:
    """Somebody turns a log level up by hand, and later down again."""
    settings = [each for each in stage.world.store.list("configmaps") if "LOG_LEVEL" in each.get("data", ())]
    if not settings:
        return
    chosen = stage.random.choice(settings)
    key = (namespace_of(chosen), name_of(chosen))
    stage.people.edit_config(key, {"LOG_LEVEL": "debug"}, by="kubectl-edit")
    yield stage.world.between(60.0, 120.0)
    stage.people.edit_config(key, {"LOG_LEVEL": "info"}, by="kubectl-edit")


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
