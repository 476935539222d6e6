"""Objects as large as a server takes them, and more than a memory limit has room for: rows come, keys answer."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest

from kwatch.simulator.store import Store
from tests.end_to_end.program import Program
from tests.simulator.objects import namespace, pod
from tests.simulator.simulator_server import SimulatorServer

LARGEST = 1_500_000
"""Bytes: what etcd takes in one object."""


def config_map(name: str, text: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": text}}


def random_text(chance: random.Random, size: int) -> str:
    """One line that does not pack well."""
    return chance.randbytes(size // 2).hex()


@pytest.fixture
def store() -> Store:
    store = Store(revision=100)
    store.create(namespace("shop"), manager="test")
    return store


def test_objects_of_a_megabyte_and_a_half(program: Program, store: Store) -> None:
    chance = random.Random(1)
    for number in range(3):
        store.create(config_map(f"large-{number}", random_text(chance, LARGEST)), manager="test")
    with SimulatorServer(store) as serving:
        program.configure(serving.url)
        printed = program.run("configmaps", "--until-synced", "-o", "json")
        assert printed.returncode == 0, printed.stderr
        texts = [json.loads(line)["object"]["data"]["text"] for line in printed.stdout.splitlines()]
        assert [len(text) for text in texts] == [LARGEST] * 3
        with program.start("configmaps", columns=100) as terminal:
            terminal.wait_for("large-2")
            terminal.press("d")
            terminal.wait_for("Config Map")
            terminal.press("end")
            terminal.wait_for("1,480,000 characters more, in the YAML")
            serving.call(lambda _: store.update(config_map("large-0", "short"), manager="test"))
            terminal.wait_for("short")
            terminal.press("y")
            terminal.wait_for("text: short")
            terminal.press("v")
            terminal.wait_for("data.text")
            terminal.press("q")
            assert terminal.wait_for_exit() == 0


def test_five_thousand_labels_on_one_object(program: Program, store: Store) -> None:
    crowded = pod("crowded", app="web")
    crowded["metadata"]["labels"] |= {f"label-{number}": f"value-{number}" for number in range(5000)}
    store.create(crowded, manager="test")
    store.create(pod("plain", app="web"), manager="test")
    with SimulatorServer(store) as serving:
        program.configure(serving.url)
        with program.start("pods", columns=120, rows=30) as terminal:
            terminal.wait_for("crowded")
            terminal.press("i")
            terminal.wait_for("label label-1")
            terminal.press("escape", "/", *"label-4711=value-4711", "enter")
            terminal.wait_for("1 of 2 pods")
            terminal.press("d")
            terminal.wait_for("label-1000=value-1000")
            terminal.press("q")
            assert terminal.wait_for_exit() == 0


@pytest.fixture(scope="module")
def too_many() -> Store:
    """Config maps that take some 60 MB, packed, beside the program's own 60."""
    store = Store(revision=100)
    store.create(namespace("shop"), manager="test")
    chance = random.Random(2)
    for number in range(1000):
        store.create(config_map(f"map-{number:04}", random_text(chance, 120_000)), manager="test")
    store.compact()
    return store


FITTING = re.compile(r"(\d[\d,]*) of about 1,000")


def test_a_stream_beyond_the_memory_limit_prints_what_fits(program: Program, too_many: Store) -> None:
    with SimulatorServer(too_many) as serving:
        program.configure(serving.url)
        done = program.run("configmaps", "--until-synced", "--memory-limit", "100Mi", "-o", "name")
        assert done.returncode == 1
        found = FITTING.search(done.stderr)
        assert found is not None, done.stderr
        assert "fit into the memory limit of 100 MB; raise --memory-limit or memoryLimit, or narrow" in done.stderr
        assert done.stderr.count("\n") == 1
        names = done.stdout.splitlines()
        assert len(names) == int(found[1].replace(",", ""))
        assert 500 <= len(names) < 1000
        assert names[0] == "configmap/map-0000"
        assert program.run("configmaps/map-0999", "--until-synced", "--memory-limit", "100Mi").returncode == 0


def test_what_the_settings_say_of_memory_counts_without_a_screen_too(
    program: Program, too_many: Store, tmp_path: Path
) -> None:
    config = program.home / "config" / "config.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("memoryLimit: 100Mi\n")
    with SimulatorServer(too_many) as serving:
        program.configure(serving.url)
        for words in (
            ("configmaps", "--until-synced", "-o", "name"),
            ("record", str(tmp_path / "maps.kwatch"), "configmaps", "--for", "10s"),
        ):
            done = program.run(*words)
            assert "fit into the memory limit of 100 MB" in done.stderr, (words, done.stderr)
        assert program.run("configmaps", "--until-synced", "-o", "name", "--memory-limit", "2Gi").returncode == 0


def test_a_screen_beyond_the_memory_limit_shows_what_fits_and_follows_it(program: Program, too_many: Store) -> None:
    with SimulatorServer(too_many) as serving:
        program.configure(serving.url)
        with program.start("configmaps", "--memory-limit", "100Mi", columns=120) as terminal:
            text = terminal.wait_for(
                lambda text: "memory limit" in text and "syncing" not in text and "map-0000" in text
            )
            found = re.search(r"▲ showing (\d+) of about 1,000: memory limit", text)
            assert found is not None, text
            assert f"{found[1]} configmaps" in text
            serving.call(lambda _: too_many.delete("configmaps", "map-0001", "shop"))
            shown = terminal.wait_for(f"showing {int(found[1]) - 1} of about 999: memory limit")
            assert "map-0000" in shown
            terminal.press("q")
            assert terminal.wait_for_exit() == 0
