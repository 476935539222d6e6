"""Which beats there are: how the story opens, and what comes up how often after that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.objects.kube import Object
from kwatch.simulator.scenario.story import accidents, capacity, machines, releases, routine
from kwatch.simulator.scenario.story.stage import Stage

Beat = Callable[[Stage], Process]
Card = tuple[int, str, Beat]
"""How many times a beat is in the deck, its name, and the beat. Of one name few play at a time."""

OPENING: tuple[tuple[float, str, Beat], ...] = (
    (1.0, "release", partial(releases.release, among=("cart",))),
    (8.0, "flap", partial(accidents.flap, among=("search",))),
    (16.0, "out of memory", partial(accidents.out_of_memory, among=("image-resizer", "notifications"))),
    (24.0, "delete pod", partial(accidents.delete_pod, among=("orders",))),
    (30.0, "rush", partial(capacity.rush, app="web")),
    (60.0, "drain", machines.drain),
    (150.0, "unpullable", partial(releases.unpullable_release, among=("search",))),
)
"""Seconds after the beginning, name, beat."""

_ALWAYS: tuple[Card, ...] = (
    (5, "release", releases.release),
    (1, "unpullable", releases.unpullable_release),
    (1, "restart", releases.restart),
    (1, "redis restart", releases.restart_redis),
    (1, "agents", releases.release_agents),
    (1, "rush", partial(capacity.rush, app="web")),
    (1, "rush", partial(capacity.rush, app="catalog")),
    (2, "scale", partial(capacity.scale_by_hand, among=("orders", "checkout"))),
    (1, "grow redis", capacity.grow_redis),
    (1, "too much", capacity.ask_for_too_much),
    (2, "out of memory", accidents.out_of_memory),
    (1, "panic", accidents.panic),
    (3, "flap", accidents.flap),
    (2, "delete pod", accidents.delete_pod),
    (1, "drain", machines.drain),
    (1, "outage", machines.outage),
    (1, "pressure", machines.pressure),
    (2, "settings", routine.apply_settings),
    (2, "edit", routine.edit_settings),
    (1, "preview", routine.preview),
)


def of_the_teams(databases: list[Object]) -> tuple[Card, ...]:
    """What the company's own teams see."""
    if not databases:
        return _ALWAYS
    return (
        *_ALWAYS,
        (4, "backup", partial(routine.back_up, databases=databases)),
        (1, "fail over", partial(routine.fail_over, databases=databases)),
    )


def of_everybody() -> tuple[Card, ...]:
    """What happens all over a large, busy cluster."""
    return (
        (4, "release", partial(releases.release, own=False)),
        (2, "restart", partial(releases.restart, own=False)),
        (3, "panic", partial(accidents.panic, own=False)),
        (3, "flap", partial(accidents.flap, own=False)),
        (3, "delete pod", partial(accidents.delete_pod, own=False)),
        (3, "scale", partial(capacity.scale_by_hand, own=False)),
    )
