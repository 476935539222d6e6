from __future__ import annotations

from typing import Any

from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.overview_tab import overview_lines
from kwatch.tui.kit.text.line import Line, Span
from tests.query.cluster import NOW, pod, timestamp
from tests.tui.cached_session import PODS, CachedSession, app_of, lines, texts, until
from tests.tui.driving import press
from tests.tui.fakes import DEPLOYMENTS


def crashing() -> KubeObject:
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting"}}
    tree = pod("shop/web-1", labels={"app": "web", "tier": "front"}, node="node-7").tree()
    tree["status"]["containerStatuses"] = [{"name": "main", "ready": False, "restartCount": 9, "state": waiting}]
    return KubeObject.of(tree)


def secret(**annotations: str) -> KubeObject:
    metadata: dict[str, Any] = {"name": "db", "namespace": "shop", "uid": "u", "resourceVersion": "1"}
    metadata |= {"creationTimestamp": timestamp(NOW - 60), "annotations": annotations}
    data = {"password": "aHVudGVyMg=="}
    return KubeObject.of({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data})


def test_what_is_wrong_stands_first_then_facts_in_columns() -> None:
    found = overview_lines(PODS, crashing(), NOW)
    assert found[0].sign == "!"
    assert "CrashLoopBackOff" in found[0].text or "crash" in found[0].text.lower()
    texts_of = [line.text for line in found]
    (label,) = [text for text in texts_of if "app=web" in text]
    (second,) = [text for text in texts_of if "tier=front" in text]
    assert label.index("app=web") == second.index("tier=front")
    assert label.split()[0] == "Label" and second.split() == ["tier=front"]


def test_the_healthy_are_told_so() -> None:
    assert overview_lines(PODS, pod("shop/web-1"), NOW)[0].text == "Nothing is known to be wrong with it."


def test_nothing_of_what_a_cluster_says_reaches_the_terminal_raw() -> None:
    found = overview_lines(PODS, pod("shop/web-1", labels={"app": "x\x1b[2Jy"}), NOW)
    assert not any("\x1b" in line.text for line in found)


def test_of_a_line_without_end_the_beginning_is_shown_and_how_long_it_is() -> None:
    tree = pod("shop/web-1").tree()
    tree["metadata"]["annotations"] = {"note": "x" * 1_500_000}
    found = overview_lines(PODS, KubeObject.of(tree), NOW)
    (line,) = [line for line in found if line.text.endswith("characters more, in the YAML")]
    assert 20_000 < len(line.text) < 20_200


async def test_it_is_live_and_its_ages_go_on() -> None:
    session = CachedSession(pod("shop/web-1", age=50))
    app = app_of(session)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-1")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "Nothing is known")), "overview")
        assert texts(lines(app), "Created") and texts(lines(app), "50s ago")
        await until(pilot, lambda: bool(texts(lines(app), "52s ago")), "two seconds later")
        session.put(crashing())
        await until(pilot, lambda: not texts(lines(app), "Nothing is known"), "what is wrong")
        assert texts(lines(app), "node-7")
        session.remove(crashing())
        await until(pilot, lambda: bool(texts(lines(app), "deleted")), "deleted")
        assert texts(lines(app), "node-7")


async def test_secrets_say_how_long_their_values_are_and_no_more() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"aHVudGVyMg=="}}'}
    app = app_of(CachedSession(secret(**annotations)), "secrets")
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "Opaque")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "7 bytes")), "data")
        assert not texts(lines(app), "aHVudGVyMg") and not texts(lines(app), "hunter2")


async def test_a_replica_set_tells_the_phases_of_its_pods_live() -> None:
    metadata: dict[str, Any] = {"name": "web-7d", "namespace": "shop", "uid": "uid-web-7d", "resourceVersion": "1"}
    owner = KubeObject.of({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": {}})

    def owned(name: str) -> KubeObject:
        tree = pod(f"shop/{name}").tree()
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d", "uid": "uid-web-7d"}
        tree["metadata"]["ownerReferences"] = [reference | {"controller": True}]
        return KubeObject.of(tree)

    session = CachedSession(owner, owned("web-1"))
    app = app_of(session, "replicasets")
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "web-7d")), "rows")
        await press(pilot, "d")
        await until(pilot, lambda: bool(texts(lines(app), "1 running, 0 pending")), "the pod")
        session.put(owned("web-2"))
        await until(pilot, lambda: bool(texts(lines(app), "2 running, 0 pending")), "the second pod")


def test_long_values_are_broken_below_themselves() -> None:
    label = Line((Span("  Label    "), Span("batch.kubernetes.io/controller-uid=e8aef34f")), hang=11)
    assert [piece.text for piece in label.cut(36)] == [
        "  Label    batch.kubernetes.io/contr",
        "           oller-uid=e8aef34f",
    ]
    assert [piece.text for piece in label.cut(20)] == [label.text[:20], label.text[20:40], label.text[40:]]


def test_what_will_be_a_problem_is_told_before_it_is_one() -> None:
    condition = {"type": "Available", "status": "False", "lastTransitionTime": timestamp(NOW - 10)}
    tree = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "1"},
        "spec": {"replicas": 2},
        "status": {"replicas": 2, "availableReplicas": 0, "conditions": [condition]},
    }
    deployment = KubeObject.of(tree)
    soon, later = (overview_lines(DEPLOYMENTS, deployment, NOW + seconds)[0].text for seconds in (0, 51))
    assert soon.startswith("A problem in 50s, unless that changes: 0 of 2 ")
    assert later.startswith("0 of 2 ")
