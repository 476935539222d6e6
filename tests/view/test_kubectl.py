"""kubectl's command for what is on screen, and what it is said to lack."""

from __future__ import annotations

import pytest

from kwatch.informer.resources import BUILTIN_RESOURCES
from kwatch.query.parser import parse
from kwatch.view.kubectl import NO_PAST, Kubectl, LogsShown, ObjectShown, RowsShown

BY_NAME = {str(each): each for each in BUILTIN_RESOURCES.values()}
PODS, NODES, SERVICES = (BY_NAME[name] for name in ("pods", "nodes", "services"))


@pytest.mark.parametrize(
    ("filter_", "command"),
    [
        ("", "kubectl get pods -n shop"),
        ("app=cart tier!=data", "kubectl get pods -n shop -l app=cart,tier!=data"),
        ("env in (a,b)", "kubectl get pods -n shop -l 'env in (a,b)'"),
        (".metadata.name=cart-1", "kubectl get pods -n shop --field-selector metadata.name=cart-1"),
        ("!.status.phase=Running", "kubectl get pods -n shop --field-selector 'status.phase!=Running'"),
        ("node:n1", "kubectl get pods -n shop --field-selector spec.nodeName=n1"),
        ("label:app !label:tier", "kubectl get pods -n shop -l 'app,!tier'"),
        ("ns:web", "kubectl get pods -n shop --field-selector metadata.namespace=web"),
        ("cart", "kubectl get pods -n shop | grep -F -i -e cart"),
        ("!Cart", "kubectl get pods -n shop | grep -F -v -e Cart"),
        ('"it\'s"', "kubectl get pods -n shop | grep -F -i -e 'it'\"'\"'s'"),
        ("/a|b/", "kubectl get pods -n shop | grep -E -i -e 'a|b'"),
    ],
)
def test_a_filter_is_told_in_kubectls_words(filter_: str, command: str) -> None:
    made = Kubectl().rows(RowsShown((PODS,), "shop", query=parse(filter_)))
    assert made.text.replace("'app=cart,tier!=data'", "app=cart,tier!=data") == command
    assert not made.lacks


@pytest.mark.parametrize(
    "filter_",
    ["restarts>3", "owner:deploy/cart", "unhealthy", "~image", "node:n*", "/^web-.*7$/", "-f crt", "status=Running"],
)
def test_what_kubectl_cannot_is_said(filter_: str) -> None:
    shown = RowsShown((PODS,), "shop", query=parse(f"{filter_} app=cart"), columns=frozenset({"status"}))
    made = Kubectl().rows(shown)
    assert made.text == "kubectl get pods -n shop -l app=cart"
    assert filter_ in made.lacks[0] and "more rows" in made.lacks[0]


@pytest.mark.parametrize(
    ("filter_", "command"),
    [
        ("ns:shop", "kubectl get pods -n shop"),
        ("!ns:shop", "kubectl get pods -n web"),
        ("ns:other", "kubectl get pods -n shop --field-selector metadata.namespace=other"),
        ("ns:shop ns:web", "kubectl get pods -n shop --field-selector metadata.namespace=web"),
        ("!ns:shop !ns:web", "kubectl get pods -n web --field-selector 'metadata.namespace!=web'"),
    ],
)
def test_a_filter_may_leave_one_of_several_namespaces(filter_: str, command: str) -> None:
    made = Kubectl().rows(RowsShown((PODS,), "shop,web", query=parse(filter_)))
    assert made.text == command
    assert not made.lacks


def test_namespaces_and_cluster() -> None:
    flags = Kubectl(["--kubeconfig=/a b", "--context=prod"])
    everywhere = flags.rows(RowsShown((PODS, SERVICES)))
    assert everywhere.text == "kubectl get pods,services -A '--kubeconfig=/a b' --context=prod"
    assert Kubectl().rows(RowsShown((PODS,), query=parse("ns:shop"))).text == "kubectl get pods -n shop"
    assert Kubectl().rows(RowsShown((NODES,), None, wide=True)).text == "kubectl get nodes -o wide"
    others = Kubectl().rows(RowsShown((PODS,), "!kube-system"))
    assert others.text == "kubectl get pods -A --field-selector 'metadata.namespace!=kube-system'" and not others.lacks
    several = Kubectl().rows(RowsShown((PODS,), "shop,web"))
    assert several.text == "kubectl get pods -A" and "one namespace or all" in several.lacks[0]
    labels = RowsShown((PODS,), "shop", "tier=web", label_columns=("app", "env"), show_labels=True)
    assert Kubectl().rows(labels).text == "kubectl get pods -n shop -l tier=web -L app,env --show-labels"


@pytest.mark.parametrize(
    ("sort", "path", "flag", "lacks"),
    [
        (("name", False), "", "", ""),
        (("name", True), "", " --sort-by=.metadata.name", "upwards"),
        (("age", False), "", " --sort-by=.metadata.creationTimestamp", "upwards"),
        (("age", True), "", " --sort-by=.metadata.creationTimestamp", ""),
        (("tier", False), ".metadata.labels.tier", " --sort-by=.metadata.labels.tier", ""),
        (("cpu", True), "", "", "no --sort-by for CPU"),
    ],
)
def test_the_order(sort: tuple[str, bool], path: str, flag: str, lacks: str) -> None:
    made = Kubectl().rows(RowsShown((PODS,), "shop", sort=sort, sort_path=path))
    assert made.text == f"kubectl get pods -n shop{flag}"
    assert lacks in " ".join(made.lacks) and bool(lacks) is bool(made.lacks)


def texts(resource: str, **more: str) -> dict[str, str]:
    known = BY_NAME[resource]
    shown = ObjectShown(known, "shop" if known.namespaced else "", "cart", **more)
    kubectl = Kubectl()
    return {each.id: each.text for each in (*kubectl.reading(shown), *kubectl.changing(shown))}


def test_an_object() -> None:
    pod = texts("pods", container="app")
    assert pod["yaml"] == "kubectl get pods cart -n shop -o yaml"
    assert pod["shell"] == "kubectl exec -it cart -n shop -c app -- sh"
    assert "scale" not in pod
    deployment = texts("deployments.apps")
    assert deployment["rollouts"] == "kubectl rollout history deployments.apps cart -n shop"
    assert deployment["restart"] == "kubectl rollout restart deployments.apps cart -n shop"
    assert deployment["logs"].startswith("kubectl logs deployments.apps/cart --all-pods -n shop")
    node = texts("nodes")
    assert node["events"] == "kubectl events --for=nodes/cart -A"
    assert node["drain"] == "kubectl drain cart --ignore-daemonsets"
    assert "logs" not in node and "logs" not in texts("services")
    assert "-l app=cart" in texts("services", selector="app=cart")["logs"]


def test_logs_as_they_are_read() -> None:
    shown = ObjectShown(PODS, "shop", "cart")
    made = Kubectl().logs(shown, LogsShown("app", previous=True, since="5m", tail=100, times=True))
    assert made is not None
    assert made.text == "kubectl logs cart -n shop -c app --previous --timestamps --since=5m --tail=100"


def test_the_past_is_not_kubectls() -> None:
    assert NO_PAST in Kubectl().rows(RowsShown((PODS,), "shop", moment="14:02")).lacks
    assert all(
        NO_PAST in each.lacks for each in [*Kubectl().reading(ObjectShown(PODS, "shop", "a", moment="14:02"))][:3]
    )
