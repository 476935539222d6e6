"""Scenario files, read and checked: what is wrong with one is a sentence that names the file and the place
(`my.yaml: workloads[2].replicas: Expected `int`, got `str``). A scenario that was loaded can be played.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import yaml

from kwatch.simulator.api_types import OLDEST_MINOR, builtin_types, types_of_definition
from kwatch.simulator.scenario.spec import CronWorkload, Manifest, Range, ScenarioSpec, Story, StoryCatalog, Workload

T = TypeVar("T")

DEFAULT = Path(__file__).with_name("shopworks.yaml")
STORIES = Path(__file__).with_name("stories.yaml")
LOGS = Path(__file__).with_name("logs.yaml")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_CPU = re.compile(r"[0-9]+m?|[0-9]+\.[0-9]+")
_MEMORY = re.compile(r"[0-9]+(Ki|Mi|Gi|Ti)?")
_SHARE = re.compile(r"[0-9]{1,4}|[0-9]{1,3}%")
_WORKLOAD = re.compile(r"(Deployment|StatefulSet|DaemonSet)/[-a-z0-9]+/[-a-z0-9]+")
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

    for name, story in spec.stories.items():
        for problem in check_story(story):
            yield f"stories.{name}.{problem}"
    known = {**story_catalog().stories, **spec.stories}
    for section, cues in (("opening", spec.opening), ("deck", spec.deck)):
        for index, cue in enumerate(cues):
            if cue.story not in known:
                yield f"{section}[{index}].story: there is no story {cue.story!r}; there are {', '.join(known)}"


TARGETS = ("deployment", "pod", "config", "setting", "node", "database", "app", "workload", "crash_loop", "nothing")
_DEPLOYMENTS = ("deployment", "pod", "config")
_LONGEST = 86_400
_ROLLED_OUT = (*_DEPLOYMENTS, "workload", "crash_loop")


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More replicas: so many, and this share of the present ones."""

    by: int = 0
    share: float = 0.0


class Crash(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a container ends."""

    exit_code: int = 1
    reason: str = "Error"


class FailProbe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long a readiness probe fails, with one of these messages; {ip} and {port} are the pod's."""

    seconds: Range
    messages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change of a config map's entry to another one of the values, by a manager."""

    name: str
    values: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    by: str = "kubectl-edit"


def _number_or_range(argument: Any) -> float | Range:
    """A number, or two from which one is chosen; raise ValueError."""
    # By hand: msgspec 0.23 crashes with a union of a number in bounds and a tuple.
    values = argument if isinstance(argument, list) and len(argument) == 2 else [argument]
    if not all(isinstance(each, int | float) and 0 <= each <= _LONGEST for each in values):
        raise ValueError(f"{argument!r} is neither a number nor a range as in [8, 20]")
    if len(values) == 1:
        return float(values[0])
    return float(values[0]), float(values[1])


def _of_type(kind: Any) -> Callable[[Any], Any]:
    return lambda argument: msgspec.convert(argument, kind)


STEPS: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "wait": (_number_or_range, TARGETS),
    "settle": (_number_or_range, _ROLLED_OUT),
    "deploy": (_of_type(Literal["next", "unpullable", "crashing"]), _ROLLED_OUT),
    "undo": (_of_type(None), _ROLLED_OUT),
    "restart": (_of_type(None), _ROLLED_OUT),
    "mend": (_of_type(None), _ROLLED_OUT),
    "scale": (_of_type(Scale | Literal["back"]), _ROLLED_OUT),
    "ask_for_gigabytes": (_of_type(None), _DEPLOYMENTS),
    "crash": (_of_type(Crash), ("pod",)),
    "fail_probe": (_of_type(FailProbe), ("pod",)),
    "delete_pod": (_of_type(None), ("pod",)),
    "delete_claim": (_of_type(None), ("workload",)),
    "demand": (_number_or_range, ("app",)),
    "set": (_of_type(Setting), ("config", "setting")),
    "cordon": (_of_type(None), ("node",)),
    "uncordon": (_of_type(None), ("node",)),
    "drain": (_of_type(None), ("node",)),
    "reboot": (_of_type(None), ("node",)),
    "silence": (_of_type(None), ("node",)),
    "lose": (_of_type(None), ("node",)),
    "find": (_of_type(None), ("node",)),
    "press": (_of_type(None), ("node",)),
    "relieve": (_of_type(None), ("node",)),
    "evict": (_of_type(int), ("node",)),
    "delete_evicted": (_of_type(None), ("node",)),
    "back_up": (_of_type(None), ("database",)),
    "fail_over": (_of_type(None), ("database",)),
    "preview": (_of_type(str), ("nothing",)),
    "delete_namespace": (_of_type(None), ("nothing",)),
}
"""Step -> what reads its argument, and the targets it can happen to."""


@lru_cache(maxsize=1)
def story_catalog() -> StoryCatalog:
    """The stories that every scenario can tell."""
    read: StoryCatalog = read_yaml(STORIES, StoryCatalog)
    return read


def steps_of(story: Story) -> list[tuple[str, Any]]:
    """Each step's name and its argument; raise ValueError with what is wrong."""
    steps = []
    for index, step in enumerate(story.steps):
        name, argument = (step, None) if isinstance(step, str) else next(iter(step.items()), ("", None))
        if isinstance(step, dict) and len(step) != 1:
            raise ValueError(f"steps[{index}]: a step is one word with its argument")
        if name not in STEPS:
            raise ValueError(f"steps[{index}]: there is no step {name!r}; there are {', '.join(STEPS)}")
        read, targets = STEPS[name]
        if story.happens_to not in targets:
            raise ValueError(
                f"steps[{index}]: {name!r} happens to a {' or '.join(targets)}, not to a {story.happens_to}"
            )
        try:
            steps.append((name, read(argument)))
        except (ValueError, msgspec.ValidationError) as error:
            raise ValueError(f"steps[{index}].{name}: {str(error).replace('`', '')}") from None
    return steps


def check_story(story: Story) -> Iterator[str]:
    """What is wrong with a story, one sentence each."""
    if story.happens_to not in TARGETS:
        yield f"happens_to: {story.happens_to!r} is none of {', '.join(TARGETS)}"
        return
    if story.happens_to == "workload" and not _WORKLOAD.fullmatch(story.target):
        yield f"target: {story.target!r} is no workload; write KIND/NAMESPACE/NAME, as in Deployment/shop/cart"
    if story.happens_to == "setting" and not story.target:
        yield "target: the name of the setting is missing"
    try:
        steps = steps_of(story)
    except ValueError as error:
        yield str(error)
        return
    for index, (name, argument) in enumerate(steps):
        ranges = [each for each in (argument, getattr(argument, "seconds", None)) if isinstance(each, tuple)]
        if any(low > high for low, high in ranges):
            yield f"steps[{index}].{name}: {list(ranges[0])} is no range"
    pauses = [argument for name, argument in steps if name in ("wait", "settle")]
    if story.repeat and not any(min(each) if isinstance(each, tuple) else each for each in pauses):
        yield "repeat: a story that begins again and again needs a wait"
