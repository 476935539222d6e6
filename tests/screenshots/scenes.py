"""What the pictures show: where each begins, and what a person does before it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from tests.screenshots.stage import Stage, Start

Steps = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, or a moving one where the steps take several."""

    name: str
    caption: str
    steps: Steps
    start: Start = field(default_factory=Start)


async def _pods(stage: Stage) -> None:
    await stage.wait(29)
    await stage.rest_on(r"[-+~] +cart")


async def _cause(stage: Stage) -> None:
    """A red pod, the key, the cause, its diff."""
    await stage.wait(95)
    await stage.rest_on("[!~] cart.*Crash")
    await stage.take(seconds=2.2)
    await stage.press("X")
    await stage.take("Shift-X", seconds=3.6)
    await stage.press("enter")
    await stage.take("Enter", seconds=4.2)


async def _filter(stage: Stage) -> None:
    await stage.wait(25)
    await stage.press("slash", "app=cart age<1d", "tab")


async def _open_newest_cart(stage: Stage) -> None:
    await stage.press("slash", "app=cart", "enter")
    await stage.wait_for("PodInitializing|Init:")
    await stage.wait(16)
    await stage.press("A", "home", "v")


async def _history(stage: Stage) -> None:
    await _open_newest_cart(stage)
    await stage.press("down")


async def _diff(stage: Stage) -> None:
    await _open_newest_cart(stage)
    await stage.press("home", "down", "enter")


async def _timeline(stage: Stage) -> None:
    await stage.press("slash", "cart", "enter", "T")
    await stage.wait(40)
    await stage.press("end")
    await stage.rest_on(r" 13:\d\d:.* self .*argocd", "up")
    await stage.press("pageup")
    await stage.rest_on(r" 13:\d\d:.* self .*argocd")


async def _crash_loop(stage: Stage) -> None:
    await stage.press("slash", "recommender restarts>3", "enter")
    await stage.wait_for("1 of .* pods")
    await stage.wait(50)
    await stage.press("T")
    await stage.press("end")
    await stage.rest_on("revision 3", "up")


async def _suspects(stage: Stage) -> None:
    await stage.wait(95)
    await stage.rest_on("[!~] cart.*Crash")
    await stage.press("X")


async def _problems(stage: Stage) -> None:
    await stage.wait(95)
    await stage.press("!")
    await stage.pause(1)
    await stage.rest_on("cart-.*crash loop")


async def _overview(stage: Stage) -> None:
    await stage.wait(95)
    await stage.rest_on("[!~] cart.*Crash")
    await stage.press("d")


async def _yaml(stage: Stage) -> None:
    await stage.press("slash", "app=cart", "enter", "y")


async def _rollouts(stage: Stage) -> None:
    await _open_newest_cart(stage)
    await stage.press("H")
    await stage.see("the oldest one kept")


async def _logs(stage: Stage) -> None:
    await stage.wait(36)
    await stage.press("slash", "cart", "enter", "l")


async def _deletion(stage: Stage) -> None:
    await stage.press("slash", "deleted orders", "enter")
    await stage.wait_for("- +orders")
    await stage.press("T")
    await stage.see("deleted")
    await stage.wait(6)
    await stage.press("home")
    await stage.rest_on("self .*deleted")


async def _everything(stage: Stage) -> None:
    await stage.press("slash", "cart", "enter")
    await stage.wait(20)


async def _delta_log(stage: Stage) -> None:
    await stage.wait(10)
    await stage.press("D")
    await stage.wait(14)


async def _indexes(stage: Stage) -> None:
    await stage.wait(25)
    await stage.press("i")


async def _time_travel(stage: Stage) -> None:
    await stage.press("slash", "app=cart", "enter")
    await stage.wait(30)
    await stage.press("t", *["left"] * 14)


async def _baseline(stage: Stage) -> None:
    await stage.press("m")
    await stage.wait(28)
    await stage.press("M")
    await stage.see(r"\+\d.* -\d")
    await stage.press("down", "down")


async def _informers(stage: Stage) -> None:
    await stage.wait(8)
    await stage.press("I")


async def _pulses(stage: Stage) -> None:
    await stage.wait(95)
    await stage.press("colon", "pulses", "enter")


async def _xray(stage: Stage) -> None:
    await stage.wait(95)
    await stage.press("colon", "xray deploy", "enter")


async def _split(stage: Stage) -> None:
    await stage.wait(95)
    await stage.rest_on("[!~] cart.*Crash")
    await stage.press("|")


async def _contexts(stage: Stage) -> None:
    await stage.wait(95)
    await stage.press("slash", "cart", "enter")
    await stage.rest_on("demo-us  cart.*Crash")


async def _compared(stage: Stage) -> None:
    await stage.wait(60)
    await stage.press("slash", "cart", "enter", "=")


async def _help(stage: Stage) -> None:
    await stage.press("?")


DEPLOYMENTS = Start(resource="deployments")
OUT_OF_MEMORY = Start(incident="lowered-limit")
TWO_CLUSTERS = Start(incident="lowered-limit", contexts=("demo-eu", "demo-us"))

SCENES = (
    Scene(
        "cause",
        "A pod crashes; Shift-X: which rollout did it, when, and who; Enter: its diff",
        _cause,
        OUT_OF_MEMORY,
    ),
    Scene("pods", "The pods of a namespace while a deployment is rolled out", _pods),
    Scene("filter", "A label and an age as a filter, answered by the label index; Tab completes", _filter),
    Scene("suspects", "What may have made a pod run out of memory, the likeliest first", _suspects, OUT_OF_MEMORY),
    Scene(
        "overview",
        "A pod at a glance: what is wrong, what may have caused it, what describe says",
        _overview,
        OUT_OF_MEMORY,
    ),
    Scene("yaml", "An object as YAML", _yaml),
    Scene("history", "The history of one pod: what changed, and who changed it", _history),
    Scene("diff", "Two versions side by side", _diff),
    Scene("timeline", "A rollout on the timeline of a deployment", _timeline, DEPLOYMENTS),
    Scene("crash-loop", "A crash loop on the timeline of a pod", _crash_loop),
    Scene(
        "problems",
        "Everything that is wrong, and the likely cause of what the cursor is on",
        _problems,
        Start(all_namespaces=True, incident="lowered-limit"),
    ),
    Scene("rollouts", "The rollouts of a deployment, each against the one before", _rollouts),
    Scene("logs", "The logs of a deployment: all its pods and containers, merged by time", _logs, DEPLOYMENTS),
    Scene("deletion", "The last seconds of a deleted pod", _deletion),
    Scene("all", "Several kinds in one table", _everything, Start(resource="all")),
    Scene("delta-log", "Every delta as it arrives", _delta_log),
    Scene("indexes", "Every index with its counts, beside the table", _indexes, Start(all_namespaces=True)),
    Scene("time-travel", "The same pods as they were: a delta at a time, back and forth", _time_travel),
    Scene("baseline", "Everything that changed since a baseline, under its topmost owner", _baseline),
    Scene("informers", "What runs behind the screen, and what it takes", _informers),
    Scene("pulses", "Each kind that is watched: how many, and how many are unhealthy", _pulses, OUT_OF_MEMORY),
    Scene("xray", "What deployments are made of, as a tree", _xray, OUT_OF_MEMORY),
    Scene(
        "split", "Table and object side by side, from 160 columns", _split, Start(columns=180, incident="lowered-limit")
    ),
    Scene("contexts", "Two clusters in one table: the same, but for a crash loop in one", _contexts, TWO_CLUSTERS),
    Scene(
        "compared",
        "The like in two clusters side by side: one has less memory",
        _compared,
        replace(TWO_CLUSTERS, resource="deployments"),
    ),
    Scene("help", "Every key, and the whole filter language", _help),
    Scene("small", "The same in 80 columns", _filter, Start(columns=80, rows=24)),
)
