"""`kwatch history --related`, as a user runs it."""

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
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

SET = {
    "apiVersion": "apps/v1",
    "kind": "ReplicaSet",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}},
}


def owned(store: Store, name: str) -> dict[str, Any]:
    owner = store.get("replicasets.apps", "web", "shop")
    assert owner is not None
    made = pod(name, app="web")
    uid = owner["metadata"]["uid"]
    made["metadata"]["ownerReferences"] = [
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": uid, "controller": True}
    ]
    return made


def report(store: Store, about: str, reason: str, time: str) -> None:
    thing = store.get("pods", about, "shop")
    assert thing is not None
    store.create(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{about}.{reason.casefold()}", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": about, "uid": thing["metadata"]["uid"]},
            "type": "Warning",
            "reason": reason,
            "message": "in words",
            "firstTimestamp": time,
            "lastTimestamp": time,
            "count": 1,
            "source": {"component": "kubelet"},
        },
        manager="kubelet",
    )


@pytest.fixture
def family(server: SimulatorServer) -> SimulatorServer:
    """A replica set with a pod that has a warning from long ago."""
    server.call(lambda store: store.create(copy.deepcopy(SET), manager="test"))
    server.call(lambda store: store.create(owned(store, "web-a"), manager="controller"))
    server.call(lambda store: report(store, "web-a", "BackOff", "2020-01-01T00:00:00Z"))
    return server


def scale(store: Store) -> None:
    changed = copy.deepcopy(store.get("replicasets.apps", "web", "shop"))
    assert changed is not None
    changed["spec"]["replicas"] = 2
    store.update(changed, manager="somebody")


def test_what_the_server_still_proves_of_an_object_and_its_kin(program: Program, family: SimulatorServer) -> None:
    done = program.run("history", "rs/web", "--related")
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()
    assert first.startswith(("≈2020-01-01", "≈2019-12-31"))
    assert "▼ event" in first and "Pod/web-a" in first and first.endswith("kubelet  BackOff: in words")
    assert any("● self" in line and "ReplicaSet/web" in line and "created" in line for line in others)
    assert any("▼ child" in line and "Pod/web-a" in line and "controller  created" in line for line in others)
    assert "watched since" in others[-1]

    lines = [
        json.loads(line) for line in program.run("history", "pod/web-a", "--related", "-o", "json").stdout.splitlines()
    ]
    told = {(line["relation"], line.get("resource")) for line in lines}
    assert {("owner", "replicasets.apps"), ("self", "pods"), ("event", "events"), ("listed", None)} <= told
    assert lines[0]["about"] == {"relation": "self", "resource": "pods", "key": "shop/web-a"}
    assert (lines[0]["approximate"], lines[0]["type"], lines[0]["count"]) == (True, "WARNING", 1)


def test_it_follows_what_happens_to_all_of_them(program: Program, family: SimulatorServer) -> None:
    process = subprocess.Popen(
        command("history", "rs", "web", "--related", "-w", "-o", "json"),
        env=program.env(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        while json.loads(process.stdout.readline())["relation"] != "listed":
            pass
        family.call(scale)
        family.call(lambda store: store.create(owned(store, "web-b"), manager="controller"))
        family.call(lambda store: store.delete("pods", "web-b", "shop"))
        seen: list[tuple[str, str, str]] = []
        while len(seen) < 3:  # two resources, two streams: either may come first
            line = json.loads(process.stdout.readline())
            if not line["noise"]:
                seen.append((line["relation"], line["type"], line["words"]))
        assert sorted(seen) == [
            ("child", "ADDED", "created"),
            ("child", "DELETED", "deleted"),
            ("self", "MODIFIED", "spec.replicas 1 -> 2"),
        ]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.communicate()


def test_a_recording_tells_the_same_story(program: Program, family: SimulatorServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.kwatch"
    related = ("history", "rs/web", "--related", "--file", str(file))
    recorder = subprocess.Popen(
        command("record", str(file), "pods,replicasets,events"), env=program.env(), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until(lambda: "▼ event" in program.run(*related).stdout, 30)
        family.call(scale)
        wait_until(lambda: "spec.replicas 1 -> 2" in program.run(*related).stdout, 30)
    finally:
        recorder.send_signal(signal.SIGINT)
        recorder.communicate(timeout=60)

    story = program.run(*related)
    assert (story.returncode, story.stderr) == (0, "")
    (change,) = (line for line in story.stdout.splitlines() if "spec.replicas 1 -> 2" in line)
    assert "● self" in change and "somebody" in change
    assert "▼ event" in story.stdout.splitlines()[0]
    told = program.run(*related, "-o", "json").stdout.splitlines()
    (changed,) = (line["changed"] for line in map(json.loads, told) if line.get("changed"))
    assert changed == [
        {"path": "spec.replicas", "words": "spec.replicas 1 -> 2", "old": 1, "new": 2, "who": "somebody"}
    ]


def test_what_is_not_there_is_a_sentence(program: Program, server: SimulatorServer) -> None:
    done = program.run("history", "pod/nothing", "--related")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "kwatch: pods 'nothing' not found\n")
