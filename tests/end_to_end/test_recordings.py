"""record, replay, history and diff, as a user runs them."""

from __future__ import annotations

import copy
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from kwatch.history.recording.format import Recorded, RecordingError
from kwatch.history.recording.reader import Recording
from kwatch.informer.kube_object import KubeObject
from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.history.recording.samples import Tape
from tests.simulator.objects import pod
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until


def relabel(store: Store, tier: str) -> None:
    changed = copy.deepcopy(store.get("pods", "cart-1", "shop"))
    assert changed is not None
    changed["metadata"]["labels"]["tier"] = tier
    store.update(changed, manager="somebody")


def recorded(file: Path) -> int:
    """How many versions are in a recording that is still written: what was there at first counts too."""
    try:
        recording = Recording(file)
    except RecordingError:
        return 0
    try:
        return sum(isinstance(each, Recorded) for each in recording.deltas())
    finally:
        recording.close()


def record(program: Program, server: SimulatorServer, file: Path) -> str:
    """A change, a deletion and a creation, recorded; what the recorder said."""
    process = subprocess.Popen(
        command("record", str(file), "pods", "widgets"), env=program.env(), stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        wait_until(lambda: recorded(file) == 4)
        server.call(lambda store: relabel(store, "gold"))
        server.call(lambda store: store.delete("pods", "web-1", "shop"))
        server.call(lambda store: store.create(pod("late"), manager="test"))
        wait_until(lambda: recorded(file) == 7)
        process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=60)[1]
        assert process.returncode == 0
        return said
    finally:
        process.kill()
        process.communicate()


def test_what_was_recorded_can_be_asked(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.kwatch"
    said = record(program, server, file)
    assert "recording pods, widgets.example.com of test" in said and "recorded 7 changes" in said
    assert file.stat().st_mode & 0o777 == 0o600

    history = program.run("history", "pod/cart-1", "--file", str(file))
    assert (history.returncode, history.stderr) == (0, "")
    proved = [line for line in history.stdout.splitlines() if "≈ before" in line]
    assert "created" in proved[0]
    first, second, *changes = history.stdout.splitlines()[len(proved) :]
    assert " = listed " in first and "first seen" in first
    assert "somebody" in second
    assert changes == ["    + metadata.labels.tier added gold"]

    lines = program.run("history", "pod", "cart-1", "--file", str(file), "-o", "json").stdout.splitlines()
    entries = [json.loads(line) for line in lines if '"RECONSTRUCTED"' not in line]
    assert entries[1]["changed"][0]["who"] == "somebody"
    assert "deleted" in program.run("history", "pods/web-1", "--file", str(file)).stdout


def test_diff_says_what_changed_by_its_exit_code_too(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.kwatch"
    record(program, server, file)
    whole = program.run("diff", "pods", "--file", str(file), "--since", "1h")
    assert whole.returncode == 1
    assert whole.stdout.splitlines() == [
        "~ pods shop/cart-1",
        "    + metadata.labels.tier added gold",
        "+ pods shop/late",
        "- pods shop/web-1",
    ]
    assert program.run("diff", "widgets", "--file", str(file)).returncode == 0

    same = program.run("diff", "pods", "--baseline", str(file))
    assert (same.returncode, same.stdout) == (0, "")
    server.call(lambda store: relabel(store, "lead"))
    now = program.run("diff", "pods", "--baseline", str(file), "-o", "json")
    assert now.returncode == 1
    assert json.loads(now.stdout)["changed"] == [
        {"path": "metadata.labels.tier", "words": "metadata.labels.tier gold -> lead", "old": "gold", "new": "lead"}
    ]
    assert program.run("diff", "pods", "--file", str(tmp_path / "nothing")).returncode == 2


def test_a_recording_is_played_offline(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    file = tmp_path / "shop.kwatch"
    record(program, server, file)
    server.stop()
    with program.start("replay", str(file), "--paused", columns=120, rows=30) as terminal:
        terminal.wait_for(lambda text: "cart-1" in text and "web-1" in text and "late" not in text)
        terminal.wait_for("recorded, as it was at")
        assert "live" not in terminal.text()
        terminal.press("space")
        terminal.wait_for("playing 1x")
        terminal.press("end")
        terminal.wait_for(lambda text: "■ end" in text and "late" in text and "web-1" not in text)
        terminal.press("v")
        terminal.wait_for("metadata.labels.tier")
        terminal.press("escape")
        terminal.wait_for("■ end")
        terminal.press("home")
        terminal.wait_for(lambda text: "web-1" in text and "late" not in text)
        terminal.press("I")
        terminal.wait_for("read from the recording")
        terminal.wait_for(lambda text: re.search(r"pods in shop +read ", text))
        assert "watching" not in terminal.text() and "server" not in terminal.text()
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_what_of_a_recording_cannot_be_shown_is_a_sentence(
    program: Program, server: SimulatorServer, tmp_path: Path
) -> None:
    file = tmp_path / "shop.kwatch"
    record(program, server, file)
    other = program.run("replay", str(file), "deployments")
    assert other.returncode == 1
    assert other.stderr == f"kwatch: {file} holds no deployments; it holds pods, widgets.example.com.\n"
    wrong = program.run("replay", str(file), "--from", "noon")
    assert wrong.returncode == 2 and "'noon' is not a moment: write 14:02" in wrong.stderr

    cut = tmp_path / "cut.kwatch"
    cut.write_bytes(file.read_bytes()[:-30])
    with program.start("replay", str(cut), "--from", "-10m", "--speed", "2", columns=120, rows=30) as terminal:
        # A toast breaks its lines wherever the length of the path wants it.
        terminal.wait_for(lambda text: "middle" in text and "frame" in text)
        terminal.wait_for("cart-1")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_the_past_that_a_server_proves_is_marked_so(program: Program, server: SimulatorServer) -> None:
    server.call(lambda store: relabel(store, "gold"))
    live = program.run("history", "pod/cart-1")
    assert (live.returncode, live.stderr) == (0, "")
    assert all("≈ before" in line for line in live.stdout.splitlines())
    assert "somebody" in live.stdout


def test_what_is_no_recording_is_a_sentence(program: Program, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("nothing of the kind")
    for words in (("replay", "text"), ("history", "pod/x", "--file", "text"), ("replay", "missing")):
        given = [str(tmp_path / word) if word in ("text", "missing") else word for word in words]
        done = program.run(*given)
        assert done.returncode == 1
        assert done.stderr.startswith("kwatch: ") and done.stderr.count("\n") == 1


def born(name: str, version: int, minute: int, phase: str) -> KubeObject:
    """A pod of the first hour of 1970."""
    tree = pod(name)
    created = f"1970-01-01T00:{minute:02d}:00Z"
    tree["metadata"] |= {"uid": name, "resourceVersion": str(version), "creationTimestamp": created}
    tree["status"] = {"phase": phase}
    return KubeObject.of(tree)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Two pods at 1001 and 1002 seconds past the epoch, a change at 1003, and one a quarter of an hour later."""
    path = tmp_path / "old.kwatch"
    with Tape(path) as tape:
        tape.pods.replace(born("a", 1, 10, "Pending"))
        tape.pods.replace(born("b", 2, 15, "Running"))
        tape.pods.update(born("a", 3, 10, "Running"))
        tape.pods.at = 1899.0
        tape.pods.update(born("a", 4, 10, "Succeeded"))
    return path


def rows(text: str) -> list[list[str]]:
    return [[line.split()[1], line.split()[3], line.split()[-1]] for line in text.splitlines()[1:]]


def test_ages_in_a_recording_are_those_of_the_moment(program: Program, old: Path) -> None:
    at_end = program.run("replay", str(old), "pods", "--until-synced")
    assert (at_end.stderr, rows(at_end.stdout)) == ("", [["a", "Succeeded", "21m"], ["b", "Running", "16m"]])
    before = program.run("replay", str(old), "pods", "--until-synced", "--from", "+1.5s")
    assert rows(before.stdout) == [["a", "Pending", "6m42s"], ["b", "Running", "102s"]]
    never = program.run("replay", str(old), "pods", "--until-synced", "--from", "2020-01-01 12:00")
    assert never.returncode == 1 and "2020-01-01 12:00 was not recorded: it is from 1970-01-01" in never.stderr


def test_a_recording_is_played_as_a_stream_to_its_end(program: Program, old: Path) -> None:
    done = program.run("replay", str(old), "pods", "-o", "json", "--speed", "100", "-i", "20")
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["type"], line["object"]["metadata"]["name"]) for line in told] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("MODIFIED", "a"),
        ("MODIFIED", "a"),
    ]
    assert told[-1]["time"].startswith("1970-01-01T00:31:4")


def test_what_a_list_found_later_was_there_before_unless_it_is_younger(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "late.kwatch"
    with Tape(path) as tape:
        tape.pods.replace(born("a", 1, 10, "Running"))
        tape.pods.sink.on_gap(1010.0, 1100.0, "refused")
        tape.pods.at = 1100.0
        tape.pods.replace(born("was-there", 2, 15, "Running"))
        tape.pods.replace(born("came", 3, 17, "Running"))
    done = program.run("diff", "pods", "--file", str(path), "--since", "100s")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "+ pods shop/came"), done.stderr
    assert "was-there" not in done.stdout
