"""Scenario files as they are read, and what a story may say: which steps there are, and what their arguments are.

What is wrong with a file is one sentence that names it and the place (`my.yaml: workloads[2].replicas: Expected `int`,
got `str``). Values of the right type that make no sense are found by `checks`, which only files of one's own need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import yaml

from kwatch.simulator.scenario import INCIDENTS, incident_names
from kwatch.simulator.scenario.spec import Cue, Incident, Noise, Range, ScenarioSpec, Story, StoryCatalog

T = TypeVar("T")

DEFAULT = Path(__file__).with_name("shopworks.yaml")
STORIES = Path(__file__).with_name("stories.yaml")
NOISE = Path(__file__).with_name("noise.yaml")
LOGS = Path(__file__).with_name("logs.yaml")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_FILE_BYTES = 4 * 2**20


class ScenarioError(ValueError):
    """A scenario file that cannot be played; the message is one sentence with the file and the place."""


def load_scenario(path: Path | None = None) -> ScenarioSpec:
    """Read a scenario file, by default the one of `kwatch demo`, unchecked; raise ScenarioError."""
    path = path or DEFAULT
    spec = read_yaml(path, ScenarioSpec)
    teams = {name for name, each in spec.namespaces.items() if each.team}
    workloads = tuple(
        msgspec.structs.replace(each, private=True) if each.namespace in teams and each.kind == "Deployment" else each
        for each in spec.workloads
    )
    daemons = tuple(msgspec.structs.replace(each, kind="DaemonSet") for each in spec.daemons)
    return msgspec.structs.replace(spec, workloads=workloads, daemons=daemons)


def read_yaml(path: Path, kind: type[T]) -> T:
    """A YAML file as a value of a type; raise ScenarioError."""
    text = read_file(path)
    try:
        return msgspec.convert(yaml.load(text, LOADER), kind)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: {place_of(error)}") from None
    except msgspec.ValidationError as error:
        problem, _, place = printable(str(error)).partition(" - at `$")
        place = place.rstrip("`").removeprefix(".")
        raise ScenarioError(f"{path}: {place}: {problem}" if place else f"{path}: {problem}") from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"{path}: {printable(str(error))}") from None


def read_file(path: Path) -> bytes:
    """The bytes of a scenario file; raise ScenarioError."""
    try:
        if path.exists() and not path.is_file():
            raise ScenarioError(f"{path}: this is a directory or a device, not a file")
        with path.open("rb") as file:
            text = file.read(_MOST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise error if isinstance(error, ScenarioError) else ScenarioError(f"{path}: {reason}") from None
    if len(text) > _MOST_FILE_BYTES:
        raise ScenarioError(f"{path}: the file is larger than {_MOST_FILE_BYTES >> 20} MiB")
    return text


def place_of(error: yaml.YAMLError) -> str:
    """Where a file is not YAML, and why."""
    mark = getattr(error, "problem_mark", None)
    problem = printable(getattr(error, "problem", None) or str(error))
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else " ".join(problem.split())


def printable(text: str) -> str:
    """A text without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() or letter == " " else "?" for letter in text)


TARGETS = ("deployment", "pod", "config", "setting", "node", "database", "app", "workload", "crash_loop", "nothing")
_DEPLOYMENTS = ("deployment", "pod", "config")
_LONGEST = 86_400
_ROLLED_OUT = (*_DEPLOYMENTS, "workload", "crash_loop")


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody changes an object: KIND/NAMESPACE/NAME, or KIND/NAME of what has no namespace, by a strategic merge
    patch.
    """

    object: str
    patch: dict[str, Any]
    by: str = "kubectl-edit"


class Create(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    object: dict[str, Any]
    by: str = "kubectl-create"


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A secret gets a certificate that is good for so many seconds from now on."""

    object: str
    good_for: Annotated[float, msgspec.Meta(ge=1, le=86_400)]
    by: str = "cert-manager-certificates-issuing"


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More replicas: so many, and this share of the present ones."""

    by: int = 0
    share: float = 0.0


class Crash(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


_WITHOUT_ARGUMENT: dict[tuple[str, ...], tuple[str, ...]] = {
    _ROLLED_OUT: ("undo", "restart", "mend"),
    _DEPLOYMENTS: ("ask_for_gigabytes",),
    ("pod",): ("delete_pod",),
    ("workload",): ("delete_claim",),
    ("node",): (
        "cordon", "uncordon", "drain", "reboot", "silence", "lose", "find", "press", "relieve", "delete_evicted",
    ),
    ("database",): ("back_up", "fail_over"),
    ("nothing",): ("delete_namespace",),
}  # fmt: skip
STEPS: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "wait": (_number_or_range, TARGETS),
    "settle": (_number_or_range, _ROLLED_OUT),
    "deploy": (_of_type(Literal["next", "unpullable", "crashing"]), _ROLLED_OUT),
    "scale": (_of_type(Scale | Literal["back"]), _ROLLED_OUT),
    "crash": (_of_type(Crash), ("pod",)),
    "fail_probe": (_of_type(FailProbe), ("pod",)),
    "demand": (_number_or_range, ("app",)),
    "set": (_of_type(Setting), ("config", "setting")),
    "evict": (_of_type(int), ("node",)),
    "preview": (_of_type(str), ("nothing",)),
    "write": (_of_type(Write), TARGETS),
    "create": (_of_type(Create), TARGETS),
    "delete": (_of_type(str), TARGETS),
    "certificate": (_of_type(Certificate), TARGETS),
    **{name: (_of_type(None), targets) for targets, names in _WITHOUT_ARGUMENT.items() for name in names},
}
"""Step -> what reads its argument, and the targets it can happen to."""


INCIDENT_BEGINS = 45.0
"""Seconds after the start."""


def load_incident(name: str) -> Incident:
    """Raise ScenarioError if there is none of that name."""
    if name not in incident_names():
        known = ", ".join(incident_names())
        raise ScenarioError(f"there is no scenario {printable(name)!r}; give a file, or one of {known}")
    path = INCIDENTS / f"{name}.yaml"
    read: Incident = read_yaml(path, Incident)
    for problem in check_story(read.story):
        raise ScenarioError(f"{path}: story.{problem}")
    return read


def incident_scenario(name: str) -> ScenarioSpec:
    """The world of the demo with one incident among the noise; raise ScenarioError."""
    incident, spec = load_incident(name), calm_scenario()
    stories, opening = {**spec.stories, name: incident.story}, (*spec.opening, Cue(name, at=INCIDENT_BEGINS))
    return msgspec.structs.replace(spec, stories=stories, opening=opening)


def calm_scenario() -> ScenarioSpec:
    """The world of the demo with the noise alone: what goes on every day."""
    noise, spec = read_yaml(NOISE, Noise), load_scenario()
    stories = {**spec.stories, **noise.stories}
    return msgspec.structs.replace(spec, stories=stories, opening=noise.opening, deck=noise.deck)


def is_file(given: str) -> bool:
    """Whether a scenario is given as a file and not by its name."""
    return any(letter in given for letter in "./\\") or Path(given).exists()


@lru_cache(maxsize=1)
def story_catalog() -> StoryCatalog:
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


def _is_workload(target: str) -> bool:
    kind, _, key = target.partition("/")
    return kind in ("Deployment", "StatefulSet", "DaemonSet") and all(key.partition("/")[::2]) and key.count("/") == 1


def check_story(story: Story) -> Iterator[str]:
    """What is wrong with a story, one sentence each."""
    if story.happens_to not in TARGETS:
        yield f"happens_to: {story.happens_to!r} is none of {', '.join(TARGETS)}"
        return
    if story.happens_to == "workload" and not _is_workload(story.target):
        yield f"target: {story.target!r} is no workload; write KIND/NAMESPACE/NAME, as in Deployment/shop/cart"
    if story.happens_to == "node" and story.target and not story.target.startswith("Node/"):
        yield f"target: {story.target!r} is no node; write Node/NAME"
    if story.happens_to == "setting" and not story.target:
        yield "target: the name of the setting is missing"
    try:
        steps = steps_of(story)
    except ValueError as error:
        yield str(error)
        return
    for index, (name, argument) in enumerate(steps):
        place = argument if name == "delete" else getattr(argument, "object", None)
        if isinstance(place, str) and place.count("/") not in (1, 2):
            yield f"steps[{index}].{name}: {place!r} is no object; write KIND/NAMESPACE/NAME, or KIND/NAME"
        ranges = [each for each in (argument, getattr(argument, "seconds", None)) if isinstance(each, tuple)]
        if any(low > high for low, high in ranges):
            yield f"steps[{index}].{name}: {list(ranges[0])} is no range"
    pauses = [argument for name, argument in steps if name in ("wait", "settle")]
    if story.repeat and not any(min(each) if isinstance(each, tuple) else each for each in pauses):
        yield "repeat: a story that begins again and again needs a wait"
