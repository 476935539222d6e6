"""`kwatch history --revisions`, as a user runs it."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


def keep(store: Store, uid: str, revision: int, image: str) -> None:
    store.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"web-{revision}",
                "namespace": "shop",
                "annotations": {"deployment.kubernetes.io/revision": str(revision)},
                "ownerReferences": [
                    {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": uid, "controller": True}
                ],
            },
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template(image)},
        },
        manager="kube-controller-manager",
    )


def roll_out(store: Store, revision: int, image: str) -> None:
    deployment = copy.deepcopy(store.get("deployments.apps", "web", "shop"))
    assert deployment is not None
    deployment["spec"]["template"] = template(image)
    store.update(deployment, manager="kubectl-set")
    keep(store, deployment["metadata"]["uid"], revision, image)


@pytest.fixture
def rolled_out(server: SimulatorServer) -> SimulatorServer:
    """A deployment whose second template somebody wrote."""

    def begin(store: Store) -> None:
        made = store.create(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "shop"},
                "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template("shop/web:1")},
            },
            manager="helm",
        )
        keep(store, made["metadata"]["uid"], 1, "shop/web:1")
        roll_out(store, 2, "shop/web:2")

    server.call(begin)
    return server


def test_each_rollout_with_what_it_changed_and_who(program: Program, rolled_out: SimulatorServer) -> None:
    done = program.run("history", "deploy/web", "--revisions")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, change = done.stdout.splitlines()
    assert first.endswith("≈ revision 1, the oldest one kept  web-1")
    assert second.endswith("≈ revision 2, current  web-2  kubectl-set")
    assert change == "    ~ spec.template.spec.containers[web].image 1 -> 2"
    _, line = program.run("history", "deploy", "web", "--revisions", "-o", "json").stdout.splitlines()
    told = json.loads(line)
    assert (told["revision"], told["name"], told["current"], told["who"]) == (2, "web-2", True, ["kubectl-set"])
    assert [(each["old"], each["new"], each["who"]) for each in told["changed"]] == [
        ("shop/web:1", "shop/web:2", "kubectl-set")
    ]


def test_what_a_recording_saw_is_exact(program: Program, rolled_out: SimulatorServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.kwatch"
    revisions = ("history", "deploy/web", "--revisions", "--file", str(file))
    recorder = subprocess.Popen(
        command("record", str(file), "deployments,replicasets"), env=program.env(), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: "revision 2, current" in program.run(*revisions).stdout, 30)
        rolled_out.call(lambda store: roll_out(store, 3, "shop/web:3"))
        wait_until(lambda: "~ revision 3, current  web-3  kubectl-set" in program.run(*revisions).stdout, 30)
    finally:
        recorder.send_signal(signal.SIGINT)
        recorder.communicate(timeout=60)
    told = program.run(*revisions).stdout
    assert "≈ revision 2  web-2" in told


def test_what_has_no_revisions_is_a_sentence(program: Program, rolled_out: SimulatorServer) -> None:
    done = program.run("history", "pod/web", "--revisions")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("kwatch: pods have no revisions; deployments, stateful sets and daemon sets do")
    done = program.run("history", "deploy/nothing", "--revisions")
    assert (done.returncode, done.stderr) == (1, 'kwatch: deployments.apps "nothing" not found\n')
    assert program.run("history", "deploy/web", "--revisions", "-w").returncode == 2
