"""A scenario as data: what a scenario file may say, and how one is read.

`load_scenario` reads and checks a whole file; what is wrong with it is one sentence that names the file and the place
(`my.yaml: workloads[2].replicas: Expected `int`, got `str``). A scenario that was loaded can be played.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from kwatch.simulator.api_types import types_of_definition
from kwatch.simulator.builtin_types import OLDEST_MINOR, builtin_types
from kwatch.simulator.scenario.spec import CronWorkload, Manifest, ScenarioSpec, Workload

T = TypeVar("T")

DEFAULT = Path(__file__).with_name("shopworks.yaml")
STORIES = Path(__file__).with_name("stories.yaml")
LOGS = Path(__file__).with_name("logs.yaml")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_CPU = re.compile(r"[0-9]+m?|[0-9]+\.[0-9]+")
_MEMORY = re.compile(r"[0-9]+(Ki|Mi|Gi|Ti)?")
_SHARE = re.compile(r"[0-9]{1,4}|[0-9]{1,3}%")
_SERVICES = ("", "ClusterIP", "LoadBalancer", "NodePort", "headless")
_CRON = re.compile(r"(\*|[0-9]+(-[0-9]+)?)(/[0-9]*[1-9][0-9]*)?(,(\*|[0-9]+(-[0-9]+)?)(/[0-9]*[1-9][0-9]*)?)*")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MOST_FILE_BYTES = 4 * 2**20


class ScenarioError(ValueError):
    """A scenario file that cannot be played; the message is one sentence with the file and the place."""


def load_scenario(path: Path | None = None) -> ScenarioSpec:
    """Read a scenario file, by default the one of `kwatch demo`; raise ScenarioError."""
    path = path or DEFAULT
    spec = read_yaml(path, ScenarioSpec)
    daemons = tuple(msgspec.structs.replace(each, kind="DaemonSet") for each in spec.daemons)
    spec = msgspec.structs.replace(spec, daemons=daemons)
    if path != DEFAULT:
        for problem in _problems(spec):
            raise ScenarioError(f"{path}: {problem}")
    return spec


def read_yaml(path: Path, kind: type[T]) -> T:
    """A YAML file as a value of a type; raise ScenarioError."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_FILE_BYTES + 1)
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror or error}") from None
    if len(text) > _MOST_FILE_BYTES:
        raise ScenarioError(f"{path}: the file is larger than {_MOST_FILE_BYTES >> 20} MiB")
    try:
        return msgspec.convert(yaml.load(text, _LOADER), kind)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: {_place(error)}") from None
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        place = place.rstrip("`").removeprefix(".")
        raise ScenarioError(f"{path}: {place}: {problem}" if place else f"{path}: {problem}") from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{path}: {error}") from None


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else " ".join(problem.split())


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
    fields = cron.schedule.split()
    if len(fields) != 5 or not all(map(_is_cron_field, fields, _CRON_RANGES)):
        yield f"schedule: {cron.schedule!r} is no schedule; write five fields, as in */5 * * * *"
    if cron.language not in _languages(spec):
        yield f"language: {cron.language} is none of {', '.join(_languages(spec))}"
    if not 0 <= cron.takes[0] <= cron.takes[1]:
        yield f"takes: {list(cron.takes)} is no range of seconds"


def _is_cron_field(text: str, bounds: tuple[int, int]) -> bool:
    if not _CRON.fullmatch(text):
        return False
    spans = [[int(number) for number in re.findall(r"[0-9]+", part.partition("/")[0])] for part in text.split(",")]
    return all(bounds[0] <= number <= bounds[1] for span in spans for number in span) and spans == list(
        map(sorted, spans)
    )


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
    from kwatch.simulator.scenario.stories import check_story, library  # read only when a file of one's own is checked

    for name, story in spec.stories.items():
        for problem in check_story(story):
            yield f"stories.{name}.{problem}"
    known = {**library().stories, **spec.stories}
    for section, cues in (("opening", spec.opening), ("deck", spec.deck)):
        for index, cue in enumerate(cues):
            if cue.story not in known:
                yield f"{section}[{index}].story: there is no story {cue.story!r}; there are {', '.join(known)}"
