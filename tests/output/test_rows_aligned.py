"""Columns are aligned as kubectl aligns them, whatever stands in their cells: kubectl itself is asked."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kwatch.base.printable import printable
from kwatch.catalog.go_text import go_upper
from kwatch.output.rows import AlignedLines
from tests.cluster.scripted_server import Received, ScriptedServer, answer

KUBECTL = Path(sys.executable).parent / "kubectl"
needs_kubectl = pytest.mark.skipif(not KUBECTL.exists(), reason="the kubectl of the test dependencies is missing")
TITLES = ("Name", "Größe", "Note", "straße", "Last")
PIECES = [
    "a",
    "web-1",
    "",
    "ä",
    "漢字",
    "a\nb",
    "\n",
    "x\r\ny",
    "long " * 9,
    "\x1b[31mred",
    "t\tb",
    "v\vv",
    "\f",
    "…",
    "é" * 20,
]


class Server:
    """Serves one list of `things` as Tables, in chunks, and the same things as objects."""

    def __init__(self, rows: list[list[str]], chunk: int = 500) -> None:
        self._rows = rows
        self._chunk = chunk

    def __call__(self, request: Received) -> Iterator[bytes]:
        path, _, query = request.target.partition("?")
        resource = {"name": "things", "singularName": "thing", "namespaced": False, "kind": "Thing", "verbs": ["list"]}
        if path == "/api":
            yield answer({"versions": ["v1"]})
        elif path == "/apis":
            yield answer({"groups": []})
        elif path == "/api/v1":
            yield answer({"groupVersion": "v1", "resources": [resource]})
        else:
            start = int(query.partition("continue=")[2].partition("&")[0] or 0)
            yield answer(self._page(start, "as=Table" in (request.header("accept") or "")))

    def _page(self, start: int, table: bool) -> dict[str, Any]:
        end = start + self._chunk
        metadata = {"resourceVersion": "1"} | ({"continue": str(end)} if end < len(self._rows) else {})
        rows = [
            {"cells": row, "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {}}}
            for row in self._rows[start:end]
        ]
        if not table:
            items = [{"kind": "Thing", "apiVersion": "v1", "metadata": {}, "cells": row} for row in self._rows]
            return {"kind": "ThingList", "apiVersion": "v1", "metadata": metadata, "items": items}
        columns = [{"name": each, "type": "string", "format": "", "description": "", "priority": 0} for each in TITLES]
        return {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": columns,
            "rows": rows,
        }


def kubectl(server: ScriptedServer, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [str(KUBECTL), f"--cache-dir={folder}", f"--server={server.url}", "get", "things", *words],
        capture_output=True,
        timeout=120,
        check=True,
        env={"HOME": str(folder)},
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8", "replace")


def visible(text: str) -> str:
    """What kubectl prints, with what a terminal would obey made visible."""
    return "\n".join(map(printable, text.split("\n")))


def random_rows(count: int, seed: int) -> list[list[str]]:
    chance = random.Random(seed)
    return [["".join(chance.choices(PIECES, k=chance.randint(0, 3))) for _ in TITLES] for _ in range(count)]


@needs_kubectl
@pytest.mark.parametrize("headers", [True, False])
@pytest.mark.parametrize(("count", "seed"), [(1, 1), (3, 2), (40, 3), (230, 4), (1150, 5)])
def test_tables(count: int, seed: int, headers: bool, tmp_path: Path) -> None:
    rows = random_rows(count, seed)
    with ScriptedServer(Server(rows)) as server:
        theirs = kubectl(server, tmp_path, *(() if headers else ("--no-headers",)))
    ours = AlignedLines()
    header = list(map(go_upper, TITLES)) if headers else None
    text = "".join(ours.table(None if start else header, rows[start : start + 500]) for start in range(0, count, 500))
    assert text == visible(theirs)


@needs_kubectl
def test_custom_columns(tmp_path: Path) -> None:
    rows = random_rows(120, 6)
    with ScriptedServer(Server(rows, chunk=1000)) as server:
        paths = ",".join(f"C{number}:.cells[{number}]" for number in range(len(TITLES)))
        theirs = kubectl(server, tmp_path, "-o", f"custom-columns={paths}")
    header = [f"C{number}" for number in range(len(TITLES))]
    assert AlignedLines().lines([header, *rows]) == visible(theirs)


def test_what_was_wide_stays_wide() -> None:
    lines = AlignedLines()
    assert lines.table(["NAME", "B"], [["a-long-name", "x"]]) == "NAME          B\na-long-name   x\n"
    assert lines.table(None, [["a", "x"]]) == "a             x\n"
    lines.reset()
    assert lines.table(None, [["a", "x"]]) == "a     x\n"


def test_ten_thousand_columns() -> None:
    cells = [str(number) for number in range(10_000)]
    assert AlignedLines().table(cells, [cells, cells]).splitlines()[2].split() == cells


def test_nothing() -> None:
    assert AlignedLines().table(["NAME"], []) == AlignedLines().lines([]) == ""
    assert json.dumps(AlignedLines().table(["NAME"], [[""]])) == '"NAME\\n\\n"'
