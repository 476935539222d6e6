"""Everything that a cluster says may be an attack on the terminal: no byte of it arrives there as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.end_to_end.foreign import in_print, on_screen
from tests.end_to_end.hostile import ALL, PAYLOADS, HostileServer
from tests.end_to_end.hostile_walk import FORMATS, SHORT, Step, printed, walk
from tests.end_to_end.program import Program


@pytest.fixture(scope="module")
def hostile() -> Iterator[HostileServer]:
    """A still one."""
    with HostileServer(period=600) as server:
        yield server


@pytest.fixture
def attacked(program: Program, hostile: HostileServer) -> Program:
    hostile.write_kubeconfig(program.kubeconfig)
    return program


@pytest.mark.parametrize("payload", [*PAYLOADS.values(), ALL])
def test_what_is_foreign_is_found(payload: str) -> None:
    harmless = payload.isprintable()
    assert bool(on_screen(f"\x1b[1;1H\x1b[1m{payload}".encode())) is not harmless
    assert bool(in_print(payload.encode())) is not harmless


def test_a_link_that_says_another_address_is_found() -> None:
    link = b"\x1b[1;1H\x1b]8;id=1;https://a.example/x\x1b\\\x1b[4m%s\x1b]8;;\x1b\\\x1b[0m"
    assert on_screen(link % b"https://a.example/x") == on_screen(link % b"a.example/") == []
    assert on_screen(link % b"https://b.example/x")
    assert on_screen(link.replace(b"https", b"file") % b"a.example/")


def test_no_screen_completion_or_toast_passes_anything_on(program: Program, tmp_path: Path) -> None:
    log = tmp_path / "kwatch.log"
    with HostileServer() as changing:
        changing.write_kubeconfig(program.kubeconfig)
        words = ("pods", "--log-file", str(log), "--log-level", "debug")
        with program.start(*words, columns=120, rows=36) as terminal:
            terminal.wait_for("pod1-A")
            walk(terminal, SHORT, quiet=0.05, most=0.3)
            drawn = bytes(terminal.raw)
            terminal.press("ctrl+c")
            assert terminal.wait_for_exit() == 0
    # What a slow terminal has not shown in the end is dropped, wherever that cuts it.
    assert on_screen(drawn) == []
    assert len(drawn) > 100_000
    assert in_print(log.read_bytes()) == []


@pytest.mark.parametrize("words", FORMATS)
def test_nothing_that_is_printed_passes_anything_on(attacked: Program, words: Step) -> None:
    raw = printed(attacked, words)
    assert in_print(raw) == []
    assert len(raw) > 40


def test_json_and_yaml_are_what_the_server_sent(attacked: Program, hostile: HostileServer) -> None:
    lines = attacked.run("namespaces", "-o", "json", "--until-synced").stdout.splitlines()
    documents = attacked.run("namespaces", "-o", "yaml", "--until-synced", "--show-managed-fields").stdout
    objects = [json.loads(line)["object"] for line in lines]
    assert {each["metadata"]["name"] for each in objects} >= {
        f"ns{PAYLOADS['c1']}"[:200],
        f"ns{PAYLOADS['wide']}"[:200],
    }
    assert all(ALL in each["status"]["phase"] for each in objects)
    read = yaml.load(documents, Loader=yaml.CSafeLoader)["items"]
    assert all(each["metadata"]["annotations"] and ALL in each["status"]["phase"] for each in read)
    assert in_print("\n".join(lines).encode()) == in_print(documents.encode()) == []
