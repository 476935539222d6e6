"""What the entries of a timeline say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.catalog.column import Level
from kwatch.history.diff.compare import diff
from kwatch.history.journal import Journal
from kwatch.informer.kube_object import KubeObject
from kwatch.view.timeline import Rendered, TimelineRenderer, clock_time, object_words, rank_changes, relation_words
from tests.history.objects import Feeder


@pytest.fixture
def journal() -> Iterator[Journal]:
    journal = Journal()
    yield journal
    journal.close()


def obj(kind: str, name: str, version: int, owner: str = "", **parts: Any) -> KubeObject:
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": "shop",
        "uid": f"uid-{name}",
        "resourceVersion": f"{version}",
    }
    if owner:
        metadata["ownerReferences"] = [{"uid": f"uid-{owner}", "name": owner, "kind": "X", "apiVersion": "v1"}]
    return KubeObject.of({"kind": kind, "metadata": metadata, **parts})


def story(journal: Journal, resource: str, key: str) -> list[tuple[str, str, Rendered]]:
    assert journal.catch_up(10)
    renderer = TimelineRenderer(journal)
    return [
        (relation_words(entry), object_words(entry.relation), renderer.render(entry))
        for entry in journal.timeline("ctx", resource, key)
    ]


def test_a_rollout_is_read_from_above_to_below(journal: Journal) -> None:
    feeders = {
        name: Feeder(journal.sink("ctx", name), at)
        for name, at in [("deployments.apps", 10), ("replicasets.apps", 20), ("pods", 30), ("events", 40)]
    }
    image = [{"name": "web", "image": "shop/web:1.4.2"}]
    feeders["deployments.apps"].add(obj("Deployment", "web", 1, spec={"containers": image}))
    image = [{"name": "web", "image": "shop/web:1.5.0"}]
    feeders["deployments.apps"].update(obj("Deployment", "web", 2, spec={"containers": image}))
    feeders["replicasets.apps"].add(obj("ReplicaSet", "web-1", 3, "web"))
    feeders["pods"].add(obj("Pod", "web-1-a", 4, "web-1"))
    feeders["pods"].update(obj("Pod", "web-1-a", 5, "web-1", metadata_only=True))
    feeders["pods"].delete(obj("Pod", "web-1-a", 6, "web-1"))
    reported: dict[str, Any] = {"reason": "BackOff", "message": "restarting\x1b[31m", "type": "Warning", "count": 3}
    feeders["events"].add(obj("Event", "e", 7, involvedObject={"uid": "uid-web-1-a"}, **reported))
    lines = story(journal, "deployments.apps", "shop/web")
    assert [(relation, name, rendered.sign, rendered.words) for relation, name, rendered in lines] == [
        ("● self", "Deployment/web", "+", "created"),
        ("● self", "Deployment/web", "~", "spec.containers[web].image 1.4.2 -> 1.5.0"),
        ("▼ child", "ReplicaSet/web-1", "+", "created"),
        ("▼▼ child", "Pod/web-1-a", "+", "created"),
        ("▼▼ child", "Pod/web-1-a", "~", "metadata_only added true"),
        ("▼▼ child", "Pod/web-1-a", "-", "deleted"),
        ("▼▼ event", "Pod/web-1-a", "!", "×3 BackOff: restarting␛[31m"),
    ]
    assert lines[-1][2].level is Level.WARNING
    assert not any(rendered.noise for _, _, rendered in lines)


def test_owners_stand_above(journal: Journal) -> None:
    pods, owners = Feeder(journal.sink("ctx", "pods"), 50), Feeder(journal.sink("ctx", "things"), 10)
    for version, (name, owner) in enumerate([("d", ""), ("c", "d"), ("b", "c"), ("a", "b")], 1):
        owners.add(obj("Thing", name, version, owner))
    pods.add(obj("Pod", "p", 9, "a"))
    relations = [relation for relation, _, _ in story(journal, "pods", "shop/p")]
    assert relations == ["▲4 owner", "▲▲▲ owner", "▲▲ owner", "▲ owner", "● self"]


def test_heartbeats_first_sights_and_events_that_expired_are_noise(journal: Journal) -> None:
    pods, events = Feeder(journal.sink("ctx", "pods"), 10), Feeder(journal.sink("ctx", "events"), 20)
    pods.replace(obj("Pod", "p", 1))
    pods.update(obj("Pod", "p", 2, status={"observedGeneration": 2}))
    pods.update(obj("Pod", "p", 3, status={"observedGeneration": 3}))
    about = obj("Event", "e", 4, involvedObject={"uid": "uid-p"}, reason="Started", type="Normal")
    events.add(about)
    events.delete(about)
    pods.sink.on_gap(30.0, 40.0, "connection refused")
    lines = story(journal, "pods", "shop/p")
    assert [(rendered.type, rendered.sign, rendered.noise) for _, _, rendered in lines] == [
        ("watching", "≈", False),
        ("listed", "=", True),
        ("modified", "~", False),
        ("modified", "~", True),
        ("event", "•", False),
        ("expired", "-", True),
        ("gap", "!", False),
    ]
    assert lines[0][2].words == "watched since: pods (1); before that, what the server still proves"
    assert lines[-1][2].words == f"not watched {clock_time(30.0)} to {clock_time(40.0)}: connection refused (pods)"
    pods.tombstone("shop/p")
    missed = {rendered.type: rendered.words for _, _, rendered in story(journal, "pods", "shop/p")}
    assert missed["missed deletion"] == "deleted while nobody watched"


def test_what_is_watched_grows_while_more_becomes_known(journal: Journal) -> None:
    pods, sets = Feeder(journal.sink("ctx", "pods"), 10), Feeder(journal.sink("ctx", "replicasets.apps"), 11)
    pods.replace(obj("Pod", "p", 1, "r"))
    line, renderer = journal.timeline_of("ctx", "pods", "shop/p"), TimelineRenderer(journal)
    assert "pods (1);" in renderer.render(line.read()[0]).words
    sets.replace(obj("ReplicaSet", "r", 2))
    assert "pods (1), replicasets.apps (1);" in renderer.render(line.read()[0]).words


def test_what_was_evicted_says_so(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), 10)
    pods.add(obj("Pod", "p", 1))
    (entry,) = journal.timeline("ctx", "pods", "shop/p")
    empty = Journal()
    rendered = TimelineRenderer(empty).render(entry)
    empty.close()
    assert (rendered.words, rendered.who) == ("no longer kept", "")


def test_one_object_that_cannot_be_read_does_not_end_the_story(journal: Journal) -> None:
    pods = Feeder(journal.sink("ctx", "pods"), 10)
    pods.add(obj("Pod", "p", 1))
    head = '{"metadata": {"name": "p", "namespace": "shop", "uid": "uid-p", "resourceVersion": "%d"}, "deep": %s}'
    for version in (2, 3):
        nested = '{"a":' * 600 + str(version) + "}" * 600
        pods.update(KubeObject((head % (version, nested)).encode(), "Pod", "v1"))
    pods.update(obj("Pod", "p", 4))
    words = [rendered.words for _, _, rendered in story(journal, "pods", "shop/p")]
    assert words[0] == "created" and "its content cannot be read" in words[1:]


def test_what_somebody_asked_for_comes_first_and_details_last() -> None:
    container = {"name": "w", "restartCount": 1, "containerID": "x", "ready": True}
    ready = {"type": "Ready", "status": "True"}
    new = {
        "metadata": {"labels": {"a": "2"}, "deletionTimestamp": "now"},
        "spec": {"replicas": 2},
        "status": {"conditions": [ready], "phase": "B", "podIP": "10.0.0.1", "containerStatuses": [container]},
    }
    before = {
        "metadata": {"labels": {"a": "1"}},
        "spec": {"replicas": 1},
        "status": {
            "conditions": [],
            "phase": "A",
            "containerStatuses": [{"name": "w", "restartCount": 0, "ready": True}],
        },
    }
    paths = [change.path for change in rank_changes(diff(before, new))]
    assert set(paths[-2:]) == {"status.containerStatuses[w].containerID", "status.podIP"}
    assert set(paths[:4]) == {
        "metadata.deletionTimestamp",
        "spec.replicas",
        "status.phase",
        "status.containerStatuses[w].restartCount",
    }
    assert sorted(paths) == sorted(change.path for change in diff(before, new))


def test_an_image_is_said_before_the_labels_of_its_template() -> None:
    def deployment(version: str) -> dict[str, object]:
        spec = {"containers": [{"name": "web", "image": f"web:{version}"}]}
        return {"spec": {"template": {"metadata": {"labels": {"version": version}}, "spec": spec}}}

    changes = rank_changes(diff(deployment("1"), deployment("2")))
    assert [change.path for change in changes] == [
        "spec.template.spec.containers[web].image",
        "spec.template.metadata.labels.version",
    ]
