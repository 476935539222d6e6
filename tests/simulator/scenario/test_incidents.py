"""What breaks in the simulator breaks as it does in a real cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.simulator.engine.objects import RESOURCES, Object, find_condition
from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.scenario import incident_names
from kwatch.simulator.scenario.checks import load_named_scenario
from kwatch.simulator.scenario.loader import INCIDENT_BEGINS, ScenarioError, incident_scenario, load_incident
from kwatch.simulator.store import Store
from tests.simulator.engine.timeline import Clock


class Played:
    def __init__(self, name: str) -> None:
        clock = Clock()
        self.store = Store(clock=clock, seed=1)
        scenario = Scenario(self.store, rate=4.0, seed=1, spec=incident_scenario(name))
        scenario.populate()
        incident = load_incident(name)
        self.before = self.object(incident.cause)
        for _ in range(int(4 * (INCIDENT_BEGINS + incident.within))):
            clock.now += 0.25
            scenario.step()

    def object(self, place: str) -> Object | None:
        kind, _, key = place.partition("/")
        namespace, _, name = key.rpartition("/")
        return self.store.get(RESOURCES[kind], name, namespace)

    def pods(self, namespace: str, app: str) -> list[Object]:
        return [pod for pod in self.store.list("pods", namespace) if pod["metadata"]["labels"].get("app") == app]

    def states(self, namespace: str, app: str) -> set[str]:
        statuses = [each for pod in self.pods(namespace, app) for each in pod["status"].get("containerStatuses", ())]
        states = [state for each in statuses for state in (*each["state"].values(), *each["lastState"].values())]
        return {str(state.get("reason", "")) for state in states} | {str(s.get("message", "")) for s in states}

    def events(self, kind: str, reason: str) -> list[str]:
        events = self.store.list("events")
        return [e["message"] for e in events if (e["involvedObject"]["kind"], e["reason"]) == (kind, reason)]

    def conditions(self, place: str, kind: str) -> tuple[str, str, str]:
        obj = self.object(place)
        found = find_condition(obj["status"]["conditions"], kind) if obj is not None else None
        assert found is not None
        return found["status"], found["reason"], found["message"]

    def refusal(self, namespace: str, app: str) -> str:
        """Why the scheduler finds no node for a pod."""
        conditions = [each for pod in self.pods(namespace, app) for each in pod["status"].get("conditions", ())]
        unmet = [each for each in conditions if (each["type"], each["status"]) == ("PodScheduled", "False")]
        return str(unmet[0]["message"])


@pytest.mark.parametrize("name", incident_names())
def test_every_incident_can_be_played_and_its_cause_changes(name: str) -> None:
    load_named_scenario(name)
    incident, played = load_incident(name), Played(name)
    assert played.object(incident.fails) is not None
    assert played.object(incident.cause) != played.before


def test_what_is_no_scenario_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no scenario 'bad-imag'; give a file, or one of bad-image-tag, "):
        load_named_scenario("bad-imag")
    with pytest.raises(ScenarioError, match="No such file"):
        load_named_scenario(str(tmp_path / "my.yaml"))


def test_an_image_that_was_never_pushed() -> None:
    played = Played("bad-image-tag")
    assert {"ImagePullBackOff", "ErrImagePull"} & played.states("shop", "cart")
    assert any("cart:2.15.0-rcx: not found" in each for each in played.events("Pod", "Failed"))


def test_probes_that_fail() -> None:
    played = Played("bad-probe")
    assert "Liveness probe failed: HTTP probe failed with statuscode: 404" in played.events("Pod", "Unhealthy")
    assert "Container cart failed liveness probe, will be restarted" in played.events("Pod", "Killing")
    played = Played("bad-readiness-probe")
    assert any(each.endswith(":8081: connect: connection refused") for each in played.events("Pod", "Unhealthy"))


def test_a_missing_key() -> None:
    played = Played("missing-key")
    assert "CreateContainerConfigError" in played.states("shop", "cart")
    assert "Error: couldn't find key CACHE_TTL in ConfigMap shop/cart-config" in played.events("Pod", "Failed")


def test_pods_that_are_refused() -> None:
    played = Played("quota")
    status, reason, message = played.conditions("Deployment/shop/cart", "ReplicaFailure")
    assert (status, reason) == ("True", "FailedCreate")
    assert "is forbidden: exceeded quota: team, requested: pods=1, used: pods=" in message
    assert any(each == f"Error creating: {message}" for each in played.events("ReplicaSet", "FailedCreate"))
    message = Played("service-account-removed").conditions("Deployment/monitoring/grafana", "ReplicaFailure")[2]
    said = 'error looking up service account monitoring/grafana: serviceaccount "grafana" not found'
    assert message.startswith('pods "grafana-') and message.endswith(f'-" is forbidden: {said}')
    message = Played("webhook-down").conditions("Deployment/shop/cart", "ReplicaFailure")[2]
    assert message == (
        'Internal error occurred: failed calling webhook "pods.policy.shopworks.example": failed to call webhook: Post '
        '"https://cert-manager-webhook.platform.svc:443/validate?timeout=10s": no endpoints available for service '
        '"cert-manager-webhook"'
    )


def test_pods_that_no_node_takes() -> None:
    assert "5 node(s) had untolerated taint(s) {team: ml}" in Played("taint").refusal("shop", "cart")
    drained = Played("node-drained").refusal("shop", "checkout")
    assert "1 node(s) were unschedulable" in drained
    assert "4 node(s) didn't match Pod's node affinity/selector" in drained
    played = Played("unbound-claim")
    assert "pod has unbound immediate PersistentVolumeClaims" in played.refusal("shop", "cart")
    said = 'storageclass.storage.k8s.io "gp33" not found'
    assert said in played.events("PersistentVolumeClaim", "ProvisioningFailed")


def test_containers_that_end() -> None:
    assert "OOMKilled" in Played("lowered-limit").states("shop", "cart")
    assert "CrashLoopBackOff" in Played("changed-secret").states("shop", "cart")
    played = Played("broken-cron-job")
    assert "StartError" in played.states("shop", "sitemap")
    assert any('exec: "pyhton": executable file not found in $PATH' in each for each in played.events("Pod", "Failed"))
    assert "Job has reached the specified backoff limit" in played.events("Job", "BackoffLimitExceeded")


def test_a_service_that_leads_nowhere() -> None:
    def slices(played: Played) -> list[Object]:
        found = played.store.list("endpointslices.discovery.k8s.io", "shop")
        return [each for each in found if each["metadata"]["labels"]["kubernetes.io/service-name"] == "checkout"]

    assert [each["endpoints"] for each in slices(Played("selector-typo"))] == [[]]
    (leading,) = slices(Played("port-typo"))
    assert leading["endpoints"] and not leading["ports"]
    played = Played("scaled-to-zero")
    assert [each["endpoints"] for each in slices(played)] == [[]]
    assert any(
        "unable to get external metric" in e
        for e in played.events("HorizontalPodAutoscaler", "FailedGetExternalMetric")
    )
    assert any(
        each.startswith("New size: 0;") for each in played.events("HorizontalPodAutoscaler", "SuccessfulRescale")
    )


def test_a_certificate_that_expires() -> None:
    played = Played("expired-certificate")
    assert "Readiness probe failed: HTTP probe failed with statuscode: 503" in played.events("Pod", "Unhealthy")
    assert not any(
        condition["status"] == "True"
        for pod in played.pods("payments", "webhooks")
        for condition in pod["status"]["conditions"]
        if condition["type"] == "Ready"
    )
