"""What every server has, is named here as a real server names it."""

from __future__ import annotations

import json
from pathlib import Path

from kwatch.catalog.registry import kind_for
from kwatch.cluster.discovery import read_aggregated
from kwatch.informer.resource import GroupVersionResource, Resource
from kwatch.informer.resources import BUILTIN_RESOURCES

WIRE = Path(__file__).parents[1] / "wire"


def recorded() -> dict[GroupVersionResource, Resource]:
    exchanges = json.loads((WIRE / "discovery-aggregated.json").read_text("utf-8"))["exchanges"]
    answers = [read_aggregated(json.dumps(each["body"]).encode()) for each in exchanges]
    return {each.gvr: each for answer in answers if answer for found in answer[0].values() for each in found}


def test_names_and_kinds_are_those_of_a_server() -> None:
    served = recorded()
    for gvr, known in BUILTIN_RESOURCES.items():
        there = served[gvr]
        assert (known.kind, known.namespaced, known.singular) == (there.kind, there.namespaced, there.singular)
        assert known.short_names == there.short_names
        assert known.verbs <= there.verbs
        assert there.preferred


def test_the_catalogue_knows_how_each_looks() -> None:
    assert [str(each) for each in BUILTIN_RESOURCES.values() if kind_for(each) is None] == []
