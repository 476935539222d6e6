from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwatch.history.attribution import UNKNOWN
from kwatch.history.diff.compare import diff
from kwatch.view.suspects import Evidence, Failure, FailureKind, Statement, failure_of, rank
from kwatch.view.suspects.failure import statements_in

ONSET = 10_000.0


def evidence(
    resource: str, old: dict[str, Any], new: dict[str, Any], at: float | None = ONSET - 60, **more: Any
) -> Evidence:
    changes = diff(old, new)
    return Evidence("its owner", resource, "shop/web", at, changes, (UNKNOWN,) * len(changes), **more)


def image(at: float | None, **more: Any) -> Evidence:
    containers = [{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": each}]}}}} for each in "ab"]
    return evidence("deployments.apps", containers[0], containers[1], at, **more)


def test_the_nearer_before_the_failure_the_likelier() -> None:
    found = rank(Failure(FailureKind.CRASH, ONSET), [image(ONSET - 7200), image(ONSET - 20), image(ONSET - 600)])
    assert [each.evidence.at for each in found if each.evidence] == [ONSET - 20, ONSET - 600, ONSET - 7200]
    assert found[0].why == "the image changed 20s before it began to fail"


def test_what_came_after_the_failure_began_is_no_suspect() -> None:
    failure = Failure(FailureKind.CRASH, ONSET)
    assert rank(failure, [image(ONSET + 30)]) == ()
    assert rank(failure, [image(ONSET + 2)])[0].why.endswith("as it began to fail")


def test_what_does_not_fit_the_failure_is_none_either() -> None:
    labels = evidence("nodes", {"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"a": "2"}}})
    status = evidence("pods", {"status": {"phase": "Pending"}}, {"status": {"phase": "Running"}})
    assert rank(Failure(FailureKind.IMAGE, ONSET), [labels, status]) == ()


def test_a_moment_that_is_not_known_weighs_half() -> None:
    known, unknown = rank(Failure(FailureKind.CRASH, ONSET), [image(None), image(ONSET - 10)])
    assert known.evidence is not None and known.evidence.at == ONSET - 10
    assert unknown.score == pytest.approx(0.5)


def test_a_rollout_whose_pods_alone_fail_weighs_more_and_one_whose_others_run_less() -> None:
    shared, alone, not_shared = rank(
        Failure(FailureKind.CRASH, ONSET),
        [image(ONSET - 60), image(ONSET - 60, all_share_it=False), image(ONSET - 60, all_share_it=True)],
    )
    assert "all that fail were made from it, and no other" in shared.why
    assert "others that were made from it run" in not_shared.why
    assert shared.score > alone.score > not_shared.score


def test_what_the_server_names_comes_first_also_where_nothing_is_known_of_it() -> None:
    said = Statement("webhook", "policy.example.com", 'failed calling webhook "policy.example.com"')
    first, second = rank(Failure(FailureKind.REFUSED, ONSET, (said,)), [image(ONSET - 1)])
    assert (first.what, first.evidence) == ("webhook policy.example.com", None)
    assert second.evidence is not None


def config(old: str, new: str, at: float, key: str = "MODE") -> Evidence:
    return evidence("configmaps", {"data": {key: old}}, {"data": {key: new}}, at)


def test_a_change_that_was_taken_back_weighs_little() -> None:
    there, back = config("a", "b", ONSET - 90), config("b", "a", ONSET - 20)
    first = rank(Failure(FailureKind.CRASH, ONSET), [there, back, image(ONSET - 1800)])[0]
    assert first.evidence is not None and first.evidence.resource == "deployments.apps"


def test_a_log_level_weighs_less_than_another_setting() -> None:
    level, other = config("info", "debug", ONSET - 10, "LEVEL"), config("4", "5", ONSET - 300)
    assert rank(Failure(FailureKind.CRASH, ONSET), [level, other])[0].what == "data.MODE 4 -> 5"


def test_what_its_writer_owns_says_what_may_have_been_written() -> None:
    owned = (("spec", "selector", "app"),)
    told = Evidence("itself", "services", "shop/web", ONSET - 10, who=(UNKNOWN,), owned=owned)
    silent = Evidence("itself", "services", "shop/web", ONSET - 10, who=(UNKNOWN,), owned=())
    (found,) = rank(Failure(FailureKind.ENDPOINTS, ONSET), [told, silent])
    assert found.what == "spec.selector.app written"


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ('configmap "settings" not found', "configmap", "settings"),
        ("couldn't find key LOG in ConfigMap shop/settings", "configmap", "settings"),
        ("couldn't find key p in Secret shop/credentials", "secret", "credentials"),
        ('MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found', "secret", "web-tls"),
        ('persistentvolumeclaim "data" not found', "persistentvolumeclaim", "data"),
        ("pods is forbidden: exceeded quota: compute, requested: pods=1", "resourcequota", "compute"),
        ('failed calling webhook "validate.policy.io": EOF', "webhook", "validate.policy.io"),
        ('admission webhook "validate.policy.io" denied the request: no', "webhook", "validate.policy.io"),
        ("1 node(s) had untolerated taint {team: ml}", "node taint", ""),
        ("1 node(s) were unschedulable", "node cordon", ""),
        ("3 Insufficient cpu", "node room", ""),
        ("2 node(s) didn't match Pod's node affinity/selector", "node selector", ""),
        ('storageclass.storage.k8s.io "fsat" not found', "storageclass", "fsat"),
        ("1 node(s) didn't have free ports for the requested pod ports", "node ports", ""),
        ("2 node(s) didn't match pod topology spread constraints", "node spread", ""),
        ("1 node(s) had volume node affinity conflict", "node volume", ""),
        ("x509: certificate has expired or is not yet valid", "certificate", ""),
        ("unable to create new content in namespace shop because it is being terminated", "namespace", "shop"),
        ("Unable to retrieve some image pull secrets (pull); attempting", "secret", "pull"),
    ],
)
def test_what_the_servers_messages_name(text: str, kind: str, name: str) -> None:
    assert [(each.kind, each.name) for each in statements_in(text)] == [(kind, name)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["status", "conditions", "type", "containerStatuses", "state", "lastState", "waiting", "terminated", "reason",
     "metadata", "creationTimestamp", "exitCode", "restartCount", "finishedAt", "lastTransitionTime"]
)  # fmt: skip
ODD = st.recursive(
    JSON, lambda each: st.lists(each, max_size=3) | st.dictionaries(FIELDS, each, max_size=5), max_leaves=20
)


@given(
    st.sampled_from(["Pod", "Deployment", "Node", "Service", "Job", "Widget"]), st.dictionaries(FIELDS, ODD), st.text()
)
def test_any_object_fails_somehow(kind: str, obj: dict[str, Any], message: str) -> None:
    failure = failure_of(kind, obj, (message,))
    assert failure.kind in FailureKind
    assert rank(failure, ()) is not None
