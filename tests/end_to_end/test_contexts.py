"""Several contexts on the command line: each command goes over all of them, and one that is away is said."""

from __future__ import annotations

import copy
import json
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program, command
from tests.simulator.objects import namespace, pod
from tests.simulator.simulator_server import SimulatorServer
from tests.waiting import wait_until

AWAY = "away: The server http://127.0.0.1:1 refuses connections"


class Logs:
    """One line of each container."""

    def __init__(self, context: str, second: int) -> None:
        self._words = f"2027-01-15T08:00:0{second}Z hello from {context}"

    def logs(self, namespace: str, pod: str, container: str, previous: bool) -> list[str]:
        return [self._words]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[str]:
        for line in self.logs(namespace, pod, container, False)[:0]:
            yield line


def world(context: str) -> Store:
    """The pod web in each, in us another phase; a pod of its own, and a Secret."""
    store = Store(revision=100)
    store.create(namespace("shop"), manager="test")
    for name in ("web", f"only-{context}"):
        made: dict[str, Any] = pod(name, app="web")
        made["spec"]["containers"] = [{"name": "app", "image": f"web:{context}"}]
        made["status"] = {
            "phase": "Running" if context == "eu" else "Pending",
            "containerStatuses": [{"name": "app", "restartCount": 0, "state": {"running": {}}}],
        }
        store.create(made, manager="kubelet")
    secret = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "key", "namespace": "shop"}}
    store.create({**secret, "data": {"token": f"aHVudGVyMg-{context}"}}, manager="test")
    return store


@pytest.fixture
def servers(program: Program) -> Iterator[dict[str, SimulatorServer]]:
    """The contexts eu and us, and one that nobody answers."""
    with (
        SimulatorServer(world("eu"), logs=Logs("eu", 2)) as eu,
        SimulatorServer(world("us"), logs=Logs("us", 1)) as us,
    ):
        urls = {"eu": eu.url, "us": us.url, "away": "http://127.0.0.1:1"}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "eu",
            "clusters": [{"name": name, "cluster": {"server": url}} for name, url in urls.items()],
            "users": [{"name": "u", "user": {}}],
            "contexts": [
                {"name": name, "context": {"cluster": name, "user": "u", "namespace": "shop"}} for name in urls
            ],
        }
        program.kubeconfig.write_text(yaml.safe_dump(config))
        yield {"eu": eu, "us": us}


def become(server: SimulatorServer, phase: str) -> None:
    def change(store: Store) -> None:
        changed = copy.deepcopy(store.get("pods", "web", "shop"))
        assert changed is not None
        changed["status"]["phase"] = phase
        store.update(changed, manager="kubelet")

    server.call(change)


def recorded(program: Program, file: Path, *words: str) -> None:
    """What is there now, of both contexts; ended as soon as all of it is in the file."""
    with subprocess.Popen(
        command("record", str(file), "pods", "secrets", *words), env=program.env(), stderr=subprocess.PIPE, text=True
    ) as recording:
        wait_until(lambda: file.exists() and {"eu", "us"} <= {*listed(program, file)})
        recording.send_signal(signal.SIGINT)
        assert recording.stderr is not None
        told = recording.stderr.read()
    assert re.search(r"recorded \d+ changes", told)


def listed(program: Program, file: Path) -> list[str]:
    """The context of each Secret in a recording; they come in any order."""
    done = program.run("replay", str(file), "secrets", "--until-synced", "-o", "json", "--context", "*")
    return [json.loads(line).get("context", "") for line in done.stdout.splitlines()]


def test_a_recording_of_several_is_replayed_as_several(
    program: Program, servers: dict[str, SimulatorServer], tmp_path: Path
) -> None:
    file = tmp_path / "both.kwatch"
    recorded(program, file, "--context", "eu,us")
    assert b"hunter2" not in file.read_bytes()
    done = program.run("replay", str(file), "pods", "--until-synced")
    rows = [line.split()[:2] for line in done.stdout.splitlines()]
    assert done.returncode == 0 and rows[0] == ["CONTEXT", "NAME"]
    assert sorted(rows[1:]) == [["eu", "only-eu"], ["eu", "web"], ["us", "only-us"], ["us", "web"]]
    one = program.run("replay", str(file), "pods", "--until-synced", "--context", "us")
    assert [line.split()[0] for line in one.stdout.splitlines()] == ["NAME", "only-us", "web"]
    none = program.run("replay", str(file), "pods", "--context", "asia")
    assert (none.returncode, none.stderr) == (1, "kwatch: There is no context 'asia'; there are eu and us.\n")
    told = program.run("history", "pod/web", "--file", str(file))
    assert sorted({line.split()[0] for line in told.stdout.splitlines()}) == ["eu", "us"]
    alone = program.run("history", "pod/only-us", "--file", str(file), "-o", "json")
    assert [json.loads(line)["type"] for line in alone.stdout.splitlines()][-1] == "REPLACED"
    become(servers["us"], "Failed")
    changed = program.run("diff", "pods", "--baseline", str(file), "--context", "eu,us")
    assert changed.returncode == 1 and changed.stdout.startswith("us  ~ pods shop/web\n") and "eu" not in changed.stdout
    other = program.run("diff", "pods", "--baseline", str(file), "--context", "away,us")
    assert other.returncode == 2 and AWAY in other.stderr and "us  ~ pods shop/web" in other.stdout
    report = program.run("report", "--file", str(file), "-o", "md")
    assert re.search(r"^# .* in 2 clusters|^# .* of 2 clusters", report.stdout)
    assert re.search(r"^# eu: ", report.stdout, re.M) and re.search(r"^# us: ", report.stdout, re.M)


def test_a_replay_on_the_screen_goes_from_context_to_context(
    program: Program, servers: dict[str, SimulatorServer], tmp_path: Path
) -> None:
    file = tmp_path / "both.kwatch"
    recorded(program, file, "--context", "eu,us")
    with program.start("replay", str(file), "pods", "--paused", columns=120, rows=30) as terminal:
        terminal.wait_for(lambda text: "eu, us" in text and "recorded, as it was at" in text and "only-eu" in text)
        terminal.send(b":ctx us\r")
        terminal.wait_for(lambda text: "only-us" in text and "only-eu" not in text and "CONTEXT" not in text)
        terminal.wait_for("recorded, as it was at")
        terminal.send(b"q")
        assert terminal.wait_for_exit() == 0


def test_a_context_that_is_away_leaves_the_others_recorded(
    program: Program, servers: dict[str, SimulatorServer], tmp_path: Path
) -> None:
    done = program.run("record", str(tmp_path / "a.kwatch"), "pods", "--context", "away,eu", "--for", "3s")
    assert done.returncode == 1 and AWAY in done.stderr and "recording pods of eu into" in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        config = yaml.safe_load(program.kubeconfig.read_text())
        config["clusters"][-1]["cluster"]["server"] = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        program.kubeconfig.write_text(yaml.safe_dump(config))
        silent = program.run("record", str(tmp_path / "c.kwatch"), "pods", "--context", "away,eu", "--for", "1s")
    assert silent.returncode == 1 and "away: nothing was recorded: " in silent.stderr
    assert (tmp_path / "c.kwatch").exists()


def test_a_recording_of_nobody_leaves_no_file(
    program: Program, servers: dict[str, SimulatorServer], tmp_path: Path
) -> None:
    none = program.run("record", str(tmp_path / "b.kwatch"), "pods", "--context", "away", "--for", "3s")
    assert none.returncode == 1 and not (tmp_path / "b.kwatch").exists()


def test_it_must_hold_in_all(program: Program, servers: dict[str, SimulatorServer]) -> None:
    words = ("wait", "pod/web", "status=Running", "--context", "eu,us")
    for seconds in (3, 12, 48):  # a busy machine begins late
        late = program.run(*words, "--timeout", f"{seconds}s")
        if "eu  timed out" in late.stdout and "0 of 0" not in late.stdout:
            break
    assert late.returncode == 1 and re.search(r"^us  timed out after .*0 of 1 objects match", late.stdout, re.M)
    eu = [line for line in late.stdout.splitlines() if line.startswith("eu")]
    assert len(eu) == 1 and "1 of 1 objects match" in eu[0]  # it is not what was waited for
    with subprocess.Popen(
        command(*words, "-o", "json", "--timeout", "100s"), env=program.env(), stdout=subprocess.PIPE, text=True
    ) as waiting:
        become(servers["us"], "Running")
        told = [json.loads(line) for line in waiting.communicate(timeout=120)[0].splitlines()]
    assert waiting.returncode == 0
    assert [(each["context"], each["outcome"], each["matching"]) for each in told] == [
        ("eu", "true", ["pods shop/web"]),
        ("us", "true", ["pods shop/web"]),
    ]
    away = program.run("wait", "pod/web", "status=Running", "--context", "eu,away")
    assert away.returncode == 1 and AWAY in away.stderr and away.stdout.startswith("eu    stopped after")


def test_logs_are_merged_and_say_where_they_are_from(program: Program, servers: dict[str, SimulatorServer]) -> None:
    done = program.run("logs", "pod/web", "--context", "eu,us")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "us web app hello from us\neu web app hello from eu\n",
        "",
    )
    away = program.run("logs", "pod/web", "--context", "away,us", "-o", "json")
    assert away.returncode == 1 and AWAY in away.stderr
    assert json.loads(away.stdout)["context"] == "us"
    lacking = program.run("logs", "pod/only-us", "--context", "eu,us")
    assert lacking.returncode == 1 and "eu: pods/only-us was not found in shop" in lacking.stderr
    assert lacking.stdout == "us only-us app hello from us\n"


def test_what_the_servers_still_prove_is_one_story(program: Program, servers: dict[str, SimulatorServer]) -> None:
    done = program.run("history", "pod/web", "--context", "us,eu", "-o", "json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and {each["context"] for each in told} == {"eu", "us"}
    assert [each["time"] for each in told] == sorted(each["time"] for each in told)
    lacking = program.run("history", "pod/only-eu", "--context", "eu,us")
    assert lacking.returncode == 1 and re.search(r"us: .*not found", lacking.stderr)
    assert lacking.stdout and all(line.startswith("eu  ") for line in lacking.stdout.splitlines())


def test_one_context_is_compared_with_several(program: Program, servers: dict[str, SimulatorServer]) -> None:
    pair = program.run("diff", "pods", "--context", "eu", "--against", "us")
    assert pair.returncode == 1 and "- pods shop/only-eu\n" in pair.stdout and "+ pods shop/only-us\n" in pair.stdout
    several = program.run("diff", "pods", "--against", "us,away")
    assert several.returncode == 2 and AWAY in several.stderr and "us  - pods shop/only-eu\n" in several.stdout
    both = program.run("diff", "pods", "--context", "eu,us", "--against", "us,away")
    assert both.returncode == 2 and "one context is compared with several" in both.stderr
    itself = program.run("diff", "pods", "--context", "us", "--against", "u?")
    assert itself.returncode == 2 and "us is compared with itself" in itself.stderr


def test_a_report_has_a_part_for_each(program: Program, servers: dict[str, SimulatorServer], tmp_path: Path) -> None:
    page = tmp_path / "all.html"
    done = program.run("report", "--context", "eu,us,away", "--write", str(page))
    assert done.returncode == 1 and AWAY in done.stderr and "and 1 is not told of" in done.stderr
    text = page.read_text()
    assert text.count("<h2 class=part>") == 2 and "is not told of: The server" in text
    masked = program.run("report", "--context", "eu,us,away", "-o", "md", "--mask-names")
    assert "127.0.0.1" not in masked.stdout and "away" not in masked.stdout


def test_a_hook_acts_on_all_of_them(program: Program, servers: dict[str, SimulatorServer], tmp_path: Path) -> None:
    seen, only_web = tmp_path / "seen", ("--field-selector", "metadata.name=web")
    words = ("pods", "--context", "eu,us,away", "--on", "app=web", *only_web, "--existing")
    with subprocess.Popen(
        command(*words, "--shell", "--exec", f'echo "$KWATCH_CONTEXT" >> {seen}'),
        env=program.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as acting:
        assert acting.stdout is not None and acting.stderr is not None
        told = sorted(acting.stdout.readline().split(maxsplit=1)[1] for _ in range(2))
        assert AWAY in acting.stderr.readline()
        wait_until(lambda: seen.exists() and sorted(seen.read_text().split()) == ["eu", "us"])
        acting.send_signal(signal.SIGINT)
        acting.communicate(timeout=60)
    assert [line.split(":")[0] for line in told] == ["eu", "us"] and acting.returncode == 130
