"""Workloads for clusters larger than one team's: the same few patterns, in many namespaces, under many names."""

from __future__ import annotations

from random import Random

from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, Workload

_PRODUCTS = (
    "atlas", "beacon", "cobalt", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "juniper", "krypton",
    "lumen", "meridian", "nimbus", "onyx", "pioneer", "quartz", "raven", "saffron", "tundra", "umbra", "vertex",
    "willow", "zephyr",
)  # fmt: skip
_STAGES = ("dev", "staging", "production", "canary")
_ROLES = (
    "api", "worker", "gateway", "scheduler", "ingest", "indexer", "mailer", "reports", "sync", "auth", "billing",
    "events", "files", "graph", "health", "images", "jobs", "ledger", "media", "notify",
)  # fmt: skip
_LANGUAGES = ("go", "java", "python", "node")
_SIZES = (2, 3, 3, 4, 6, 8, 12, 20)


def generated_workloads(pods: int, random: Random) -> tuple[Workload, ...]:
    """Deployments that have exactly so many pods together."""
    scale = 1 if pods <= 2_000 else (2 if pods <= 20_000 else 5)
    made: list[Workload] = []
    while pods > 0:
        replicas = min(pods, scale * random.choice(_SIZES))
        made.append(_workload(len(made), replicas, random))
        pods -= replicas
    return tuple(made)


def _workload(index: int, replicas: int, random: Random) -> Workload:
    group, role = divmod(index, len(_ROLES))
    round_, place = divmod(group, len(_PRODUCTS) * len(_STAGES))
    stage, product = divmod(place, len(_PRODUCTS))
    team = _PRODUCTS[product] + (f"-{round_ + 1}" if round_ else "")
    name = f"{_PRODUCTS[product]}-{_ROLES[role]}"
    tag = f"{random.randrange(1, 9)}.{random.randrange(30)}.{random.randrange(12)}"
    return Workload(
        name,
        f"{team}-{_STAGES[stage]}",
        f"{GIT_REGISTRY}/{_PRODUCTS[product]}/{_ROLES[role]}:{tag}",
        replicas=replicas,
        language=random.choice(_LANGUAGES),
        cpu="50m",
        memory="96Mi",
        memory_limit="192Mi",
        environment=(("STAGE", _STAGES[stage]), ("LOG_LEVEL", "info")),
        service="ClusterIP" if role % 3 else "",
        age_days=random.uniform(5, 200),
        deployed_hours=random.uniform(0.5, 400),
        labels=(("team", team), ("stage", _STAGES[stage])),
    )
