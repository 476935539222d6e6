"""What in a scenario file of one's own cannot be played, though every value has its type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import yaml

from kwatch.simulator.api_types import OLDEST_MINOR, builtin_types, types_of_definition
from kwatch.simulator.engine.jobs import parse_schedule
from kwatch.simulator.scenario.loader import (
    LOADER,
    ScenarioError,
    check_story,
    incident_scenario,
    is_file,
    load_scenario,
    printable,
    read_file,
    story_catalog,
)
from kwatch.simulator.scenario.spec import CronWorkload, Manifest, ScenarioSpec, Workload

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_MOST_NODES = 200_000
_CPU = re.compile(r"[0-9]+m?|[0-9]+\.[0-9]+")
_MEMORY = re.compile(r"[0-9]+(Ki|Mi|Gi|Ti)?")
_SHARE = re.compile(r"[0-9]{1,4}|[0-9]{1,3}%")
_SERVICES = ("", "ClusterIP", "LoadBalancer", "NodePort", "headless")


def load_own_scenario(path: Path) -> ScenarioSpec:
    """Read and check a scenario file; raise ScenarioError with the first thing that is wrong."""
    _check_written(path)
    spec = load_scenario(path)
    for problem in _problems(spec):
        raise ScenarioError(f"{path}: {problem}")
    return spec


def load_named_scenario(given: str) -> ScenarioSpec:
    """The incident of that name, or the scenario file; raise ScenarioError."""
    return load_own_scenario(Path(given)) if is_file(given) else incident_scenario(given)


def _check_written(path: Path) -> None:
    """Raise ScenarioError for what a YAML reader accepts without a word: a key twice, aliases that blow a file up."""
    try:
        root = yaml.compose(read_file(path), LOADER)
    except (yaml.YAMLError, RecursionError):
        return  # the reader says it better
    nodes = [root] if root is not None else []
    for _ in range(_MOST_NODES):
        if not nodes:
            return
        node = nodes.pop()
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                nodes.append(value)
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    place = f"line {key.start_mark.line + 1}, column {key.start_mark.column + 1}"
                    raise ScenarioError(f"{path}: {place}: {printable(key.value)} is there twice")
                keys.add(str(key.value))
    raise ScenarioError(f"{path}: its aliases make it larger than {_MOST_NODES:,} values")


def _problems(spec: ScenarioSpec) -> Iterator[str]:
    """What a file says that cannot be played, one sentence each, though every value has its type."""
    yield from _name_problems("namespace", [spec.namespace])
    yield from _name_problems("namespaces", spec.namespaces)
    seen: set[tuple[str, str]] = set()
    for section, workloads in (("workloads", spec.workloads), ("daemons", spec.daemons)):
        for index, each in enumerate(workloads):
            for problem in _workload_problems(each, spec):
                yield f"{section}[{index}] ({each.name}).{problem}"
            if (each.namespace, each.name) in seen:
                yield f"{section}[{index}] ({each.name}): there are two of this name in {each.namespace}"
            seen.add((each.namespace, each.name))
    for index, cron in enumerate(spec.cron_jobs):
        for problem in _cron_problems(cron, spec):
            yield f"cron_jobs[{index}] ({cron.name}).{problem}"
    yield from _other_problems(spec)
    yield from _story_problems(spec)


def _name_problems(place: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"{place}: {name!r} is no name; use lower case letters, digits and '-'"


def _workload_problems(workload: Workload, spec: ScenarioSpec) -> Iterator[str]:
    yield from _name_problems("name", [workload.name])
    yield from _name_problems("namespace", [workload.namespace])
    limits = {"memory_limit": workload.memory_limit, "claim": workload.claim}
    yield from _container_problems(workload.image, [workload.cpu, workload.cpu_limit], workload.memory, limits)
    for part in (*workload.sidecars, *workload.init):
        for problem in _container_problems(part.image, [part.cpu], part.memory, {"memory_limit": part.memory_limit}):
            yield f"sidecars ({part.name}).{problem}"
    for name in ("max_surge", "max_unavailable", "min_available"):
        value = getattr(workload, name)
        if value is not None and not _SHARE.fullmatch(str(value)):
            yield f"{name}: {value!r} is neither a number nor a share as in 25%"
    for tag in workload.history:
        if [*workload.history, workload.image.rpartition(":")[2]].count(tag) > 1:
            yield f"history: {tag!r} is there twice, or is the present version"
    if workload.service not in _SERVICES:
        yield f"service: {workload.service} is none of {', '.join(filter(None, _SERVICES))}"
    if workload.kind not in ("Deployment", "StatefulSet") and workload not in spec.daemons:
        yield f"kind: {workload.kind} is neither Deployment nor StatefulSet; a daemon set belongs to `daemons`"
    if workload.language not in _languages(spec):
        yield f"language: {workload.language} is none of {', '.join(_languages(spec))}"
    for name, value in (("ready_after", workload.ready_after), ("stops_in", workload.stops_in)):
        if not 0 <= value[0] <= value[1]:
            yield f"{name}: {list(value)} is no range of seconds"


def _container_problems(image: str, cpus: Iterable[str], memory: str, optional: dict[str, str]) -> Iterator[str]:
    if ":" not in image.rpartition("/")[2]:
        yield f"image: {image} has no tag"
    for cpu in filter(None, cpus):
        if not _CPU.fullmatch(cpu):
            yield f"cpu: {cpu!r} is no amount of CPU; write 250m or 2"
    for name, amount in {"memory": memory, **optional}.items():
        if not _MEMORY.fullmatch(amount) and (amount or name == "memory"):
            yield f"{name}: {amount!r} is no amount of memory; write 256Mi or 2Gi"


def _cron_problems(cron: CronWorkload, spec: ScenarioSpec) -> Iterator[str]:
    yield from _name_problems("name", [cron.name])
    yield from _name_problems("namespace", [cron.namespace])
    yield from _container_problems(cron.image, [cron.cpu], cron.memory, {})
    try:
        parse_schedule(cron.schedule)
    except ValueError:
        yield f"schedule: {cron.schedule!r} is no schedule; write five fields, as in */5 * * * *"
    if cron.language not in _languages(spec):
        yield f"language: {cron.language} is none of {', '.join(_languages(spec))}"
    if not 0 <= cron.takes[0] <= cron.takes[1]:
        yield f"takes: {list(cron.takes)} is no range of seconds"


def _languages(spec: ScenarioSpec) -> tuple[str, ...]:
    return ("go", "java", "python", "node", "nginx", "postgres", "redis", "kube", *spec.programs)


def _other_problems(spec: ScenarioSpec) -> Iterator[str]:
    known = {(each.namespace, each.name): each for each in spec.workloads}
    for index, loop in enumerate(spec.troubles.crash_loops):
        found = known.get((loop.namespace, loop.workload))
        if found is None or found.kind != "Deployment" or not found.replicas:
            yield f"troubles.crash_loops[{index}]: there is no deployment {loop.workload} in {loop.namespace}"
    yield from _manifest_problems(spec)
    if not all((spec.generated.products, spec.generated.stages, spec.generated.roles, spec.generated.languages)):
        yield "generated: products, stages, roles and languages must not be empty"
    if not spec.generated.replicas:
        yield "generated.replicas: there must be a number, of at least 1"


def _manifest_problems(spec: ScenarioSpec) -> Iterator[str]:
    served = {(each.api_version, each.kind) for each in builtin_types(OLDEST_MINOR)}
    for section, groups in (("cluster_objects", spec.cluster_objects), ("team_objects", spec.team_objects)):
        for index, group in enumerate(groups):
            for number, manifest in enumerate(group.objects):
                place = f"{section}[{index}].objects[{number}]"
                try:
                    kind = msgspec.convert(manifest, Manifest)
                    if kind.kind == "CustomResourceDefinition":
                        served.update((each.api_version, each.kind) for each in types_of_definition(manifest))
                except msgspec.ValidationError as error:
                    yield f"{place}: {str(error).replace('`', '')}"
                except (KeyError, TypeError, AttributeError) as error:
                    yield f"{place}: the definition cannot be served: {error}"
                else:
                    if (kind.apiVersion, kind.kind) not in served:
                        yield f"{place}: the simulated cluster serves no {kind.kind} of {kind.apiVersion}"


def _story_problems(spec: ScenarioSpec) -> Iterator[str]:

    for name, story in spec.stories.items():
        for problem in check_story(story):
            yield f"stories.{name}.{problem}"
    known = {**story_catalog().stories, **spec.stories}
    for section, cues in (("opening", spec.opening), ("deck", spec.deck)):
        for index, cue in enumerate(cues):
            if cue.story not in known:
                yield f"{section}[{index}].story: there is no story {cue.story!r}; there are {', '.join(known)}"
