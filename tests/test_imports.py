"""What importing a part drags in, looked at in a fresh interpreter: the contracts of pyproject.toml, proved."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
