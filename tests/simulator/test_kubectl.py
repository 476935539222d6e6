"""kubectl is the judge: what it is shown it must show, without a warning."""

from __future__ import annotations

import copy
import json
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from kwatch.simulator.api.call import ADMIN, Users
from kwatch.simulator.store import Store
from tests.simulator.kubectl import Kubectl, kubeconfig
from tests.simulator.recordings import recorded_store
from tests.simulator.simulator_server import SimulatorServer

STAMP = "2026-11-23T03:47:35.000000001Z"
WEB = "web-6f7588df49-8qr8z"


class Logs:
    """Three lines a container, and two more for those who follow."""

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        if previous:
            return [f"{STAMP} crashed"]
        return [f"{STAMP} {container} of {pod}: line {number}" for number in range(3)]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        yield f"{STAMP} followed 1"
        yield f"{STAMP} followed 2"


@pytest.fixture(scope="module")
def server() -> Iterator[SimulatorServer]:
    with SimulatorServer(recorded_store(), logs=Logs()) as server:
        yield server


@pytest.fixture(scope="module")
def kubectl(server: SimulatorServer, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    home = tmp_path_factory.mktemp("home")
    return Kubectl(home, kubeconfig(home / "config", server.url, "demo"))


def names(lines: str) -> list[str]:
    return [line.partition("/")[2] for line in lines.split()]


def test_get(kubectl: Kubectl) -> None:
    heading, *rows = kubectl.rows("get", "pods")
    assert heading == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert [row[:4] for row in rows][:2] == [["agent-6hssz", "1/1", "Running", "0"], ["db-0", "1/1", "Running", "0"]]
    assert len(rows) == 8


def test_get_wide(kubectl: Kubectl) -> None:
    rows = kubectl.rows("get", "pods", "-o", "wide")
    assert "10.9.41.213" in rows[1] and "node-0001" in rows[1]


def test_get_json(kubectl: Kubectl) -> None:
    pods = json.loads(kubectl.clean("get", "pods", "-o", "json"))
    assert {pod["kind"] for pod in pods["items"]} == {"Pod"}
    assert len(pods["items"]) == 8


def test_get_one(kubectl: Kubectl) -> None:
    pod = json.loads(kubectl.clean("get", "pod", "db-0", "-o", "json"))
    assert (pod["metadata"]["name"], pod["apiVersion"]) == ("db-0", "v1")
    assert kubectl.rows("get", "pod", "db-0")[1][:3] == ["db-0", "1/1", "Running"]


def test_get_by_label(kubectl: Kubectl) -> None:
    assert all(name.startswith("web-") for name in names(kubectl.clean("get", "pods", "-l", "app=web", "-o", "name")))
    assert len(names(kubectl.clean("get", "pods", "-A", "-l", "app in (web,db),tier", "-o", "name"))) == 3


def test_get_by_field(kubectl: Kubectl) -> None:
    found = kubectl.clean(
        "get", "pods", "-o", "name", "--field-selector", "spec.nodeName=node-0000,status.phase!=Failed"
    )
    assert "db-0" in names(found) and "agent-6hssz" not in names(found)


def test_get_in_chunks(kubectl: Kubectl) -> None:
    whole = kubectl.clean("get", "pods", "-o", "name", "--chunk-size=0")
    assert kubectl.clean("get", "pods", "-o", "name", "--chunk-size=3") == whole
    assert [row[0] for row in kubectl.rows("get", "pods", "--chunk-size=3")[1:]] == names(whole)


@pytest.mark.parametrize(
    "resource", ["deployments", "nodes", "services", "events", "widgets", "ns", "cm", "hpa", "jobs.batch", "ing", "pv"]
)
def test_get_other_kinds(kubectl: Kubectl, resource: str) -> None:
    assert len(kubectl.rows("get", resource)) > 1


def test_get_several_kinds_and_a_category(kubectl: Kubectl) -> None:
    assert "deployment.apps/web" in kubectl.clean("get", "pods,deployments,svc", "-o", "name")
    assert "widget.example.com/one" in kubectl.clean("get", "all")


def test_get_raw(kubectl: Kubectl) -> None:
    assert json.loads(kubectl.clean("get", "--raw", "/api/v1/namespaces/demo/pods/db-0"))["kind"] == "Pod"
    assert kubectl.clean("get", "--raw", "/readyz") == "ok"
    assert json.loads(kubectl.clean("get", "--raw", "/version"))["gitVersion"].startswith("v1.")


def test_events_are_printed_and_can_be_asked_for_an_object(kubectl: Kubectl) -> None:
    rows = kubectl.rows("get", "events", "--field-selector", "involvedObject.name=db-0")
    assert len(rows) > 1 and all("pod/db-0" in row for row in rows[1:])
    assert "pod/db-0" in kubectl.clean("events", "--for", "pod/db-0").lower()


def test_watch(kubectl: Kubectl, server: SimulatorServer) -> None:
    with kubectl.following("get", "pods", "-w", "-o", "name") as process:
        assert process.stdout is not None and process.stderr is not None
        shown = {process.stdout.readline().strip() for _ in range(8)}
        assert "pod/db-0" in shown

        def touch(store: Store) -> None:
            pod = copy.deepcopy(store.get("pods", "db-1", "demo"))
            assert pod is not None
            pod["metadata"]["labels"]["touched"] = "yes"
            store.update(pod, manager="test")

        server.call(touch)
        assert process.stdout.readline().strip() == "pod/db-1"
        process.kill()
        assert process.stderr.read() == ""


def test_watch_as_table(kubectl: Kubectl, server: SimulatorServer) -> None:
    with kubectl.following("get", "widgets", "-w") as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().split() == ["NAME", "SIZE", "PHASE", "AGE"]
        assert process.stdout.readline().split()[0] == "one"

        def grow(store: Store) -> None:
            one = copy.deepcopy(store.get("widgets.example.com", "one", "demo"))
            assert one is not None
            one["spec"]["size"] += 1
            store.update(one, manager="test")

        server.call(grow)
        assert process.stdout.readline().split()[:2] == ["one", "4"]
        process.kill()
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (("pod", WEB), ["Controlled By:  ReplicaSet/web-6f7588df49", "Image:          nginx:1.27"]),
        (("node", "node-0000"), ["Non-terminated Pods:", "db-0", "containerd://2.0"]),
        (("deployment", "web"), ["3 desired | 3 updated", "NewReplicaSet:   web-6f7588df49 (3/3 replicas created)"]),
        (("service", "web"), ["Selector:", "app=web"]),
        (("widget", "one"), ["API Version:  example.com/v1", "Size:"]),
        (("statefulset", "db"), ["Pods Status:"]),
        (("job", "once"), ["Pods Statuses:"]),
        (("hpa", "web"), ["Reference:"]),
        (("ns", "demo"), ["Resource Quotas"]),
    ],
)
def test_describe(kubectl: Kubectl, what: tuple[str, str], words: list[str]) -> None:
    said = kubectl.clean("describe", *what)
    assert [word for word in words if word not in said] == []


def test_api_resources_and_versions(kubectl: Kubectl) -> None:
    rows = {(row[-1], row[0]): row for row in kubectl.rows("api-resources")}
    assert rows["Deployment", "deployments"] == ["deployments", "deploy", "apps/v1", "true", "Deployment"]
    assert rows["Widget", "widgets"] == ["widgets", "wd", "example.com/v1", "true", "Widget"]
    assert len(rows) > 60
    assert "metrics.k8s.io/v1beta1" in kubectl.clean("api-versions").split()
    assert "Server Version" in kubectl.clean("version")


def test_logs(kubectl: Kubectl) -> None:
    assert kubectl.clean("logs", WEB).splitlines()[0] == f"web of {WEB}: line 0"
    assert kubectl.clean("logs", WEB, "-c", "web", "--tail=1") == f"web of {WEB}: line 2\n"
    assert kubectl.clean("logs", WEB, "--timestamps", "--tail=1").startswith(f"{STAMP} web of")
    assert kubectl.clean("logs", WEB, "--since=1s") == ""
    assert kubectl.clean("logs", WEB, "-f", "--tail=1").splitlines()[1:] == ["followed 1", "followed 2"]
    chosen = kubectl("logs", "deployment/web", "--tail=1")
    assert (chosen.out, chosen.err) == (f"web of {WEB}: line 2\n", f"Found 3 pods, using pod/{WEB}\n")


def test_logs_of_what_has_none(kubectl: Kubectl, server: SimulatorServer) -> None:
    refused = kubectl("logs", WEB, "--previous")
    assert refused.code == 1 and f'previous terminated container "web" in pod "{WEB}" not found' in refused.err

    def crash(store: Store) -> None:
        pod = copy.deepcopy(store.get("pods", "db-1", "demo"))
        assert pod is not None
        [status] = pod["status"]["containerStatuses"]
        status |= {"restartCount": 1, "lastState": {"terminated": {"exitCode": 1}}}
        store.update(pod, manager="kubelet", subresource="status")

    server.call(crash)
    assert kubectl.clean("logs", "db-1", "--previous") == "crashed\n"


def test_top(kubectl: Kubectl) -> None:
    assert kubectl.rows("top", "pods")[0] == ["NAME", "CPU(cores)", "MEMORY(bytes)"]
    assert len(kubectl.rows("top", "pods", "-A")) == 7
    assert [row[0] for row in kubectl.rows("top", "nodes")[1:]] == ["node-0000", "node-0001"]


def test_writes_that_patch_or_delete(kubectl: Kubectl, server: SimulatorServer) -> None:
    assert kubectl.clean("label", "pod", "once-5tp7j", "marked=yes") == "pod/once-5tp7j labeled\n"
    assert names(kubectl.clean("get", "pods", "-l", "marked", "-o", "name")) == ["once-5tp7j"]
    assert "deleted" in kubectl.clean("delete", "configmap", "web-config")
    assert server.call(lambda store: store.get("configmaps", "web-config", "demo")) is None


def test_writes_that_change_what_runs(kubectl: Kubectl, server: SimulatorServer) -> None:
    def deployment() -> Any:
        return server.call(lambda store: store.get("deployments.apps", "web", "demo"))

    assert kubectl.clean("scale", "deployment", "web", "--replicas=5") == "deployment.apps/web scaled\n"
    assert deployment()["spec"]["replicas"] == 5
    assert "image updated" in kubectl.clean("set", "image", "deployment/web", "web=nginx:2")
    [container] = deployment()["spec"]["template"]["spec"]["containers"]
    assert (container["image"], container["ports"][0]["containerPort"]) == ("nginx:2", 80)
    assert "restarted" in kubectl.clean("rollout", "restart", "deployment/web")
    assert "cordoned" in kubectl.clean("cordon", "node-0001")
    assert kubectl.rows("get", "node", "node-0001")[1][1] == "Ready,SchedulingDisabled"


def test_refusals_reach_the_user(kubectl: Kubectl) -> None:
    assert 'pods "nosuch" not found' in kubectl("get", "pod", "nosuch").err
    assert "the server doesn't have a resource type" in kubectl("get", "nosuchthings").err
    assert "field label not supported: spec.nope" in kubectl("get", "pods", "--field-selector", "spec.nope=1").err


def test_concurrent_clients_see_the_same(kubectl: Kubectl) -> None:
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(kubectl.clean("get", "nodes", "-o", "name"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4 and len(set(answers)) == 1


def test_tokens_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = authority.cert_pem.bytes()
    with SimulatorServer(recorded_store(), users=Users({"secret": ADMIN}), tls=context) as server:

        def with_token(token: str) -> Kubectl:
            place = tmp_path / f"config-{token}"
            return Kubectl(tmp_path, kubeconfig(place, server.url, "demo", token, trusted))

        assert len(with_token("secret").rows("get", "pods")) == 9
        assert "You must be logged in to the server" in with_token("wrong")("get", "--raw", "/api/v1/pods").err
