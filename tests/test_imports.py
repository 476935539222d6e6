"""What importing a part drags in, looked at in a fresh interpreter: the contracts of pyproject.toml, proved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kwatch.simulator.store import Store
from tests.simulator.kubectl import kubeconfig
from tests.simulator.objects import namespace
from tests.simulator.simulator_server import SimulatorServer

SLOW = ("textual", "rich", "kubernetes", "urllib3", "aiohttp", "yaml")
FORBIDDEN = {
    "kwatch.informer": ("textual", "rich", "kubernetes", "urllib3", "aiohttp", "asyncio", "http", "ssl", "yaml"),
    "kwatch.history": ("textual", "rich", "kubernetes", "urllib3", "aiohttp"),
    "kwatch.catalog": ("textual", "rich", "kubernetes", "urllib3", "aiohttp"),
    "kwatch.query": ("textual", "rich", "kubernetes", "urllib3", "aiohttp"),
    "kwatch.view": ("textual", "rich", "kubernetes", "urllib3", "aiohttp"),
    "kwatch.session.session": (
        "textual",
        "rich",
        "kubernetes",
        "urllib3",
        "aiohttp",
        "kwatch.cluster",
        "kwatch.simulator",
    ),
    "kwatch.config.settings": ("textual", "rich", "kubernetes", "kwatch.informer"),
    "kwatch.cluster": ("textual", "rich", "kubernetes", "kwatch.session", "kwatch.catalog", "kwatch.history"),
    "kwatch.simulator.process": (
        "textual",
        "rich",
        "kubernetes",
        "kwatch.session",
        "kwatch.cluster",
        "kwatch.history",
    ),
    "kwatch.tui.app": ("kubernetes", "urllib3", "aiohttp", "kwatch.cluster", "kwatch.simulator"),
    "kwatch.output.stream": ("textual", "rich", "kubernetes", "urllib3", "aiohttp", "kwatch.cluster"),
    "kwatch.cli.parser": (*SLOW, "msgspec", "kwatch.informer", "kwatch.session"),
}


@pytest.mark.parametrize("module", FORBIDDEN)
def test_importing_a_part_brings_nothing_it_must_not_know(module: str) -> None:
    code = f"import sys, importlib; importlib.import_module({module!r}); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    loaded = set(done.stdout.split())
    assert not loaded & set(FORBIDDEN[module])


def test_help_imports_nothing_slow() -> None:
    code = "import sys; from kwatch.cli import run; run(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert "kwatch demo" in done.stdout
    assert not set(done.stderr.split()) & {*SLOW, "msgspec", "kwatch.informer"}


_PLAIN = """
import sys
from kwatch.cli import run
code = run(["ns", "--until-synced", "--kubeconfig", sys.argv[1]])
print(*sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""
BALLAST = (
    *("textual", "rich", "platformdirs", "aiohttp", "asyncio", "subprocess", "sqlite3", "concurrent.futures"),
    *("kubernetes.config", "kubernetes.client.api_client", "kubernetes.client.models", "pydantic", "requests"),
    *("oauthlib", "websocket", "dateutil", "difflib"),
    *("kwatch.history.journal", "kwatch.history.store", "kwatch.history.diff.compare", "kwatch.history.recording"),
    *("kwatch.view.yaml_text", "kwatch.query", "kwatch.simulator"),
    *("kwatch.cluster.exec_plugin", "kwatch.config.settings", "kwatch.config.theme", "kwatch.catalog.overview"),
)
"""What a list that is printed has no use for. A start is its imports: nine tenths of it."""


def test_a_list_that_is_printed_imports_only_what_it_needs(tmp_path: Path) -> None:
    store = Store()
    store.create(namespace("shop"), manager="test")
    with SimulatorServer(store) as server:
        done = subprocess.run(
            [sys.executable, "-c", _PLAIN, str(kubeconfig(tmp_path / "config", server.url, "shop", token="any"))],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        )
    assert done.returncode == 0, done.stderr
    assert "shop" in done.stdout
    loaded = set(done.stderr.split())
    assert "kubernetes.client.rest" in loaded
    assert sorted(loaded & set(BALLAST)) == []
    assert [each.name for each in (tmp_path / "cache" / "kwatch").iterdir()] == ["discovery"]
