"""Recorded exchanges with a real server, a store that holds the same objects, and what makes two answers alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kwatch.simulator.api_types import BUILTIN_TYPES
from kwatch.simulator.store import Store
from tests.simulator.objects import namespace

WIRE = Path(__file__).parents[1] / "wire"
REVISION = 21044
"""Of the recorded cluster when its pods were listed."""

Tree = dict[str, Any]


@cache
def recording(name: str) -> Tree:
    loaded: Tree = json.loads((WIRE / f"{name}.json").read_text())
    return loaded


def exchanges(name: str) -> list[Tree]:
    """Of `1.37/version` those of a server of that version."""
    found: list[Tree] = recording(name)["exchanges"]
    return found


def recorded_store(minor: int = 36) -> Store:
    """The objects of printed-rows.json, at the revision at which the recordings were made, and nothing before."""
    seeds = list(recorded_objects())
    store = Store(revision=REVISION - len(seeds), minor=minor)
    store.compact()
    for seed in seeds:
        store.create(seed, manager="seed")
    assert store.revision == REVISION
    store.compact()
    return store


def recorded_objects() -> Iterator[Tree]:
    """Definitions before the objects they allow; without the cluster's own list of kinds, only of served types."""
    types = {each.resource: (each.api_version, each.kind) for each in reversed(BUILTIN_TYPES) if not each.stored_as}
    types["horizontalpodautoscalers"] = ("autoscaling/v2", "HorizontalPodAutoscaler")
    types["widgets"] = ("example.com/v1", "Widget")
    resources: dict[str, Tree] = exchanges("printed-rows")[0]["resources"]
    names = sorted(resources, key=lambda name: name != "customresourcedefinitions")
    found = [
        {"apiVersion": types[name][0], "kind": types[name][1], **item["object"]}
        for name in names
        for item in resources[name]["items"]
    ]
    if not any(each["kind"] == "Namespace" and each["metadata"]["name"] == "demo" for each in found):
        found.append(namespace("demo"))
    return iter(found)


def assert_alike(recorded: Any, answered: Any, path: str = "") -> None:
    """The same keys and types all the way down; the same words where they are the protocol's."""
    if isinstance(recorded, dict):
        assert isinstance(answered, dict), path
        assert set(recorded) == set(answered), f"{path}: {set(recorded) ^ set(answered)}"
        for key, value in recorded.items():
            assert_alike(value, answered[key], f"{path}.{key}")
        for key in ("kind", "apiVersion", "reason", "code", "status", "type", "operation", "manager"):
            if isinstance(recorded.get(key), str | int):
                assert recorded[key] == answered[key], f"{path}.{key}"
        if isinstance(recorded.get("message"), str):
            assert pattern(recorded["message"]) == pattern(answered["message"]), path
    elif isinstance(recorded, list):
        assert isinstance(answered, list) and len(recorded) == len(answered), path
        for position, (one, other) in enumerate(zip(recorded, answered, strict=True)):
            assert_alike(one, other, f"{path}[{position}]")
    else:
        assert type(recorded) is type(answered), f"{path}: {recorded!r} {answered!r}"


def pattern(message: str) -> str:
    """A message without its numbers."""
    return re.sub(r"\d+", "N", message)
