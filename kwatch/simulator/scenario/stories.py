"""The library of stories, and what a story may say: which steps there are, and what their arguments are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from kwatch.simulator.scenario.loader import STORIES, read_yaml
from kwatch.simulator.scenario.spec import Library, Range, Story

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
def library() -> Library:
    """The stories that every scenario can tell."""
    read: Library = read_yaml(STORIES, Library)
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
    if story.happens_to == "workload" and story.target.count("/") != 2:
        yield f"target: {story.target!r} is no workload; write KIND/NAMESPACE/NAME"
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
