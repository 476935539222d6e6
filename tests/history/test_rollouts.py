from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kwatch.base.timestamp import parse_timestamp
from kwatch.history.attribution import UNKNOWN
from kwatch.history.rollouts import Rollout, SeenTemplate, rollouts, seen_templates
from kwatch.history.version import Version
from kwatch.informer.delta import DeltaType

CREATED = "2026-11-23T10:00:00Z"
LATER = "2026-11-23T11:00:00Z"
LATEST = "2026-11-23T12:00:00Z"


def template(image: str, *, labels: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"creationTimestamp": None, "labels": {"app": "cart", **(labels or {})}},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }


def deployment(image: str, *, by: Mapping[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """`by`: managers that wrote the image, and when."""
    fields: dict[str, Any] = {
        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}}}}}}
    }
    managed = [
        {"manager": name, "operation": "Update", "apiVersion": "apps/v1", "time": time, "fieldsV1": fields}
        for name, time in (by or {}).items()
    ]
    return {
        "metadata": {"name": "cart", "uid": "u-1", "managedFields": managed},
        "spec": {"template": template(image), **spec},
    }


def replica_set(
    name: str, image: str, revision: str, created: str = CREATED, earlier: str = "", pods: int = 0, cause: str = ""
) -> dict[str, Any]:
    notes = {"deployment.kubernetes.io/revision": revision, "kubernetes.io/change-cause": cause}
    if earlier:
        notes["deployment.kubernetes.io/revision-history"] = earlier
    return {
        "metadata": {
            "name": name,
            "creationTimestamp": created,
            "annotations": notes,
            "ownerReferences": [{"uid": "u-1", "controller": True}],
        },
        "spec": {"template": template(image, labels={"pod-template-hash": name})},
        "status": {"replicas": pods, "readyReplicas": pods},
    }


def words(rollout: Rollout) -> list[str]:
    return [change.words for change in rollout.changes]


def test_each_template_is_compared_with_the_one_before_newest_first() -> None:
    kept = [replica_set("cart-b", "shop/cart:2", "2", LATER, pods=3), replica_set("cart-a", "shop/cart:1", "1")]
    newest, oldest = rollouts(deployment("shop/cart:2"), kept)
    assert (newest.number, newest.kept_in, newest.at) == (2, "cart-b", parse_timestamp(LATER))
    assert words(newest) == ["spec.template.spec.containers[web].image 1 -> 2"]
    assert (newest.is_current, newest.pods, newest.ready, newest.approximate) == (True, 3, 3, True)
    assert (oldest.number, oldest.is_oldest, oldest.changes, oldest.is_current) == (1, True, (), False)


def test_what_the_workload_does_not_own_is_passed_over() -> None:
    other = replica_set("other", "shop/cart:9", "7")
    other["metadata"]["ownerReferences"] = [{"uid": "u-2"}]
    assert [each.number for each in rollouts(deployment("shop/cart:1"), [other])] == []
    assert rollouts({"spec": {}}, [replica_set("cart-a", "shop/cart:1", "1")]) == ()


def test_a_template_that_was_rolled_back_to_has_a_rollout_for_each_time() -> None:
    kept = [
        replica_set("cart-a", "shop/cart:1", "3", CREATED, earlier="1", pods=2),
        replica_set("cart-b", "shop/cart:2", "2", LATER),
    ]
    back, bad, first = rollouts(deployment("shop/cart:1", by={"kubectl-rollout": LATEST}), kept)
    assert (back.number, back.back_to, back.at) == (3, 1, parse_timestamp(LATEST))
    assert words(back) == ["spec.template.spec.containers[web].image 2 -> 1"]
    assert [writer.manager for writer in back.who] == ["kubectl-rollout"]
    assert (bad.number, bad.back_to, bad.at) == (2, None, parse_timestamp(LATER))
    assert (first.number, first.back_to, first.pods, first.at) == (1, None, 0, parse_timestamp(CREATED))


def test_the_last_writer_is_named_of_the_newest_template_alone() -> None:
    kept = [
        replica_set("cart-c", "shop/cart:3", "3", LATEST),
        replica_set("cart-b", "shop/cart:2", "2", LATER),
        replica_set("cart-a", "shop/cart:1", "1"),
    ]
    newest, middle, _ = rollouts(deployment("shop/cart:3", by={"argocd": LATEST}), kept)
    assert [str(writer) for writer in newest.who] == ["argocd"]
    assert middle.who == (UNKNOWN,)


@pytest.mark.parametrize("by", [{"helm": CREATED}, {"helm": LATEST, "argocd": LATEST}, {}])
def test_nobody_is_named_where_the_evidence_does_not_decide(by: dict[str, str]) -> None:
    """A manager that wrote only before the rollout did not write it; two owners decide nothing."""
    kept = [replica_set("cart-b", "shop/cart:2", "2", LATER), replica_set("cart-a", "shop/cart:1", "1")]
    assert rollouts(deployment("shop/cart:2", by=by), kept)[0].who == (UNKNOWN,)


def test_a_template_that_waits_while_rollouts_are_paused() -> None:
    kept = [replica_set("cart-a", "shop/cart:1", "1")]
    waiting, running = rollouts(deployment("shop/cart:2", by={"kubectl-set": LATER}, paused=True), kept)
    assert (waiting.number, waiting.kept_in, waiting.is_current) == (0, "", False)
    assert words(waiting) == ["spec.template.spec.containers[web].image 1 -> 2"]
    assert waiting.at == parse_timestamp(LATER)
    assert running.is_current
    assert len(rollouts(deployment("shop/cart:1", paused=True), kept)) == 1


def test_what_was_said_of_the_cause() -> None:
    kept = [replica_set("cart-a", "shop/cart:1", "1", cause="release 1")]
    assert rollouts(deployment("shop/cart:1"), kept)[0].cause == "release 1"


def controller_revision(name: str, image: str, number: int, created: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "creationTimestamp": created, "ownerReferences": [{"uid": "u-1"}]},
        "data": {"spec": {"template": {**template(image), "$patch": "replace"}}},
        "revision": number,
    }


def test_a_stateful_sets_templates_are_in_controller_revisions() -> None:
    kept = [
        controller_revision("cart-1", "shop/cart:1", 1, CREATED),
        controller_revision("cart-2", "shop/cart:2", 2, LATER),
    ]
    status = {"currentRevision": "cart-1", "currentReplicas": 2, "updateRevision": "cart-2", "updatedReplicas": 1}
    newest, oldest = rollouts(deployment("shop/cart:2") | {"status": status}, kept)
    assert words(newest) == ["spec.template.spec.containers[web].image 1 -> 2"]
    assert (newest.pods, oldest.pods) == (1, 2)


def test_a_controller_revision_older_than_the_one_before_was_rolled_back_to() -> None:
    kept = [
        controller_revision("cart-1", "shop/cart:1", 3, CREATED),
        controller_revision("cart-2", "shop/cart:2", 2, LATER),
    ]
    newest, before = rollouts(deployment("shop/cart:1"), kept)
    assert (newest.number, newest.back_to, newest.at) == (3, 0, None)
    assert (before.number, before.back_to, before.is_oldest) == (2, None, True)


def version(sequence: int, type_: DeltaType = DeltaType.UPDATED) -> Version:
    return Version("", "deployments.apps", "shop/cart", "u-1", sequence, type_, float(sequence), str(sequence))


def test_what_was_seen_is_exact() -> None:
    states = [deployment("shop/cart:1"), deployment("shop/cart:1"), deployment("shop/cart:2", by={"helm": LATEST})]
    versions = [version(number) for number in range(3)]
    seen = list(seen_templates(versions, lambda each: states[each.sequence]))
    assert [(each.at, [str(who) for who in each.who.values()]) for each in seen] == [(2.0, ["helm"])]
    kept = [replica_set("cart-b", "shop/cart:2", "2", LATER), replica_set("cart-a", "shop/cart:1", "1")]
    newest, oldest = rollouts(states[-1], kept, seen)
    assert (newest.at, newest.approximate, [str(who) for who in newest.who]) == (2.0, False, ["helm"])
    assert oldest.approximate


def test_versions_that_cannot_be_read_or_end_it_prove_no_change() -> None:
    states: list[dict[str, Any] | None] = [deployment("shop/cart:1"), None, deployment("shop/cart:2")]
    assert not list(seen_templates([version(number) for number in range(3)], lambda each: states[each.sequence]))
    versions = [version(0), version(1, DeltaType.DELETED), version(2)]
    assert not list(seen_templates(versions, lambda each: states[each.sequence] or {}))


ODD: list[Any] = [
    {},
    {"metadata": None},
    {"metadata": {"ownerReferences": [7, {"uid": "u-1"}], "annotations": ["a"]}, "spec": {"template": 7}},
    {"metadata": {"ownerReferences": [{"uid": "u-1"}]}, "data": [1], "revision": "x"},
    {
        "metadata": {
            "ownerReferences": [{"uid": "u-1"}],
            "annotations": {
                "deployment.kubernetes.io/revision": "9" * 5000,
                "deployment.kubernetes.io/revision-history": "1,,²,x",
            },
        },
        "spec": {"template": {"metadata": {"labels": 7}}},
    },
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_objects_break_nothing(odd: Any) -> None:
    kept = [odd, replica_set("cart-a", "shop/cart:1", "1")]
    assert "cart-a" in [each.kept_in for each in rollouts(deployment("shop/cart:1"), kept)]
    assert rollouts(odd, kept, [SeenTemplate(0.0, b"", {}, 1)]) is not None
