"""What worked for a while after a change speaks against that change, and what was there while all was well is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.catalog.tree import Tree
from kwatch.view.suspects.ranking import Suspect
from kwatch.view.suspects.well import Spell, is_whole, proved_spell
from tests.view.suspects.story import (
    BROKE,
    NOW,
    READY,
    START,
    UNREADY,
    Story,
    condition,
    crashed,
    stamped,
    template,
    waiting,
)

ROLLED = BROKE - 600
"""When the template is rolled out that worked."""
DEPLOYMENT = ("Deployment", "shop/web")
WHOLE = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
BROKEN = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "unavailableReplicas": 2}
NOT_FOUND = 'MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found'


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    yield story
    story.journal.close()


def status(story: Story, at: float, **fields: Any) -> None:
    story.put(at, *DEPLOYMENT, status=stamped(fields, at))


def order(suspects: tuple[Suspect, ...]) -> list[tuple[str, str]]:
    return [(each.evidence.resource, each.evidence.key) for each in suspects if each.evidence is not None]


def rollout_of(suspects: tuple[Suspect, ...]) -> Suspect:
    return next(each for each in suspects if each.evidence is not None and each.evidence.rollout is not None)


def test_a_rollout_after_which_all_was_well_comes_after_what_broke_it(story: Story) -> None:
    """The pods that fail were all made from it: so were those that ran, which are gone."""
    story.put(0, "Secret", "shop/registry", data={".dockerconfigjson": "e30="})
    story.roll_out(ROLLED, template("shop/web:2"))
    status(story, ROLLED + 10, **WHOLE)
    story.put(BROKE, "Secret", "shop/registry", "vault", data={".dockerconfigjson": "e319"})
    status(story, BROKE + 5, **BROKEN)
    story.pod("a", waiting("ImagePullBackOff", "401 Unauthorized"), BROKE + 20, imagePullSecrets=[{"name": "registry"}])
    found = story.suspects("Pod", "shop/web-2-a")
    assert order(found.suspects)[:2] == [("secrets", "shop/registry"), ("deployments.apps", "shop/web")]
    told = rollout_of(found.suspects)
    assert "it worked for 9m55s after it" in told.why
    assert "all that fail" not in told.why


def test_pods_that_are_gone_show_it_where_the_workload_was_not_watched() -> None:
    story = Story(unwatched=("Deployment",))
    story.roll_out(ROLLED, template("shop/web:2"))
    story.pod("old", READY, ROLLED + 10)
    story.delete(BROKE, "Pod", "shop/web-2-old")
    story.pod("a", waiting("ImagePullBackOff"), BROKE + 20)
    told = rollout_of(story.suspects("Pod", "shop/web-2-a").suspects)
    assert "it worked for 9m50s after it" in told.why
    assert told.score < 0.3
    story.journal.close()


def test_less_than_a_minute_shows_nothing() -> None:
    story = Story(unwatched=("Deployment",))
    story.roll_out(ROLLED, template("shop/web:2"))
    story.pod("old", READY, ROLLED + 10)
    story.delete(ROLLED + 40, "Pod", "shop/web-2-old")
    story.pod("a", waiting("ImagePullBackOff"), BROKE + 20)
    assert rollout_of(story.suspects("Pod", "shop/web-2-a").suspects).score > 1
    story.journal.close()


def test_a_slow_effect_leaves_more(story: Story) -> None:
    story.roll_out(ROLLED, template("shop/web:2"))
    story.pod("a", READY, ROLLED + 10)
    story.pod("b", READY, ROLLED + 10)
    story.pod("a", crashed("OOMKilled", 137), BROKE)
    slow = rollout_of(story.suspects("Pod", "shop/web-2-a").suspects)
    story.pod("a", waiting("ImagePullBackOff"), BROKE)
    at_once = rollout_of(story.suspects("Pod", "shop/web-2-a").suspects)
    assert "it worked for" in slow.why
    assert slow.score > 2 * at_once.score


@pytest.mark.parametrize("watched", [True, False])
def test_what_came_with_the_workload_is_no_suspect_once_that_was_well(story: Story, watched: bool) -> None:
    made = ROLLED
    for kind in ("ConfigMap", "Secret", "Service"):
        story.put(made - 2, kind, "shop/api", "argocd", data={"k": "YQ=="})
    volumes = [{"name": "tls", "secret": {"secretName": "api"}}, {"name": "etc", "configMap": {"name": "api"}}]
    spec = template()["spec"] | {"volumes": volumes, "serviceAccountName": "default"}
    labels = {"app": "api"}
    shape = {"replicas": 1, "selector": {"matchLabels": labels}}
    shape["template"] = {"metadata": {"labels": labels}, "spec": spec}
    done = {"lastUpdateTime": timestamp(START + made + 20), "reason": "NewReplicaSetAvailable"}
    well = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}
    conditions = [condition("Progressing", "True", **done), condition("Available", "True")]
    story.put(made, "Deployment", "shop/api", "argocd", spec=shape)
    story.put(made + 1, "ReplicaSet", "shop/api-1", owner=("Deployment", "api"), spec=shape)
    story.put(made + 20, "Deployment", "shop/api", status=stamped(well | {"conditions": conditions}, made + 20))
    pod = {"owner": ("ReplicaSet", "api-1"), "labels": labels | {"pod-template-hash": "1"}, "spec": spec}
    story.put(BROKE, "Pod", "shop/api-1-a", **pod, status=stamped(crashed(restarts=1), BROKE + 30))
    found = story.suspects("Pod", "shop/api-1-a", watched=watched)
    made_with_it = [each.evidence for each in found.suspects if each.evidence and each.evidence.key == "shop/api"]
    assert [each.resource for each in made_with_it if each.rollout is None] == []


def mount_fails(story: Story) -> str:
    volumes = [{"name": "tls", "secret": {"secretName": "web-tls"}}]
    creating = waiting("ContainerCreating")
    story.put(0, "Secret", "shop/web-tls", data={"key": "YQ=="})
    started = template()
    started["spec"]["volumes"] = volumes
    story.roll_out(ROLLED, started)
    status(story, ROLLED + 10, **WHOLE)
    story.delete(NOW - 25, "Secret", "shop/web-tls")
    for name in ("a", "b"):
        story.delete(NOW - 23, "Pod", f"shop/web-1-{name}")
    done = {"reason": "NewReplicaSetAvailable", "lastUpdateTime": timestamp(START + ROLLED + 10)}
    status(
        story,
        NOW - 22,
        **BROKEN,
        conditions=[condition("Progressing", "True", **done), condition("Available", "False")],
    )
    story.pod("a", creating | {"startTime": timestamp(START + NOW - 20)}, NOW - 20)
    story.warn(NOW - 18, ("Pod", "shop/web-2-a"), "FailedMount", NOT_FOUND)
    return "shop/web-2-a"


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("kind", ["Deployment", "Pod", "Service"])
def test_what_the_events_of_a_starting_pod_name_comes_first(story: Story, watched: bool, kind: str) -> None:
    """Seconds after it broke: no pod counts as unhealthy yet."""
    pod = mount_fails(story)
    found = story.suspects(kind, pod if kind == "Pod" else "shop/web", watched=watched)
    assert order(found.suspects)[0] == ("secrets", "shop/web-tls"), found
    assert 'secret "web-tls" not found' in found.suspects[0].why


def test_that_a_deployment_progressed_is_no_message_of_a_failure(story: Story) -> None:
    said = 'ReplicaSet "web-1" has successfully progressed.'
    fine = condition("Progressing", "True", reason="NewReplicaSetAvailable", message=said)
    lost = condition("Available", "False", message="Deployment does not have minimum availability.")
    story.pod("a", UNREADY, NOW - 5)
    status(story, NOW - 100, **BROKEN, conditions=[fine, lost])
    assert story.suspects(*DEPLOYMENT).failure.message == "Deployment does not have minimum availability."
    status(story, NOW - 50, **WHOLE, conditions=[fine])
    assert story.suspects(*DEPLOYMENT).failure.message == ""


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("said", ["Back-off pulling image", "Back-off pulling image: 401 Unauthorized"])
def test_a_missing_pull_secret_comes_first(story: Story, said: str, watched: bool) -> None:
    """Though the image was rolled out a moment before, and no Event names the secret."""
    new = template("private/web:2")
    new["spec"]["imagePullSecrets"] = [{"name": "registry"}]
    story.roll_out(BROKE, new)
    story.pod("a", waiting("ImagePullBackOff", said), BROKE + 20)
    first = story.suspects("Pod", "shop/web-2-a", watched=watched).suspects[0]
    assert first.evidence is not None
    assert (first.evidence.resource, first.evidence.key) == ("secrets", "shop/registry")
    assert "imagePullSecrets names it" in first.why


@pytest.mark.parametrize(
    ("spec", "said", "whole"),
    [
        ({"replicas": 2}, WHOLE, True),
        ({"replicas": 2}, WHOLE | {"replicas": 3}, False),
        ({"replicas": 2}, WHOLE | {"readyReplicas": 1}, False),
        ({"replicas": 2}, WHOLE | {"observedGeneration": 0}, False),
        ({"replicas": 0}, {"observedGeneration": 1}, False),
        ({}, {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}, True),
        ({}, {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2}, False),
        (
            {},
            {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberReady": 2},
            True,
        ),
    ],
)
def test_a_workload_is_whole(spec: dict[str, Any], said: dict[str, Any], whole: bool) -> None:
    assert is_whole(Tree({"metadata": {"generation": 1}, "spec": spec, "status": said})) is whole


def test_a_deployment_proves_up_to_when_it_was_available() -> None:
    done = {"type": "Progressing", "reason": "NewReplicaSetAvailable", "lastUpdateTime": timestamp(START)}
    lost = {"type": "Available", "status": "False", "lastTransitionTime": timestamp(START + 90)}
    workload = {"status": {"conditions": [done, lost]}}
    assert [*proved_spell(Tree(workload), START + 100, 2)] == [Spell(START + 2, START + 92)]
    assert [*proved_spell(Tree(workload), START + 1, 2)] == []
    workload["status"]["conditions"][0] |= {"reason": "ReplicaSetUpdated"}
    assert [*proved_spell(Tree(workload), START + 100, 2)] == []


def test_what_the_cluster_makes_in_each_namespace_is_no_suspect_unless_it_is_missing(story: Story) -> None:
    """A workload that fails from the start: all that was made then may be why."""
    kcm = {"manager": "kube-controller-manager", "operation": "Update", "time": timestamp(START + BROKE - 20)}
    made = template()
    made["spec"]["volumes"] = [{"name": "ca", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}]
    story.put(BROKE - 20, "ConfigMap", "shop/kube-root-ca.crt", data={"ca.crt": "x"})
    tree = story.tree("ConfigMap", "shop/kube-root-ca.crt")
    tree["metadata"]["managedFields"] = [kcm | {"fieldsV1": {"f:data": {"f:ca.crt": {}}}}]
    story.put(BROKE - 20, "ConfigMap", "shop/kube-root-ca.crt", metadata=tree["metadata"])
    story.roll_out(BROKE, made)
    story.pod("a", crashed(), BROKE + 20)
    root = ("configmaps", "shop/kube-root-ca.crt")
    assert root not in order(story.suspects("Pod", "shop/web-2-a", watched=False).suspects)
    story.delete(BROKE + 1, "ConfigMap", "shop/kube-root-ca.crt")
    story.pod("a", waiting("CreateContainerConfigError", 'configmap "kube-root-ca.crt" not found'), BROKE + 20)
    assert root in order(story.suspects("Pod", "shop/web-2-a").suspects)[:2]
