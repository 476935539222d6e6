"""Whatever breaks in the simulator for a known cause: kwatch, which watched it over HTTP, names the cause."""

from __future__ import annotations

import pytest

from kwatch.catalog.health import assess
from kwatch.informer.kube_object import KubeObject
from kwatch.simulator.engine.objects import RESOURCES
from kwatch.simulator.scenario import incident_names
from kwatch.simulator.scenario.spec import Incident
from kwatch.view.suspects import Found, Suspect
from tests.view.suspects.incident import Played, Watcher


def place(text: str) -> tuple[str, str]:
    """Resource and key of KIND/NAMESPACE/NAME."""
    kind, _, key = text.partition("/")
    return RESOURCES[kind], key


def listed(found: Found) -> list[str]:
    return [f"{each.score:.2f} {each.evidence.key if each.evidence else ''}: {each.what}" for each in found.suspects]


def is_cause(suspect: Suspect, incident: Incident) -> bool:
    evidence = suspect.evidence
    is_it = evidence is not None and (evidence.resource, evidence.key) == place(incident.cause)
    return is_it and incident.changed in suspect.what


def failing_pod(watcher: Watcher, incident: Incident, now: float) -> str | None:
    """A pod of what fails that has a problem."""
    namespace, _, app = place(incident.fails)[1].rpartition("/")
    pods = (each for each in watcher.feeds["pods"].indexer.list() if isinstance(each, KubeObject))
    own = (pod for pod in pods if pod.namespace == namespace and pod.labels.get("app") == app)
    resource = watcher.resource("pods")
    return next((pod.key for pod in own if assess(resource, pod).at(now) is not None), None)


@pytest.mark.parametrize("name", incident_names())
def test_the_cause_is_first_for_who_watched_and_among_three_for_who_came_late(name: str) -> None:
    played = Played(name)
    incident = played.incident
    with played.watched() as watcher:
        found = watcher.suspects(*place(incident.fails))
        assert found.suspects, found.failure
        assert is_cause(found.suspects[0], incident), listed(found)
        pod = failing_pod(watcher, incident, played.clock())
        if pod is not None:
            found = watcher.suspects("pods", pod)
            assert is_cause(found.suspects[0], incident), listed(found)
        with played.came_late() as late:
            found = late.suspects(*place(incident.fails))
        named = incident.named or place(incident.cause)[1].rpartition("/")[2]
        told = [f"{each.evidence.key if each.evidence else ''} {each.what} {each.why}" for each in found.suspects[:3]]
        assert any(named in each for each in told), listed(found)
