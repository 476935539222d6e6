"""Things that break for a known cause among noise: the cause must be found."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest

from kwatch.view.suspects import clocks_apart
from tests.view.suspects.story import (
    BROKE,
    READY,
    UNREADY,
    Story,
    condition,
    crashed,
    stamped,
    template,
    unschedulable,
    waiting,
)

Told = tuple[tuple[str, str], tuple[str, str], str]
Scenario = Callable[[Story], Told]
"""Plays it; returns kind and key of what fails, resource and key of the cause, and words of what changed."""
NEW = "shop/web-2-a"


def noise(story: Story) -> None:
    """What happens at the same time, and explains nothing."""
    story.put(BROKE - 30, "ConfigMap", "shop/other", "kubectl-edit", data={"COLOUR": "blue"})
    story.put(BROKE - 20, "Node", "node-2", "node-problem-detector", labels={"zone": "b"})
    story.put(BROKE - 900, "HorizontalPodAutoscaler", "shop/web", "kubectl-edit", labels={"team": "shop"})
    story.put(BROKE - 1500, "Service", "shop/web", "kubectl-label", labels={"team": "shop"})


def bad_image_tag(story: Story) -> Told:
    story.roll_out(BROKE, template("shop/web:no-such"))
    story.pod("a", waiting("ImagePullBackOff", 'Back-off pulling image "shop/web:no-such"'), BROKE + 5)
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "containers[web].image 1 -> no-such"


def bad_command(story: Story) -> Told:
    story.roll_out(BROKE, template(command=["/bin/wbe"]))
    story.pod("a", waiting("CrashLoopBackOff") | crashed("StartError", 128), BROKE + 5)
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "command"


def bad_liveness_probe(story: Story) -> Told:
    story.roll_out(BROKE, template(livenessProbe={"httpGet": {"port": 8081, "path": "/live"}}))
    story.pod("a", crashed("Error", 137), BROKE + 40)
    story.warn(BROKE + 39, ("Pod", NEW), "Unhealthy", "Liveness probe failed: dial tcp 10.0.0.1:8081: refused")
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "livenessProbe"


def bad_readiness_probe(story: Story) -> Told:
    story.roll_out(BROKE, template(readinessProbe={"httpGet": {"port": 8080, "path": "/raedy"}}))
    story.pod("a", UNREADY, BROKE + 5)
    story.warn(BROKE + 15, ("Pod", NEW), "Unhealthy", "Readiness probe failed: HTTP probe failed: 404")
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "readinessProbe.httpGet.path"


def missing_key_in_a_config_map(story: Story) -> Told:
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "8080"})
    said = "couldn't find key LOG_LEVEL in ConfigMap shop/settings"
    story.pod("c", waiting("CreateContainerConfigError", said), BROKE + 20)
    return ("Pod", "shop/web-1-c"), ("configmaps", "shop/settings"), "LOG_LEVEL removed"


def deleted_config_map(story: Story) -> Told:
    story.delete(BROKE, "ConfigMap", "shop/settings")
    story.pod("c", waiting("CreateContainerConfigError", 'configmap "settings" not found'), BROKE + 20)
    return ("Pod", "shop/web-1-c"), ("configmaps", "shop/settings"), ""


def changed_secret(story: Story) -> Told:
    story.put(BROKE, "Secret", "shop/credentials", "vault", data={"password": "Yg=="})
    story.pod("a", crashed(), BROKE + 30)
    return ("Pod", "shop/web-1-a"), ("secrets", "shop/credentials"), "password"


def quota(story: Story) -> Told:
    story.put(BROKE, "ResourceQuota", "shop/quota", "kubectl-edit", spec={"hard": {"pods": "2"}})
    said = 'pods "web-1-x" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=2, limited: pods=2'
    failed = condition("ReplicaFailure", "True", reason="FailedCreate", message=said)
    story.put(BROKE + 30, "ReplicaSet", "shop/web-1", status=stamped({"conditions": [failed]}, BROKE + 30))
    story.put(BROKE + 31, "Deployment", "shop/web", status=stamped({"conditions": [failed]}, BROKE + 31))
    return ("Deployment", "shop/web"), ("resourcequotas", "shop/quota"), "hard.pods 20 -> 2"


def quota_while_it_grows(story: Story) -> Told:
    """Replicas were missing before, for another reason."""
    said = 'pods "web-2-b" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=4, limited: pods=4'
    spec = {"replicas": 6, "selector": {"matchLabels": {"app": "web"}}, "template": template()}
    missing = condition("Available", "False", reason="MinimumReplicasUnavailable")
    failed = condition("ReplicaFailure", "True", reason="FailedCreate", message=said)
    counts = {"replicas": 4, "updatedReplicas": 4, "readyReplicas": 2, "availableReplicas": 2}
    story.put(BROKE - 600, "Deployment", "shop/web", status=counts | {"replicas": 2, "updatedReplicas": 2})
    status = stamped(counts | {"conditions": [missing]}, BROKE - 100)
    story.put(BROKE - 100, "Deployment", "shop/web", "kubectl-scale", spec=spec, status=status)
    story.put(BROKE, "ResourceQuota", "shop/quota", "kubectl-edit", spec={"hard": {"pods": "4"}})
    status = stamped(counts | {"conditions": [missing, failed]}, BROKE + 5)
    story.put(BROKE + 5, "Deployment", "shop/web", spec=spec, status=status)
    return ("Deployment", "shop/web"), ("resourcequotas", "shop/quota"), "20 -> 4"


def cordoned_node(story: Story) -> Told:
    story.put(BROKE, "Node", "node-1", "kubectl-cordon", spec={"unschedulable": True})
    story.pod("c", unschedulable("0/2 nodes are available: 1 node(s) were unschedulable, 1 Too many pods."), BROKE + 60)
    return ("Pod", "shop/web-1-c"), ("nodes", "node-1"), "unschedulable added true"


def node_not_ready(story: Story) -> Told:
    gone = [condition("Ready", "Unknown", reason="NodeStatusUnknown", message="Kubelet stopped posting node status.")]
    story.put(BROKE, "Node", "node-1", "kube-controller-manager", status=stamped({"conditions": gone}, BROKE))
    lost = [condition("Ready", "False", reason="NodeStatusUnknown")]
    story.pod("a", READY | {"conditions": lost, "reason": "NodeLost"}, BROKE + 2)
    return ("Pod", "shop/web-1-a"), ("nodes", "node-1"), "[Ready]"


def taint(story: Story) -> Told:
    taints = [{"key": "team", "value": "ml", "effect": "NoSchedule"}]
    story.put(BROKE, "Node", "node-1", "kubectl-taint", spec={"taints": taints})
    story.pod("c", unschedulable("0/2 nodes are available: 1 node(s) had untolerated taint {team: ml}."), BROKE + 60)
    return ("Pod", "shop/web-1-c"), ("nodes", "node-1"), "taints"


def too_large_requests(story: Story) -> Told:
    story.roll_out(BROKE, template(resources={"requests": {"memory": "512Gi"}}))
    story.pod("a", unschedulable("0/2 nodes are available: 2 Insufficient memory."), BROKE + 5, nodeName="")
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "512Gi"


def selector_typo(story: Story) -> Told:
    story.put(BROKE, "Service", "shop/web", "kubectl-edit", spec={"selector": {"app": "wbe"}, "ports": [{"port": 80}]})
    return ("Service", "shop/web"), ("services", "shop/web"), "web -> wbe"


def selector_typo_seen_at_its_endpoints(story: Story) -> Told:
    """Slices name their service by a label; not all have an owner."""
    labels = {"kubernetes.io/service-name": "web"}
    endpoints, ports = [{"addresses": ["10.0.0.1"]}], [{"port": 8080}]
    story.put(BROKE - 500, "EndpointSlice", "shop/web-abc", labels=labels, endpoints=endpoints, ports=ports)
    story.put(BROKE, "Service", "shop/web", "kubectl-patch", spec={"selector": {"app": "wbe"}, "ports": [{"port": 80}]})
    story.put(BROKE + 1, "EndpointSlice", "shop/web-abc", labels=labels, endpoints=[])
    return ("EndpointSlice", "shop/web-abc"), ("services", "shop/web"), "web -> wbe"


def port_typo(story: Story) -> Told:
    ports = [{"port": 80, "targetPort": 8008}]
    story.put(BROKE, "Service", "shop/web", "kubectl-edit", spec={"selector": {"app": "web"}, "ports": ports})
    return ("Service", "shop/web"), ("services", "shop/web"), "8080 -> 8008"


def webhook_down(story: Story) -> Told:
    said = 'Internal error occurred: failed calling webhook "policy.example.com": connection refused'
    failed = condition("ReplicaFailure", "True", reason="FailedCreate", message=said)
    story.put(BROKE + 30, "Deployment", "shop/web", status=stamped({"conditions": [failed]}, BROKE + 30))
    return ("Deployment", "shop/web"), ("", ""), "webhook policy.example.com"


def lowered_memory_limit(story: Story) -> Told:
    story.roll_out(BROKE, template(resources={"limits": {"memory": "64Mi"}}))
    story.pod("a", crashed("OOMKilled", 137), BROKE + 30)
    return ("Pod", NEW), ("deployments.apps", "shop/web"), "memory 512Mi -> 64Mi"


def service_account_removed(story: Story) -> Told:
    story.delete(BROKE, "ServiceAccount", "shop/web")
    said = 'pods "web-1-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found'
    failed = condition("ReplicaFailure", "True", reason="FailedCreate", message=said)
    story.put(BROKE + 30, "Deployment", "shop/web", status=stamped({"conditions": [failed]}, BROKE + 30))
    return ("Deployment", "shop/web"), ("serviceaccounts", "shop/web"), ""


def unbound_claim(story: Story) -> Told:
    story.put(BROKE, "PersistentVolumeClaim", "shop/data", "kubectl-apply", spec={"storageClassName": "fsat"})
    new = template()
    new["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    story.roll_out(BROKE + 5, new)
    said = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    story.pod("a", unschedulable(said), BROKE + 10, nodeName="")
    return ("Pod", NEW), ("persistentvolumeclaims", "shop/data"), "created"


SCENARIOS = (
    bad_image_tag,
    bad_command,
    bad_liveness_probe,
    bad_readiness_probe,
    missing_key_in_a_config_map,
    deleted_config_map,
    changed_secret,
    quota,
    quota_while_it_grows,
    cordoned_node,
    node_not_ready,
    taint,
    too_large_requests,
    selector_typo,
    selector_typo_seen_at_its_endpoints,
    port_typo,
    webhook_down,
    lowered_memory_limit,
    service_account_removed,
    unbound_claim,
)


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    noise(story)
    yield story
    story.journal.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_the_cause_comes_first(story: Story, scenario: Scenario) -> None:
    (kind, key), (resource, cause), words = scenario(story)
    found = story.suspects(kind, key)
    assert found.suspects, found.failure
    first = found.suspects[0]
    listed = [(each.evidence and each.evidence.key, each.what, round(each.score, 2)) for each in found.suspects]
    if resource:
        assert first.evidence is not None, listed
        assert (first.evidence.resource, first.evidence.key) == (resource, cause), listed
    assert words in first.what, listed


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
def test_what_the_server_keeps_names_it_among_the_first_three(story: Story, scenario: Scenario) -> None:
    """Nothing was watched before: replica sets, managedFields and messages must do. What is gone leaves its name."""
    (kind, key), (_, cause), words = scenario(story)
    found = story.suspects(kind, key, watched=False)
    name = cause.rpartition("/")[2] or words.rpartition(" ")[2]
    first = found.suspects[:3]
    told = [f"{each.evidence.key if each.evidence else ''} {each.what} {each.why}" for each in first]
    assert any(name in each for each in told), told


def test_a_change_after_which_pods_started_and_run_counts_less(story: Story) -> None:
    """One that was restarted long ago runs; one that is between two restarts, or not ready yet, does not."""
    story.put(BROKE - 2000, "Secret", "shop/credentials", "vault", data={"password": "Yg=="})
    story.pod("a", crashed(), BROKE)
    restarted = copy.deepcopy(READY)
    restarted["containerStatuses"][0] |= crashed()["containerStatuses"][0] | {"state": {"running": {}}}
    story.pod("between", stamped(restarted, BROKE), BROKE - 1900)
    story.pod("unready", UNREADY, BROKE - 1900)
    (suspect,) = (each for each in story.suspects("Pod", "shop/web-1-a").suspects if each.what.startswith("data."))
    assert "pods that started after it run" not in suspect.why
    story.pod("well", stamped(restarted, BROKE - 1900), BROKE - 1900)
    (suspect,) = (each for each in story.suspects("Pod", "shop/web-1-a").suspects if each.what.startswith("data."))
    assert "pods that started after it run" in suspect.why


def test_the_write_that_was_a_rollout_is_no_second_suspect(story: Story) -> None:
    """Where nobody watched: the server says who wrote, and the replica sets what."""
    story.roll_out(BROKE, template("shop/web:2"))
    story.pod("a", crashed(), BROKE + 20)
    found = story.suspects("Pod", NEW, watched=False)
    told = [each.evidence for each in found.suspects if each.evidence is not None]
    assert [each.rollout is not None for each in told if each.key == "shop/web"] == [True]


def test_what_nothing_explains_has_no_suspects(story: Story) -> None:
    story.pod("a", crashed(), BROKE - 40)
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "1"})
    found = story.suspects("Pod", "shop/web-1-a")
    assert found.suspects == ()
    assert found.failure.exact


def test_how_many_fail_alike(story: Story) -> None:
    story.roll_out(BROKE, template("shop/web:2"))
    for name in ("a", "b"):
        story.pod(name, crashed(), BROKE + 5)
    found = story.suspects("Deployment", "shop/web")
    assert (found.alike, found.pods) == (2, 4)
    assert "all that fail were made from it, and no other" in found.suspects[0].why


def test_pods_that_are_well_do_not_fail_alike(story: Story) -> None:
    """A workload that waits for one more replica has no failing pod."""
    status = {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2}
    template_spec = {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template()}
    story.put(BROKE, "Deployment", "shop/web", "kubectl-edit", spec=template_spec, status=status)
    found = story.suspects("Deployment", "shop/web")
    assert found.is_failing
    assert (found.alike, found.pods) == (0, 2)


def test_of_what_does_not_fail_the_last_changes_around_it(story: Story) -> None:
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "1"})
    found = story.suspects("Pod", "shop/web-1-a")
    assert not found.is_failing
    assert found.suspects[0].evidence is not None
    assert found.suspects[0].evidence.key == "shop/settings"


def test_in_the_past_nothing_that_came_later_is_a_suspect(story: Story) -> None:
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "1"})
    assert story.journal.catch_up(10)
    moment = story.journal.last_sequence
    story.put(BROKE + 60, "Secret", "shop/credentials", "vault", data={"password": "Yg=="})
    changed = [each.evidence.key for each in story.suspects("Pod", "shop/web-1-a").suspects if each.evidence]
    then = [each.evidence.key for each in story.suspects("Pod", "shop/web-1-a", until=moment).suspects if each.evidence]
    assert "shop/credentials" in changed
    assert then[0] == "shop/settings"
    assert not any(
        each.evidence is not None and each.evidence.key == "shop/credentials" and each.evidence.changes
        for each in story.suspects("Pod", "shop/web-1-a", until=moment).suspects
    )


@pytest.mark.parametrize("ahead", [-420.0, 0.0, 420.0])
def test_what_is_created_tells_how_far_the_clocks_are_apart(ahead: float) -> None:
    story = Story(ahead)
    try:
        assert clocks_apart(story.journal, "other") == 0.0, "nothing tells it"
        for number in range(8):
            story.put(BROKE + number, "ConfigMap", f"shop/new-{number}", data={})
        assert story.journal.catch_up(10)
        assert abs(clocks_apart(story.journal, "ctx") + ahead) < 5
    finally:
        story.journal.close()


@pytest.mark.parametrize("ahead", [-420.0, 420.0])
@pytest.mark.parametrize(
    "scenario", [bad_image_tag, bad_command, changed_secret, too_large_requests], ids=lambda each: each.__name__
)
def test_clocks_may_be_minutes_apart_where_it_was_seen(scenario: Scenario, ahead: float) -> None:
    story = Story(ahead)
    try:
        noise(story)
        (kind, key), (resource, cause), words = scenario(story)
        first = story.suspects(kind, key).suspects[0]
        assert first.evidence is not None
        assert (first.evidence.resource, first.evidence.key) == (resource, cause)
        assert words in first.what
    finally:
        story.journal.close()
