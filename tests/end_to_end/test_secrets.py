"""Values of Secrets: on no screen, in no format and in no file, unless `--show-secrets` or `x` asks for them."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.simulator.objects import namespace
from tests.simulator.simulator_server import SimulatorServer

WORDS = ("hunter2-hunter2", "swordfish-2026")
ENCODED = tuple(base64.b64encode(word.encode()).decode() for word in WORDS)
HIDDEN = tuple(word.rstrip("=").encode() for word in (*WORDS, *ENCODED))
OUTPUTS = (
    ("secrets", "--until-synced", "-o", "wide", "--show-labels", "-L", "copy"),
    ("secrets", "--until-synced", "-o", "json"),
    ("secrets", "--until-synced", "-o", "yaml", "--show-managed-fields"),
    (
        "secrets",
        "--until-synced",
        "-o",
        "jsonpath={.items[*].data.password}{.items[*].metadata}",
        "--sort-by",
        ".data.x",
    ),
    ("secrets", "--until-synced", "-o", "custom-columns=PW:.data.password,ALL:.metadata"),
    ("history", "secret/login", "-o", "json"),
)


def secret(word: int) -> dict[str, Any]:
    original = {"kind": "Secret", "data": {"password": ENCODED[word]}}
    annotations = {"kapp.k14s.io/original": json.dumps(original), "plain": f"see {WORDS[word]}"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "login",
            "namespace": "shop",
            "annotations": annotations,
            "labels": {"copy": WORDS[word], "app": "cart"},
        },
        "type": "Opaque",
        "data": {"password": ENCODED[word]},
    }


@pytest.fixture
def server(program: Program) -> Iterator[SimulatorServer]:
    store = Store(revision=100)
    store.create(namespace("shop"), manager="test")
    store.create(secret(0), manager="test")
    with SimulatorServer(store) as serving:
        program.configure(serving.url)
        yield serving


def change(store: Store) -> None:
    changed = copy.deepcopy(store.get("secrets", "login", "shop"))
    assert changed is not None
    new = secret(1)
    # What was once applied is left behind.
    new["metadata"]["annotations"] |= {
        "kapp.k14s.io/original": changed["metadata"]["annotations"]["kapp.k14s.io/original"]
    }
    changed["metadata"] |= {part: new["metadata"][part] for part in ("annotations", "labels")}
    store.update(changed | {"data": new["data"]}, manager="somebody")


def assert_hidden(written: bytes) -> None:
    assert len(written) > 20
    assert not [word for word in HIDDEN if word in written]


@pytest.mark.parametrize("words", OUTPUTS, ids=lambda words: " ".join(words[-2:])[:40])
def test_no_output_has_a_value(program: Program, server: SimulatorServer, words: tuple[str, ...]) -> None:
    done = program.run(*words)
    assert done.returncode == 0, done.stderr
    assert_hidden((done.stdout + done.stderr).encode())


def test_a_baseline_does_not_take_a_mask_for_a_change(
    program: Program, server: SimulatorServer, tmp_path: Path
) -> None:
    file = str(tmp_path / "before.kwatch")
    assert program.run("record", file, "secrets", "--for", "1s").returncode == 0
    done = program.run("diff", "secrets", "--baseline", file)
    assert (done.returncode, done.stdout) == (0, "")
    assert "only the length is compared" in done.stderr
    server.call(change)
    done = program.run("diff", "secrets", "--baseline", file)
    assert (done.returncode, "data.password *** (15 bytes) -> *** (14 bytes)" in done.stdout) == (1, True)


def test_they_are_there_when_they_are_asked_for(program: Program, server: SimulatorServer) -> None:
    done = program.run("secrets", "--until-synced", "-o", "yaml", "--show-secrets")
    assert ENCODED[0] in done.stdout and WORDS[0] in done.stdout


def test_no_screen_and_no_file_has_a_value(program: Program, server: SimulatorServer, tmp_path: Path) -> None:
    settings = program.home / "config"
    settings.mkdir()
    columns = ["NAME", "PW:.data.password|string|40", "NOTE:.metadata.annotations.plain", "L:label:copy"]
    (settings / "config.yaml").write_text(
        yaml.safe_dump({"columns": {"secrets": columns}, "indices": {"secrets": ["pw:.data.password"]}})
    )
    export, log = tmp_path / "export.kwatch", tmp_path / "kwatch.log"
    words = ("secrets", "--log-file", str(log), "--log-level", "debug")
    with program.start(*words, columns=160, rows=40) as terminal:
        terminal.wait_for("*** (15 bytes")
        server.call(change)
        terminal.wait_for("*** (14 bytes")
        for typed in (".data.password=", "pw:", "copy=", "~data.password:", HIDDEN[3].decode()):
            terminal.press("/", typed, "tab", "tab", "enter", "escape", "escape")
        for keys in ("i", "d", "v", "T", "D", "m", "M", "t"):
            terminal.press(*keys, "j", "enter", "c", "escape", "escape", "escape")
        terminal.press(f":export {export}\r")
        terminal.wait_for("changes are in")
        terminal.press("y")
        terminal.wait_for("kapp.k14s.io/original")
        terminal.press("c")
        drawn = bytes(terminal.raw)
        terminal.press("x", "enter")
        terminal.wait_for(f"password: {WORDS[1]}")
        terminal.press("ctrl+c")
        assert terminal.wait_for_exit() == 0
    typed_here = HIDDEN[3]
    assert not [word for word in HIDDEN if word in drawn and word != typed_here]
    assert_hidden(log.read_bytes())
    for asked in ("history secret/login --file", "diff secrets --since 1h --file"):
        done = program.run(*asked.split(), str(export))
        assert "data.password *** (" in done.stdout, done.stderr
        assert_hidden((done.stdout + done.stderr).encode())
