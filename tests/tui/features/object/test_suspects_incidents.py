"""Incidents of the simulator, from what fails to the diff of its cause: what Enter on the cause shows."""

from __future__ import annotations

import pytest

from kwatch.simulator.scenario.loader import load_incident
from kwatch.tui.features.object.subject import Subject
from kwatch.tui.features.object.suspects_tab import suspect_sides
from tests.view.suspects.incident import Played

RESOURCES = {
    "CronJob": "cronjobs.batch",
    "DaemonSet": "daemonsets.apps",
    "Deployment": "deployments.apps",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "StatefulSet": "statefulsets.apps",
}


def resource_of(kind: str) -> str:
    return RESOURCES.get(kind, f"{kind.lower()}s")


@pytest.mark.parametrize(
    "name",
    [
        "bad-image-tag",
        "changed-secret",
        "config-map-created-again",
        "missing-key",
        "node-drained",
        "quota",
        "taint",
        "webhook-down",
    ],
)
def test_the_cause_is_shown_beside_what_was_before(name: str) -> None:
    incident = load_incident(name)
    kind, _, key = incident.fails.partition("/")
    cause, _, cause_key = incident.cause.partition("/")
    with Played(name).watched() as watcher:
        found = watcher.suspects(resource_of(kind), key)
        subject = Subject(watcher.session, watcher.feeds[resource_of(kind)], key)
        told = [suspect_sides(subject, each) for each in found.suspects[:3]]
    sides = [each for each in told if each is not None and (each.resource, each.key) == (resource_of(cause), cause_key)]
    assert sides, [(each.what, each.why) for each in found.suspects]
    assert sides[0].before is not None and sides[0].after is not None and sides[0].before != sides[0].after


@pytest.mark.parametrize("name", ["service-account-removed"])
def test_of_what_is_not_watched_there_is_what_the_server_says(name: str) -> None:
    incident = load_incident(name)
    kind, _, key = incident.fails.partition("/")
    with Played(name).watched() as watcher:
        found = watcher.suspects(resource_of(kind), key)
        subject = Subject(watcher.session, watcher.feeds[resource_of(kind)], key)
        assert found.suspects[0].statement is not None
        assert suspect_sides(subject, found.suspects[0]) is None
